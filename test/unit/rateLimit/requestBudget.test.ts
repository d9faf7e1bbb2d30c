import { RequestBudget } from '../../../nodes/shared/rateLimit/requestBudget';

/** A time that is not 0, as that of a run's clock. */
const START = 1_000_000;

let budget: RequestBudget;

beforeEach(() => {
	budget = new RequestBudget();
});

const at = (seconds: number): number => START + seconds * 1000;

/** Requests that are taken. */
function takes(count: number, seconds: number, headers = {}): void {
	for (let sent = 0; sent < count; sent++) {
		budget.noteSent(at(seconds));
		budget.noteTaken(at(seconds), headers);
	}
}

/** One that is refused; seconds that it asks to wait. */
function refuses(seconds: number, retryAfter?: number, chance = 0.5): void {
	budget.noteSent(at(seconds));
	const retryAfterMs = retryAfter === undefined ? undefined : retryAfter * 1000;
	budget.noteRefused(at(seconds), { retryAfterMs }, chance);
}

/** Seconds from the start until the next request may go out. */
const next = (seconds: number): number => (budget.nextAtMs(at(seconds)) - START) / 1000;

describe('where nothing is known', () => {
	it('counts with the smallest plan, then with the smallest that isn’t ruled out', () => {
		const plans = [0, 5, 1, 45, 10, 60, 1, 400].map((count) => {
			takes(count, 0);
			return budget.perMinute;
		});
		expect(plans).toEqual([5, 5, 50, 60, 120, 500, 500, Infinity]);
		expect(budget.isKnown).toBe(false);
	});

	it('sends five at once; then one, whose answer the others wait for', () => {
		for (let sent = 0; sent < 5; sent++) {
			expect(next(0)).toBe(0);
			budget.noteSent(at(0));
		}
		expect(next(0)).toBe(2);
		for (let sent = 0; sent < 5; sent++) budget.noteTaken(at(0), {});
		expect(next(0)).toBe(0);
		budget.noteSent(at(0));
		expect(next(0)).toBe(2);
		budget.noteTaken(at(0), {});
		expect(next(0)).toBe(0);
		expect(budget.isUnknown).toBe(false);
	});

	it('takes what has no answer after two seconds for taken', () => {
		for (let sent = 0; sent < 6; sent++) budget.noteSent(at(0));
		expect(next(1.9)).toBe(2);
		expect(next(2)).toBe(2);
		expect(budget.perMinute).toBe(50);
	});
});

describe('pauses', () => {
	it.each([undefined, 0.001])('grow to seven seconds, whatever is asked for (%j s)', (asked) => {
		const pauses: number[] = [];
		for (let now = 0; pauses.length < 6; now += pauses.at(-1) ?? 0) {
			refuses(now, asked);
			pauses.push(next(now) - now);
		}
		expect(pauses.map(Math.round)).toEqual([1, 2, 4, 7, 7, 7]);
	});

	it('are spread by chance', () => {
		refuses(0, undefined, 0);
		expect(next(0)).toBe(0.75);
		refuses(10, undefined, 1);
		expect(next(10)).toBe(12.5);
	});

	it('are what is asked for where that is longer, and the longest of a burst', () => {
		refuses(0, 30);
		refuses(0, 2);
		expect(next(0)).toBe(30);
	});

	it('are the same for all requests of a burst, and begin anew once one was taken', () => {
		for (let count = 0; count < 5; count++) refuses(0);
		expect(next(0)).toBe(1);
		takes(1, 1);
		refuses(2);
		expect(next(2)).toBe(3);
	});

	it('end with one request; the others wait for its answer', () => {
		refuses(0);
		budget.noteSent(at(1));
		expect(next(1)).toBe(3);
		budget.noteNoAnswer();
		expect(next(1)).toBe(1);
	});

	it.each([
		[undefined, 10, 10],
		[60, 10, 120],
		[1, 300, 300],
	])(
		'of which one asks for %j s end at last with a patience of %d s: after %d s',
		(asked, patience, end) => {
			expect(budget.isStuck(at(1_000), patience * 1000)).toBe(false);
			refuses(0, asked);
			expect(budget.isStuck(at(end), patience * 1000)).toBe(false);
			expect(budget.isStuck(at(end + 1), patience * 1000)).toBe(true);
			takes(1, end + 1);
			expect(budget.isStuck(at(end + 999), patience * 1000)).toBe(false);
		},
	);
});

describe('a limit', () => {
	it('is learnt from what is left, and then never overstepped', () => {
		takes(1, 0, { remaining: 7 });
		expect(budget.perMinute).toBe(8);
		takes(7, 10);
		expect(next(10)).toBe(60.15);
		expect(budget.within(at(10), 0)).toBe(0);
		expect(budget.within(at(10), 55_000)).toBe(1);
		expect(budget.within(at(10), 120_300)).toBe(16);
	});

	it('is learnt from a refusal that says when the minute is over', () => {
		takes(6, 0);
		takes(3, 20);
		refuses(30, 30);
		expect(budget.perMinute).toBe(9);
		expect(next(30)).toBe(60);
	});

	it('counts the requests of the minute that a header names', () => {
		takes(4, 0);
		takes(5, 20);
		budget.noteSent(at(30));
		budget.noteRefused(at(30), { resetInMs: 45_000 }, 0.5);
		expect(budget.perMinute).toBe(5);
	});

	it('is learnt from refusals in a row, where they say nothing; one alone is a stray', () => {
		takes(7, 0);
		[10, 11, 13].forEach((seconds) => refuses(seconds));
		expect(budget.isKnown).toBe(false);
		refuses(17);
		expect(budget.perMinute).toBe(7);
		expect(next(24)).toBe(60.15);
	});

	it('is not what a short refusal shows, nor one of fewer than the smallest plan takes', () => {
		takes(7, 0);
		refuses(1, 1);
		takes(1, 2);
		expect(budget.isKnown).toBe(false);
		budget = new RequestBudget();
		takes(4, 0);
		refuses(1, 59);
		expect(budget.isKnown).toBe(false);
	});

	it('begins anew for all requests after what was asked for, until that turns out wrong', () => {
		takes(3, 0);
		takes(3, 30);
		refuses(31, 29);
		takes(1, 60);
		// Six of a new minute.
		takes(5, 61);
		expect(next(61)).toBe(120.15);
		budget = new RequestBudget();
		takes(3, 0);
		takes(3, 30);
		refuses(31, 29);
		takes(1, 60);
		takes(2, 61);
		refuses(61.5, 28.5);
		takes(1, 90.2);
		expect(next(90.2)).toBe(90.2);
		takes(2, 90.2);
		// Those of 60 and 61 still count.
		expect(next(90.2)).toBe(120.15);
	});

	it('is not taken for a smaller one when a minute has not begun anew, known or not', () => {
		takes(50, 0);
		refuses(59, 1);
		takes(1, 60);
		takes(5, 60.1);
		refuses(60.14, 0.01);
		expect(budget.perMinute).toBe(60);
	});

	it('is tried out again after five minutes', () => {
		takes(6, 0);
		refuses(1, 59);
		expect(budget.isKnown).toBe(true);
		expect(next(302)).toBe(302);
		expect(budget.isKnown).toBe(false);
	});

	it.each([
		[199, false],
		[200, true],
	])('of %i a minute is ample: %j', (limit, isAmple) => {
		takes(1, 0, { remaining: limit - 1 });
		expect(budget.isAmple).toBe(isAmple);
	});
});
