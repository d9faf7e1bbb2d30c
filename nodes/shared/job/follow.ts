import { linkSignals } from '../kit/clock';
import { IMAGE_DEADLINE, readContent, type Content, type StoredImage } from '../images/store';
import type { Outputs } from '../answers/outputs';
import { happened, ItemProblem, type Problem } from '../problems/problems';
import { errorWithoutState, failedJob, refusedLook, timedOut } from '../problems/problemTable';
import { isAboutAnother, type Metrics, type RunningState, type Ticket } from '../answers/answers';
import { goOn, pause, type Item, type Run } from './run';
import { creditsIn } from './submit';
import { joinUrl } from '../kit/urls';

/** A job that Segmind accepted, and what is known of it so far. */
export interface Job {
	ticket: Ticket;
	/** When it was submitted, or picked up again; milliseconds on the clock of the run. */
	startedAt: number;
	/** When waiting ends; milliseconds on the clock of the run. */
	endsAt: number;
	/** When it was last looked at; the same. */
	lookedAt?: number;
	/** Only just submitted: the first look can wait. */
	fresh: boolean;
	/** When Segmind accepted it, as far as that is known; milliseconds on the clock of the run. */
	acceptedAt?: number;
	state: RunningState;
	metrics: Metrics;
	/** Status checks made. */
	polls: number;
	/** Looks that were refused: each further one goes to the next of the URLs that may know the job. */
	refusals: number;
	/** Looks whose answer didn't come in time: the next one gets twice as long. */
	hangs: number;
	/** What Segmind said in the place of an image, although it calls the job finished. */
	words: string;
}

/** Where following a job ended. */
export type Followed =
	| { kind: 'outputs'; outputs: Outputs }
	| { kind: 'image'; image: StoredImage }
	/** Only when the user does not want to wait. */
	| { kind: 'running'; unknown?: string };

/** One look at a job. */
export type Look =
	| Followed
	/** Worth another look. `isRefused`: a rate limit did not even let it through. */
	| { kind: 'passing'; why: string; isRefused?: boolean }
	/** An error that tells nothing of the job's state: it may pass. */
	| { kind: 'error'; problem: Problem }
	/** Segmind does not tell. */
	| { kind: 'refused'; problem: Problem }
	/** Finished, and no image is named. */
	| { kind: 'empty' };

/** A request that hangs is given up after a fifth of the item's timeout, within these bounds; milliseconds. */
const HANGING_SHORTEST = 3_000;
const HANGING_LONGEST = 15_000;

/** A job that Segmind has accepted is not unknown yet: a part of it may not have heard of it; milliseconds. */
const BECOMES_KNOWN = 30_000;

/** An error without a state may pass within this time; milliseconds. */
const ERROR_PASSES = 60_000;

/**
 * How long a request of an item may go without an answer; milliseconds.
 *
 * @param hangs how many before it ran out of time: each further one gets twice as long
 * @param left the time that the item has left
 */
export function hangingAfter({ options }: Item, hangs: number, left: number): number {
	const first = Math.min(HANGING_LONGEST, Math.max(HANGING_SHORTEST, options.timeout / 5));
	return Math.min(first * 2 ** hangs, Math.max(first, left));
}

/** Statuses that are no end [docs: 5xx and 429 pass], besides every network error. */
const isPassing = (status: number): boolean =>
	status === 408 || status === 425 || status === 429 || status >= 500;

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
function statusUrls(run: Run, { ticket }: Job): string[] {
	return ownUrls(run, ticket.statusUrl, run.model.statusPath(encodeURIComponent(ticket.requestId)));
}

