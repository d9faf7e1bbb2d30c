import { Allowance } from '../../../nodes/shared/http/allowance';
import { Looks, type Watched } from '../../../nodes/shared/job/looks';
import { FakeClock } from '../../support/fakeClock';

const TYPICAL = 21;

let clock: FakeClock;
let allowance: Allowance;
let looks: Looks;

beforeEach(() => open());

function open(hasResult = true): void {
	clock = new FakeClock(0);
	allowance = new Allowance();
	looks = new Looks(clock, allowance, {
		typicalSeconds: TYPICAL,
		resultPath: hasResult ? (requestId) => requestId : undefined,
	});
}

const pass = async (seconds: number): Promise<void> => await clock.advance(seconds * 1000);

/** Requests that the API takes now. */
function sends(count: number, told = {}): void {
	for (let sent = 0; sent < count; sent++) {
		allowance.sends(clock.now());
		allowance.took(clock.now(), told);
	}
}

/** A limit that is known. */
const limit = (perMinute: number): void => sends(1, { remaining: perMinute - 1 });

/** A job that is submitted now. */
function submit(): Watched {
	const job: Watched = { startedAt: clock.now(), isNew: true };
	looks.open(job);
	return job;
}

/** Seconds from now until the next look at a job. */
const lookIn = (job: Watched): number => Number((looks.nextIn(job) / 1000).toFixed(3));

/** Looks at a job, which is not finished. */
function look(job: Watched): void {
	sends(1);
	job.lookedAt = clock.now();
}

describe('a single job of an unknown plan', () => {
	it('is looked at once early, and three times while such jobs end, the last time for its result', async () => {
		sends(1);
		const job = submit();
		const times: number[] = [];
		const asks: boolean[] = [];
		for (let count = 0; count < 5; count++) {
			await pass(lookIn(job));
			times.push(clock.now() / 1000);
			look(job);
			asks.push(looks.asksResult);
		}
		expect(times).toEqual([3.4, 19.67, 22.54, 25.41, expect.closeTo(27.265, 2)]);
		expect(asks).toEqual([false, false, false, true, true]);
	});

	it('is looked at closely once a sixth request went through', async () => {
		sends(6);
		const job = submit();
		await pass(20);
		look(job);
		expect(lookIn(job)).toBe(1.855);
	});

	it('is not looked at early when others are under way, or something is known of durations', async () => {
		sends(2);
		const [one, two] = [submit(), submit()];
		expect([lookIn(one), lookIn(two)]).toEqual([21.966, 21.966]);
		looks.close(two);
		await pass(20);
		one.lookedAt = clock.now();
		await pass(1);
		looks.finished(one);
		looks.close(one);
		await pass(120);
		expect(lookIn(submit())).toBeGreaterThan(16);
	});

	it('is looked at early only where enough requests are left for that until it ends', async () => {
		sends(2);
		const job = submit();
		expect(lookIn(job)).toBeGreaterThan(16);
		looks.close(job);
		await pass(40);
		expect(lookIn(submit())).toBe(3.4);
	});

	it('goes on as if nothing were limited where not even one request is left for each', () => {
		sends(5);
		const jobs = [1, 2, 3, 4, 5].map(submit);
		expect(jobs.map(lookIn)).toEqual(Array(5).fill(18.655));
	});
});

describe('a job that was picked up again', () => {
	it('may end at any time', async () => {
		const job: Watched = { startedAt: clock.now(), isNew: false };
		looks.open(job);
		look(job);
		expect(lookIn(job)).toBeLessThanOrEqual(7);
		await pass(lookIn(job));
		look(job);
		expect(lookIn(job)).toBeLessThanOrEqual(9);
	});
});

