import type { INodeExecutionData } from 'n8n-workflow';
import { jsonOf, listOutputs } from '../history/getMany';
import { changedFileOf, type HistoryRow } from '../history/rows';
import { maskDeep } from '../http/account';
import { inParallel } from '../kit/parallel';
import { happened, ItemProblem } from '../problems/problems';
import { fetchImages } from './fetchImages';
import type { GetMany } from './item';
import { makeJob } from './job';
import { isOld } from './lookUp';
import type { Run } from './run';

/** An image that doesn't come is waited for so long; milliseconds. */
const IMAGE_TIMEOUT_MS = 60_000;

/** At most so many images that did not come are named. */
const MOST_NAMED = 5;

/** The image of an output, where it is wanted and to be had. */
async function fetchListed(run: Run, item: GetMany, row: HistoryRow) {
	const { requestId, outputs, state } = row;
	if (!item.downloads || outputs.images.length === 0 || state !== 'COMPLETED') return undefined;
	const baseName = item.baseName ?? changedFileOf(row, run.model);
	const options = { ...item.options, timeout: Math.min(item.options.timeout, IMAGE_TIMEOUT_MS) };
	const job = makeJob(run, { ...item, options, baseName }, { requestId, outputs });
	job.isOld = isOld(run, row);
	return (await fetchImages(run, job)).images[0];
}

/**
 * The account's jobs that an item asks for: one output item for each output. An image that is gone costs its own item
 * only.
 *
 * @throws ItemProblem when the history can't be read, Stopped when the run ends
 */
export async function listJobs(run: Run, item: GetMany): Promise<INodeExecutionData[]> {
	const { history, clock, context, stop, account } = run;
	const { index: itemIndex, filters, limit, options } = item;
	const time = { endsAtMs: clock.now() + options.timeout, signal: stop.newWork };
	const rows = await listOutputs(history, { ...filters, limit }, time);
	const items: INodeExecutionData[] = [];
	const missing: string[] = [];
	// Several input items share it.
	const share = Math.max(1, Math.floor(options.maxConcurrency / context.getInputData().length));
	await inParallel(rows.length, share, async (index) => {
		const row = rows[index] as HistoryRow;
		const image = await fetchListed(run, item, row).catch((error: unknown) => {
			if (!(error instanceof ItemProblem)) throw error;
			missing.push(`job ${row.requestId}: ${happened(error.problem)}`);
		});
		const { fileName, mimeType, fileSize, binary } = image ?? {};
		const file = image && { fileName, mimeType, fileSize };
		items[index] = {
			json: maskDeep({ ...jsonOf(row), ...file }, account),
			...(binary && { binary: { [options.outputBinaryField]: binary } }),
			pairedItem: { item: itemIndex },
		};
	});
	if (missing.length > 0) {
		const more = missing.length > MOST_NAMED ? `; and ${missing.length - MOST_NAMED} more` : '';
		const named = missing.slice(0, MOST_NAMED).join('; ');
		run.progress.warn(`${missing.length} image(s) did not come: ${named}${more}.`);
	}
	return items;
}
