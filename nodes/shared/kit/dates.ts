import { tryToParseDateTime } from 'n8n-workflow';

/**
 * A date as people, expressions and servers write it (ISO 8601, SQL, HTTP), as milliseconds since 1970; NaN when it is
 * none. Without a zone of its own it is a time of `timeZone`, a bare day its beginning.
 */
export function parseDate(text: string, timeZone = 'utc'): number {
	try {
		return tryToParseDateTime(text, timeZone).toMillis();
	} catch {
		return NaN;
	}
}
