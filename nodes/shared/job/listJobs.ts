import type { INodeExecutionData } from 'n8n-workflow';
import type { ImageSource } from '../answers/outputs';
import { getMany } from '../history/getMany';
import { changedFileOf, type HistoryRow } from '../history/rows';
import { fetchImages } from './fetchImages';
import type { GetMany } from './item';
import { makeJob } from './job';
import { isOld } from './lookUp';
import type { Run } from './run';

/** Of a list, an image that doesn't come is waited for so long; milliseconds. */
const IMAGE_TIMEOUT_MS = 60_000;

/** Fetches one image of a job that the history lists. */
async function fetchListed(run: Run, item: GetMany, row: HistoryRow, image: ImageSource) {
	const outputs = { ...row.outputs, images: [image] };
	const baseName = item.baseName ?? changedFileOf(row, run.model);
	const options = { ...item.options, timeout: Math.min(item.options.timeout, IMAGE_TIMEOUT_MS) };
	const job = makeJob(run, { ...item, options, baseName }, { requestId: row.requestId, outputs });
	job.isOld = isOld(run, row);
	const { images } = await fetchImages(run, job);
	return images[0];
}

/** The account's jobs that an item asks for, as its output items. */
export async function listJobs(run: Run, item: GetMany): Promise<INodeExecutionData[]> {
	const { history, account, progress, stop, clock, context } = run;
	const { index, filters, limit, downloads, options } = item;
	const tools = {
		history,
		account,
		fetchImage: async (row: HistoryRow, image: ImageSource) =>
			await fetchListed(run, item, row, image),
		warn: (message: string) => progress.warn(message),
	};
	return await getMany(tools, {
		itemIndex: index,
		window: filters,
		limit,
		imageField: downloads ? options.outputBinaryField : undefined,
		// Several input items share it.
		concurrency: Math.max(1, Math.floor(options.maxConcurrency / context.getInputData().length)),
		time: { endsAtMs: clock.now() + options.timeout, signal: stop.newWork },
	});
}
