import { tryToParseDateTime } from 'n8n-workflow';

/** ISO 8601 and SQL, down to the day or to the second, with a zone or without; and as HTTP and mails have it. */
const SHAPES = [
	/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(z|utc|gmt|[+-]\d\d:?(\d\d)?))?)?$/i,
	/^[a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d\d:\d\d(:\d\d)? (gmt|utc|z|[+-]\d{4})$/i,
];

/** Other numbers are no times, but years or a sheet's days, say; milliseconds since 1970: 2001 to 2100. */
const EARLIEST_MS = 1e12;
const LATEST_MS = Date.UTC(2100, 0, 1);

/** A number as a time: in milliseconds or, as some programs have it, in seconds. NaN when it is none. */
export function timeOfNumber(number: number): number {
	const time = number < EARLIEST_MS ? number * 1000 : number;
	return time >= EARLIEST_MS && time < LATEST_MS ? time : NaN;
}

/**
 * A date as people, expressions and servers write it, as milliseconds since 1970; NaN when it is none, or might be one
 * of several. Without a zone of its own it is a time of `timeZone`, a bare day its beginning.
 */
export function parseDate(text: string, timeZone = 'utc'): number {
	const date = text.trim().replace(/^(\d.*?) ?(utc|gmt)$/i, '$1Z');
	if (!SHAPES.some((shape) => shape.test(date))) return NaN;
	try {
		return tryToParseDateTime(date, timeZone).toMillis();
	} catch {
		return NaN;
	}
}
