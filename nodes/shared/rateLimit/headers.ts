import { parseDate } from '../kit/dates';

/** Whoever asks for more doesn't mean a limit of a minute; another try costs nothing. */
const MAX_RETRY_AFTER_MS = 120_000;
const MAX_RESET_MS = 66_000;
const SECONDS = /^\d+(\.\d+)?$/;

/** What an answer says of the current minute: requests left, its end from now on. What can't be says nothing. */
export interface RateLimitHeaders {
	remaining?: number;
	resetInMs?: number;
	retryAfterMs?: number;
}

/** How long `Retry-After` asks to wait, in seconds or as a date [RFC 9110]; 0 for one that has passed at `nowMs` since 1970. */
export function readRetryAfter(header: unknown, nowMs: number): number | undefined {
	const text = typeof header === 'string' ? header.trim() : '';
	if (SECONDS.test(text)) return Number(text) * 1000;
	const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Reads the headers that Segmind names [docs, field]; the reset is a date, or seconds or milliseconds since 1970. */
export function readRateLimitHeaders(
	headers: Record<string, string | undefined>,
	nowMs: number,
): RateLimitHeaders {
	const left = headers['x-rate-limit-remaining']?.trim() ?? '';
	const reset = headers['x-rate-limit-reset-at-utc']?.trim() ?? '';
	const number = SECONDS.test(reset) ? Number(reset) : undefined;
	const date = number === undefined ? parseDate(reset) : number > 1e11 ? number : number * 1000;
	const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs) ?? 0;
	return {
		remaining: /^\d+$/.test(left) ? Number(left) : undefined,
		resetInMs: date > nowMs && date - nowMs <= MAX_RESET_MS ? date - nowMs : undefined,
		retryAfterMs: retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : undefined,
	};
}
