import { BINARY_ENCODING, type IDataObject, type INodeExecutionData } from 'n8n-workflow';
import type { StoredImage } from '../answers/answers';
import { maskDeep } from '../http/account';
import { readAll } from '../kit/streams';
import type { Fetched } from './fetchImages';
import type { Job } from './job';
import type { Run } from './run';

/** What the API reported of a job, and what the node measured: seconds, and status checks. */
function metricsOf(run: Run, { metrics, startedAt, polls }: Job): IDataObject {
	return { ...metrics, waitSeconds: Math.round(run.clock.now() - startedAt) / 1000, polls };
}

/** The item of a job that still runs. */
export function statusItem(run: Run, job: Job): INodeExecutionData {
	const { requestId, state, item } = job;
	const json: IDataObject = { requestId, status: state, metrics: metricsOf(run, job) };
	return { json: maskDeep(json, run.account), pairedItem: { item: item.index } };
}

/** An image of the binary store as Base64 text. */
async function base64Of(run: Run, { binary }: StoredImage): Promise<string> {
	if (!binary.id) return binary.data;
	const stream = await run.context.helpers.getBinaryStream(binary.id);
	return (await readAll(stream, Infinity))?.toString(BINARY_ENCODING) ?? '';
}

/** The items of a finished job: one for each image, with the image in the chosen binary field. */
export async function outputItems(
	run: Run,
	job: Job,
	{ images, texts, missing }: Fetched,
): Promise<INodeExecutionData[]> {
	const { item, requestId = null } = job;
	const metrics = metricsOf(run, job);
	const wantsBase64 = item.operation === 'swap' && item.wantsBase64;
	const items = images.map(async (image): Promise<INodeExecutionData> => {
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
			...(missing ? { missingImages: missing.map((image) => ({ ...image })) } : {}),
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
