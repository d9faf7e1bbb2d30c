import { parseUtc } from '../kit/zones';

const MINUTE_MS = 60_000;

/** Clocks differ, and times are rounded to whole seconds: a reset time may lie so far outside of its minute. */
const RESET_TOLERANCE_MS = 6_000;

/** The longest pause after a refusal that a header is believed: another try costs nothing. */
const MAX_RETRY_AFTER_MS = 120_000;

/** More requests a minute than any plan has: what a header says beyond that is the same. */
const MAX_REMAINING = 10_000;

/** What the headers of an answer say of the rate limit. */
export interface RateLimitHeaders {
	/** Requests left in the current minute. */
	remaining?: number;
	/** When that minute is over, from now on. */
	resetInMs?: number;
	/** How long to wait after a refusal. */
	retryAfterMs?: number;
}

/**
 * How long a `Retry-After` header asks to wait: seconds or an HTTP date [RFC 9110]. Undefined when it says neither.
 *
 * @param nowMs the machine's time, since 1970
 * @returns milliseconds, 0 for a date that has passed
 */
export function readRetryAfter(header: unknown, nowMs: number): number | undefined {
	if (typeof header !== 'string') return undefined;
	const text = header.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	if (!/[a-z]/i.test(text)) return undefined;
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** A reset time, ISO 8601 with or without a zone, or seconds or milliseconds since 1970, from now on. */
function readReset(header: string | undefined, nowMs: number): number | undefined {
	const text = header?.trim() ?? '';
	const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
	const date = number === undefined ? parseUtc(text) : number > 1e11 ? number : number * 1000;
	const leftMs = date - nowMs;
	const isOfThisMinute = leftMs >= -RESET_TOLERANCE_MS && leftMs <= MINUTE_MS + RESET_TOLERANCE_MS;
	return isOfThisMinute ? Math.max(0, leftMs) : undefined;
}

/**
 * Reads `x-rate-limit-remaining`, `x-rate-limit-reset-at-utc` and `Retry-After` [docs, field]: any of them may be
 * missing or wrong. Whatever they say, nothing that is read is longer or more than a rate limit can be.
 *
 * @param nowMs the machine's time, since 1970
 */
export function readRateLimitHeaders(
	headers: Record<string, string | undefined>,
	nowMs: number,
): RateLimitHeaders {
	const left = headers['x-rate-limit-remaining']?.trim() ?? '';
	const remaining = /^\d+$/.test(left) ? Math.min(Number(left), MAX_REMAINING) : undefined;
	const asked = readRetryAfter(headers['retry-after'], nowMs);
	const retryAfterMs = asked === undefined ? undefined : Math.min(asked, MAX_RETRY_AFTER_MS);
	return {
		remaining,
		retryAfterMs,
		resetInMs: readReset(headers['x-rate-limit-reset-at-utc'], nowMs),
	};
}
