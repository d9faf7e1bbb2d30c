/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { characterSwap } from '../../../nodes/CharacterSwap/model';
import type { RateLimitOptions } from '../../support/emulator/rateLimit';
import { around, floor, loop, node, type Course, type Race } from '../../support/simulation/race';
import { seeded } from '../../support/simulation/pacing';
import { VirtualClock } from '../../support/simulation/virtualClock';
import { VirtualSegmind } from '../../support/simulation/virtualSegmind';

/** The ways in which a limit may count and tell. */
const WAYS: Array<[string, Omit<RateLimitOptions, 'perMinute'>]> = [
	['sliding', {}],
	['sliding, without Retry-After', { retryAfter: false }],
	['sliding, with headers', { headers: true }],
	['fixed', { window: 'fixed' }],
	['fixed, begun 50 s before', { window: 'fixed', phase: 50_000 }],
	['fixed, begun 35 s before, with headers', { window: 'fixed', phase: 35_000, headers: true }],
	[
		'fixed, begun 35 s before, without Retry-After',
		{ window: 'fixed', phase: 35_000, retryAfter: false },
	],
];

const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Sum, and worst single one, of a figure. */
interface Sums {
	/** Ratio of the times of all runs to those of the floor, and of the slowest single one. */
	toFloor: number;
	worst: number;
	/** Ratio to the times of the loop of seven seconds. */
	toLoop: number;
	/** Part of the requests that were refused. */
	refused: number;
	/** Mean seconds behind the floor. */
	late: number;
}

type Jobs = Omit<Course, 'jobSeconds' | 'latency'> & {
	mean?: number;
	spread?: number;
	runs: number;
	/** What a request travels at the most, and an answer; milliseconds. */
	travel?: number;
};

async function measure({ mean = 21, spread = 0.2, runs, travel, ...course }: Jobs): Promise<Sums> {
	const sum = { own: 0, floor: 0, loop: 0, worst: 0, refused: 0, admitted: 0 };
	for (const seed of seeds(runs)) {
		const random = seeded(seed);
		const latency = travel === undefined ? undefined : () => random() * travel;
		const one: Course = { ...course, latency, jobSeconds: around(mean, spread, seed) };
		const { seconds, segmind } = await node(one);
		const least = floor(one);
		sum.own += seconds;
		sum.floor += least;
		sum.worst = Math.max(sum.worst, seconds / least);
		sum.loop += (await loop(one)).seconds;
		sum.refused += segmind.refused.length;
		sum.admitted += segmind.admitted;
		// No image is lost, and none is bought twice.
		expect(segmind.accepted).toHaveLength(one.jobs);
	}
	return {
		toFloor: sum.own / sum.floor,
		worst: sum.worst,
		toLoop: sum.own / sum.loop,
		refused: sum.refused / sum.admitted,
		late: (sum.own - sum.floor) / runs,
	};
}

describe('the free plan, 5 a minute', () => {
	describe.each(WAYS)('%s', (_, way) => {
		const limit = { perMinute: 5, ...way };

		it('finds a job of 21 s in time', async () => {
			const { toFloor, worst } = await measure({ jobs: 1, limit, runs: 500 });
			expect(toFloor).toBeLessThanOrEqual(1.15);
			expect(worst).toBeLessThanOrEqual(1.4);
		});

		it('finds a job of 72 s in time', async () => {
			const model = characterSwap;
			const jobs = { jobs: 1, limit, runs: 200, model, mean: 72, spread: 0.15 };
			expect((await measure(jobs)).toFloor).toBeLessThanOrEqual(1.08);
		});

		it('is hardly ever later than the loop for a job of three times the usual duration', async () => {
			const { toLoop } = await measure({ jobs: 1, limit, runs: 200, mean: 63 });
			// In a fixed minute the loop is lucky: it can't know, and comes just as the next one begins.
			expect(toLoop).toBeLessThanOrEqual(way.window === 'fixed' ? 1.04 : 1);
		});
	});

	it('takes no more of it than there is once the run knows it', async () => {
		const { refused } = await measure({ jobs: 20, limit: { perMinute: 5 }, runs: 3 });
		expect(refused).toBeLessThanOrEqual(0.1);
	});

	it('gets 500 images within 301 minutes, and each is bought once', async () => {
		const { seconds, segmind } = await node({
			jobs: 500,
			jobSeconds: () => 21,
			limit: { perMinute: 5, window: 'fixed' },
		});
		tell(500, 5, { seconds, segmind });
		expect(seconds / 60).toBeLessThanOrEqual(301);
		expect(segmind.accepted).toHaveLength(500);
	}, 120_000);
});

function tell(items: number, perMinute: number, { seconds, segmind }: Race): void {
	const minutes = (seconds / 60).toFixed(0);
	process.stdout.write(
		`${items} items at ${perMinute} a minute: ${minutes} minutes, ${segmind.admitted} requests, ${segmind.refused.length} times 429\n`,
	);
}

