import type { IDataObject } from 'n8n-workflow';
import { plainId } from '../answers/answers';
import type { HistoryRow } from '../answers/history';
import { HISTORY } from '../limits';

/** What a submit asked for, as far as it can be compared. */
export interface Asked {
	/** The fields of its body, without images that travelled inside it. */
	fields: IDataObject;
	/** Some could not be compared: then only a single candidate counts. */
	isPartial: boolean;
	/** When it was sent; milliseconds since 1970. */
	sentAt: number;
}

/** Whether two values of a field are the same: numbers may come as texts. */
function isSame(sent: unknown, told: unknown): boolean {
	if (typeof sent === 'number') return told !== null && told !== '' && Number(told) === sent;
	if (told === undefined || told === null || typeof told === 'object') return false;
	return String(told).trim() === String(sent).trim();
}

/** Whether a row may be what a submit asked for. */
function isCandidate({ fields, sentAt }: Asked, { input, createdAt }: HistoryRow): boolean {
	if (createdAt === undefined || input === undefined) return false;
	if (createdAt < sentAt - HISTORY.clockRoom || createdAt > sentAt + HISTORY.latest) return false;
	return Object.entries(fields).every(([name, value]) => isSame(value, input[name]));
}

/**
 * The row of a submit whose answer was lost: one that asks for the same, from when it was sent. Never one that is known
 * to be another's, and none in doubt.
 *
 * @param skew how far Segmind's clock is ahead of the machine's; milliseconds
 * @param taken request IDs of other items and tries
 * @param equals equal submits that have no answer yet: so many candidates more must be there
 */
export function findRow(
	asked: Asked,
	rows: HistoryRow[],
	{ skew, taken, equals }: { skew: number; taken: string[]; equals: number },
): HistoryRow | undefined {
	const others = new Set(taken.map(plainId));
	const byId = new Map<string, HistoryRow>();
	for (const row of rows) {
		const createdAt = row.createdAt === undefined ? undefined : row.createdAt - skew;
		const id = plainId(row.requestId);
		if (others.has(id) || byId.has(id)) continue;
		if (isCandidate(asked, { ...row, createdAt })) byId.set(id, row);
	}
	if (byId.size <= equals || (asked.isPartial && byId.size > 1)) return undefined;
	// The others may be those of another execution.
	const distance = ({ createdAt = 0 }: HistoryRow) => Math.abs(createdAt - skew - asked.sentAt);
	return [...byId.values()].sort((a, b) => distance(a) - distance(b))[0];
}
