import { Allowance, type Told } from '../../../nodes/shared/http/allowance';

const SECOND = 1_000;

let allowance: Allowance;

beforeEach(() => {
	allowance = new Allowance();
});

/** Sends requests at these seconds, all of which the API takes, with what the answers tell. */
function takes(seconds: number[], told: Told = {}): void {
	for (const at of seconds) {
		allowance.sends(at * SECOND);
		allowance.took(at * SECOND, told);
	}
}

/** Sends one that the API refuses; the seconds to wait, if that is known. */
function isRefused(at: number, told: Told = {}): number | undefined {
	allowance.sends(at * SECOND);
	const wait = allowance.refused(at * SECOND, told);
	return wait === undefined ? undefined : wait / SECOND;
}

/** So many requests within the second after. */
const rush = (count: number, at = 0): number[] =>
	Array.from({ length: count }, (_, index) => at + index / count);

/** Seconds until the next may go. */
const nextIn = (at: number): number => (allowance.nextAt(at * SECOND) - at * SECOND) / SECOND;

describe('what is known', () => {
	it('is nothing at first: it may be the smallest plan, but nothing is held back', () => {
		expect(allowance).toMatchObject({
			isUnknown: true,
			isKnown: false,
			isScarce: false,
			isAmple: false,
		});
		expect(allowance.perMinute).toBe(5);
		expect(nextIn(0)).toBe(0);
		takes(rush(5));
		expect(allowance.isUnknown).toBe(true);
		expect(nextIn(1)).toBe(0);
	});

	it.each([
		[5, 5, true, false],
		[6, 50, false, false],
		[50, 50, false, false],
		[51, 60, false, false],
		[61, 120, false, false],
		[120, 120, false, false],
		[121, 500, false, true],
		[501, Infinity, false, true],
	])(
		'is a larger plan once %i went through in a minute: %s',
		(count, perMinute, isUnknown, isAmple) => {
			takes(rush(count));
			expect(allowance).toMatchObject({ perMinute, isUnknown, isAmple, isKnown: false });
		},
	);

	it('is nothing more when they went through one after the other', () => {
		takes([0, 20, 40, 61, 80, 100, 122]);
		expect(allowance.isUnknown).toBe(true);
	});

	it('is nothing more by what goes out and has no answer yet', () => {
		for (let sent = 0; sent < 4; sent++) allowance.sends(0);
		allowance.letThrough(0, 4);
		expect(allowance.isUnknown).toBe(true);
		for (let sent = 0; sent < 4; sent++) allowance.sends(SECOND);
		allowance.letThrough(SECOND, 2);
		expect(allowance.isUnknown).toBe(false);
	});

	it('lets a request go out of the minute after a little more than that', () => {
		takes([0]);
		expect(allowance.used(60_149)).toBe(1);
		expect(allowance.used(60_150)).toBe(0);
	});

	it('keeps to itself what went through when it is over', () => {
		takes(rush(60));
		expect(allowance.used(300 * SECOND)).toBe(0);
		expect(allowance.perMinute).toBe(60);
	});
});

