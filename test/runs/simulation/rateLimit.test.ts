import { characterSwap } from '../../../nodes/CharacterSwap/model';
import {
	KINDS_OF_MINUTE,
	measure,
	type Measured,
	type Series,
} from '../../support/simulation/measure';
import { around, floor, loop, node } from '../../support/simulation/race';
import { VirtualClock } from '../../support/simulation/virtualClock';
import { VirtualSegmind } from '../../support/simulation/virtualSegmind';
import { isThorough, runsOf } from '../../support/thorough';

// Many runs each; a machine that is busy takes its time for them.
jest.setTimeout(180_000);

/** The kind that nobody can be in time for: nothing says that the minute began 25 s after the submit. */
const UNSAID = 'fixed, begun 35 s before, without Retry-After';

/** A series for each kind of minute. */
async function measureAll(perMinute: number, series: Series): Promise<Map<string, Measured>> {
	const all = new Map<string, Measured>();
	for (const [kind, way] of KINDS_OF_MINUTE) {
		all.set(kind, await measure({ ...series, limit: { perMinute, ...way } }));
	}
	return all;
}

const mean = (all: Map<string, Measured>, of: (one: Measured) => number): number =>
	[...all.values()].reduce((sum, one) => sum + of(one), 0) / all.size;

describe('durations within 20 %', () => {
	describe.each(KINDS_OF_MINUTE)('5 a minute, %s', (_, way) => {
		const limit = { perMinute: 5, ...way };

		it('finds a single job in time', async () => {
			const { toFloor, worst, bought } = await measure({ jobs: 1, limit, runs: runsOf(300) });
			expect(toFloor).toBeLessThanOrEqual(1.1);
			expect(worst).toBeLessThanOrEqual(1.2);
			expect(bought).toBe(runsOf(300));
		});

		it('finds a job of 72 s in time', async () => {
			const series = { jobs: 1, runs: runsOf(150), model: characterSwap, mean: 72, spread: 0.15 };
			expect((await measure({ ...series, limit })).toFloor).toBeLessThanOrEqual(1.08);
		});

		it('is no later than the loop for a job of three times the usual duration', async () => {
			const { toLoop } = await measure({ jobs: 1, limit, runs: runsOf(200), mean: 63 });
			expect(toLoop).toBeLessThanOrEqual(1.05);
		});
	});

	it.each([
		[50, 10, 1.1],
		[50, 20, 1.15],
		[60, 10, 1.12],
		[60, 20, 1.12],
		[120, 10, 1.08],
		[120, 20, 1.08],
	])(
		'%i a minute, %i jobs, five in flight: × %f on average over the kinds of minute',
		async (perMinute, jobs, most) => {
			const all = await measureAll(perMinute, { jobs, runs: runsOf(10) });
			expect(mean(all, ({ toFloor }) => toFloor)).toBeLessThanOrEqual(most);
			for (const { refused, bought } of all.values()) {
				expect(refused).toBeLessThanOrEqual(0.1);
				expect(bought).toBe(runsOf(10) * jobs);
			}
		},
	);

	it.each([10, 20])('no limit, %i jobs, five in flight', async (jobs) => {
		expect((await measure({ jobs, runs: runsOf(20) })).toFloor).toBeLessThanOrEqual(1.05);
	});

	it.each(KINDS_OF_MINUTE)(
		'50 a minute, %s: no misfortune for requests that travel',
		async (_, way) => {
			const limit = { perMinute: 50, ...way };
			const { toFloor, worst } = await measure({ jobs: 20, limit, runs: runsOf(60), travel: 400 });
			expect(toFloor).toBeLessThanOrEqual(1.17);
			expect(worst).toBeLessThanOrEqual(1.4);
		},
	);

	it.each(
		isThorough
			? [
					[5, 200],
					[50, 37],
				]
			: [[50, 37]],
	)('500 jobs at %i a minute take at most %i minutes', async (perMinute, most) => {
		const limit = { perMinute, window: 'fixed' } as const;
		const { seconds, segmind } = await node({ jobs: 500, jobSeconds: () => 21, limit });
		expect(seconds / 60).toBeLessThanOrEqual(most);
		expect(segmind.accepted).toHaveLength(500);
	});

	it('takes no more than there is once the run knows it', async () => {
		const { refused } = await measure({ jobs: 20, limit: { perMinute: 5 }, runs: runsOf(3) });
		expect(refused).toBeLessThanOrEqual(0.1);
	});

	it('finds jobs one after the other in time: the second one knows', async () => {
		const row = await measure({ jobs: 10, inFlight: 1, runs: runsOf(50) });
		expect(row.late / 10).toBeLessThanOrEqual(1);
	});
});

