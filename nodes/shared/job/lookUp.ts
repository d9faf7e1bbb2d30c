import type { Observation } from '../answers/observation';
import { HistoryError, type TimeLimit } from '../history/client';
import { matches, sinceSubmitMs } from '../history/matching';
import { changedFileOf, type HistoryRow } from '../history/rows';
import { HISTORY, OLD_MS } from '../limits';
import { requestIdOf, type Attempt, type JobRecord, type Seen } from './record';
import type { Run } from './run';

/** What a row of the history says of its job. */
export function observeRow(run: Run, row: HistoryRow): Observation {
	const { requestId, state, outputs, costUsd, error, createdAtMs = 0, latencySeconds = 0 } = row;
	const facts = {
		ticket: { requestId },
		metrics: costUsd === undefined ? {} : { cost: costUsd },
		changedFile: changedFileOf(row, run.model),
		isOld: run.clock.date() - createdAtMs - latencySeconds * 1000 > OLD_MS,
	};
	if (state === 'FAILED') {
		return { says: 'failed', state, isKnownState: true, words: error, ...facts };
	}
	if (state === 'PROCESSING') return { says: 'running', state, ...facts };
	return { says: 'finished', outputs, ...facts };
}

/**
 * Asks the account's history once: for a job whose name is known, else for a row that asks for what a lost submit asked
 * for. Not found proves nothing.
 *
 * @throws Stopped when the run ends
 */
export async function lookUpJob(
	run: Run,
	{ record, attempt }: { record: JobRecord; attempt: Attempt },
): Promise<Seen> {
	const endsAtMs = attempt.lookUpEndsAtMs ?? attempt.endsAtMs;
	const time: TimeLimit = { endsAtMs, signal: run.stop.newWork };
	const found = await findRow(run, record, time).catch((error: unknown) => {
		if (error instanceof HistoryError) return error;
		throw error;
	});
	if (!(found instanceof HistoryError)) return found ? observeRow(run, found) : { says: 'nothing' };
	return { says: found.mostTries === 1 ? 'refused' : 'nothing', why: found.why };
}

async function findRow(
	{ history, ledger, model }: Run,
	record: JobRecord,
	time: TimeLimit,
): Promise<HistoryRow | undefined> {
	const { ticket, sentBody, sentAtMs } = record;
	const requestId = requestIdOf(record);
	const named = requestId === undefined ? undefined : await history.find(requestId, time);
	// The name of a lost submit may be that of a gateway on the way.
	if (named || ticket || !sentBody || sentAtMs === undefined) return named;
	const sent = { fields: sentBody, sentAtMs };
	const rows: HistoryRow[] = [];
	for await (const row of history.rows({ after: sentAtMs - HISTORY.clockRoomMs }, time)) {
		if (matches(row, sent, model)) rows.push(row);
	}
	const chosen = ledger.claim(
		record,
		rows.map((row) => ({ requestId: row.requestId, sinceSubmitMs: sinceSubmitMs(row, sent) })),
	);
	return rows.find((row) => row.requestId === chosen?.requestId);
}
