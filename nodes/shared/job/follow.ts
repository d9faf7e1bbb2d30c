import type { Answer } from '../answers/answers';
import { exchange, type Transfer } from '../http/exchange';
import type { Reply, Sent } from '../http/api';
import { readReply } from '../images/store';
import { joinUrl } from '../kit/urls';
import { CHECK, hangingAfter, IMAGE_DEADLINE } from '../limits';
import { happened, ItemProblem, type Problem } from '../problems/problems';
import { timedOut, withoutHistory } from '../problems/problemTable';
import { PRIORITY } from '../rateLimit/limiter';
import type { PolledJob } from '../rateLimit/pollSchedule';
import { isQueued, type Job, type QueuedJob } from './job';
import { checkHistory } from './lookUp';
import { readCheck, tellsState, type Check } from './readCheck';
import { pause, throwIfStopping, type Run } from './run';
import { creditsIn } from './readSubmit';

/**
 * The URLs where something of a job is found: the one that its ticket names, when it lies below the credential's
 * own URLs (behind a proxy with a path prefix, Segmind's own paths lead nowhere), and the documented one.
 */
function ownUrls(run: Run, named: string | undefined, path: string): string[] {
	const documented = joinUrl(run.account.baseUrl, path);
	const isOther = named !== undefined && named !== documented && run.account.isBelow(named);
	return isOther ? [named, documented] : [documented];
}

/** Where the job's state is found. */
function statusUrls(run: Run, { ticket }: QueuedJob): string[] {
	return ownUrls(run, ticket.statusUrl, run.model.statusPath(encodeURIComponent(ticket.requestId)));
}

/** Where a finished job's result is found: apart from its state, or with it. */
function resultUrls(run: Run, job: QueuedJob): string[] {
	const { requestId, resultUrl } = job.ticket;
	const path = run.model.resultPath?.(encodeURIComponent(requestId));
	return path === undefined ? statusUrls(run, job) : ownUrls(run, resultUrl, path);
}

/**
 * What a job is asked for: its result once it is finished, its state, or, while it is followed, whichever is better
 * where requests are scarce.
 */
type Wanted = 'result' | 'state' | 'either';

/**
 * Asks once for a job's state or result, and notes in the job what the answer brings. A check goes before new submits:
 * what is paid for comes home first, at whatever interval. One that a rate limit still holds up when the job's time
 * ends goes out all the same.
 *
 * @throws Stopped when the run ends
 */
export async function check(run: Run, job: QueuedJob, wanted: Wanted): Promise<Check> {
	const { clock } = run;
	const { newWork } = run.stop;
	const left = () => job.endsAt - clock.now();
	const patience = () => hangingAfter(job.item.options.timeout, job.hangs, left());
	let isInstead = false;
	const depart = () => {
		throwIfStopping(run);
		isInstead = wanted === 'either' && run.schedule.prefersResult;
		const urls = wanted === 'result' || isInstead ? resultUrls(run, job) : statusUrls(run, job);
		const url = urls[job.refusals % urls.length] as string;
		return { url, deadline: patience() };
	};
	const read = async (sent: Sent, transfer: Transfer): Promise<Check> => {
		throwIfStopping(run);
		if (transfer.isLate) job.hangs++;
		if (sent.kind === 'noReply') return { kind: 'transient', why: sent.detail };
		const answer = await readReply(run.context, sent, {
			baseName: job.baseName,
			signal: transfer.signal,
			onImage: () => transfer.extend(Math.max(IMAGE_DEADLINE, left()), patience()),
			onBytes: transfer.onBytes,
		});
		throwIfStopping(run);
		if (answer.kind === 'unreadable' && transfer.isLate) job.hangs++;
		return noteAnswer(run, job, { sent, answer, isInstead });
	};
	const priority = wanted === 'result' ? PRIORITY.result : PRIORITY.check;
	const turn = { signal: newWork, priority, patienceMs: left(), goesAnyway: true };
	const seen = await exchange(run, { method: 'get', turn, signal: newWork, depart }, read);
	throwIfStopping(run);
	return seen ?? { kind: 'transient', why: 'a rate limit holds it up', isRefused: true };
}

/** An answer to a check, with what has to be known to read it. */
interface Received {
	sent: Reply;
	answer: Answer;
	/** The result was asked for in place of the state. */
	isInstead: boolean;
}

/** Notes in the job what an answer tells of it. */
function noteAnswer(run: Run, job: QueuedJob, { sent, answer, isInstead }: Received): Check {
	// Only Segmind itself can say what became of a job; a stranger can at most have the image.
	if (sent.foreign && answer.kind !== 'image') {
		return { kind: 'transient', why: 'it answers with a redirect to another address' };
	}
	Object.assign(job.metrics, creditsIn(sent));
	if (isInstead && !tellsState(answer)) {
		run.schedule.resultReportsState = false;
		return { kind: 'transient', why: 'its result is not there yet' };
	}
	if (sent.status === 429) return { kind: 'transient', why: 'HTTP 429', isRefused: true };
	const seen = readCheck(answer, job.ticket.requestId);
	if (seen.kind === 'refused') job.refusals++;
	if (answer.kind === 'image') job.image = answer;
	if (seen.kind === 'transient' || !('metrics' in answer)) return seen;
	Object.assign(job.metrics, answer.metrics);
	if (answer.kind === 'running') job.state = answer.state;
	if (answer.kind === 'finished') {
		job.words = answer.words;
		// What an earlier answer told still counts where this one tells nothing.
		if (answer.outputs.images.length > 0) job.outputs = answer.outputs;
	}
	return seen;
}

