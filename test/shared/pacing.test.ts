import fc from 'fast-check';
import { nextLookIn, scarceLookIn } from '../../nodes/shared/pacing';

const seconds = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((ms) => ms / 1000);
const typicals = fc.integer({ min: 1, max: 1_800 });

/** When the node looks at a job, in seconds since the submit. */
function looks(typical: number, until: number): number[] {
	const times: number[] = [];
	for (let elapsed = 0; elapsed < until; ) {
		elapsed += nextLookIn(elapsed, typical);
		times.push(elapsed);
	}
	return times;
}

describe('the time to the next look', () => {
	const moments = fc.tuple(seconds(3), typicals);

	it('is always positive', () => {
		fc.assert(
			fc.property(moments, ([part, typical]) => {
				expect(nextLookIn(part * typical, typical)).toBeGreaterThan(0);
			}),
		);
	});

	it('is never beyond 30 seconds, whatever the service', () => {
		fc.assert(
			fc.property(moments, ([part, typical]) => {
				expect(nextLookIn(part * typical, typical)).toBeLessThanOrEqual(30);
			}),
		);
	});

	it('never shrinks once a job takes longer than such jobs do', () => {
		fc.assert(
			fc.property(seconds(3_600), seconds(3_600), typicals, (a, b, typical) => {
				const [earlier, later] = [typical * 1.6 + Math.min(a, b), typical * 1.6 + Math.max(a, b)];
				expect(nextLookIn(later, typical)).toBeGreaterThanOrEqual(nextLookIn(earlier, typical));
			}),
		);
	});

	it.each([
		['FaceSwap Comic', 21],
		['Character Swap', 72],
	])('leaves a fresh job 3.4 seconds: %s', (_, typical) => {
		expect(nextLookIn(0, typical)).toBe(3.4);
		expect(nextLookIn(1, typical)).toBe(2.4);
	});

	it.each([
		['FaceSwap Comic', 21, 2],
		['Character Swap', 72, 7],
	])(
		'is short about the time at which such jobs end: %s every %i seconds or less',
		(_, typical, most) => {
			for (let elapsed = typical * 0.5; elapsed < typical * 1.5; elapsed++) {
				expect(nextLookIn(elapsed, typical)).toBeLessThanOrEqual(most);
			}
		},
	);

	it('reaches 30 seconds for a job that does not end', () => {
		expect(nextLookIn(600, 21)).toBe(30);
	});

	it.each([
		['FaceSwap Comic', 21],
		['Character Swap', 72],
	])('needs fewer looks in ten minutes than one every five seconds: %s', (_, typical) => {
		const times = looks(typical, 600);
		expect(times.length).toBeLessThan(60);
		expect(times.length).toBeGreaterThan(15);
	});
});

/** Elapsed seconds, what the last jobs took, and the seconds to the next look. */
type Row = [elapsed: number, seen: number[], wait: number];

// Worked out by hand from the rules in docs/pacing.md, for a service whose jobs typically take 21 seconds.
describe('the schedule of a service of 21 seconds', () => {
	it('goes from 3.4 seconds by the same factor up to half of the typical time, and lands within a step of it', () => {
		const times = looks(21, 13);
		[3.4, 4.5072, 5.9749, 7.9206, 11.4274, 13.2821].forEach((time, index) =>
			expect(times[index]).toBeCloseTo(time, 3),
		);
		expect(times).toHaveLength(6);
	});

	const STEADY = [20, 21, 22];
	const SPREAD = [10, 20, 40];

	it.each<[string, Row]>([
		['even steps from half of the typical time on', [10.5, [], 1.8547]],
		['even steps still', [32.54, [], 1.8547]],
		['14 % of what has passed, after one and a half times the typical time', [32.551, [], 4.5571]],
		['never beyond half a minute', [300, [], 30]],
		['two durations seen tell nothing', [20, [20, 22], 1.8547]],
		['three do: close steps where they end', [20, STEADY, 0.4]],
		['close steps from a margin before the shortest on', [18.667, STEADY, 0.4]],
		['every other look before that', [18.66, STEADY, 3.7094]],
		['every other look from half of the typical time on', [10.5, STEADY, 3.7094]],
		['the margin is 5 % of the longest at least', [19.0001, [20, 20, 20], 0.4]],
		['… and not more', [18.9999, [20, 20, 20], 3.7094]],
		['close steps up to a margin behind the longest', [23.33, STEADY, 0.4]],
		['even steps behind it', [23.334, STEADY, 1.8547]],
		['growing steps after the late time', [40, STEADY, 5.6]],
		['a fifteenth of a wider spread', [20, [18, 21, 24], 14 / 15]],
		['no closer than usual where the spread is wide', [0, SPREAD, 1.8547]],
		['growing steps behind a longest that is late already', [60, SPREAD, 8.4]],
		['even steps before that', [59.9, SPREAD, 1.8547]],
		['the first look as ever', [1, STEADY, 2.4]],
	])('%s', (_, [elapsed, seen, wait]) => {
		expect(nextLookIn(elapsed, 21, seen)).toBeCloseTo(wait, 3);
	});

	it('the first look does not come before jobs end that are always slower', () => {
		// From 7.6 on every other look, from 93.3 on close ones.
		expect(nextLookIn(0, 15.2, [100, 101, 99])).toBe(3.4);
		expect(nextLookIn(7.6, 15.2, [100, 101, 99])).toBeCloseTo(2 * (1.42 + 0.0207 * 15.2), 3);
	});
});

it('a service that is quicker than the first look is asked half a step into its usual time', () => {
	expect(nextLookIn(0, 5)).toBeCloseTo(2.5 + (1.42 + 0.0207 * 5) / 2, 3);
	expect(nextLookIn(1, 5)).toBeCloseTo(1.5 + (1.42 + 0.0207 * 5) / 2, 3);
});

it('a service that takes half an hour is asked every 30 seconds at most', () => {
	expect(nextLookIn(0, 1_800)).toBe(3.4);
	expect(nextLookIn(100, 1_800)).toBe(30);
	expect(nextLookIn(899.9, 1_800)).toBeCloseTo(900 + (1.42 + 0.0207 * 1_800) / 2 - 899.9, 3);
	expect(nextLookIn(1_000, 1_800)).toBe(30);
});

describe('where requests are scarce', () => {
	it.each<[string, Row]>([
		['the first look comes a tenth after the typical time', [0, [], 23.1]],
		['… whenever that is asked', [20, [], 3.1]],
		['then a quarter of what has passed', [23.1, [], 5.775]],
		['at most half a minute', [200, [], 30]],
		['two durations seen tell nothing', [0, [30, 31], 23.1]],
		['three do: the longest counts', [10, [20, 30, 22], 20]],
	])('%s', (_, [elapsed, seen, wait]) => {
		expect(scarceLookIn(elapsed, 21, seen)).toBeCloseTo(wait, 3);
	});

	it('looks are three seconds apart at least', () => {
		expect(scarceLookIn(5.5, 5)).toBe(3);
	});
});
