/** Milliseconds by which a time zone is ahead of UTC at some time. Zero where nobody knows. */
function offsetAt(time: number, timeZone: string): number {
	try {
		// A date in Swedish is one of ISO 8601.
		const local = new Date(time).toLocaleString('sv-SE', { timeZone });
		return Date.parse(`${local}Z`) - Math.floor(time / 1000) * 1000 || 0;
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
