import { changedFileOf, toldByHistory, type HistoryRow } from '../answers/history';
import type { Patience, Trouble } from '../history/history';
import { HISTORY, isTransient, OLD } from '../limits';
import { baseNameOf, type Job, type QueuedJob } from './job';
import { readCheck, type Check } from './readCheck';
import { pause, throwIfStopping, type Run } from './run';

/** How long the history may be waited for within some time that is left; milliseconds. */
export function patienceOf({ stop }: Run, left: number): Patience {
	return { signal: stop.newWork, turn: left, answer: Math.min(HISTORY.answer, Math.max(1, left)) };
}

/** Whether the same question may be answered in a moment. */
export const mayPass = ({ status }: Trouble): boolean =>
	status === undefined || isTransient(status);

/**
 * Asks the history, again where that may help and there is time.
 *
 * @param endsAt milliseconds on the clock of the run
 * @throws Stopped when the run ends
 */
export async function askPatiently<T extends { kind: string }>(
	run: Run,
	endsAt: number,
	ask: (patience: Patience) => Promise<T | Trouble>,
): Promise<T | Trouble> {
	for (let tries = 0; ; tries++) {
		const left = endsAt - run.clock.now();
		const answer = await ask(patienceOf(run, left));
		throwIfStopping(run);
		const wait = HISTORY.pauses[tries];
		if (answer.kind !== 'trouble' || !mayPass(answer as Trouble)) return answer;
		if (wait === undefined || wait > endsAt - run.clock.now()) return answer;
		await pause(run, wait);
	}
}

/** When a job in the history ended, as far as that can be said, else long ago; milliseconds since 1970. */
const endOf = ({ createdAt = 0, latencySeconds = 0 }: HistoryRow): number =>
	createdAt + latencySeconds * 1000;

/** Whether a job in the history ended so long ago that its files are not just late. */
export const isOld = (run: Run, row: HistoryRow): boolean => run.clock.date() - endOf(row) > OLD;

/** Notes in the job what its row in the history tells, and gives that as the answer to a status check. */
function noteRow(run: Run, job: Job, row: HistoryRow): Check {
	const told = toldByHistory(row);
	const seen = readCheck(told, job.requestId ?? row.requestId);
	if ('metrics' in told) Object.assign(job.metrics, told.metrics);
	if (row.state === 'PROCESSING') job.state = 'PROCESSING';
	if (row.outputs.images.length > 0) job.outputs = row.outputs;
	job.isOld = isOld(run, row);
	const baseName = job.item.baseName ?? changedFileOf(row, run.model);
	job.baseName = baseNameOf(run, { ...job.item, baseName }, job.requestId);
	return seen;
}

/**
 * What the history tells of a job that the status call doesn't know, or no longer.
 *
 * @returns undefined when it has no row; a text when it could not be asked
 */
export async function checkHistory(run: Run, job: QueuedJob): Promise<Check | string | undefined> {
	const { requestId } = job.ticket;
	const found = await askPatiently(
		run,
		job.endsAt,
		async (patience) => await run.history.find(requestId, patience),
	);
	if (found.kind === 'trouble') return found.why;
	return found.row && noteRow(run, job, found.row);
}
