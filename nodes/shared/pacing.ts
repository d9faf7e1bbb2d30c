/** First look at a fresh job, in seconds: few jobs are done earlier. */
const FIRST_LOOK = 3.4;

/** Looks before the time in which most jobs end. */
const EARLY_LOOKS = 4;

/** Parts of the typical duration between which most jobs end. */
const EARLY = 0.5;
const LATE = 1.55;

/** Distance of two looks within that time, in seconds: a little more for a service that takes longer. */
const STEP = 1.42;
const STEP_PER_SECOND = 0.0207;

/** How much later than the last look the next one is, after that time. */
const GROWTH = 1.14;

/** Longest distance of two looks, in seconds. */
const LONGEST = 30;

/** So many durations of the same run tell more than the typical one. */
const ENOUGH_SEEN = 3;

/** Looks over the spread of the durations seen, and the least distance of two of them, in seconds. */
const LOOKS_OVER_SPREAD = 15;
const SHORTEST_STEP = 0.4;

/** How closely to look from some time on; seconds. */
interface Phase {
	from: number;
	step(elapsed: number): number;
}

/** Evenly at first, and ever more seldom once `elapsed` is past `late`. */
const phase = (from: number, step: number, late: number): Phase => ({
	from,
	step: (elapsed) => (elapsed < late ? step : Math.max(step, elapsed * (GROWTH - 1))),
});

/** The phases of waiting, the last one first. */
function phases(typical: number, seen: readonly number[]): Phase[] {
	const usual = STEP + STEP_PER_SECOND * typical;
	const late = typical * LATE;
	if (seen.length < ENOUGH_SEEN) return [phase(typical * EARLY, usual, late)];
	const shortest = Math.min(...seen);
	const longest = Math.max(...seen);
	// What was seen is a sample: the next job may lie a little outside it.
	const margin = Math.max(0.05 * longest, (2 * (longest - shortest)) / seen.length);
	const from = Math.max(0, shortest - margin);
	const to = longest + margin;
	const step = Math.min(usual, Math.max(SHORTEST_STEP, (to - from) / LOOKS_OVER_SPREAD));
	const close = [phase(to, usual, Math.max(to, late)), phase(from, step, Infinity)];
	// Until then only every other look, in case that this one is quicker than all before.
	return from > typical * EARLY ? [...close, phase(typical * EARLY, 2 * usual, late)] : close;
}

/** Distance of two looks where requests are scarce: seconds, and part of the time that has passed. */
const SCARCE_STEP = 3;
const SCARCE_GROWTH = 0.25;

/**
 * When to look at a job next, where a rate limit makes requests scarce: first when such jobs have usually
 * ended, then seldom. Same parameters and result as `nextLookIn`.
 */
export function scarceLookIn(
	elapsed: number,
	typical: number,
	seen: readonly number[] = [],
): number {
	const usuallyEnded = seen.length < ENOUGH_SEEN ? typical * 1.1 : Math.max(...seen);
	if (elapsed < usuallyEnded) return usuallyEnded - elapsed;
	return Math.min(LONGEST, Math.max(SCARCE_STEP, elapsed * SCARCE_GROWTH));
}

/**
 * When to look at a job next, when the user set no interval: seldom at first, closely while jobs usually end,
 * and ever more seldom afterwards. A trade-off between noticing late and asking often; docs/pacing.md has its
 * figures.
 *
 * @param elapsed seconds since the submit
 * @param typical what a job of this service takes, in seconds
 * @param seen what the last jobs of the same run took, in seconds
 * @returns seconds to wait from `elapsed` on
 */
export function nextLookIn(elapsed: number, typical: number, seen: readonly number[] = []): number {
	const known = phases(typical, seen);
	const current = known.find(({ from }) => elapsed >= from);
	if (current) return Math.min(LONGEST, current.step(elapsed));
	const { from, step } = known[known.length - 1] as Phase;
	const intoPhase = from + step(from) / 2 - elapsed;
	if (from <= FIRST_LOOK) return Math.min(LONGEST, intoPhase);
	if (elapsed < FIRST_LOOK) return FIRST_LOOK - elapsed;
	const ratio = (from / FIRST_LOOK) ** (1 / EARLY_LOOKS);
	const grown = elapsed * (ratio - 1);
	return Math.min(LONGEST, elapsed + grown < from * 0.98 ? grown : intoPhase);
}
