import fc from 'fast-check';
import {
	affordableStep,
	expect as expectedOf,
	nextLook,
	type Expected,
	type Manner,
} from '../../../nodes/shared/job/pacing';

const typicals = fc.integer({ min: 1, max: 1_800 });
const seconds = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((ms) => ms / 1000);

const FEW: Manner = { step: 3, early: false, broad: false, seldom: true };
const ENOUGH: Manner = { step: 2, early: false, broad: false, seldom: false };
const SINGLE: Manner = { ...ENOUGH, early: true };
const AMPLE: Manner = { ...ENOUGH, early: true, broad: true };

/** When a job is looked at, in seconds since its submit. */
function looks(expected: Expected, manner: Manner, until: number): number[] {
	const times: number[] = [];
	for (let last = 0; last < until; ) {
		last = nextLook({ elapsed: last, last }, expected, manner);
		times.push(Number(last.toFixed(3)));
	}
	return times;
}

describe('when a job is likely to end', () => {
	it.each([
		[21, { from: 16.8, to: 25.41, step: 1.8547, earliest: 10.5, earlyStep: 1.8547, latest: 32.55 }],
		[72, { from: 57.6, to: 87.12, step: 2.9104, earliest: 36, earlyStep: 2.9104, latest: 111.6 }],
	])('is known by what such jobs take: %i s', (typical, expected) => {
		for (const seen of [[], [20], [20, 22]]) {
			for (const [name, value] of Object.entries(expectedOf(typical, seen))) {
				expect([name, value]).toEqual([name, expect.closeTo(expected[name as 'from'], 6)]);
			}
		}
	});

	it.each([
		['close together', [20, 20, 20], { from: 19, to: 21, step: 0.4, earlyStep: 3.7094 }],
		['apart', [18, 21, 24], { from: 14, to: 28, step: 1.4 }],
		['many, apart', [18, ...Array<number>(18).fill(21), 24], { from: 16.8, to: 25.2, step: 0.84 }],
		['far apart', [10, 20, 60], { from: 0, to: 60 + 100 / 3, step: 1.8547 }],
		['quick', [0.5, 0.5, 0.5], { from: 0.475, to: 0.525, step: 0.4 }],
	])('is known better by what three have taken: %s', (_, seen, expected) => {
		const known = expectedOf(21, seen);
		for (const [name, value] of Object.entries(expected)) {
			expect([name, known[name as 'from']]).toEqual([name, expect.closeTo(value, 6)]);
		}
		expect([known.earliest, known.latest]).toEqual([10.5, expect.closeTo(32.55, 6)]);
	});
});

