import { noticeWithAmple, seeded, shapes, simulate } from '../../support/simulation/pacing';

/** Per service: typical seconds [seed], SDK's interval [docs], and the goals: mean and most seconds late. */
const SERVICES = [
	['FaceSwap Comic', 21, 1, 1.0, 2.0],
	['Character Swap', 72, 2, 1.5, 3.5],
] as const;

const JOBS = 5_000;

describe.each(SERVICES)('pacing of %s', (_name, typical, sdkInterval, meanGoal, mostGoal) => {
	const names = Object.keys(shapes(typical, seeded(1)));

	it.each(names)('notices jobs in time when their durations are %s', (name) => {
		const durations = shapes(typical, seeded(1))[name] as () => number;
		const { late, latest } = simulate(typical, sdkInterval, durations, false, JOBS);
		expect(late).toBeLessThanOrEqual(meanGoal);
		expect(latest).toBeLessThanOrEqual(mostGoal);
	});

	it.each(['uniform', 'triangular', 'mostly early', 'within 20 %'])(
		'asks at most half as often as the SDK when durations are %s',
		(name) => {
			const durations = shapes(typical, seeded(2))[name] as () => number;
			const { checks, sdkChecks } = simulate(typical, sdkInterval, durations, false, JOBS);
			expect(checks).toBeLessThanOrEqual(sdkChecks / 2);
		},
	);

	it('is less than 15 % late for a job of 3 seconds, and for all that take too long', () => {
		expect(noticeWithAmple(typical, 3).late).toBeLessThan(0.15 * 3);
		for (let duration = typical * 1.5; duration < 600; duration += 0.5) {
			expect(noticeWithAmple(typical, duration).late).toBeLessThan(0.15 * duration);
		}
	});

	it('does better once a run has seen how long its jobs take', () => {
		const durations = () => shapes(typical, seeded(3))['within 20 %'] as () => number;
		const fresh = simulate(typical, sdkInterval, durations(), false, JOBS);
		const learned = simulate(typical, sdkInterval, durations(), true, JOBS);
		expect(learned.late).toBeLessThan(fresh.late);
		expect(learned.checks).toBeLessThanOrEqual(learned.sdkChecks / 2);
	});
});
