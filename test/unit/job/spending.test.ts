import type { Ledger } from '../../../nodes/shared/job/ledger';
import type { Progress } from '../../../nodes/shared/job/progress';
import { jobsThatFit, Spending } from '../../../nodes/shared/job/spending';
import type { ItemProblem } from '../../../nodes/shared/problems/problems';

const PRICE = 0.065;

describe('how many more jobs fit', () => {
	it.each([
		[0.65, 0, 10],
		[0.65, 0.585, 1],
		[0.65, 0.65, 0],
		[0.6499, 0.585, 0],
		[0.64, 0, 9],
		[0, 0, 0],
		[0.1, 5, 0],
		[Infinity, 5, Infinity],
	])('into %d USD with %d spent: %d', (maxCostUsd, committedUsd, jobs) => {
		expect(jobsThatFit(maxCostUsd, committedUsd, PRICE)).toBe(jobs);
	});

	it.each([0.065, 0.1522, 0.0746])('exactly so many as are paid for, at %d each', (priceUsd) => {
		for (let jobs = 1; jobs < 200; jobs++) {
			let committedUsd = 0;
			for (let bought = 1; bought < jobs; bought++) committedUsd += priceUsd;
			const limit = Number((priceUsd * jobs).toFixed(4));
			expect([jobs, jobsThatFit(limit, committedUsd, priceUsd)]).toEqual([jobs, 1]);
			expect([jobs, jobsThatFit(limit, committedUsd + priceUsd, priceUsd)]).toEqual([jobs, 0]);
		}
	});
});

function open(count: number, bought: { jobs: number; committedUsd: number }) {
	const told: string[] = [];
	const ledger = { purchases: () => bought } as unknown as Ledger;
	const say = (text: string) => void told.push(text);
	const about = new Set<string>();
	const warnOnce = (what: string, text: string) => {
		if (!about.has(what)) say(text);
		about.add(what);
	};
	const progress = { warnOnce } as unknown as Progress;
	const spending = new Spending(ledger, progress, { count, priceUsd: PRICE });
	for (let index = bought.jobs; index < count; index++) spending.pending.add(index);
	return { spending, told };
}

const codeOf = (spending: Spending): string | undefined => {
	try {
		spending.check();
	} catch (error) {
		return (error as ItemProblem).problem.code;
	}
	return undefined;
};

it('without a limit, everything may be bought until the credits have run out', () => {
	const { spending } = open(3, { jobs: 1, committedUsd: 500 });
	expect(codeOf(spending)).toBeUndefined();
	expect(spending.ending()).toBe('');
	spending.runOut();
	expect(codeOf(spending)).toBe('creditsRanOut');
	expect(spending.ending()).toBe(
		"Segmind's credits ran out: 1 of 3 items were bought, 2 were not.",
	);
});

it('what does not fit is refused, with the sums', () => {
	const { spending } = open(4, { jobs: 3, committedUsd: 0.195 + 1e-12 });
	spending.maxCostUsd = 0.2;
	expect(() => spending.check()).toThrow(
		'Maximum Cost leaves no room for this item: 0.195 USD of 0.2 USD is already committed, and a job is listed at 0.065 USD',
	);
	expect(spending.ending()).toBe(
		'Maximum Cost (0.2 USD) ended the run: 3 of 4 items were bought, 1 were not.',
	);
});

it('a single item has no counts', () => {
	const { spending } = open(1, { jobs: 0, committedUsd: 0 });
	spending.maxCostUsd = 0.01;
	expect(codeOf(spending)).toBe('overMaxCost');
	expect(spending.ending()).toBe('');
});

describe('credits left', () => {
	it.each([
		['reach', 0.195, Infinity, 0],
		['reach for all but one', 0.13, Infinity, 1],
		['do not have to reach farther than Maximum Cost', 0.13, 0.2, 0],
		['are none', 0, Infinity, 1],
	])('%s', (_, creditsUsd, maxCostUsd, hints) => {
		const { spending, told } = open(4, { jobs: 1, committedUsd: PRICE });
		spending.maxCostUsd = maxCostUsd;
		for (let times = 0; times < 3; times++) spending.noteCredits(creditsUsd);
		expect(told).toHaveLength(hints);
	});

	it.each([undefined, '0', NaN, null])('that are no number say nothing: %j', (creditsUsd) => {
		const { spending, told } = open(4, { jobs: 1, committedUsd: PRICE });
		spending.noteCredits(creditsUsd);
		expect(told).toEqual([]);
	});
});