/** Where a finished job's result is found: apart from its state, or with it. */
function resultUrls(run: Run, job: Job): string[] {
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
 * Whether a look's turn came before the time for its job was up. It goes before new submits: what is paid for comes
 * home first. (Looks at the user's own interval may be so many that nothing else would ever go.)
 */
async function waitForTurn(run: Run, job: Job, wanted: Wanted): Promise<boolean> {
	const turn = linkSignals(run.ending, run.clock.deadline(job.endsAt - run.clock.now()));
	const came = await run.gate.pass({ signal: turn.signal, first: wanted !== 'state' });
	turn.release();
	return came;
}

/** Whether an answer to the question for a result tells how far the job is. */
function tellsState(content: Content): boolean {
	if (content.kind === 'image') return true;
	if (content.kind === 'bad') return content.isWhole !== true;
	const { answer } = content;
	if (answer.kind === 'refused') return isPassing(answer.status);
	return answer.kind !== 'failed' || answer.state !== '';
}

/**
 * Asks once for a job's state or result.
 *
 * @param wish name of the output file, should the answer be the image itself
 * @throws ItemProblem when the job failed, Stopped when the run ends
 */
export async function look(
	run: Run,
	item: Item,
	job: Job,
	wanted: Wanted,
	wish: string,
): Promise<Look> {
	const isOurTurn = run.gate.passAtOnce() || (await waitForTurn(run, job, wanted));
	goOn(run);
	if (!isOurTurn) return { kind: 'passing', why: 'a rate limit holds it up', isRefused: true };
	const isInstead = wanted === 'either' && run.looks.asksResult;
	const urls = wanted === 'result' || isInstead ? resultUrls(run, job) : statusUrls(run, job);
	const left = () => job.endsAt - run.clock.now();
	const hanging = run.clock.deadline(hangingAfter(item, job.hangs, left()));
	const slow = () => run.clock.deadline(Math.max(IMAGE_DEADLINE, left()));
	const linked = linkSignals(run.ending, hanging);
	try {
		const url = urls[job.refusals % urls.length] as string;
		const sent = await run.api.get(url, linked.signal);
		goOn(run);
		if (linked.signal.aborted) job.hangs++;
		if (sent.kind === 'noReply') return { kind: 'passing', why: sent.detail };
		const content = await readContent(run.context, sent, {
			wish,
			signal: linked.signal,
			onImage: () => linked.exchange(hanging, slow()),
		});
		goOn(run);
		// Only Segmind itself can say what became of a job; a stranger can at most have the image.
		if (sent.foreign && content.kind !== 'image') {
			return { kind: 'passing', why: 'it answers with a redirect to another address' };
		}
		if (content.kind === 'bad' && linked.signal.aborted) job.hangs++;
		Object.assign(job.metrics, creditsIn(sent));
		if (isInstead && !tellsState(content)) {
			run.looks.resultTells = false;
			return { kind: 'passing', why: 'its result is not there yet' };
		}
		if (sent.status === 429) return { kind: 'passing', why: 'HTTP 429', isRefused: true };
		const seen = readLook(job, content);
		if (seen.kind === 'refused') job.refusals++;
		return seen;
	} finally {
		linked.release();
	}
}

function readLook(job: Job, content: Content): Look {
	if (content.kind === 'image') return { kind: 'image', image: content };
	if (content.kind === 'bad') return { kind: 'passing', why: content.why };
	const { answer } = content;
	const { requestId } = job.ticket;
	if (answer.kind === 'refused' && answer.status !== 422) {
		if (isPassing(answer.status)) {
			return { kind: 'passing', why: answer.words || `HTTP ${answer.status}` };
		}
		return { kind: 'refused', problem: refusedLook(answer.status, answer.words, requestId) };
	}
	if (isAboutAnother(answer.about, requestId)) {
		return { kind: 'passing', why: `it answers about another job, ${answer.about}` };
	}
	if (answer.kind === 'refused') {
		// 422 on a status check is a failed job [docs].
		const failure = { state: 'FAILED', words: answer.words, known: true, metrics: {} };
		throw new ItemProblem({ ...failedJob(failure, requestId), httpCode: answer.status });
	}
	Object.assign(job.metrics, answer.metrics);
	if (answer.kind === 'failed') {
		if (answer.state === '') {
			return { kind: 'error', problem: errorWithoutState(answer.words, requestId) };
		}
		throw new ItemProblem(failedJob(answer, requestId));
	}
	if (answer.kind === 'running') {
		job.state = answer.state;
		return { kind: 'running', unknown: answer.unknown };
	}
	job.words = answer.words;
	return answer.outputs.images.length > 0
		? { kind: 'outputs', outputs: answer.outputs }
		: { kind: 'empty' };
}

/** How long to wait before the next look, in milliseconds; never beyond the end, where a last look is due. */
function nextPause(run: Run, item: Item, job: Job): number {
	const now = run.clock.now();
	const { pollInterval } = item.options;
	const due = pollInterval ?? run.looks.nextIn(job);
	return Math.max(0, Math.min(due, job.endsAt - now));
}

/** A look that brought nothing yet. */
type Nothing = Extract<Look, { kind: 'running' | 'passing' | 'error' | 'refused' }>;

/** What a person should know of a look that brought nothing. */
function troubleOf(seen: Nothing): string {
	if (seen.kind === 'passing') return seen.why;
	return seen.kind === 'running' ? (seen.unknown ?? '') : happened(seen.problem);
}

/** The problem that a look ends the wait with, if it does. */
function endOf(run: Run, job: Job, seen: Nothing, errorSince: number): Problem | undefined {
	const now = run.clock.now();
	if (seen.kind === 'error') return now - errorSince >= ERROR_PASSES ? seen.problem : undefined;
	if (seen.kind !== 'refused') return undefined;
	const isUntried = job.refusals < statusUrls(run, job).length;
	const isNew = job.acceptedAt !== undefined && now - job.acceptedAt < BECOMES_KNOWN;
	return isUntried || (isNew && seen.problem.httpCode === 404) ? undefined : seen.problem;
}

/**
 * Follows a job until it is finished. Network errors, 429, 5xx and unreadable answers are outlived until the
 * time is up, an error without a state and a job that is not known yet for a while; what is final ends it at once.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function follow(
	run: Run,
	item: Item,
	job: Job,
	wish: string,
): Promise<Followed | { kind: 'empty' }> {
	run.looks.open(job);
	try {
		return await followWatched(run, item, job, wish);
	} finally {
		run.looks.close(job);
	}
}

async function followWatched(
	run: Run,
	item: Item,
	job: Job,
	wish: string,
): Promise<Followed | { kind: 'empty' }> {
	let errorSince: number | undefined;
	let isBegun = false;
	// A user's own interval leaves the results to come after the states.
	const wanted = item.options.pollInterval === undefined ? 'either' : 'state';
	if (job.fresh) await pause(run, nextPause(run, item, job));
	for (;;) {
		job.polls++;
		const seen = await look(run, item, job, wanted, wish);
		if (seen.kind === 'outputs' || seen.kind === 'image' || seen.kind === 'empty') {
			if (job.fresh) run.looks.finished(job);
			return seen;
		}
		if (seen.kind !== 'passing' || !seen.isRefused) job.lookedAt = run.clock.now();
		if (seen.kind === 'running' && !item.waitForCompletion) return seen;
		if (seen.kind === 'running' && job.state === 'PROCESSING' && !isBegun) {
			isBegun = true;
			run.progress.begun(item.index);
		}
		errorSince = seen.kind === 'error' ? (errorSince ?? run.clock.now()) : undefined;
		const end = endOf(run, job, seen, errorSince ?? 0);
		if (end) throw new ItemProblem(end);
		if (run.clock.now() >= job.endsAt) throw new ItemProblem(endOfTime(item, job, seen));
		await pause(run, nextPause(run, item, job));
	}
}

function endOfTime({ options }: Item, job: Job, seen: Nothing): Problem {
	if (seen.kind === 'error') return seen.problem;
	return timedOut(job.ticket.requestId, options.timeout / 1000, job.state, troubleOf(seen));
}