describe('jobs under a known limit', () => {
	it('are looked at as closely as it allows', async () => {
		limit(50);
		sends(4);
		const jobs = [1, 2, 3, 4, 5].map(submit);
		looks.toCome = 0;
		expect(jobs.map(lookIn)).toEqual(Array(5).fill(18.655));
		looks.toCome = 100;
		// Five in flight, 23 in a minute: 28 requests for looks.
		const [first] = jobs.map(lookIn);
		expect(first).toBeGreaterThan(18.7);
		expect(first).toBeLessThan(22);
	});

	it('are looked at once each, when they have usually ended, where there is no more', () => {
		limit(5);
		sends(4);
		const jobs = [1, 2, 3, 4, 5].map(submit);
		// They wait for a request then.
		expect(jobs.map(lookIn)).toEqual(Array(5).fill(25.41));
		expect(allowance.nextAt(clock.now())).toBe(60_150);
	});

	it('leave requests for the results, where those have to be asked for apart', () => {
		const first = (tells: boolean, hasResult = true) => {
			open(hasResult);
			looks.resultTells = tells;
			limit(20);
			sends(4);
			const jobs = [1, 2, 3, 4, 5].map(submit);
			return lookIn(jobs[0] as Watched);
		};
		expect(first(false)).toBeGreaterThan(first(true));
		expect(first(true, false)).toBe(first(true));
	});

	it('leave requests for the submits that follow', () => {
		limit(12);
		const [job] = [submit(), submit()];
		const alone = lookIn(job as Watched);
		looks.toCome = 1;
		const [one] = [lookIn(job as Watched)];
		looks.toCome = 10;
		expect(one).toBeGreaterThan(alone);
		expect(lookIn(job as Watched)).toBeGreaterThan(one as number);
	});

	it('no longer count when they take longer than usual', async () => {
		limit(6);
		const late = submit();
		await pass(40);
		sends(2);
		const other = submit();
		await pass(5);
		const beside = lookIn(other);
		looks.close(late);
		expect(lookIn(other)).toBe(beside);
		expect(beside).toBeGreaterThan(13.7);
	});

	it('get the requests that come back while they run, less what those after them take', async () => {
		/** The first look at a job that begins 40 s after four requests, with so many to come. */
		const first = async (toCome: number, tells = true) => {
			open();
			looks.resultTells = tells;
			limit(8);
			sends(3);
			await pass(40);
			const job = submit();
			submit();
			looks.toCome = toCome;
			await pass(5);
			return Number((5 + lookIn(job)).toFixed(2));
		};
		// Eight requests, half a look more for each job but one, over the 8.61 s in which a job ends.
		expect(await first(0)).toBe(18.66);
		expect(await first(1)).toBe(19.67);
		expect(await first(2)).toBe(21.58);
		// There is one for each at most: at the end of that time.
		expect(await first(3)).toBe(25.41);
		// A request more for each result.
		expect(await first(0, false)).toBe(19.15);
		expect(await first(1, false)).toBe(22.54);
		expect(await first(2, false)).toBe(25.41);
	});

	it.each([0, 600])(
		'leave out looks that no request is left for when they take longer (%d)',
		async (before) => {
			await pass(before);
			limit(5);
			const job = submit();
			sends(3);
			await pass(26);
			look(job);
			// 29.6, 33.8, 38.5, 43.9 and 50 s are left out, and 57 s.
			expect(26 + lookIn(job)).toBeCloseTo(26 * 1.14 ** 7, 2);
		},
	);

	it('are looked at ever more seldom when they take longer', async () => {
		limit(50);
		const job = submit();
		await pass(26);
		look(job);
		expect(lookIn(job)).toBeCloseTo(3.64, 2);
	});
});

describe('asking for the result in place of the state', () => {
	const asks = () => looks.asksResult;

	it('is for known limits, up to what is ample', () => {
		limit(199);
		expect(asks()).toBe(true);
		open();
		limit(200);
		expect(asks()).toBe(false);
	});

	it('is for the last request that the smallest plan takes, and from then on until it is known to be ample', () => {
		sends(4);
		expect(asks()).toBe(false);
		sends(1);
		expect(asks()).toBe(true);
		sends(115);
		expect(asks()).toBe(true);
		sends(1);
		expect(asks()).toBe(false);
	});

	it('is not where a result tells no state, or comes with it', () => {
		limit(5);
		looks.resultTells = false;
		expect(asks()).toBe(false);
		open(false);
		limit(5);
		expect(asks()).toBe(false);
	});
});

describe('what jobs have taken', () => {
	/** A job that takes so long, and was looked at so long before it was found finished. */
	async function finish(seconds: number, gap: number): Promise<void> {
		const job = submit();
		await pass(seconds - gap);
		job.lookedAt = clock.now();
		await pass(gap);
		looks.finished(job);
		looks.close(job);
	}

	/** When a job would first be looked at, without a limit. */
	const first = () => {
		sends(1);
		const job = submit();
		const seconds = lookIn(job);
		looks.close(job);
		return seconds;
	};

	beforeEach(() => sends(600));

	it('counts once there are three', async () => {
		await finish(30, 1);
		await finish(30, 1);
		const before = first();
		await finish(30, 1);
		expect(before).toBe(3.4);
		const job = submit();
		job.lookedAt = clock.now() + 27_500;
		expect(lookIn(job)).toBeCloseTo(28.025, 1);
	});

	it('does not count where nobody looked for long', async () => {
		for (let count = 0; count < 3; count++) await finish(30, 8);
		const job = submit();
		job.lookedAt = clock.now() + 24_000;
		expect(lookIn(job)).toBeCloseTo(25.855, 2);
	});

	it('counts where a look came after three quarters of it', async () => {
		for (let count = 0; count < 3; count++) await finish(20, 5);
		const job = submit();
		job.lookedAt = clock.now() + 17_500;
		expect(lookIn(job)).toBeLessThan(18.2);
	});

	it('counts for the last twenty', async () => {
		await finish(300, 1);
		for (let count = 0; count < 19; count++) await finish(30, 1);
		const job = submit();
		job.lookedAt = clock.now() + 100_000;
		expect(lookIn(job)).toBeLessThan(103);
	});

	it('is forgotten after twenty more', async () => {
		for (let count = 0; count < 3; count++) await finish(300, 1);
		for (let count = 0; count < 20; count++) await finish(30, 1);
		const job = submit();
		job.lookedAt = clock.now() + 29_000;
		expect(lookIn(job)).toBeLessThan(30);
	});
});
