const DAY = 86_400_000;

/** Days that a window of the history may span [docs: 31], both ends counted; one less, should they be counted otherwise. */
const LONGEST_SPAN = 30;

/** A window of days, `YYYY-MM-DD` in UTC, both inclusive. */
export interface Window {
	from: string;
	to: string;
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * The windows that cover a time, newest first. Segmind's days may be those of another zone: at the beginning, a day
 * more is asked for, at the end too, unless that lies ahead.
 *
 * @param after milliseconds since 1970
 * @param before the same
 * @param now the same
 */
export function windowsOf(after: number, before: number, now: number): Window[] {
	const first = Math.floor(after / DAY) - 1;
	const windows: Window[] = [];
	let last = Math.min(Math.floor(before / DAY) + 1, Math.max(Math.floor(now / DAY), first));
	while (last >= first) {
		const from = Math.max(first, last - LONGEST_SPAN + 1);
		windows.push({ from: dayOf(from * DAY), to: dayOf(last * DAY) });
		last = from - 1;
	}
	return windows;
}
