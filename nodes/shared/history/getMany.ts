import type { IDataObject } from 'n8n-workflow';
import type { History, HistoryWindow, TimeLimit } from './client';
import type { HistoryRow } from './rows';

/** A row for each output of a request, or one without any. */
function perOutput(row: HistoryRow): HistoryRow[] {
	const { images } = row.outputs;
	if (images.length === 0) return [row];
	return images.map((image) => ({ ...row, outputs: { ...row.outputs, images: [image] } }));
}

/** Whether a row is wanted. Segmind may have filtered already, by days. */
function isIn({ after, before = Infinity, state }: HistoryWindow, row: HistoryRow): boolean {
	const { createdAtMs = after } = row;
	return (state ?? row.state) === row.state && createdAtMs >= after && createdAtMs <= before;
}

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
	const rows: HistoryRow[] = [];
	for await (const row of history.rows(window, time)) {
		if (isIn(window, row)) rows.push(row);
		if (rows.length >= window.limit) break;
	}
	return rows
		.filter((row) => isIn(window, row)) // A job may have ended while its list was read.
		.sort((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0))
		.flatMap(perOutput)
		.slice(0, window.limit);
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
