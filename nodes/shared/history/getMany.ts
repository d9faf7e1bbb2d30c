import type { IDataObject } from 'n8n-workflow';
import type { History, HistoryWindow, TimeLimit } from './client';
import type { HistoryRow } from './rows';

/**
 * The account's jobs of this model in a window, newest first: a row for each output.
 *
 * @throws HistoryError, Stopped when the run ends
 */
export async function listOutputs(
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
export function jsonOf(row: HistoryRow): IDataObject {
	const { requestId, state, createdAtMs, costUsd, latencySeconds, input, error } = row;
	const [image] = row.outputs.images;
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
