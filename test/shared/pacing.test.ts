import fc from 'fast-check';
import { nextLookIn } from '../../nodes/shared/pacing';

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
