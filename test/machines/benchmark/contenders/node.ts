import { Engine } from '../../../support/engine/engine';
import { hostedUrls } from '../api';
import { builtCopy } from '../paths';
import type { Assignment, Harvest } from '../types';
import { harvestOf, itemsFor } from './items';

/** This package, as built, loaded as n8n loads it. */
export async function prepareNode(assignment: Assignment): Promise<() => Promise<Harvest>> {
	const engine = await Engine.start(builtCopy);
	const { api, apiKey, service, concurrency, interval, inputs } = assignment;
	const [first, second] = hostedUrls(assignment);
	const [type, main, other] =
		service === 'workflow'
			? ['characterSwap', 'referenceCharacterImage', 'characterImage']
			: ['faceSwapComic', 'sourceImage', 'targetImage'];
	const parameters = {
		...(inputs ? { [`${main}Input`]: 'binary' } : { [`${main}Url`]: first }),
		[`${other}Url`]: second,
		options: {
			maxConcurrency: concurrency,
			...(interval === undefined ? {} : { pollInterval: interval }),
		},
	};
	const credentials = { apiKey, baseUrl: api, storageUrl: api };
	const items = itemsFor(assignment);
	return async () => {
		const outcome = await engine.run({ type, parameters, credentials, items });
		return harvestOf(outcome.outputs[0] ?? [], outcome);
	};
}
