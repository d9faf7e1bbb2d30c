import { normalizeId } from '../answers/tickets';
import { HISTORY } from '../limits';
import { requestIdOf, type JobRecord } from './record';

/** A row of the account's history that asks for what a lost submit asked for. */
export interface Candidate {
	requestId: string;
	/** How long after the lost submit it was made, by one clock. */
	sinceSubmitMs: number;
}

const isSame = (one: JobRecord, other: JobRecord): boolean =>
	one.sentBody !== undefined && JSON.stringify(one.sentBody) === JSON.stringify(other.sentBody);

/**
 * Chooses the row of a lost submit: the nearest in time that no other submit of this process has, and that none that
 * asks for the same and waits for its answer could have made; and only while there are more such rows than equal
 * submits that were answered without an ID.
 */
export function chooseRow(
	lost: JobRecord,
	rows: readonly Candidate[],
	others: readonly JobRecord[],
): Candidate | undefined {
	const equal = others.filter((other) => isSame(lost, other));
	const owned = new Set(others.map((other) => normalizeId(requestIdOf(other) ?? '')));
	const waiting = equal.filter(({ status }) => status === 'sending');
	const couldMake = ({ sentAtMs = 0 }: JobRecord, { sinceSubmitMs }: Candidate) => {
		const sinceItsSubmitMs = sinceSubmitMs + (lost.sentAtMs ?? 0) - sentAtMs;
		return sinceItsSubmitMs >= -HISTORY.clockRoomMs && sinceItsSubmitMs <= HISTORY.latestRowMs;
	};
	const free = rows.filter(
		(row) =>
			!owned.has(normalizeId(row.requestId)) && !waiting.some((other) => couldMake(other, row)),
	);
	const isUnnamed = (other: JobRecord) =>
		requestIdOf(other) === undefined && !['new', 'sending', 'lost'].includes(other.status);
	if (free.length <= equal.filter(isUnnamed).length) return undefined;
	const distance = ({ sinceSubmitMs }: Candidate) => Math.abs(sinceSubmitMs);
	return [...free].sort((a, b) => distance(a) - distance(b))[0];
}
