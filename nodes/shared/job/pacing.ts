/** An early look, in seconds: what fails at once is known at once, and few jobs are done by then. */
const EARLY_LOOK = 3.4;

/** Parts of the typical duration between which most jobs end. */
const EARLY = 0.8;
const LATE = 1.21;

/** Where requests are ample, a job may as well be found that is quicker than most: looks from here on. */
const EARLIEST = 0.5;

/** And few take longer than this. */
const LATEST = 1.55;

/** Distance of two looks within that time, in seconds: a little more for a service that takes longer. */
const STEP = 1.42;
const STEP_PER_SECOND = 0.0207;

/** How much later than the last look the next one is after that time, as a part of the time that has passed. */
const GROWTH = 0.14;

/** Up to here looks don't get more seldom where requests are left, seconds; and beyond it, as a part of the time. */
const SELDOM = 7;
const SELDOM_GROWTH = 0.05;

/** Longest distance of two looks, in seconds. */
const LONGEST = 30;

/** So many durations of the same run tell more than the typical one. */
const ENOUGH_SEEN = 3;

/** Looks over the spread of the durations seen, and the least distance of two of them, in seconds. */
const LOOKS_OVER_SPREAD = 10;
const SHORTEST_STEP = 0.4;

/** When a job is likely to end; seconds since its submit. */
export interface Expected {
	from: number;
	to: number;
	/** Distance of two looks where nothing limits them. */
	step: number;
	/** Where requests are ample, it is looked at before `from` too: from here on, and so often. */
	earliest: number;
	earlyStep: number;
	/** Up to here it is looked at as often after `to` as before, unless requests are scarce. */
	latest: number;
}

/**
 * When a job is likely to end.
 *
 * @param typical what a job of this service takes, in seconds
 * @param seen what the last jobs of the same run took, in seconds
 */
export function expect(typical: number, seen: readonly number[]): Expected {
	const usual = Math.min(LONGEST, STEP + STEP_PER_SECOND * typical);
	const [earliest, latest] = [typical * EARLIEST, typical * LATEST];
	if (seen.length < ENOUGH_SEEN) {
		const [from, to] = [typical * EARLY, typical * LATE];
		return { from, to, step: usual, earliest, earlyStep: usual, latest };
	}
	const shortest = Math.min(...seen);
	const longest = Math.max(...seen);
	// What was seen is a sample: the next job may lie a little outside it.
	const margin = Math.max(0.05 * longest, (2 * (longest - shortest)) / seen.length);
	const from = Math.max(0, shortest - margin);
	const to = longest + margin;
	const step = Math.min(usual, Math.max(SHORTEST_STEP, (to - from) / LOOKS_OVER_SPREAD));
	return { from, to, step, earliest, earlyStep: 2 * usual, latest };
}

/** What a job has behind it. */
export interface Waited {
	/** Seconds since the submit. */
	elapsed: number;
	/** When it was last looked at; seconds since the submit, 0 for never. */
	last: number;
}

/** How looks are made, by what the account's rate limit leaves. */
export interface Manner {
	/** Seconds between two looks while such jobs end. */
	step: number;
	/** A look right at the beginning. */
	early: boolean;
	/** Looks before such jobs end, too. */
	broad: boolean;
	/** Ever more seldom at jobs that take longer: requests are scarce. */
	seldom: boolean;
}

/**
 * When to look at a job next: evenly while such jobs end, and more seldom afterwards.
 *
 * @returns seconds since the submit
 */
export function nextLook(
	{ elapsed, last }: Waited,
	expected: Expected,
	{ step, early, broad, seldom }: Manner,
): number {
	const { from, to, step: usual, earliest, earlyStep } = expected;
	if (early && last === 0 && EARLY_LOOK < from && elapsed <= EARLY_LOOK) return EARLY_LOOK;
	if (last >= to) return last + overdueStep(last, expected, seldom);
	if (broad && last < earliest && earliest < from) return earliest + earlyStep / 2;
	if (broad && last + earlyStep < from) return last + earlyStep;
	const base = Math.max(last, broad && last > earliest ? from - usual : from);
	return Math.min(base + step, Math.max(to, last + usual));
}

/** Distance to the next look at a job that takes longer than usual. */
function overdueStep(last: number, { step, latest }: Expected, seldom: boolean): number {
	if (!seldom && last < latest) return step;
	const most = seldom ? LONGEST : Math.max(SELDOM, last * SELDOM_GROWTH);
	return Math.min(LONGEST, most, Math.max(step, last * GROWTH));
}

/** What there is to look at, and with how many requests. */
export interface Plan {
	/** Jobs to be found finished. */
	jobs: number;
	/** Seconds in which they are likely to end, and nobody knows when, of all of them. */
	width: number;
	/** Requests that there are for looks. */
	requests: number;
}

/**
 * How closely jobs can be looked at with so many requests; seconds between two looks at the same one. A job is
 * found after half of its looks on average; a single one may take all of them.
 *
 * @returns undefined when there is not one for each; 0 when there are no jobs
 */
export function affordableStep({ jobs, width, requests }: Plan): number | undefined {
	// Where a job ends within two looks is a matter of chance: half a look more for each, but for the last one.
	const spare = requests - (jobs - 1) / 2;
	if (jobs === 0) return 0;
	if (requests < jobs) return undefined;
	return ((width / 2) * (1 + 1 / Math.max(1, jobs))) / spare;
}