describe('durations within 50 %', () => {
	const spread = 0.5;

	it.each(KINDS_OF_MINUTE)('5 a minute, nothing known, %s', async (_, way) => {
		const limit = { perMinute: 5, ...way };
		const { late, latest } = await measure({ jobs: 1, runs: runsOf(500), spread, limit });
		expect(late).toBeLessThanOrEqual(4.5);
		expect(latest).toBeLessThanOrEqual(9.5);
	});

	it.each([50, 120])('a single job at a known %i a minute', async (perMinute) => {
		for (const window of ['sliding', 'fixed'] as const) {
			const limit = { perMinute, window, headers: true };
			const { late, latest } = await measure({ jobs: 1, runs: runsOf(500), spread, limit });
			expect(late).toBeLessThanOrEqual(1.25);
			expect(latest).toBeLessThanOrEqual(2.6);
		}
	});

	it.each(KINDS_OF_MINUTE)('50 a minute, 20 jobs, %s: no misfortune', async (_, way) => {
		const limit = { perMinute: 50, ...way };
		const { toFloor, worst, toLoop } = await measure({ jobs: 20, runs: runsOf(20), spread, limit });
		expect(toFloor).toBeLessThanOrEqual(1.2);
		expect(worst).toBeLessThanOrEqual(1.45);
		expect(toLoop).toBeLessThanOrEqual(1);
	});

	it.each(KINDS_OF_MINUTE)('slow days, 63 to 175 s, 5 a minute, %s', async (kind, way) => {
		const limit = { perMinute: 5, ...way };
		const series = { jobs: 1, runs: runsOf(200), mean: 119, spread: 56 / 119, limit };
		const { late, latest } = await measure(series);
		expect(late).toBeLessThanOrEqual(9);
		expect(latest).toBeLessThanOrEqual(kind === UNSAID ? 26 : 20);
	});
});

it('is no later than the loop for jobs that take much longer than usual', async () => {
	for (const mean of [42, 63, 105, 150]) {
		expect((await measure({ jobs: 1, mean, runs: runsOf(200) })).toLoop).toBeLessThanOrEqual(1.01);
	}
});

describe.each(isThorough ? [5, 7, 10, 15, 30, 50, 80, 120] : [5, 15, 50])(
	'at %i a minute',
	(perMinute) => {
		it.each(isThorough ? [1, 5, 20, 100] : [1, 20])(
			'is never slower than the loop with as many in flight: %i items',
			async (jobs) => {
				for (const [, way] of KINDS_OF_MINUTE.slice(0, 5)) {
					const limit = { perMinute, ...way };
					const { toLoop } = await measure({ jobs, limit, runs: jobs > 5 ? 1 : runsOf(5) });
					expect({ way, holds: toLoop <= 1.05, toLoop }).toMatchObject({ holds: true });
				}
			},
		);
	},
);

it('polls again at once when the limit lets it after a poll that was refused', async () => {
	const limit = { perMinute: 4, retryAfter: false };
	const { segmind } = await node({ jobs: 1, jobSeconds: () => 34, limit });
	const [first = 0, second = 0] = segmind.refused;
	// The limiter's own pause, of a second give or take a quarter; the schedule's next poll comes later.
	expect(second - first).toBeLessThanOrEqual(1_250);
});

describe('what is paid for comes home first', () => {
	it('keeps no job waiting behind new submits', async () => {
		const limit = { perMinute: 5 };
		// By the default Timeout, each has ten minutes.
		const course = { jobs: 60, inFlight: 50, limit, options: { timeout: 600 } };
		const { segmind } = await node({ ...course, jobSeconds: around(21, 0.2, 1) });
		expect(segmind.accepted).toHaveLength(60);
	});

	it.each([1, 5, 20])("at a user's own Poll Interval of %i s, too", async (pollInterval) => {
		const { segmind, images } = await node({
			jobs: 15,
			inFlight: 15,
			limit: { perMinute: 5 },
			jobSeconds: around(21, 0.2, 1),
			options: { timeout: 150, pollInterval },
			continues: true,
		});
		expect(segmind.accepted.length).toBeGreaterThanOrEqual(5);
		expect(images).toBe(segmind.accepted.length);
	});
});

describe('a key that two executions share', () => {
	/** Two at once; the seconds that each takes. */
	async function both(perMinute: number, jobs: number): Promise<number[]> {
		const clock = new VirtualClock();
		const course = { jobs, limit: { perMinute }, jobSeconds: around(21, 0.2, 1) };
		const segmind = new VirtualSegmind(clock, course);
		const races = [node(course, clock, segmind), node(course, clock, segmind)];
		const ended = await clock.until(Promise.all(races));
		expect(segmind.accepted).toHaveLength(2 * jobs);
		return ended.map(({ seconds }) => seconds);
	}

	it('gives both what they need at 50 a minute', async () => {
		// The least that the limit allows: submit, one poll and result for each of the twenty.
		const course = { jobs: 10, jobSeconds: around(21, 0.2, 1) };
		const least = Math.max(((3 * 20) / 50) * 60, floor(course));
		for (const each of await both(50, 10)) expect(each).toBeLessThanOrEqual(1.5 * least);
	});

	it('lets nobody starve at 5 a minute', async () => {
		const least = ((2 * 20) / 5) * 60;
		for (const each of await both(5, 10)) expect(each).toBeLessThanOrEqual(1.5 * least);
	});
});