describe('the looks at a job', () => {
	const expected = expectedOf(21, []);

	it('come while such jobs end, and ever more seldom afterwards, where requests are scarce', () => {
		expect(looks(expected, FEW, 60)).toEqual([
			19.8, 22.8, 25.41, 28.967, 33.023, 37.646, 42.916, 48.925, 55.774, 63.583,
		]);
	});

	it('go on as closely until few jobs take longer, where requests are left', () => {
		expect(looks(expected, ENOUGH, 60)).toEqual([
			18.8, 20.8, 22.8, 24.8, 26.655, 28.509, 30.364, 32.219, 34.074, 38.844, 44.282, 50.481,
			57.481, 64.481,
		]);
	});

	it('begin at once for a single job, which may have failed', () => {
		expect(looks(expected, SINGLE, 20)).toEqual([3.4, 18.8, 20.8]);
	});

	it('begin early where requests are ample', () => {
		expect(looks(expected, AMPLE, 20)).toEqual([
			3.4, 11.427, 13.282, 15.137, 17.137, 19.137, 21.137,
		]);
	});

	it('come at half the rate before what was seen, where requests are ample', () => {
		expect(looks(expectedOf(21, [24, 25, 26]), { ...AMPLE, step: 0.5 }, 24)).toEqual([
			3.4, 12.355, 16.064, 19.773, 22.7, 23.2, 23.7, 24.2,
		]);
	});

	it('come at once where jobs take less than an early look', () => {
		const quick = expectedOf(21, [0.5, 0.5, 0.5]);
		expect(looks(quick, { ...AMPLE, step: 0.05 }, 0.6)).toEqual([0.525, 0.925]);
	});

	it('do not begin a second time', () => {
		// Picked up when it was 2 s old, or looked at before.
		expect(nextLook({ elapsed: 2, last: 0 }, expected, SINGLE)).toBe(3.4);
		expect(nextLook({ elapsed: 3.5, last: 0 }, expected, SINGLE)).toBeCloseTo(18.8, 6);
		expect(nextLook({ elapsed: 2, last: 1 }, expected, SINGLE)).toBeCloseTo(18.8, 6);
	});

	it('go by what was seen where a boundary is met exactly', () => {
		const known: Expected = { from: 16, to: 25, step: 2, earliest: 10, earlyStep: 4, latest: 32 };
		const at = (last: number, manner: Manner, changed: Partial<Expected> = {}) =>
			nextLook({ elapsed: last, last }, { ...known, ...changed }, manner);
		const step = { ...AMPLE, step: 0.5 };
		expect(nextLook({ elapsed: 3.4, last: 0 }, known, SINGLE)).toBe(3.4);
		expect(at(0, SINGLE, { from: 3.4 })).toBe(5.4);
		// The first of the early looks, the one after it, and the first while such jobs end.
		expect(at(9.9, step)).toBe(12);
		expect(at(10, step)).toBe(14);
		expect(at(12, step)).toBe(14.5);
		expect(at(10, step, { from: 10 })).toBe(10.5);
		expect(at(10, step, { from: 13 })).toBe(13.5);
		expect(at(9, step, { from: 10 })).toBe(10.5);
		expect(at(32, { ...ENOUGH, step: 0.5 })).toBeCloseTo(36.48, 6);
		expect(at(31.9, { ...ENOUGH, step: 0.5 })).toBeCloseTo(33.9, 6);
	});

	it('end the usual time with one at its end', () => {
		expect(nextLook({ elapsed: 24, last: 24 }, expected, { ...FEW, step: 8 })).toBeCloseTo(
			25.8547,
			6,
		);
		expect(nextLook({ elapsed: 0, last: 0 }, expected, { ...FEW, step: 20 })).toBeCloseTo(25.41, 6);
	});

	it.each([
		['scarce', FEW, 400, 30],
		['left', ENOUGH, 100, 7],
		['left', ENOUGH, 140, 7],
		['left', ENOUGH, 300, 15],
		['left', ENOUGH, 1_000, 30],
	])('are never too far apart: requests %s, after %# %j s', (_, manner, last, step) => {
		expect(nextLook({ elapsed: last, last }, expected, manner) - last).toBeCloseTo(step, 6);
	});

	it('always lie in the future, at most half a minute after the last one once such jobs end', () => {
		const manners = fc.record({
			step: fc.double({ min: 0.4, max: 30, noNaN: true }),
			early: fc.boolean(),
			broad: fc.boolean(),
			seldom: fc.boolean(),
		});
		fc.assert(
			fc.property(typicals, seconds(2_000), manners, (typical, last, manner) => {
				const known = expectedOf(typical, []);
				const at = nextLook({ elapsed: last, last }, known, manner);
				expect(at).toBeGreaterThan(last);
				if (last >= known.to) expect(at - last).toBeLessThanOrEqual(30 + 1e-9);
			}),
		);
	});

	it('do not come more closely the longer a job takes', () => {
		fc.assert(
			fc.property(
				seconds(3_600),
				seconds(3_600),
				typicals,
				fc.boolean(),
				(a, b, typical, seldom) => {
					const known = expectedOf(typical, []);
					const [earlier, later] = [known.to + Math.min(a, b), known.to + Math.max(a, b)];
					const stepAt = (last: number) =>
						nextLook({ elapsed: last, last }, known, { ...ENOUGH, seldom }) - last;
					expect(stepAt(later)).toBeGreaterThanOrEqual(stepAt(earlier) - 1e-9);
				},
			),
		);
	});
});

describe('how closely jobs can be looked at', () => {
	it.each([
		['a single job takes all of them', { jobs: 1, width: 9, requests: 3 }, 3],
		['two share them', { jobs: 2, width: 18, requests: 5 }, 3],
		['ten need half of the time on average', { jobs: 10, width: 100, requests: 15.5 }, 5],
		['one each', { jobs: 5, width: 50, requests: 5 }, 10],
		['part of a job', { jobs: 0.5, width: 4, requests: 1.75 }, 2],
		['no jobs', { jobs: 0, width: 0, requests: 3 }, 0],
		['no jobs, and no requests', { jobs: 0, width: 0, requests: 0 }, 0],
		['no jobs, and others took too many', { jobs: 0, width: 0, requests: -3 }, 0],
		['too few requests', { jobs: 5, width: 50, requests: 4.9 }, undefined],
		['none', { jobs: 1, width: 9, requests: 0 }, undefined],
		['less than none', { jobs: 1, width: 9, requests: -1 }, undefined],
	])('%s', (_, plan, step) => {
		const found = affordableStep(plan);
		if (step === undefined) expect(found).toBeUndefined();
		else expect(found).toBeCloseTo(step, 6);
	});
});
