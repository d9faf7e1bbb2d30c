/**
 * How long anything may take, and what is tried again how often. Times are milliseconds. What the rate limit asks
 * for is apart from this (http/gate.ts), and so is when a job is looked at (job/pacing.ts), and how the history is read
 * (history/client.ts, job/lookUp.ts).
 */

/** A submit: it costs money, so it goes out again only when it certainly queued nothing. */
export const SUBMIT = {
	/** A queue answers at once; longer waiting brings no answer any more. */
	queueDeadline: 120_000,
	/** Pauses before one whose connection was never made goes out again. */
	connectPauses: [500, 1_000, 2_000, 4_000],
	/** The body of a ticket that is complete gets this long to end. */
	ticketPatience: 1_000,
};

/** A status check: repeated until the item's timeout is over. */
export const CHECK = {
	/** A job that Segmind has accepted is not unknown yet: a part of it may not have heard of it. */
	becomesKnown: 30_000,
	/** An error that says nothing of the job's state may pass within this time. */
	errorPasses: 60_000,
};

/** Fetching the images of a finished job, which is paid for: in rounds, as long as there is time. */
export const FETCH = {
	/** It gets at least this long, or the item's timeout where that is shorter. */
	leastTime: 60_000,
	/** Rounds for what doesn't look as if it would pass: a page in the place of an image, a refused result. */
	hopelessRounds: 5,
	/** The pause after the first round, which doubles with each further one, and the most it grows to. */
	firstPause: 500,
	longestPause: 10_000,
	/** Rounds in which the result is asked for anew: its URLs may have changed. Each time costs a request. */
	asksAgain: (round: number): boolean => [1, 2, 4, 8, 16, 32].includes(round),
};

/** An upload costs nothing, so it is tried again whatever happened. */
export const UPLOAD = {
	tries: 5,
	/** The pause after so many tries. */
	pause: (tries: number): number => 500 * 2 ** tries,
	/** One call may take half of the item's timeout, within these bounds. */
	deadline: (timeout: number): number => Math.max(10_000, Math.min(300_000, timeout / 2)),
};

/** A file of a job that ended so long ago is not just late: what is refused now is gone. */
export const OLD = 600_000;

/** After Stop. */
export const STOP = {
	/** A submit under way may still get its answer: the request ID is worth it. */
	submits: 700,
	/** What such a submit brought is still read; then nobody waits for anything any more. */
	everything: 800,
};

/** An image that comes in the place of an answer gets at least this long. */
export const IMAGE_DEADLINE = 60_000;

/** A request that hangs is given up after a fifth of the item's timeout, within these bounds. */
const HANGING_SHORTEST = 3_000;
const HANGING_LONGEST = 15_000;

/**
 * How long a request of an item may go without an answer.
 *
 * @param timeout the item's
 * @param hangs how many before it ran out of time: each further one gets twice as long
 * @param left the time that the item has left
 */
export function hangingAfter(timeout: number, hangs: number, left: number): number {
	const first = Math.min(HANGING_LONGEST, Math.max(HANGING_SHORTEST, timeout / 5));
	return Math.min(first * 2 ** hangs, Math.max(first, left));
}

/** Statuses that are no end of a job [docs: 5xx and 429 pass], besides every network error. */
export const isTransient = (status: number): boolean =>
	status === 408 || status === 425 || status === 429 || status >= 500;
