import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { maskDeep } from '../http/account';
import type { Fetched } from './fetchImages';
import type { Job } from './follow';
import type { Metrics } from '../answers/answers';
import type { Item, Run } from './run';

/** The item of a job that still runs. */
export function statusItem(run: Run, item: Item, job: Job): INodeExecutionData {
	const { ticket, state, polls } = job;
	const waitSeconds = Math.round(run.clock.now() - job.startedAt) / 1000;
	const metrics = { ...job.metrics, waitSeconds, polls };
	return {
		json: maskDeep<IDataObject>(
			{ requestId: ticket.requestId, status: state, metrics },
			run.account,
		),
		pairedItem: { item: item.index },
	};
}

/**
 * The items of a finished job: one for each image, with the image in the chosen binary field.
 *
 * @param requestId undefined for a synchronous answer that names none
 * @param metrics what the API reported (USD, seconds), `waitSeconds` and `polls`
 * @param base64 the images as Base64 text, where that is wanted
 */
export function outputItems(
	run: Run,
	item: Item,
	{ images, texts, missing }: Fetched,
	requestId: string | undefined,
	metrics: Metrics,
	base64: string[],
): INodeExecutionData[] {
	return images.map((image, index) => {
		const { fileName, mimeType, fileSize, imageUrl, binary } = image;
		const json: IDataObject = {
			requestId: requestId ?? null,
			status: 'COMPLETED',
			...(imageUrl === undefined ? {} : { imageUrl }),
			fileName,
			mimeType,
			fileSize,
			metrics,
			...(Object.keys(texts).length > 0 ? { outputs: texts } : {}),
			...(missing ? { missingImages: missing.map((image) => ({ ...image })) } : {}),
		};
		const masked = maskDeep(json, run.account);
		return {
			json: base64[index] === undefined ? masked : { ...masked, base64: base64[index] },
			binary: { [item.options.outputBinaryField]: binary },
			pairedItem: { item: item.index },
		};
	});
}
