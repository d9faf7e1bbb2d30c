import { RateLimit, type RateLimitOptions } from '../../support/emulator/rateLimit';

const SECOND = 1000;

/** Asks at these seconds; `+` for what the limit takes, else the seconds to wait. */
function ask(options: RateLimitOptions | undefined, ...seconds: number[]): Array<'+' | number> {
	const limit = new RateLimit(options);
	return seconds.map((at) => limit.ask('key', false, at * SECOND, 0).wait ?? '+');
}

it('takes everything without a limit', () => {
	expect(ask(undefined, 0, 0, 0)).toEqual(['+', '+', '+']);
});

it('counts the minute that has just passed', () => {
	expect(ask({ perMinute: 2 }, 0, 30, 31, 59, 60, 61, 90)).toEqual(['+', '+', 29, 1, '+', 29, '+']);
});

it.each([
	[
		'begun by the first request',
		undefined,
		[0, 30, 31, 59, 60, 61, 62],
		['+', '+', 29, 1, '+', '+', 58],
	],
	['begun anew by a later one', undefined, [0, 90, 91, 92, 149, 150], ['+', '+', '+', 58, 1, '+']],
	['begun before', 50_000, [0, 1, 2, 10, 11, 12, 70, 71], ['+', '+', 8, '+', '+', 58, '+', '+']],
	['begun before, and long over', 50_000, [0, 135, 136, 189, 190], ['+', '+', '+', 1, '+']],
] as const)('counts a minute for all requests at once, %s', (_, phase, seconds, expected) => {
	expect(ask({ perMinute: 2, window: 'fixed', phase }, ...seconds)).toEqual(expected);
});

it('counts the requests of each key by themselves, until it forgets them', () => {
	const limit = new RateLimit({ perMinute: 1 });
	const isTaken = (key: string) => limit.ask(key, false, 0, 0).wait === undefined;
	expect([isTaken('a'), isTaken('b'), isTaken('a'), isTaken('b')]).toEqual([
		true,
		true,
		false,
		false,
	]);
	limit.reset();
	expect(isTaken('a')).toBe(true);
});

it('counts uploads, unless it is told not to', () => {
	const uploads = (options: RateLimitOptions) => {
		const limit = new RateLimit(options);
		return [true, true, false].map((isUpload) => limit.ask('key', isUpload, 0, 0).wait ?? '+');
	};
	expect(uploads({ perMinute: 1 })).toEqual(['+', 60, 60]);
	expect(uploads({ perMinute: 1, uploads: false })).toEqual(['+', '+', '+']);
});

describe('what it tells', () => {
	const told = (options: RateLimitOptions, seconds: number[]) => {
		const limit = new RateLimit(options);
		return seconds.map((at) => limit.ask('key', false, at * SECOND, 1_000_000_000_000).headers);
	};
	const remaining = 'x-rate-limit-remaining';
	const reset = 'x-rate-limit-reset-at-utc';

	it('is when a refused request may come again', () => {
		expect(told({ perMinute: 1 }, [0, 20.5])).toEqual([{}, { 'retry-after': '40' }]);
		expect(told({ perMinute: 1, retryAfter: false }, [0, 20.5])).toEqual([{}, {}]);
	});

	it('is what is left of the minute and when that is over, with each answer', () => {
		expect(told({ perMinute: 2, headers: true, retryAfter: false }, [0, 10, 20])).toEqual([
			{ [remaining]: '1', [reset]: '2001-09-09T01:47:40.000Z' },
			{ [remaining]: '0', [reset]: '2001-09-09T01:47:30.000Z' },
			{ [remaining]: '0', [reset]: '2001-09-09T01:47:20.000Z' },
		]);
		expect(told({ perMinute: 2, headers: true, window: 'fixed', phase: 45_000 }, [0])).toEqual([
			{ [remaining]: '1', [reset]: '2001-09-09T01:46:55.000Z' },
		]);
	});
});
