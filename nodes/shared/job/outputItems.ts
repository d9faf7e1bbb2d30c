import { BINARY_ENCODING, type IDataObject, type INodeExecutionData } from 'n8n-workflow';
import type { StoredImage } from '../answers/observation';
import { addText } from '../answers/outputs';
import { maskDeep } from '../http/account';
import { readAll } from '../kit/streams';
import type { Item } from './item';
import type { Pursued } from './pursue';
import { requestIdOf, type FetchedImage } from './record';
import type { Run } from './run';

/** What the API reported of a job, and what the node measured: seconds, and status checks. */
function metricsOf(run: Run, { attempt }: Pursued): IDataObject {
	const { metrics, startedAtMs, polls } = attempt;
	return { ...metrics, waitSeconds: Math.round(run.clock.now() - startedAtMs) / 1000, polls };
}

/** The item of a job that still runs. */
export function stateItem(run: Run, item: Item, pursued: Pursued): INodeExecutionData {
	const { record, attempt } = pursued;
	const metrics = metricsOf(run, pursued);
	const json: IDataObject = { requestId: requestIdOf(record), status: attempt.state, metrics };
	return { json: maskDeep(json, run.account), pairedItem: { item: item.index } };
}

/** A finished job's images, in the order of its answer. */
export function imagesOf({ attempt }: Pursued): FetchedImage[] {
	if (attempt.image) return [attempt.image];
	const images = Object.entries(attempt.fetched?.images ?? {});
	return images.sort(([a], [b]) => Number(a) - Number(b)).map(([, image]) => image);
}

/** A workflow's outputs that are no images. */
function textsOf({ record, attempt }: Pursued): IDataObject {
	const { outputs } = record;
	const texts: IDataObject = attempt.image ? {} : { ...outputs?.texts };
	for (const place of attempt.fetched?.nonImageOutputs ?? []) {
		const source = outputs?.images[place];
		if (source?.kind !== 'url') continue;
		addText(texts, outputs?.untyped[source.url] ?? 'output', source.url);
	}
	return texts;
}

/** An image of the binary store as Base64 text. */
async function base64Of(run: Run, { binary }: StoredImage): Promise<string> {
	if (!binary.id) return binary.data;
	const stream = await run.context.helpers.getBinaryStream(binary.id);
	return (await readAll(stream, Infinity))?.toString(BINARY_ENCODING) ?? '';
}

/** The items of a finished job: one for each image, with the image in the chosen binary field. */
export async function imageItems(
	run: Run,
	item: Item,
	pursued: Pursued,
): Promise<INodeExecutionData[]> {
	const { record, attempt } = pursued;
	const texts = textsOf(pursued);
	const missing = attempt.fetched?.failures ?? [];
	const missingImages = missing.map(({ imageUrl, why }) => ({ imageUrl, reason: why }));
	const common: IDataObject = {
		metrics: metricsOf(run, pursued),
		...(Object.keys(texts).length > 0 ? { outputs: texts } : {}),
		...(attempt.image === undefined && missing.length > 0 ? { missingImages } : {}),
	};
	const wantsBase64 = item.operation === 'swap' && item.wantsBase64;
	const items = imagesOf(pursued).map(async (image): Promise<INodeExecutionData> => {
		const { fileName, mimeType, fileSize, imageUrl, binary } = image;
		const json: IDataObject = {
			requestId: requestIdOf(record) ?? null,
			status: 'COMPLETED',
			...(imageUrl === undefined ? {} : { imageUrl }),
			fileName,
			mimeType,
			fileSize,
			...common,
		};
		const masked = maskDeep(json, run.account);
		return {
			json: wantsBase64 ? { ...masked, base64: await base64Of(run, image) } : masked,
			binary: { [item.options.outputBinaryField]: binary },
			pairedItem: { item: item.index },
		};
	});
	return await Promise.all(items);
}
