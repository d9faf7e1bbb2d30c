import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { History, HistoryWindow, TimeLimit } from '../history/client';
import { changedFileOf, type HistoryRow } from '../history/rows';
import { maskDeep } from '../http/account';
import { known } from '../kit/json';
import { inParallel } from '../kit/parallel';
import { ItemProblem, summaryOf } from '../problems/problems';
import type { GetMany } from './item';
import { observeRow } from './lookUp';
import { imagesOf } from './outputItems';
import { pursueJob } from './pursueJob';
import { earlierJob, type FetchedImage } from './record';
import type { Run } from './run';

/** An image that doesn't come is waited for so long. */
const IMAGE_TIMEOUT_MS = 60_000;

/** At most so many images that did not come are named. */
const MAX_NAMED = 5;

/**
 * The account's jobs of this model in a window, newest first: a row for each output.
 *
 * @throws HistoryError, Stopped when the run ends
 */
async function listOutputs(
	history: History,
	window: HistoryWindow & { limit: number },
	time: TimeLimit,
): Promise<HistoryRow[]> {
	const { after, before = Infinity, state: wanted, limit } = window;
	// Segmind filters by days, and a job may end while its list is read.
	const isIn = ({ state, createdAtMs = after }: HistoryRow) =>
		(wanted ?? state) === state && createdAtMs >= after && createdAtMs <= before;
	const rows: HistoryRow[] = [];
	for await (const row of history.rows(window, time)) {
		if (isIn(row)) rows.push(row);
		if (rows.length >= limit) break;
	}
	return rows
		.filter(isIn)
		.sort((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0))
		.flatMap((row) => {
			const { images } = row.outputs;
			const each = images.map((image) => ({
				...row,
				outputs: { ...row.outputs, images: [image] },
			}));
			return each.length === 0 ? [row] : each;
		})
		.slice(0, limit);
}

/** What the history says of an output, as an item's JSON. */
function jsonOf(row: HistoryRow): IDataObject {
	const { requestId, state, createdAtMs, costUsd, latencySeconds, input, error } = row;
	const [image] = row.outputs.images;
	return known({
		requestId,
		status: state,
		imageUrl: image?.kind === 'url' ? image.url : undefined,
		createdAt: createdAtMs === undefined ? undefined : new Date(createdAtMs).toISOString(),
		cost: costUsd,
		latencySeconds,
		input,
		error,
	});
}

/** The image of an output, where it is wanted and to be had: its job is pursued from the row of the history. */
async function fetchListed(
	run: Run,
	item: GetMany,
	row: HistoryRow,
): Promise<FetchedImage | undefined> {
	const { requestId, outputs, state } = row;
	if (!item.downloads || outputs.images.length === 0 || state !== 'COMPLETED') return undefined;
	const timeoutMs = Math.min(item.options.timeoutMs, IMAGE_TIMEOUT_MS);
	const listed = {
		...item,
		options: { ...item.options, timeoutMs },
		baseName: item.baseName ?? changedFileOf(row, run.model),
	};
	const record = earlierJob({ status: 'finished', namedId: requestId, outputs });
	const { isOld } = observeRow(run, row);
	return imagesOf(await pursueJob(run, listed, record, { isOld }))[0];
}

/**
 * The account's jobs that an item asks for: one output item for each output. If an image is gone, only that item lacks
 * it.
 *
 * @throws ItemProblem when the history can't be read, Stopped when the run ends
 */
export async function listJobs(run: Run, item: GetMany): Promise<INodeExecutionData[]> {
	const { history, clock, context, stop, account } = run;
	const { index: itemIndex, filters, limit, options } = item;
	const time = { endsAtMs: clock.now() + options.timeoutMs, signal: stop.newWork };
	const rows = await listOutputs(history, { ...filters, limit }, time);
	const items: INodeExecutionData[] = [];
	const missing: string[] = [];
	// Several input items share it.
	const share = Math.max(1, Math.floor(options.maxConcurrency / context.getInputData().length));
	await inParallel(rows.length, share, async (index) => {
		const row = rows[index] as HistoryRow;
		const image = await fetchListed(run, item, row).catch((error: unknown) => {
			if (!(error instanceof ItemProblem)) throw error;
			missing.push(`job ${row.requestId}: ${summaryOf(error.problem)}`);
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
		const more = missing.length > MAX_NAMED ? `; and ${missing.length - MAX_NAMED} more` : '';
		const named = missing.slice(0, MAX_NAMED).join('; ');
		run.progress.warn(`${missing.length} image(s) could not be fetched: ${named}${more}.`);
	}
	return items;
}
