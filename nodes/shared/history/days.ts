const DAY = 86_400_000;

/** Days that a window of the history may span [docs: 31], both ends counted; one less, should they be counted otherwise. */
const LONGEST_SPAN = 30;

/** A window of days, `YYYY-MM-DD`, both inclusive; without an end it reaches to today, wherever Segmind is [docs]. */
export interface Window {
	from: string;
	to?: string;
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * The windows that cover a time, newest first; none for what lies ahead. Segmind's days may be those of another zone:
 * at both ends a day more is asked for.
 *
 * @param after milliseconds since 1970
 * @param before the same
 * @param now the same
 */
export function windowsOf(after: number, before: number, now: number): Window[] {
	const first = Math.floor(after / DAY) - 1;
	const windows: Window[] = [];
	const today = Math.floor(now / DAY);
	let last = Math.min(Math.floor(before / DAY) + 1, today);
	while (last >= first) {
		const from = Math.max(first, last - LONGEST_SPAN + 1);
		const end = last === today ? {} : { to: dayOf(last * DAY) };
		windows.push({ from: dayOf(from * DAY), ...end });
		last = from - 1;
	}
	return windows;
}
