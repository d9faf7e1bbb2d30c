import { HistoryError, type TimeLimit } from '../history/client';
import { CLOCK_ROOM_MS, matches, sinceSubmitMs, type Asked } from '../history/matching';
import type { HistoryRow } from '../history/rows';
import { OLD } from '../limits';
import { ItemProblem, type Problem } from '../problems/problems';
import { failedJob, notInHistory, withoutHistory } from '../problems/problemTable';
import type { Swap } from './item';
import type { Facts, QueuedJob } from './job';
import { identityOf } from './ledger';
import type { Check } from './readCheck';
import { pause, type Run } from './run';
import type { LostSubmit } from './submit';

/** A lost submit is looked up for at least so long, or the item's timeout where that is shorter; milliseconds. */
const LEAST_TIME_MS = 30_000;

/** The pause after the first look-up, and by how much each further one grows, to the longest. */
const FIRST_PAUSE_MS = 1_000;
const GROWTH = 1.6;
const LONGEST_PAUSE_MS = 30_000;

const timeOf = ({ stop }: Run, endsAtMs: number): TimeLimit => ({ endsAtMs, signal: stop.newWork });

/** A `HistoryError` as an answer; anything else is thrown. */
function historyError(error: unknown): HistoryError {
	if (error instanceof HistoryError) return error;
	throw error;
}

/** Whether a job in the history ended so long ago that its files are not just late. */
export const isOld = (run: Run, { createdAtMs = 0, latencySeconds = 0 }: HistoryRow): boolean =>
	run.clock.date() - createdAtMs - latencySeconds * 1000 > OLD;

/** What a row says of its job. Throws an `ItemProblem` when that has failed. */
function factsOf({ requestId, state, error: words = '', costUsd, outputs }: HistoryRow) {
	const metrics = costUsd === undefined ? {} : { cost: costUsd };
	if (state === 'FAILED') {
		throw new ItemProblem(failedJob({ state, words, known: true, metrics }, requestId));
	}
	return { metrics, ...(outputs.images.length > 0 && { outputs }) };
}

/**
 * Checks a job that the status call doesn't know, or no longer, and notes in it what the history says.
 *
 * @returns undefined when it has no row; a text when it could not be asked
 * @throws ItemProblem when the job has failed, Stopped when the run ends
 */
export async function checkHistory(run: Run, job: QueuedJob): Promise<Check | string | undefined> {
	const time = timeOf(run, job.endsAt);
	const found = await run.history.find(job.ticket.requestId, time).catch(historyError);
	if (!found || found instanceof HistoryError) return found?.why;
	const { metrics, ...outputs } = factsOf(found);
	Object.assign(job.metrics, metrics);
	Object.assign(job, { ...outputs, isOld: isOld(run, found) });
	if (found.state === 'COMPLETED') return { kind: 'finished' };
	job.state = 'PROCESSING';
	return { kind: 'running' };
}

/** A submit that brought no usable answer: its problem has the request ID that one named, if any did. */
type Lost = Pick<LostSubmit, 'asked' | 'problem'>;

/**
 * Of several rows that can be a submit's, the next to it: never one that is known to be another's, and none as long as
 * there are no more of them than equal submits without an answer, or with one that names no request.
 */
function choose(run: Run, asked: Asked, candidates: HistoryRow[]): HistoryRow | undefined {
	const free = candidates.filter(({ requestId }) => !run.ledger.knows(requestId));
	if (free.length <= (run.submitting.get(identityOf(asked.fields)) ?? 0)) return undefined;
	const distance = (row: HistoryRow) => Math.abs(sinceSubmitMs(row, asked));
	return free.sort((a, b) => distance(a) - distance(b))[0];
}

/** Looks once. */
async function look(run: Run, { asked, problem }: Lost, time: TimeLimit) {
	// The name may be that of a gateway on the way.
	const named = problem.requestId && (await run.history.find(problem.requestId, time));
	if (named) return named;
	const candidates: HistoryRow[] = [];
	for await (const row of run.history.rows({ after: asked.sentAt - CLOCK_ROOM_MS }, time)) {
		if (matches(row, asked, run.model)) candidates.push(row);
	}
	return choose(run, asked, candidates);
}

/** Notes that a lost submit was accepted after all, and says so. Throws an `ItemProblem` when its job has failed. */
function take(run: Run, item: Swap, row: HistoryRow): Facts {
	const { requestId } = row;
	run.ledger.accepted(item.question.key, { requestId: run.account.mask(requestId) });
	run.progress.warn(
		`Item ${item.index}: Segmind's answer to the submit was lost; the account's history shows that the job was accepted (request ID ${requestId}), and it was followed from there.`,
	);
	return { ticket: { requestId }, state: 'PROCESSING', ...factsOf(row) };
}

/**
 * Looks a submit without a usable answer up in the account's history, by what it asked for and when, and ever more
 * seldom, as long as there is time. It never submits.
 *
 * @param endsAt when the item's time is up; milliseconds on the clock of the run
 * @returns the job, to be followed like any other
 * @throws ItemProblem with what is known of the submit when it isn't found, Stopped when the run ends
 */
export async function recover(run: Run, item: Swap, lost: Lost, endsAt: number): Promise<Facts> {
	const { clock, history } = run;
	const { problem } = lost;
	if (!history.isAvailable) throw new ItemProblem(problem);
	const leastMs = Math.min(LEAST_TIME_MS, item.options.timeout);
	const time = timeOf(run, Math.max(endsAt, clock.now() + leastMs));
	let unfound: Problem | undefined;
	for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(LONGEST_PAUSE_MS, waitMs * GROWTH)) {
		const found = await look(run, lost, time).catch(historyError);
		if (found && !(found instanceof HistoryError)) return take(run, item, found);
		if (found) unfound ??= withoutHistory(problem, found.why);
		else unfound = notInHistory(problem);
		const isOver = found?.mostTries === 1 || clock.now() + waitMs > time.endsAtMs;
		if (isOver) throw new ItemProblem(unfound);
		await pause(run, waitMs);
	}
}
