import { readRateLimitHeaders, readRetryAfter } from '../../../nodes/shared/rateLimit/headers';

const NOW = Date.UTC(2026, 0, 1, 12);

describe('Retry-After', () => {
	it.each<[unknown, number | undefined]>([
		['7', 7_000],
		[' 7 ', 7_000],
		['0', 0],
		['1.25', 1_250],
		['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['Thu, 01 Jan 2026 11:00:00 GMT', 0],
		['', undefined],
		['-5', undefined],
		['soon', undefined],
		['1-2', undefined],
		[undefined, undefined],
		[7, undefined],
	])('of %j asks for %j milliseconds', (header, milliseconds) => {
		expect(readRetryAfter(header, NOW)).toBe(milliseconds);
	});

	it.each([
		['86400', 120_000],
		['99999999999', 120_000],
		['0', undefined],
		['Thu, 01 Jan 2026 11:00:00 GMT', undefined],
	])('of %j is believed for %j milliseconds', (header, retryAfterMs) => {
		expect(readRateLimitHeaders({ 'retry-after': header }, NOW).retryAfterMs).toBe(retryAfterMs);
	});
});

it.each([
	['2026-01-01T12:00:30Z', 30_000],
	['2026-01-01T12:00:30.500Z', 30_500],
	['2026-01-01T13:00:30+01:00', 30_000],
	['2026-01-01T12:00:30', 30_000],
	[' 2026-01-01 12:00:30 ', 30_000],
	['2026-01-01 12:00:30.25', 30_250],
	['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
	[String(NOW / 1000 + 30), 30_000],
	[String(NOW / 1000 + 30.5), 30_500],
	[String(NOW + 30_000), 30_000],
	['2026-01-01T12:01:06Z', 66_000],
	['2026-01-01T12:01:07Z', undefined],
	['2026-01-01T12:00:00Z', undefined],
	['2026-01-01T11:59:58Z', undefined],
	['9999-12-31T23:59:59Z', undefined],
	['soon', undefined],
	['30', undefined],
])('a reset at %j is %j milliseconds from now', (text, resetInMs) => {
	const headers = { 'x-rate-limit-reset-at-utc': text };
	expect(readRateLimitHeaders(headers, NOW)).toEqual({ resetInMs });
});

it.each([
	['4', 4],
	[' 0 ', 0],
	['', undefined],
	['-1', undefined],
	['1.5', undefined],
	['many', undefined],
])('%j requests are left: %j', (text, remaining) => {
	expect(readRateLimitHeaders({ 'x-rate-limit-remaining': text }, NOW)).toEqual({ remaining });
});
