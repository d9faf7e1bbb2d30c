import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { changedFileOf, type HistoryRow } from '../answers/history';
import type { ImageSource } from '../answers/outputs';
import { windowsOf } from '../history/days';
import {
	isLastPage,
	LONGEST_PAGE,
	outputKey,
	SHORTEST_PAGE,
	type Page,
	type Trouble,
} from '../history/history';
import { maskDeep } from '../http/account';
import { inParallel } from '../kit/parallel';
import { HISTORY } from '../limits';
import { happened, ItemProblem } from '../problems/problems';
import { historyNotTold, noHistory } from '../problems/problemTable';
import { askPatiently, isOld } from './askHistory';
import { fetchImages } from './fetchImages';
import type { GetMany } from './item';
import { makeJob } from './job';
import type { Run } from './run';

/** Images that did not come are named up to so many. */
const NAMED = 5;

/** Whether a row is what the user asked for. Segmind may have filtered already. */
function isWanted({ filters }: GetMany, { state, createdAt }: HistoryRow): boolean {
	const { after, before } = filters;
	if (filters.state !== undefined && state !== filters.state) return false;
	return createdAt === undefined || (createdAt >= after && createdAt <= before);
}

/** An output of a job in the history, or a job without any. */
interface Listed {
	row: HistoryRow;
	image?: ImageSource;
}

const outputsOf = (row: HistoryRow): Listed[] => {
	const { images } = row.outputs;
	return images.length === 0 ? [{ row }] : images.map((image) => ({ row, image }));
};

/**
 * The rows of the history that an item asks for, newest first, as many as it asks for.
 *
 * @throws ItemProblem when the history does not tell, Stopped when the run ends
 */
async function list(run: Run, item: GetMany): Promise<Listed[]> {
	const { clock, history } = run;
	const { filters, limit } = item;
	const endsAt = clock.now() + item.options.timeout;
	const perPage = Math.min(LONGEST_PAGE, Math.max(SHORTEST_PAGE, limit));
	const seen = new Set<string>();
	const listed: Listed[] = [];
	for (const window of windowsOf(filters.after, filters.before, clock.date())) {
		let told = 0;
		for (let page = 1; listed.length < limit; page++) {
			const query = { page, perPage, ...window, state: filters.state };
			const answer = await askPatiently<Page>(
				run,
				endsAt,
				async (patience) => await history.page(query, patience),
			);
			if (answer.kind === 'trouble') throw new ItemProblem(historyNotTold(answer as Trouble));
			const rows = answer.rows.filter((row) => !seen.has(outputKey(row)));
			for (const row of rows) {
				seen.add(outputKey(row));
				if (isWanted(item, row)) listed.push(...outputsOf(row));
			}
			told += answer.count;
			// A server that doesn't count pages tells the same again and again.
			const isSame = rows.length === 0 && answer.rows.length > 0;
			if (isSame || isLastPage(answer, perPage, told)) break;
		}
	}
	const newest = listed.sort((a, b) => (b.row.createdAt ?? 0) - (a.row.createdAt ?? 0));
	return newest.slice(0, limit);
}

/** What the history tells of an output, as an item's JSON. */
function jsonOf({ row, image }: Listed): IDataObject {
	const { requestId, state, createdAt, cost, latencySeconds, error } = row;
	const all: IDataObject = {
		requestId,
		status: state,
		imageUrl: image?.kind === 'url' ? image.url : undefined,
		createdAt: createdAt === undefined ? undefined : new Date(createdAt).toISOString(),
		cost,
		latencySeconds,
		input: row.input,
		error,
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The item of one output, with its image where that is wanted and to be had. */
async function itemOf(
	run: Run,
	item: GetMany,
	listed: Listed,
	missing: string[],
): Promise<INodeExecutionData> {
	const { row, image } = listed;
	const json = jsonOf(listed);
	const pairedItem = { item: item.index };
	const bare = { json: maskDeep(json, run.account), pairedItem };
	if (!item.downloads || !image || row.state !== 'COMPLETED') return bare;
	const outputs = { ...row.outputs, images: [image] };
	const baseName = item.baseName ?? changedFileOf(row, run.model);
	const options = { ...item.options, timeout: Math.min(item.options.timeout, HISTORY.image) };
	const job = makeJob(run, { ...item, options, baseName }, { requestId: row.requestId, outputs });
	job.isOld = isOld(run, row);
	const { images } = await fetchImages(run, job).catch((error: unknown) => {
		if (!(error instanceof ItemProblem)) throw error;
		missing.push(`job ${row.requestId}: ${happened(error.problem)}`);
		return { images: [] };
	});
	const [fetched] = images;
	if (!fetched) return bare;
	const { fileName, mimeType, fileSize, binary } = fetched;
	return {
		json: maskDeep({ ...json, fileName, mimeType, fileSize }, run.account),
		binary: { [item.options.outputBinaryField]: binary },
		pairedItem,
	};
}

/**
 * The account's jobs of this model, newest first: one item for each output. An image that is gone costs its own item
 * only.
 *
 * @throws ItemProblem when the history does not tell, Stopped when the run ends
 */
export async function getMany(run: Run, item: GetMany): Promise<INodeExecutionData[]> {
	if (!run.history.isThere) throw new ItemProblem(noHistory());
	const listed = await list(run, item);
	const items: INodeExecutionData[] = [];
	const missing: string[] = [];
	const { maxConcurrency } = item.options;
	// Several input items share it.
	const share = Math.max(1, Math.floor(maxConcurrency / run.context.getInputData().length));
	await inParallel(listed.length, share, async (index) => {
		items[index] = await itemOf(run, item, listed[index] as Listed, missing);
	});
	const more = missing.length > NAMED ? `; and ${missing.length - NAMED} more` : '';
	if (missing.length > 0) {
		const named = missing.slice(0, NAMED).join('; ');
		run.progress.warn(`${missing.length} image(s) did not come: ${named}${more}.`);
	}
	return items;
}
