import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { ImageSource } from '../answers/outputs';
import { maskDeep, type Account } from '../http/account';
import { inParallel } from '../kit/parallel';
import { happened, ItemProblem } from '../problems/problems';
import { noHistory } from '../problems/problemTable';
import type { History, HistoryWindow, TimeLimit } from './client';
import type { HistoryRow } from './rows';

/** At most so many images that did not come are named. */
const MOST_NAMED = 5;

/** What an input item asks for. */
export interface List {
	itemIndex: number;
	window: HistoryWindow;
	/** At most so many output items. */
	limit: number;
	/** Each finished job's image is fetched, too, into this field. */
	imageField?: string;
	/** So many images at a time. */
	concurrency: number;
	time: TimeLimit;
}

/** An image in n8n's binary store. */
interface ListedImage {
	fileName: string;
	mimeType: string;
	fileSize: number;
	binary: IBinaryData;
}

/** What a list needs from around it. */
export interface ListTools {
	history: History;
	account: Account;
	/** Fetches one output of a job; throws an `ItemProblem` when it doesn't come. */
	fetchImage(row: HistoryRow, image: ImageSource): Promise<ListedImage | undefined>;
	warn(message: string): void;
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

/** Whether a row is wanted. Segmind may have filtered already, by days. */
function isIn({ after, before = Infinity, state }: HistoryWindow, row: HistoryRow): boolean {
	const { createdAtMs = after } = row;
	return (state ?? row.state) === row.state && createdAtMs >= after && createdAtMs <= before;
}

/** The outputs that are asked for, newest first. A job may end while its list is read. */
async function listOutputs(history: History, { window, limit, time }: List): Promise<Listed[]> {
	const rows: HistoryRow[] = [];
	let count = 0;
	for await (const row of history.rows({ ...window, limit }, time)) {
		if (!isIn(window, row)) continue;
		rows.push(row);
		count += outputsOf(row).length;
		if (count >= limit) break;
	}
	return rows
		.filter((row) => isIn(window, row))
		.sort((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0))
		.flatMap(outputsOf)
		.slice(0, limit);
}

/** What the history says of an output, as an item's JSON. */
function jsonOf({ row, image }: Listed): IDataObject {
	const { requestId, state, createdAtMs, costUsd, latencySeconds, input, error } = row;
	const all: IDataObject = {
		requestId,
		status: state,
		imageUrl: image?.kind === 'url' ? image.url : undefined,
		createdAt: createdAtMs === undefined ? undefined : new Date(createdAtMs).toISOString(),
		cost: costUsd,
		latencySeconds,
		input,
		error,
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const fileOf = ({ fileName, mimeType, fileSize }: ListedImage) => ({
	fileName,
	mimeType,
	fileSize,
});

/** The image of an output, where it is wanted and to be had; one that does not come is named among `missing`. */
async function imageOf(
	{ fetchImage }: ListTools,
	{ row, image }: Listed,
	missing: string[],
): Promise<ListedImage | undefined> {
	if (!image || row.state !== 'COMPLETED') return undefined;
	return await fetchImage(row, image).catch((error: unknown) => {
		if (!(error instanceof ItemProblem)) throw error;
		missing.push(`job ${row.requestId}: ${happened(error.problem)}`);
		return undefined;
	});
}

/**
 * The account's jobs of this model, newest first: one item for each output. An image that is gone costs its own item
 * only.
 *
 * @throws ItemProblem when the history can't be read, Stopped when the run ends
 */
export async function getMany(tools: ListTools, list: List): Promise<INodeExecutionData[]> {
	const { history, account, warn } = tools;
	const { itemIndex, imageField } = list;
	if (!history.isAvailable) throw new ItemProblem(noHistory());
	const outputs = await listOutputs(history, list);
	const items: INodeExecutionData[] = [];
	const missing: string[] = [];
	await inParallel(outputs.length, list.concurrency, async (index) => {
		const output = outputs[index] as Listed;
		const image = imageField && (await imageOf(tools, output, missing));
		items[index] = {
			json: maskDeep({ ...jsonOf(output), ...(image && fileOf(image)) }, account),
			...(image && { binary: { [imageField]: image.binary } }),
			pairedItem: { item: itemIndex },
		};
	});
	if (missing.length > 0) {
		const more = missing.length > MOST_NAMED ? `; and ${missing.length - MOST_NAMED} more` : '';
		const named = missing.slice(0, MOST_NAMED).join('; ');
		warn(`${missing.length} image(s) did not come: ${named}${more}.`);
	}
	return items;
}
