/**
 * How long anything may take, and what is tried again how often. What the rate limit asks for is apart from this, and so
 * is when a job is polled (rateLimit/).
 */

/** A submit: it costs money, so it goes out again only when it certainly queued nothing. */
export const SUBMIT = {
	/** A queue answers at once; longer waiting brings no answer any more. */
	queueDeadlineMs: 120_000,
	/** Pauses before one whose connection was never made goes out again. */
	connectPausesMs: [500, 1_000, 2_000, 4_000],
	/** The body of a ticket that is complete gets this long to end. */
	ticketPatienceMs: 1_000,
};

/** A status check: repeated until the item's timeout is over. */
export const CHECK = {
	/** A job that Segmind has accepted is not unknown yet: a part of it may not have heard of it. */
	becomesKnownMs: 30_000,
	/** An error that says nothing of the job's state may pass within this time. */
	errorsPassMs: 60_000,
};

/** Segmind forgets a job an hour after its submit [docs]. */
export const KEPT_MS = 3_600_000;

/** Fetching the images of a finished job, which is paid for: in rounds, as long as there is time. */
export const FETCH = {
	/** It gets at least this long, or the item's timeout where that is shorter. */
	leastMs: 60_000,
	/** Rounds for what doesn't look as if it would pass: a page in the place of an image, a refused result. */
	hopelessRounds: 5,
	/** The pause after so many rounds: it doubles, up to ten seconds. */
	pauseMs: (rounds: number): number =>
		rounds === 0 ? 0 : Math.min(10_000, 500 * 2 ** (rounds - 1)),
	/** Rounds after which the result is asked for anew: its URLs may have changed. Each time costs a request. */
	asksResultAgain: [1, 2, 4, 8, 16, 32],
};

/** An upload costs nothing, so it is tried again whatever happened. */
export const UPLOAD = {
	tries: 5,
	/** The pause after so many tries. */
	pauseMs: (tries: number): number => 500 * 2 ** tries,
	/** One call may take half of the item's timeout, within these bounds. */
	deadlineMs: (timeoutMs: number): number => Math.max(10_000, Math.min(300_000, timeoutMs / 2)),
};

/** The account's history: free to ask. */
export const HISTORY = {
	/** A lost submit is looked up for at least so long, or the item's timeout where that is shorter. */
	leastMs: 30_000,
	/** The pause before the next look-up after so many: none, then ever longer. */
	lookUpPauseMs: (lookUps: number): number =>
		lookUps === 0 ? 0 : Math.min(30_000, 1_000 * 1.6 ** (lookUps - 1)),
	/** Between two questions for a job that only the history knows any more. */
	pauseMs: 5_000,
	/** A row from before the submit is another job; clocks may differ by so much. */
	clockRoomMs: 2_000,
	/** Later than this after the submit, it was not this one that made it. */
	latestRowMs: 180_000,
};

/** A file of a job that ended so long ago is not just late: what is refused now is gone. */
export const OLD_MS = 600_000;

/** After Stop. */
export const STOP = {
	/** A submit under way may still get its answer: the request ID is worth it. */
	submitsMs: 700,
	/** What such a submit brought is still read; then nobody waits for anything any more. */
	everythingMs: 800,
};

/** An image that comes in the place of an answer gets at least this long. */
export const IMAGE_DEADLINE_MS = 60_000;

/** A request that hangs is given up after a fifth of the item's timeout, within these bounds. */
const SHORTEST_HANG_MS = 3_000;
const LONGEST_HANG_MS = 15_000;

/**
 * How long a request of an item may go without an answer.
 *
 * @param timeoutMs the item's
 * @param timeouts how many requests before it ran out of time: each further one gets twice as long
 * @param leftMs the time that the item has left
 */
export function requestTimeoutMs(timeoutMs: number, timeouts: number, leftMs: number): number {
	const first = Math.min(LONGEST_HANG_MS, Math.max(SHORTEST_HANG_MS, timeoutMs / 5));
	return Math.min(first * 2 ** timeouts, Math.max(first, leftMs));
}

/** Statuses that are no end of a job [docs: 5xx and 429 pass], besides every network error. */
export const isTransient = (status: number): boolean =>
	status === 408 || status === 425 || status === 429 || status >= 500;
