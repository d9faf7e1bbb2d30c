import { parseUtc } from '../kit/zones';

/** What headers ask for beyond that is no limit of a minute, and another try costs nothing. */
const MAX_RETRY_AFTER_MS = 120_000;
const MAX_RESET_MS = 66_000;

/** What the headers of an answer say of the rate limit. A time that has passed, or can't be, says nothing. */
export interface RateLimitHeaders {
	/** Requests left in the current minute, and when that is over, from now on. */
	remaining?: number;
	resetInMs?: number;
	retryAfterMs?: number;
}

/**
 * How long a `Retry-After` header asks to wait: seconds or an HTTP date [RFC 9110]. Undefined when it says neither.
 *
 * @param nowMs the machine's time, since 1970
 * @returns milliseconds; 0 for a date that has passed
 */
export function readRetryAfter(header: unknown, nowMs: number): number | undefined {
	if (typeof header !== 'string') return undefined;
	const text = header.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	if (!/[a-z]/i.test(text)) return undefined;
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Reads the headers that Segmind names [docs, field]; the reset is a date, or seconds or milliseconds since 1970. */
export function readRateLimitHeaders(
	headers: Record<string, string | undefined>,
	nowMs: number,
): RateLimitHeaders {
	const left = headers['x-rate-limit-remaining']?.trim() ?? '';
	const reset = headers['x-rate-limit-reset-at-utc']?.trim() ?? '';
	const number = /^\d+(\.\d+)?$/.test(reset) ? Number(reset) : undefined;
	const date = number === undefined ? parseUtc(reset) : number > 1e11 ? number : number * 1000;
	const resetInMs = date - nowMs;
	const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs) ?? 0;
	return {
		remaining: /^\d+$/.test(left) ? Number(left) : undefined,
		resetInMs: resetInMs > 0 && resetInMs <= MAX_RESET_MS ? resetInMs : undefined,
		retryAfterMs: retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : undefined,
	};
}