describe('a refusal', () => {
	it.each([5, 50, 60, 120, 500])('of one more than a plan takes tells the plan: %i', (plan) => {
		takes(rush(plan, 0));
		expect(isRefused(20)).toBeCloseTo(40.15, 3);
		expect(allowance).toMatchObject({ perMinute: plan, isKnown: true, isUnknown: false });
		expect(allowance.isScarce).toBe(plan < 200);
		expect(allowance.isAmple).toBe(plan >= 200);
	});

	it('counts those of the last minute', () => {
		takes([0, 1, 62, 63, 64, 65, 66]);
		expect(isRefused(70)).toBeCloseTo(52.15, 3);
		expect(allowance.perMinute).toBe(5);
	});

	it('of a number that no plan has is a limit, but may be a passing one', () => {
		takes(rush(7));
		expect(isRefused(20)).toBeUndefined();
		expect(allowance.perMinute).toBe(7);
		expect(nextIn(20)).toBeCloseTo(40.15, 3);
	});

	it('of fewer than the smallest plan takes is not about the plan', () => {
		takes(rush(4));
		expect(isRefused(20)).toBeUndefined();
		expect(isRefused(20, { resetIn: 30 * SECOND })).toBe(30);
		expect(allowance.isKnown).toBe(false);
	});

	it('tells how long to wait, if the API says it', () => {
		takes(rush(5));
		expect(isRefused(20, { resetIn: 7 * SECOND })).toBe(7);
		expect(nextIn(20)).toBeCloseTo(7, 3);
	});

	it('counts what the minute took that is over then, if the API says it', () => {
		// A minute that began at 30.
		takes([...rush(4, 0), ...rush(6, 31)]);
		expect(isRefused(40, { resetIn: 50 * SECOND })).toBe(50);
		expect(allowance.perMinute).toBe(6);
	});

	it('counts what was sent as that minute began, although the refusal has travelled for a second', () => {
		takes([...rush(5, 0), ...rush(45, 20)]);
		expect(isRefused(55.9, { resetIn: 6 * SECOND })).toBe(6);
		expect(allowance.perMinute).toBe(50);
	});

	it('counts only what was sent after that minute began, and none of a minute that begins just now', () => {
		takes([28, ...rush(5, 31)]);
		expect(isRefused(40, { resetIn: 50 * SECOND })).toBe(50);
		expect(allowance.perMinute).toBe(5);
		allowance = new Allowance();
		takes(rush(8));
		expect(isRefused(20, { resetIn: 60 * SECOND })).toBe(60);
		expect(allowance.isKnown).toBe(false);
	});

	it('of a row counts once', () => {
		takes(rush(5));
		isRefused(20);
		isRefused(21);
		takes(rush(5, 195));
		expect(nextIn(199)).toBeGreaterThan(0);
		expect(nextIn(200)).toBe(0);
	});

	it('counts the last minute when the API asks for more than one', () => {
		takes(rush(8));
		expect(isRefused(20, { resetIn: 90 * SECOND })).toBe(90);
		expect(allowance.perMinute).toBe(8);
	});

	it('does not count the requests that follow it before one was taken', () => {
		takes(rush(10));
		isRefused(20);
		isRefused(65);
		expect(allowance.perMinute).toBe(10);
	});

	it('right after another one has nothing to say about the time', () => {
		takes(rush(5));
		takes(rush(5, 1));
		isRefused(20);
		takes([25]);
		expect(isRefused(61.4)).not.toBe(0);
	});
});

describe('a limit', () => {
	beforeEach(() => {
		takes([0, 10, 20, 30, 40]);
		isRefused(50);
	});

	it('lets a request through when one has left the minute', () => {
		expect(nextIn(50)).toBeCloseTo(10.15, 3);
		expect(nextIn(60.1)).toBeCloseTo(0.05, 3);
		expect(nextIn(60.15)).toBe(0);
		takes([60.15]);
		expect(nextIn(60.15)).toBeCloseTo(10, 3);
	});

	it.each([
		[0, 0],
		[9.9, 0],
		[10, 1],
		[29.9, 2],
		[30, 3],
		[59, 5],
		[60, 5],
		[120, 10],
	])('leaves so many for the next %d s: %i', (span, count) => {
		expect(allowance.within(50 * SECOND, span * SECOND)).toBe(count);
	});

	it('is tried out after three minutes, and later each time it holds', () => {
		const full = (at: number) => takes([at, at, at, at, at]);
		full(200);
		expect(nextIn(229)).toBeCloseTo(31.15, 3);
		expect(nextIn(230)).toBe(0);
		isRefused(231);
		full(500);
		expect(nextIn(501)).toBeGreaterThan(0);
		full(591 - 10);
		expect(nextIn(590)).toBeGreaterThan(0);
		expect(nextIn(591)).toBe(0);
	});

	it('gives way when more gets through', () => {
		takes([200, 201, 202, 203, 204, 231]);
		expect(allowance.perMinute).toBe(6);
		expect(allowance.isKnown).toBe(true);
	});

	it('was none when the next request goes through at once', () => {
		takes([52]);
		expect(allowance).toMatchObject({ isKnown: false, perMinute: 50 });
	});

	it('counts for minutes that begin for all requests at once, when one begins', () => {
		expect(allowance.isKnown).toBe(true);
		takes([56]);
		expect(allowance.used(56 * SECOND)).toBe(1);
		expect(allowance.perMinute).toBe(5);
		expect(nextIn(56)).toBe(0);
	});

	it('holds when the last request that it allows goes through soon after a refusal', () => {
		isRefused(59);
		takes([60.15]);
		expect(allowance).toMatchObject({ isKnown: true, perMinute: 5 });
	});

	it('is a limit of a minute from a wait of five seconds on', () => {
		takes([55]);
		expect(allowance).toMatchObject({ isKnown: true, perMinute: 5 });
	});

	it('is not said to have begun a new minute two seconds before it would anyway', () => {
		takes([58]);
		expect(allowance.used(58 * SECOND)).toBe(6);
	});

	it('holds in a minute that has begun anew, when that is full', () => {
		takes([56, 57, 57.1, 57.2, 57.3]);
		isRefused(57.5);
		expect(allowance.perMinute).toBe(5);
		expect(allowance.used(57.5 * SECOND)).toBe(5);
	});

	it('counts nothing twice after another refusal', () => {
		nextIn(75);
		isRefused(75);
		expect(allowance.used(75 * SECOND)).toBe(3);
	});

	it('counts for the minute of each request after all, when one is refused too early for that', () => {
		takes([56, 57]);
		expect(allowance.used(57 * SECOND)).toBe(2);
		isRefused(57.5);
		expect(allowance.perMinute).toBe(7);
		expect(nextIn(57.5)).toBeGreaterThan(1);
	});

	it('counts for the minute of each request, when the one that goes through had its time', () => {
		takes([59]);
		expect(allowance.used(59 * SECOND)).toBe(6);
		expect(nextIn(59)).toBeGreaterThan(10);
	});
});

