import { BINARY_ENCODING, type IDataObject, type INodeExecutionData } from 'n8n-workflow';
import type { StoredImage } from '../answers/observation';
import { addText } from '../answers/outputs';
import { maskDeep } from '../http/account';
import { readAll } from '../kit/streams';
import type { GetResult, Swap } from './item';
import type { Pursued } from './pursue';
import { requestIdOf, type FetchedImage } from './record';
import type { Run } from './run';

/** A finished job's images, in the order of its answer. */
export const imagesOf = ({ attempt }: Pursued): FetchedImage[] =>
	// Objects have their numbers in ascending order.
	Object.values(attempt.fetched?.images ?? {});

/** A workflow's outputs that are no images. */
function textsOf({ record: { outputs }, attempt }: Pursued): IDataObject {
	const texts: IDataObject = { ...outputs?.texts };
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

/** Warns of images that may be cut off, and of those that could not be fetched while others could. */
function warn({ progress }: Run, index: number, pursued: Pursued): void {
	const twice = pursued.record.ticket ? ', twice in the same place' : '';
	for (const { fileName } of imagesOf(pursued).filter(({ endMissing }) => endMissing)) {
		progress.warn(
			`${fileName} (item ${index}) ends too early for its file format${twice}: check it before you use it.`,
		);
	}
	const missing = pursued.attempt.fetched?.failures ?? [];
	if (missing.length === 0) return;
	const list = missing.map(({ imageUrl, why }) => `${imageUrl ?? 'one'} (${why})`).join(', ');
	progress.warn(
		`Item ${index}: ${missing.length} more image(s) of this job could not be fetched: ${list}. The output names them under "missingImages"; "Get Result" tries again.`,
	);
}

/** The output of a job: one item for each image, with the image in the chosen binary field, or one with its state. */
export async function outputItems(
	run: Run,
	item: Swap | GetResult,
	pursued: Pursued,
): Promise<INodeExecutionData[]> {
	const { account, clock } = run;
	const { record, attempt } = pursued;
	const { startedAtMs, polls, fetched, state } = attempt;
	const pairedItem = { item: item.index };
	const requestId = requestIdOf(record) ?? null;
	const waitSeconds = Math.round(clock.now() - startedAtMs) / 1000;
	const metrics: IDataObject = { ...attempt.metrics, waitSeconds, polls };
	if (pursued.what === 'state') {
		return [{ json: maskDeep({ requestId, status: state, metrics }, account), pairedItem }];
	}
	warn(run, item.index, pursued);
	const texts = textsOf(pursued);
	const missing = fetched?.failures.map(({ imageUrl, why }) => ({ imageUrl, reason: why })) ?? [];
	const wantsBase64 = item.operation === 'swap' && item.wantsBase64;
	const items = imagesOf(pursued).map(async (image): Promise<INodeExecutionData> => {
		const { fileName, mimeType, fileSize, imageUrl, binary } = image;
		const json: IDataObject = {
			requestId,
			status: 'COMPLETED',
			...(imageUrl === undefined ? {} : { imageUrl }),
			fileName,
			mimeType,
			fileSize,
			metrics,
			...(Object.keys(texts).length > 0 ? { outputs: texts } : {}),
			...(missing.length > 0 ? { missingImages: missing } : {}),
		};
		const masked = maskDeep(json, account);
		return {
			json: wantsBase64 ? { ...masked, base64: await base64Of(run, image) } : masked,
			binary: { [item.options.outputBinaryField]: binary },
			pairedItem,
		};
	});
	return await Promise.all(items);
}
