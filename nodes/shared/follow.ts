import { linkSignals } from './clock';
import { IMAGE_DEADLINE, readContent, type Content, type StoredImage } from './imagesOut';
import type { Outputs } from './outputs';
import { nextLookIn, scarceLookIn } from './pacing';
import { ItemProblem, type Problem } from './problems';
import { failedJob, refusedLook, timedOut } from './problemTable';
import type { Metrics, RunningState, Ticket } from './responses';
import { goOn, pause, type Item, type Run } from './run';
import { creditsIn } from './submit';
import { joinUrl } from './urls';

/** A job that Segmind accepted, and what is known of it so far. */
export interface Job {
	ticket: Ticket;
	/** When it was submitted, or picked up again; milliseconds since the epoch. */
	startedAt: number;
	/** When waiting ends; milliseconds since the epoch. */
	endsAt: number;
	/** Only just submitted: the first look can wait. */
	fresh: boolean;
	state: RunningState;
	metrics: Metrics;
	/** Status checks made. */
	polls: number;
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
	/** Worth another look. */
	| { kind: 'passing'; why: string }
	/** Segmind does not tell. */
	| { kind: 'refused'; problem: Problem }
	/** Finished, and no image is named. */
	| { kind: 'empty' };

/** A request that hangs is given up after a fifth of the item's timeout, within these bounds; milliseconds. */
const HANGING_SHORTEST = 3_000;
const HANGING_LONGEST = 15_000;

/** How long a request of an item may go without an answer; milliseconds. */
export const hangingAfter = ({ options }: Item): number =>
	Math.min(HANGING_LONGEST, Math.max(HANGING_SHORTEST, options.timeout / 5));

/** Statuses that are no end [docs: 5xx and 429 pass], besides every network error. */
const isPassing = (status: number): boolean =>
	status === 408 || status === 425 || status === 429 || status >= 500;

/**
 * The URL that a ticket names when it lies below the credential's own URLs, else the documented one: behind a
 * proxy with a path prefix, Segmind's own paths lead nowhere.
 */
function ownUrl(run: Run, named: string | undefined, path: string): string {
	return named !== undefined && run.account.isBelow(named)
		? named
		: joinUrl(run.account.baseUrl, path);
}

/** Where the job's state is found. */
function statusUrl({ run, job }: { run: Run; job: Job }): string {
	const { requestId, statusUrl: named } = job.ticket;
	return ownUrl(run, named, run.model.statusPath(requestId));
}

/** Where a finished job's result is found: apart from its state, or with it. */
export function resultUrl({ run, job }: { run: Run; job: Job }): string {
	const { requestId, resultUrl: named } = job.ticket;
	const path = run.model.resultPath?.(requestId);
	return path === undefined ? statusUrl({ run, job }) : ownUrl(run, named, path);
}

/** Whether a look's turn came before the time for its job was up. */
async function waitForTurn(run: Run, job: Job): Promise<boolean> {
	const turn = linkSignals(run.ending, run.clock.deadline(job.endsAt - run.clock.now()));
	const came = await run.gate.pass(turn.signal);
	turn.release();
	return came;
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
	url: string,
	wish: string,
): Promise<Look> {
	const isOurTurn = run.gate.passAtOnce() || (await waitForTurn(run, job));
	goOn(run);
	if (!isOurTurn) return { kind: 'passing', why: 'a rate limit holds it up' };
	const hanging = run.clock.deadline(hangingAfter(item));
	const slow = () => run.clock.deadline(Math.max(IMAGE_DEADLINE, job.endsAt - run.clock.now()));
	const linked = linkSignals(run.ending, hanging);
	try {
		const sent = await run.api.get(url, linked.signal);
		goOn(run);
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
		Object.assign(job.metrics, creditsIn(sent));
		return readLook(job, content);
	} finally {
		linked.release();
	}
}

function readLook(job: Job, content: Content): Look {
	if (content.kind === 'image') return { kind: 'image', image: content };
	if (content.kind === 'bad') return { kind: 'passing', why: content.why };
	const { answer } = content;
	const { requestId } = job.ticket;
	if (answer.kind === 'refused') {
		if (isPassing(answer.status)) {
			return { kind: 'passing', why: answer.words || `HTTP ${answer.status}` };
		}
		// 422 on a status check is a failed job [docs].
		if (answer.status === 422) {
			throw new ItemProblem({
				...failedJob(answer.words, 'FAILED', true, requestId),
				httpCode: answer.status,
			});
		}
		return { kind: 'refused', problem: refusedLook(answer.status, answer.words, requestId) };
	}
	Object.assign(job.metrics, answer.metrics);
	if (answer.kind === 'failed') {
		throw new ItemProblem(failedJob(answer.words, answer.state, answer.known, requestId));
	}
	if (answer.kind === 'running') {
		job.state = answer.state;
		return { kind: 'running', unknown: answer.unknown };
	}
	return answer.outputs.images.length > 0
		? { kind: 'outputs', outputs: answer.outputs }
		: { kind: 'empty' };
}

/** As many durations as are kept: the service's pace changes with its load. */
const DURATIONS_KEPT = 20;

function learnDuration(run: Run, job: Job): void {
	run.durations.push((run.clock.now() - job.startedAt) / 1000);
	if (run.durations.length > DURATIONS_KEPT) run.durations.shift();
}

/** How long to wait before the next look, in milliseconds; never beyond the end, where a last look is due. */
function nextPause(run: Run, item: Item, job: Job): number {
	const now = run.clock.now();
	const { pollInterval } = item.options;
	const elapsed = (now - job.startedAt) / 1000;
	const lookIn = run.gate.isTight() ? scarceLookIn : nextLookIn;
	const due = pollInterval ?? lookIn(elapsed, run.model.typicalSeconds, run.durations) * 1000;
	return Math.max(0, Math.min(due, job.endsAt - now));
}

/** What a person should know of a look that brought nothing. */
const troubleOf = (seen: Extract<Look, { kind: 'running' | 'passing' }>): string => {
	if (seen.kind === 'passing') return seen.why;
	return seen.unknown ?? '';
};

/**
 * Follows a job until it is finished. Network errors, 429, 5xx and unreadable answers are outlived until the
 * time is up; what is final ends it at once.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function follow(
	run: Run,
	item: Item,
	job: Job,
	wish: string,
): Promise<Followed | { kind: 'empty' }> {
	let trouble = '';
	if (job.fresh) await pause(run, nextPause(run, item, job));
	for (;;) {
		job.polls++;
		const seen = await look(run, item, job, statusUrl({ run, job }), wish);
		if (seen.kind === 'outputs' || seen.kind === 'image' || seen.kind === 'empty') {
			// Where requests are scarce, jobs seem to take as long as nobody looks at them.
			if (job.fresh && !run.gate.isTight()) learnDuration(run, job);
			return seen;
		}
		if (seen.kind === 'refused') throw new ItemProblem(seen.problem);
		if (seen.kind === 'running' && !item.waitForCompletion) return seen;
		trouble = troubleOf(seen);
		if (run.clock.now() >= job.endsAt) {
			const seconds = item.options.timeout / 1000;
			throw new ItemProblem(timedOut(job.ticket.requestId, seconds, job.state, trouble));
		}
		await pause(run, nextPause(run, item, job));
	}
}