/** How long to wait before the next check, in milliseconds; never beyond the end, where a last one is due. */
function nextPause(run: Run, job: Job, polled: PolledJob): number {
	const { pollInterval } = job.item.options;
	const now = run.clock.now();
	const due = pollInterval ?? run.schedule.nextPollAt(polled) - now;
	return Math.max(0, Math.min(due, job.endsAt - now));
}

/** A check that brought nothing yet. */
type Nothing = Exclude<Check, { kind: 'finished' | 'failed' }>;

/** What a person should know of a check that brought nothing. */
function troubleOf(seen: Nothing): string {
	if (seen.kind === 'transient') return seen.why;
	return seen.kind === 'running' ? (seen.unknown ?? '') : happened(seen.problem);
}

/** The problem that a check ends the wait with, if it does. */
function endOf(run: Run, job: QueuedJob, seen: Nothing): Problem | undefined {
	const now = run.clock.now();
	if (seen.kind === 'error') {
		const since = now - (job.errorSince ?? now);
		return since >= CHECK.errorPasses ? seen.problem : undefined;
	}
	if (seen.kind !== 'refused') return undefined;
	const isUntried = job.refusals < statusUrls(run, job).length;
	const isNew = job.acceptedAt !== undefined && now - job.acceptedAt < CHECK.becomesKnown;
	return isUntried || (isNew && seen.problem.httpCode === 404) ? undefined : seen.problem;
}

/** The problem when the time is up. */
function endOfTime({ item, requestId = '', state }: QueuedJob, seen: Nothing): Problem {
	if (seen.kind === 'error') return seen.problem;
	const seconds = item.options.timeout / 1000;
	return timedOut(requestId, { seconds, state, last: troubleOf(seen) });
}

/** Notes when a job was checked, when it left the queue, and since when there are only errors. */
function noteTimes(run: Run, job: QueuedJob, seen: Nothing): void {
	const now = run.clock.now();
	job.errorSince = seen.kind === 'error' ? (job.errorSince ?? now) : undefined;
	if (seen.kind === 'running' && job.state === 'PROCESSING' && !job.isBegun) {
		job.isBegun = true;
		run.progress.begun(job.item.index);
	}
}

/** One check; where the status call knows the job no longer, the account's history is asked. */
async function checkAnywhere(run: Run, job: QueuedJob, wanted: Wanted): Promise<Check> {
	if (!job.inHistory) {
		const seen = await check(run, job, wanted);
		const isGone = seen.kind === 'refused' && seen.problem.httpCode === 404;
		if (!isGone || !run.history.isAvailable || !endOf(run, job, seen)) return seen;
		const told = await checkHistory(run, job);
		if (typeof told !== 'object') {
			return { kind: 'refused', problem: withoutHistory(seen.problem, told) };
		}
		job.inHistory = true;
		return told;
	}
	const told = await checkHistory(run, job);
	if (typeof told === 'object') return told;
	return { kind: 'transient', why: told ?? "the account's history does not show it any more" };
}

async function followQueued(run: Run, job: QueuedJob, polled: PolledJob): Promise<boolean> {
	const { item } = job;
	// A user's own interval leaves the results to come after the states.
	const wanted = item.options.pollInterval === undefined ? 'either' : 'state';
	if (polled.isNew) await pause(run, nextPause(run, job, polled));
	for (;;) {
		job.polls++;
		const seen = await checkAnywhere(run, job, wanted);
		if (seen.kind === 'finished') {
			run.schedule.noteFinished(polled);
			return true;
		}
		if (seen.kind === 'failed') throw new ItemProblem(seen.problem);
		const end = endOf(run, job, seen);
		if (end) throw new ItemProblem(end);
		if (seen.kind === 'running' && !item.waitForCompletion) return false;
		if (seen.kind !== 'transient' || !seen.isRefused) polled.polledAtMs = run.clock.now();
		noteTimes(run, job, seen);
		if (run.clock.now() >= job.endsAt) throw new ItemProblem(endOfTime(job, seen));
		await pause(run, nextPause(run, job, polled));
	}
}

/**
 * Follows a job until it is finished. Network errors, 429, 5xx and unreadable answers are outlived until the
 * time is up, an error without a state and a job that is not known yet for a while; what is final ends it at once.
 * Where the user does not want to wait, a new job is not checked at all, an earlier one until its state is told.
 *
 * @returns whether it is finished
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function follow(run: Run, job: Job): Promise<boolean> {
	if (!isQueued(job)) return true;
	if (job.item.operation === 'swap' && !job.item.waitForCompletion) return false;
	if (job.outputs) return true;
	throwIfStopping(run);
	const polled: PolledJob = { startedAtMs: job.startedAt, isNew: job.isNew === true };
	run.schedule.jobs.add(polled);
	try {
		return await followQueued(run, job, polled);
	} finally {
		run.schedule.jobs.delete(polled);
	}
}
