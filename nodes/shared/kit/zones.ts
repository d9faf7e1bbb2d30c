/** Milliseconds by which a time zone is ahead of UTC at some time. Zero for a zone that nobody knows. */
function offsetAt(time: number, timeZone: string): number {
	try {
		const parts = new Intl.DateTimeFormat('en-US', {
			timeZone,
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		}).formatToParts(time);
		const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
		const [year, month, day] = [of('year'), of('month'), of('day')];
		const local = Date.UTC(year, month - 1, day, of('hour'), of('minute'), of('second'));
		return local - Math.floor(time / 1000) * 1000;
	} catch {
		return 0;
	}
}

/**
 * A date as people and expressions write it, as milliseconds since 1970; NaN when it is none. Without a zone of its
 * own it is a time of `timeZone`, a bare day its beginning.
 */
export function parseDate(text: string, timeZone: string): number {
	const naive = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.exec(text.trim());
	if (!naive) return Date.parse(text);
	const day = naive[1] === undefined ? `${text.trim()}T00:00:00` : text.trim().replace(' ', 'T');
	const asUtc = Date.parse(`${day}Z`);
	const guess = asUtc - offsetAt(asUtc, timeZone);
	return asUtc - offsetAt(guess, timeZone);
}

/** A time as servers write it, as milliseconds since 1970; NaN when it is none. Without a zone it is UTC. */
export function parseUtc(text: string): number {
	const isZoned = /(z|[+-]\d\d:?\d\d|gmt|utc)$/i.test(text);
	const zoned = isZoned ? text : `${text.replace(' ', 'T')}Z`;
	// Microseconds are more than every engine reads.
	return Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1').replace(/ ?(utc|gmt)$/i, 'Z'));
}