it('goes back to states where a result does not report one', async () => {
	const limit = { perMinute: 5, headers: true };
	const course = { jobs: 5, limit, resultReportsState: false, jobSeconds: around(21, 0.2, 1) };
	expect((await node(course)).segmind.accepted).toHaveLength(5);
	const { toFloor } = await measure({
		jobs: 1,
		limit,
		runs: runsOf(100),
		resultReportsState: false,
	});
	expect(toFloor).toBeLessThanOrEqual(1.15);
});

describe('an answer that misleads', () => {
	const jobSeconds = () => 21;

	it.each([
		['Retry-After: 0', '0'],
		['a date that has passed', new Date(-60_000).toUTCString()],
		['nothing', ''],
	])('refused for 20 s with %s: pauses grow', async (_, header) => {
		const { segmind } = await node({
			jobs: 1,
			jobSeconds,
			fault: ({ method, nowMs }) =>
				method === 'POST' && nowMs < 20_000
					? { status: 429, headers: { 'retry-after': header } }
					: undefined,
		});
		expect(segmind.log.filter((line) => line.includes(' 429 ')).length).toBeLessThanOrEqual(6);
		expect(segmind.accepted[0]).toBeLessThanOrEqual(28_000);
	});

	it.each([
		['without a header', {}],
		['with Retry-After: 1', { 'retry-after': '1' }],
	])('one stray 429 %s, wherever it comes, slows no run for a minute', async (_, headers) => {
		const course = { jobs: 20, jobSeconds: around(21, 0.2, 1) };
		const { seconds: undisturbed } = await node(course);
		for (let index = 1; index <= 60; index += isThorough ? 1 : 6) {
			let count = 0;
			const fault = () => (++count === index ? { status: 429, headers } : undefined);
			const { seconds, segmind } = await node({ ...course, fault });
			expect({ index, late: seconds - undisturbed < 8, seconds }).toMatchObject({ late: true });
			expect(segmind.accepted).toHaveLength(20);
		}
	});

	it('a 429 from the host of the history holds up no check', async () => {
		let submits = 0;
		const { images, segmind } = await node({
			jobs: 2,
			jobSeconds,
			options: { timeout: 60 },
			continues: true,
			fault: ({ method, url }) => {
				if (url.host === 'history.test') return { status: 429, headers: { 'retry-after': '100' } };
				return method === 'POST' && ++submits === 1 ? { isLost: true } : undefined;
			},
		});
		expect(segmind.log.some((line) => line.includes('429 /inference-request/'))).toBe(true);
		expect(images).toBe(1);
	});

	it('a limit that holds a job up until Timeout: it is asked for once more before that is declared', async () => {
		let polls = 0;
		const { images, seconds } = await node({
			jobs: 1,
			jobSeconds,
			options: { timeout: 60 },
			fault: ({ method }) =>
				method === 'GET' && ++polls === 1
					? { status: 429, headers: { 'retry-after': '110' } }
					: undefined,
		});
		expect(images).toBe(1);
		expect(seconds).toBeLessThan(62);
	});

	it.each<[string, Record<string, string>]>([
		['a huge Retry-After', { 'x-rate-limit-remaining': '0', 'retry-after': '99999999999' }],
		['a unix time', { 'x-rate-limit-remaining': '0', 'retry-after': '1893456000' }],
		[
			'a reset in the year 9999',
			{ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset-at-utc': '9999-12-31T23:59:59Z' },
		],
		['a number without end', { 'x-rate-limit-remaining': '9'.repeat(400) }],
		['nothing left, again and again', { 'x-rate-limit-remaining': '0' }],
	])('a good answer with %s blocks no check', async (_, headers) => {
		const { seconds, segmind } = await node({
			jobs: 1,
			jobSeconds,
			options: { timeout: 60 },
			fault: () => ({ headers }),
		});
		expect(seconds).toBeLessThanOrEqual(26);
		expect(segmind.log.length).toBeLessThanOrEqual(15);
	});

	it.each(['0', '1000'])(
		'remaining: %s in each, at 5 a minute: every image comes',
		async (left) => {
			const { segmind } = await node({
				jobs: 5,
				jobSeconds,
				limit: { perMinute: 5 },
				fault: () => ({ headers: { 'x-rate-limit-remaining': left } }),
			});
			expect(segmind.accepted).toHaveLength(5);
		},
	);
});

it.each(KINDS_OF_MINUTE)('a limit that falls in the middle, %s', async (_, way) => {
	const course = { jobs: 40, jobSeconds: around(21, 0.2, 1) };
	const limit = { perMinute: 50, ...way, falls: { atMs: 60_000, perMinute: 20 } };
	const { seconds, segmind } = await node({ ...course, limit });
	expect(segmind.accepted).toHaveLength(40);
	expect(seconds).toBeLessThanOrEqual(1.05 * (await loop({ ...course, limit })).seconds);
});
