/** How much later than the last look the next one is, outside the time in which jobs usually end. */
const GROWTH = 1.14;

/** First look at a fresh job, in seconds. */
const FIRST_LOOK = 1.5;

/** Part of the typical duration before which few jobs end, and after which few are still running. */
const EARLY = 0.45;
const LATE = 1.6;

/** Looks within that time: so many over the typical duration. */
const LOOKS = 11;

/** Longest distance of two looks, in seconds. */
const LONGEST = 30;

/**
 * When to look at a job next, when the user set no interval.
 *
 * @param elapsed seconds since the submit
 * @param typical what a job of this service takes, in seconds
 * @returns seconds to wait from `elapsed` on
 */
export function nextLookIn(elapsed: number, typical: number): number {
	if (elapsed < FIRST_LOOK) return FIRST_LOOK - elapsed;
	if (elapsed < typical * EARLY) {
		return Math.min(LONGEST, elapsed * 0.6, Math.max(0.3, typical * EARLY - elapsed));
	}
	if (elapsed < typical * LATE) return Math.min(LONGEST, typical / LOOKS);
	return Math.min(LONGEST, Math.max(typical / LOOKS, elapsed * (GROWTH - 1)));
}