describe('what answers tell', () => {
	it('is the limit: what is left, and what was taken', () => {
		takes([0], { remaining: 49 });
		expect(allowance).toMatchObject({ perMinute: 50, isKnown: true, isScarce: true });
		takes([1], { remaining: 48 });
		expect(allowance.perMinute).toBe(50);
	});

	it('is less while somebody else uses the key, and more again a minute later', () => {
		takes([0], { remaining: 49 });
		takes([1], { remaining: 28 });
		expect(allowance.perMinute).toBe(30);
		takes([2], { remaining: 40 });
		expect(allowance.perMinute).toBe(30);
		takes([62], { remaining: 47 });
		expect(allowance.perMinute).toBe(49);
	});

	it('holds nothing back as long as something is left', () => {
		takes([0], { remaining: 40, resetIn: 20 * SECOND });
		expect(nextIn(0)).toBe(0);
	});

	it('is forgotten after a minute', () => {
		takes([0], { remaining: 29 });
		takes([60], { remaining: 48 });
		expect(allowance.perMinute).toBe(50);
	});

	it('is never less than the smallest plan takes', () => {
		takes([0], { remaining: 0, resetIn: 20 * SECOND });
		expect(allowance.perMinute).toBe(5);
		expect(nextIn(0)).toBe(20);
		expect(nextIn(20)).toBe(0);
	});

	it('counts what was taken in the minute that is told', () => {
		takes([0, 1, 2], { remaining: 47 });
		allowance = new Allowance();
		takes([0, 1, 2]);
		takes([40], { remaining: 49, resetIn: 59 * SECOND });
		expect(allowance.perMinute).toBe(50);
	});

	it('is ample from 200 on', () => {
		takes([0], { remaining: 198 });
		expect(allowance).toMatchObject({ isAmple: false, isScarce: true });
		allowance = new Allowance();
		takes([0], { remaining: 199 });
		expect(allowance).toMatchObject({ isAmple: true, isScarce: false });
	});

	it('is not tried out: the answers say when it changes', () => {
		takes([0], { remaining: 4 });
		takes(rush(4, 299), { remaining: 0 });
		takes([299.5], { remaining: 0 });
		expect(nextIn(300)).toBeGreaterThan(0);
	});
});

it('counts a thousand requests at most', () => {
	takes(rush(1_500));
	expect(allowance.used(SECOND)).toBe(1_000);
});
