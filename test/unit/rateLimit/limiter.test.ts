import { PRIORITY, RateLimiter, type Turn } from '../../../nodes/shared/rateLimit/limiter';
import { FakeClock } from '../../support/fakeClock';

const START = Date.UTC(2026, 0, 1);

let clock: FakeClock;
let limiter: RateLimiter;
/** After how many milliseconds turns came, and those that did not come. */
let came: Map<string, number>;
let left: string[];

beforeEach(() => {
	clock = new FakeClock(START);
	limiter = new RateLimiter(clock);
	came = new Map();
	left = [];
});

const take = (name: string, turn?: Turn): void => {
	void limiter
		.takeTurn(turn)
		.then((goes) => (goes ? came.set(name, clock.now() - START) : left.push(name)));
};

const taken = async (headers = {}): Promise<void> => {
	limiter.noteAnswer(200, headers);
	await clock.advance(0);
};

it('lets requests go at once while nothing limits them', async () => {
	['a', 'b', 'c'].forEach((name) => take(name));
	await clock.advance(0);
	expect([...came]).toEqual([
		['a', 0],
		['b', 0],
		['c', 0],
	]);
});

it('lets one go when a pause is over, and the others after its answer, in their order', async () => {
	limiter.noteAnswer(429, { 'retry-after': '5' });
	['a', 'b', 'c'].forEach((name) => take(name));
	await clock.advance(4_999);
	expect(came.size).toBe(0);
	await clock.advance(1);
	expect([...came.keys()]).toEqual(['a']);
	await taken();
	expect([...came.keys()]).toEqual(['a', 'b', 'c']);
});

it('goes on when a request gets no answer', async () => {
	limiter.noteAnswer(429, { 'retry-after': '5' });
	['a', 'b'].forEach((name) => take(name));
	await clock.advance(5_000);
	limiter.noteNoAnswer();
	await clock.advance(0);
	expect(came.get('b')).toBe(5_000);
});

it('lets results go before checks, and both before new work', async () => {
	limiter.noteAnswer(429, { 'retry-after': '5' });
	take('new');
	take('check', { priority: PRIORITY.check });
	take('result', { priority: PRIORITY.result });
	take('newer');
	take('second check', { priority: PRIORITY.check });
	await clock.advance(5_000);
	for (let count = 0; count < 4; count++) await taken();
	expect([...came.keys()]).toEqual(['result', 'check', 'second check', 'new', 'newer']);
});

it('lets somebody leave, and keeps the turns of the others', async () => {
	const leaving = new AbortController();
	limiter.noteAnswer(429, { 'retry-after': '5' });
	take('a', { signal: leaving.signal });
	take('b');
	take('gone', { signal: AbortSignal.abort(), goesAnyway: true });
	leaving.abort();
	await clock.advance(5_000);
	expect(left).toEqual(['gone', 'a']);
	expect([...came]).toEqual([['b', 5_000]]);
});

it('waits in vain for nobody: who comes later has a turn, too', async () => {
	const leaving = new AbortController();
	limiter.noteAnswer(429, { 'retry-after': '5' });
	take('a', { signal: leaving.signal });
	leaving.abort();
	await clock.advance(10_000);
	take('b');
	await clock.advance(0);
	expect(came.get('b')).toBe(10_000);
	expect(clock.waits.length).toBeLessThan(5);
});

describe('when patience ends', () => {
	let patience: AbortController;

	beforeEach(() => {
		patience = new AbortController();
		jest.spyOn(clock, 'deadline').mockReturnValue(patience.signal);
		limiter.noteAnswer(429, { 'retry-after': '60' });
	});

	it('a request does not go', async () => {
		take('a', { patienceMs: 1_000 });
		patience.abort();
		await clock.advance(0);
		expect(left).toEqual(['a']);
	});

	it('one that may goes all the same, unless the run ends', async () => {
		const end = new AbortController();
		take('a', { patienceMs: 1_000, goesAnyway: true });
		take('b', { patienceMs: 1_000, goesAnyway: true, signal: end.signal });
		end.abort();
		await clock.advance(0);
		patience.abort();
		await clock.advance(0);
		expect([left, ...came]).toEqual([['b'], ['a', 0]]);
	});
});