describe('more generous plans', () => {
	it.each([
		[50, 10, 1.15],
		[50, 20, 1.15],
		[60, 10, 1.12],
		[60, 20, 1.12],
		[120, 10, 1.08],
		[120, 20, 1.08],
		[Infinity, 10, 1.05],
		[Infinity, 20, 1.05],
	])(
		'%s a minute, %i jobs, five in flight',
		async (perMinute, jobs, most) => {
			const limit = perMinute === Infinity ? undefined : { perMinute };
			const { toFloor, refused } = await measure({ jobs, limit, runs: 20 });
			expect(toFloor).toBeLessThanOrEqual(most);
			expect(refused).toBeLessThanOrEqual(0.1);
		},
		60_000,
	);

	it.each(WAYS)('50 a minute, %s, is no slower for 20 jobs', async (_, way) => {
		const limit = { perMinute: 50, ...way };
		const { toFloor, toLoop } = await measure({ jobs: 20, limit, runs: 10 });
		expect(toFloor).toBeLessThanOrEqual(1.16);
		expect(toLoop).toBeLessThanOrEqual(1.05);
	});

	it.each(WAYS)('50 a minute, %s, and no misfortune for requests that travel', async (_, way) => {
		const limit = { perMinute: 50, ...way };
		const { toFloor, worst } = await measure({ jobs: 20, limit, runs: 60, travel: 400 });
		expect(toFloor).toBeLessThanOrEqual(1.15);
		expect(worst).toBeLessThanOrEqual(1.4);
	});

	it('notices a single job in time, and better once it is known that requests are left', async () => {
		expect((await measure({ jobs: 1, runs: 500 })).late).toBeLessThanOrEqual(1.6);
		const told = { perMinute: 500, headers: true };
		expect((await measure({ jobs: 1, limit: told, runs: 500 })).late).toBeLessThanOrEqual(1);
		// One after the other: the second one knows.
		const row = await measure({ jobs: 10, inFlight: 1, runs: 50 });
		expect(row.late / 10).toBeLessThanOrEqual(1);
	}, 60_000);

	it('is no later than the loop for jobs that take much longer than usual', async () => {
		for (const mean of [42, 63, 105, 150]) {
			expect((await measure({ jobs: 1, mean, runs: 200 })).toLoop).toBeLessThanOrEqual(1.01);
		}
	});

	it('gets 500 images at 50 a minute within 40 minutes', async () => {
		const race = await node({
			jobs: 500,
			jobSeconds: () => 21,
			limit: { perMinute: 50, window: 'fixed' },
		});
		tell(500, 50, race);
		expect(race.seconds / 60).toBeLessThanOrEqual(40);
	}, 120_000);
});

it('looks again at once when the gate opens after a look that was refused', async () => {
	const limit = { perMinute: 4, retryAfter: false };
	const { segmind } = await node({ jobs: 1, jobSeconds: () => 24, limit });
	const [first = 0, second = 0] = segmind.refused;
	// The gate's own pause, of a second give or take a quarter; the schedule's next look comes later.
	expect(second - first).toBeLessThanOrEqual(1_250);
});

it('keeps no job that is paid for waiting behind new submits', async () => {
	const limit = { perMinute: 5 };
	// By the default Timeout, each has ten minutes.
	const course = { jobs: 60, inFlight: 50, limit, options: { timeout: 600 } };
	const { segmind } = await node({ ...course, jobSeconds: around(21, 0.2, 1) });
	expect(segmind.accepted).toHaveLength(60);
});

describe.each([5, 7, 10, 15, 30, 50, 80, 120])('at %i a minute', (perMinute) => {
	it.each([1, 5, 20, 100])(
		'is never slower than the loop with as many in flight: %i items',
		async (jobs) => {
			for (const [, way] of WAYS.slice(0, 4)) {
				const limit = { perMinute, ...way };
				const { toLoop } = await measure({ jobs, limit, runs: jobs > 5 ? 1 : 5 });
				expect({ way, holds: toLoop <= 1.05, toLoop }).toMatchObject({ holds: true });
			}
		},
		120_000,
	);
});

describe('a key that two executions share', () => {
	/** Two at once; the seconds that each takes. */
	async function both(
		perMinute: number,
		jobs: number,
	): Promise<{ seconds: number[]; segmind: VirtualSegmind }> {
		const clock = new VirtualClock();
		const course = { jobs, limit: { perMinute }, jobSeconds: around(21, 0.2, 1) };
		const segmind = new VirtualSegmind(clock, course);
		const races = [node(course, clock, segmind), node(course, clock, segmind)];
		return {
			seconds: (await clock.until(Promise.all(races))).map(({ seconds }) => seconds),
			segmind,
		};
	}

	it('gives both what they need at 50 a minute', async () => {
		const { seconds, segmind } = await both(50, 10);
		expect(segmind.accepted).toHaveLength(20);
		// The least that the limit allows: submit, one look and result for each of the twenty, and no sooner than the jobs.
		const least = Math.max(
			((3 * 20) / 50) * 60,
			floor({ jobs: 10, jobSeconds: around(21, 0.2, 1) }),
		);
		for (const each of seconds) expect(each).toBeLessThanOrEqual(1.5 * least);
	});

	it('lets nobody starve at 5 a minute', async () => {
		const { seconds, segmind } = await both(5, 10);
		expect(segmind.accepted).toHaveLength(20);
		const least = ((2 * 20) / 5) * 60;
		for (const each of seconds) expect(each).toBeLessThanOrEqual(1.5 * least);
	});
});

describe('a result that tells no state', () => {
	it('costs no job, and is not asked for again before its time', async () => {
		const limit = { perMinute: 5, headers: true };
		const course = { jobs: 5, limit, resultTells: false, jobSeconds: around(21, 0.2, 1) };
		const { segmind } = await node(course);
		expect(segmind.accepted).toHaveLength(5);
		const { toFloor } = await measure({ jobs: 1, limit, runs: 100 });
		expect(toFloor).toBeLessThanOrEqual(1.15);
	});
});
