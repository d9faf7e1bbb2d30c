import { PollSchedule, type PolledJob } from '../../../nodes/shared/rateLimit/pollSchedule';
import { RequestBudget } from '../../../nodes/shared/rateLimit/requestBudget';
import { FakeClock } from '../../support/fakeClock';

let clock: FakeClock;
let budget: RequestBudget;
let schedule: PollSchedule;

beforeEach(() => open());

function open(hasSeparateResult = true): void {
	clock = new FakeClock(0);
	budget = new RequestBudget();
	schedule = new PollSchedule(clock, budget, { typicalMs: 21_000, hasSeparateResult });
}

/** Requests that are taken now. */
function takes(count: number, headers = {}): void {
	for (let sent = 0; sent < count; sent++) {
		budget.noteSent(clock.now());
		budget.noteTaken(clock.now(), headers);
	}
}

const knows = (perMinute: number): void => takes(1, { remaining: perMinute - 1 });

function submit(isNew = true): PolledJob {
	const job = { startedAtMs: clock.now(), isNew };
	schedule.jobs.set(schedule.jobs.size, job);
	return job;
}

/** When a job that does not end is polled, in seconds since its submit, and whether for its result. */
async function polls(job: PolledJob, count: number): Promise<Array<[number, boolean]>> {
	const all: Array<[number, boolean]> = [];
	while (all.length < count) {
		await clock.advance(schedule.nextPollAt(job) - clock.now());
		takes(1);
		job.polledAtMs = clock.now();
		all.push([Math.round((clock.now() - job.startedAtMs) / 100) / 10, schedule.prefersResult]);
	}
	return all;
}

const times = async (job: PolledJob, count: number): Promise<number[]> =>
	(await polls(job, count)).map(([seconds]) => seconds);

/** A job that is found finished after so long, when it was polled so long before. */
async function finish(seconds: number, gap: number): Promise<void> {
	const job = submit();
	await clock.advance((seconds - gap) * 1000);
	job.polledAtMs = clock.now();
	await clock.advance(gap * 1000);
	schedule.noteFinished(job);
	schedule.jobs.clear();
}

describe('a single job', () => {
	it('of an unknown plan gets the four requests that the smallest one leaves, the last for later, and for the result', async () => {
		takes(1);
		expect(await polls(submit(), 4)).toEqual([
			[19.7, false],
			[22.5, false],
			[25.4, false],
			[32.6, true],
		]);
	});

	it('of a known plan gets what is there, from half of the usual time on, and once at the beginning', async () => {
		knows(50);
		const all = await times(submit(), 12);
		expect(all.slice(0, 3)).toEqual([3.4, 11.9, 13.8]);
		expect(all.at(-1)).toBeCloseTo(30.5, 0);
	});

	it('that takes longer shares out what a known limit leaves', async () => {
		knows(5);
		const all = await times(submit(), 9);
		const gaps = all.slice(5).map((time, index) => time - (all[index + 4] ?? 0));
		for (const gap of gaps) expect(gap).toBeLessThanOrEqual(20);
		expect(all.slice(0, 4)).toEqual([19.7, 22.5, 25.4, 32.6]);
	});

	it('that takes longer is polled up to every 30 s where nothing limits that', async () => {
		takes(600);
		const job = submit();
		job.polledAtMs = 100_000;
		expect(schedule.nextPollAt(job)).toBe(105_000);
		job.polledAtMs = 1_000_000;
		expect(schedule.nextPollAt(job)).toBe(1_030_000);
	});

	it('that was picked up again may end at any time', async () => {
		knows(50);
		const [first = Infinity] = await times(submit(false), 1);
		expect(first).toBeLessThan(2);
	});
});

describe('several jobs', () => {
	const five = (): PolledJob[] => [1, 2, 3, 4, 5].map(() => submit());
	const firstPoll = (jobs: PolledJob[]): number => schedule.nextPollAt(jobs[0] as PolledJob) / 1000;

	it('are polled as closely as the limit allows', () => {
		knows(50);
		takes(4);
		const jobs = five();
		expect(firstPoll(jobs)).toBeLessThan(18.8);
		schedule.pendingItems = 100;
		const busy = firstPoll(jobs);
		expect(busy).toBeGreaterThan(18.8);
		expect(busy).toBeLessThan(22);
	});

	it('are polled once they have usually ended, where not even one request is left for each', () => {
		knows(5);
		takes(4);
		expect(firstPoll(five())).toBe(25.41);
	});

	it('are polled as if nothing limited them where the plan is unknown and nothing is left', () => {
		takes(5);
		expect(firstPoll(five())).toBeCloseTo(18.7, 1);
	});

	it('wait for a request where they take longer', () => {
		knows(5);
		takes(4);
		const jobs = five();
		for (const job of jobs) job.polledAtMs = 26_000;
		expect(firstPoll(jobs)).toBe(60.15);
	});
});

describe('durations', () => {
	beforeEach(() => takes(600));

	const gap = (at: number): number => {
		const job = submit();
		job.polledAtMs = clock.now() + at * 1000;
		return (schedule.nextPollAt(job) - job.polledAtMs) / 1000;
	};

	it('count once there are three, as far as they are known', async () => {
		await finish(30, 1);
		await finish(30, 1);
		await finish(30, 8);
		expect(gap(28)).toBeCloseTo(1.85, 1);
		await finish(30, 7);
		expect(gap(28)).toBeCloseTo(0.8, 1);
		// A few before such jobs end, as there are so many requests.
		expect(gap(0)).toBeGreaterThan(10);
	});

	it('of the last twenty count', async () => {
		for (let count = 0; count < 3; count++) await finish(300, 1);
		expect(gap(295)).toBeLessThan(2);
		for (let count = 0; count < 20; count++) await finish(30, 1);
		expect(gap(29)).toBeLessThan(1);
		expect(gap(295)).toBeGreaterThan(14);
	});
});

describe('a result is preferred to a state', () => {
	it('from the last request on that the smallest plan leaves, until requests are known to be ample', () => {
		const prefers = [4, 1, 115, 1].map((count) => {
			takes(count);
			return schedule.prefersResult;
		});
		expect(prefers).toEqual([false, true, true, false]);
	});

	it('under a known limit', () => {
		knows(199);
		expect(schedule.prefersResult).toBe(true);
	});

	it('only where there is one apart from the state, and it reports that a job still runs', () => {
		knows(5);
		schedule.resultReportsState = false;
		expect(schedule.prefersResult).toBe(false);
		open(false);
		knows(5);
		expect(schedule.prefersResult).toBe(false);
	});
});
