import { Gate, readRetryAfter, readTold } from '../../../nodes/shared/http/gate';
import { FakeClock } from '../../support/fakeClock';

const NOW = Date.UTC(2026, 0, 1, 12);

describe('a Retry-After header', () => {
	it.each<[unknown, number | undefined]>([
		['7', 7_000],
		[' 7 ', 7_000],
		['0', 0],
		['1.5', 1_500],
		['1.25', 1_250],
		['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['Thu, 01 Jan 2026 11:00:00 GMT', 0],
		['', undefined],
		['-5', undefined],
		['soon', undefined],
		['2026', 2_026_000],
		['1-2', undefined],
		[undefined, undefined],
		[7, undefined],
	])('of %j asks for %j milliseconds', (header, milliseconds) => {
		expect(readRetryAfter(header, NOW)).toBe(milliseconds);
	});
});

describe('the gate', () => {
	let clock: FakeClock;
	let gate: Gate;
	let passed: Map<string, number>;

	beforeEach(() => {
		clock = new FakeClock(NOW);
		gate = new Gate(clock);
		passed = new Map();
	});

	/** Sends somebody through; `passed` tells after how many milliseconds they came out. */
	const send = (name: string, signal?: AbortSignal): void => {
		void gate.pass({ signal }).then(() => passed.set(name, clock.now() - NOW));
	};

	/** Answers a request, and lets go whom that lets go. */
	const answer = async (headers = {}): Promise<void> => {
		gate.allowed(headers);
		await clock.advance(0);
	};

	const timeOf = async (...names: string[]): Promise<Array<number | undefined>> => {
		names.forEach((name) => send(name));
		await clock.advance(1_000_000);
		return names.map((name) => passed.get(name));
	};

	it('lets somebody pass at once while it is open, and not while it is closed', async () => {
		expect([gate.passAtOnce(), gate.passAtOnce()]).toEqual([true, true]);
		gate.limited({ 'retry-after': '10' });
		expect(gate.passAtOnce()).toBe(false);
		await clock.advance(9_999);
		expect(gate.passAtOnce()).toBe(false);
		await clock.advance(1);
		// One passes; the next waits for its answer.
		expect([gate.passAtOnce(), gate.passAtOnce()]).toEqual([true, false]);
		gate.allowed();
		expect(await timeOf('a')).toEqual([10_000]);
	});

	it('lets nobody pass before those who wait', async () => {
		gate.limited({ 'retry-after': '10' });
		send('a');
		clock.waits.length = 0;
		await clock.advance(9_000);
		Object.assign(gate, { closedUntil: 0 });
		expect(gate.passAtOnce()).toBe(false);
	});

	it('is open at first, for any number of requests', async () => {
		expect(await timeOf('a', 'b', 'c')).toEqual([0, 0, 0]);
		expect(clock.waits).toEqual([]);
	});

	it.each([
		['seconds', '7', 7_000],
		['a date', 'Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['a date that is over', 'Thu, 01 Jan 2026 11:00:00 GMT', 250],
		['zero', '0', 250],
		['nothing', undefined, 1_000],
		['nonsense', 'soon', 1_000],
	])('closes for as long as a Retry-After of %s says', async (_, header, milliseconds) => {
		gate.limited({ 'retry-after': header });
		expect(await timeOf('a')).toEqual([milliseconds]);
	});

	it('is stuck as soon as patience is over where the limit names no time', async () => {
		gate.limited({});
		await clock.advance(1_000);
		expect(gate.isStuck(1_000)).toBe(false);
		await clock.advance(1);
		expect(gate.isStuck(1_000)).toBe(true);
	});

	it('does not let somebody pass who has left already', async () => {
		expect(await gate.pass({ signal: AbortSignal.abort() })).toBe(false);
	});

	it('waits once for each turn, however many wait', async () => {
		gate.limited({ 'retry-after': '5' });
		['a', 'b', 'c'].forEach((name) => send(name));
		await clock.advance(5_000);
		for (let count = 0; count < 3; count++) await answer();
		expect([...passed.keys()]).toEqual(['a', 'b', 'c']);
		// For the time that was asked for, and once for an answer.
		expect(clock.waits).toEqual([5_000, 2_000]);
	});

	it('keeps the turns of the others when one leaves, and goes on waiting for them', async () => {
		const leaving = new AbortController();
		gate.limited({ 'retry-after': '5' });
		send('a');
		send('b', leaving.signal);
		send('c');
		leaving.abort();
		await clock.advance(5_000);
		await answer();
		expect([passed.get('a'), passed.get('c')]).toEqual([5_000, 5_000]);
		expect(clock.waits).toEqual([5_000, 2_000]);
	});

	it('waits no longer when the last one has left', async () => {
		const leaving = new AbortController();
		const wait = jest.spyOn(clock, 'wait');
		gate.limited({ 'retry-after': '5' });
		send('a', leaving.signal);
		expect(wait.mock.calls[0]?.[1]?.aborted).toBe(false);
		leaving.abort();
		expect(wait.mock.calls[0]?.[1]?.aborted).toBe(true);
	});

	it('believes a Retry-After of up to two minutes', async () => {
		gate.limited({ 'retry-after': '86400' });
		expect(await timeOf('a')).toEqual([120_000]);
	});

	it('never opens earlier because a later 429 asks for less', async () => {
		gate.limited({ 'retry-after': '30' });
		gate.limited({ 'retry-after': '2' });
		expect(await timeOf('a')).toEqual([30_000]);
	});

	it('pauses longer with every 429 that names no time, up to seven seconds', async () => {
		const pauses: number[] = [];
		for (let count = 0; count < 9; count++) {
			const start = clock.now();
			gate.limited({});
			let end = start;
			void gate.pass().then(() => (end = clock.now()));
			await clock.advance(200_000);
			pauses.push(end - start);
		}
		expect(pauses).toEqual([1, 2, 4, 7, 7, 7, 7, 7, 7].map((seconds) => seconds * 1000));
	});

	it.each([
		[0, 750],
		[1, 1_250],
	])('spreads its own pause by chance (%d): %i milliseconds', async (chance, milliseconds) => {
		clock.chance = chance;
		gate.limited({});
		expect(await timeOf('a')).toEqual([milliseconds]);
	});

	it('forgets how long it paused once a request was taken', async () => {
		gate.limited({});
		gate.limited({});
		await clock.advance(100_000);
		gate.allowed();
		const start = clock.now() - NOW;
		gate.limited({});
		expect(await timeOf('a')).toEqual([start + 1_000]);
	});

	it('lets one go first after a 429, and with each answer twice as many', async () => {
		for (let count = 0; count < 6; count++) {
			gate.passAtOnce();
			gate.allowed();
		}
		await clock.advance(100_000);
		gate.limited({ 'retry-after': '5' });
		const names = Array.from({ length: 80 }, (_, index) => `${index}`);
		names.forEach((name) => send(name));
		await clock.advance(5_000);
		const counts = [passed.size];
		for (let count = 0; count < 6; count++) {
			await answer();
			counts.push(passed.size);
		}
		expect(counts).toEqual([1, 3, 6, 11, 20, 37, 70]);
		await answer();
		expect(passed.size).toBe(80);
		expect(await timeOf('later')).toEqual([105_000]);
	});

	it('takes what has no answer after two seconds for let through', async () => {
		gate.limited({ 'retry-after': '5' });
		expect(await timeOf('a', 'b', 'c')).toEqual([5_000, 7_000, 9_000]);
	});

	it('does not wait for a request that got no answer', async () => {
		gate.limited({ 'retry-after': '5' });
		send('a');
		send('b');
		await clock.advance(5_000);
		expect(passed.has('b')).toBe(false);
		gate.unanswered();
		await clock.advance(0);
		expect(passed.get('b')).toBe(5_000);
	});

	it('lets what is paid for go before the others', async () => {
		gate.limited({ 'retry-after': '5' });
		send('a');
		send('b');
		for (const name of ['first', 'second']) {
			void gate.pass({ first: true }).then(() => passed.set(name, clock.now() - NOW));
		}
		await clock.advance(5_000);
		for (let count = 0; count < 4; count++) await answer();
		expect([...passed.keys()]).toEqual(['first', 'second', 'a', 'b']);
	});

	it('takes the 429s of one burst for one: its requests were all under way', async () => {
		for (let count = 0; count < 5; count++) gate.limited({});
		expect(await timeOf('a')).toEqual([1_000]);
		gate.limited({});
		expect(await timeOf('b')).toEqual([1_002_000]);
	});

	it('pauses anew when one is refused after others were taken, or just when it opens', async () => {
		gate.limited({});
		await clock.advance(900);
		gate.allowed();
		gate.limited({});
		expect(await timeOf('a')).toEqual([1_900]);
		gate.limited({});
		const start = clock.now() - NOW;
		await clock.advance(1_000);
		gate.limited({});
		expect(await timeOf('b')).toEqual([start + 3_000]);
	});

	it('stays closed for as long as the most patient answer of a burst asks for', async () => {
		gate.limited({ 'retry-after': '2' });
		gate.limited({ 'retry-after': '7' });
		gate.limited({ 'retry-after': '3' });
		expect(await timeOf('a')).toEqual([7_000]);
	});

	it('lets somebody go whose signal aborts', async () => {
		const controller = new AbortController();
		gate.limited({ 'retry-after': '60' });
		send('a', controller.signal);
		await clock.advance(1_000);
		expect(passed.has('a')).toBe(false);
		controller.abort();
		await clock.advance(0);
		expect(passed.get('a')).toBe(1_000);
	});

	it('serves first who came first', async () => {
		const clock = new FakeClock();
		const gate = new Gate(clock);
		gate.limited({ 'retry-after': '2' });
		const order: number[] = [];
		const all = [0, 1, 2, 3].map(async (name) => {
			await gate.pass();
			order.push(name);
			gate.allowed();
		});
		await clock.advance(60_000);
		await Promise.all(all);
		expect(order).toEqual([0, 1, 2, 3]);
	});

	it('lets in who comes after everybody else has gone away', async () => {
		const clock = new FakeClock();
		const gate = new Gate(clock);
		gate.limited({ 'retry-after': '2' });
		const gone = new AbortController();
		const first = gate.pass({ signal: gone.signal });
		gone.abort();
		const second = gate.pass();
		expect(await first).toBe(false);
		await clock.advance(2_000);
		expect(await second).toBe(true);
		// It waited for the turn, and did not go round and round meanwhile.
		expect(clock.waits.length).toBeLessThan(5);
	});

	it('takes no turn away for a signal that had aborted before', async () => {
		gate.limited({ 'retry-after': '5' });
		send('gone', AbortSignal.abort());
		expect(await timeOf('a')).toEqual([5_000]);
		expect(passed.get('gone')).toBe(0);
	});

	describe('is stuck', () => {
		it('when nothing was taken for longer than the patience lasts', async () => {
			gate.limited({});
			await clock.advance(10_000);
			expect(gate.isStuck(10_000)).toBe(false);
			await clock.advance(1);
			expect(gate.isStuck(10_000)).toBe(true);
		});

		it('not as long as requests are taken', async () => {
			await clock.advance(9_000);
			gate.allowed();
			await clock.advance(9_000);
			expect(gate.isStuck(10_000)).toBe(false);
		});

		it('not before two of the waits that the API asked for, however short the patience', async () => {
			gate.limited({ 'retry-after': '60' });
			await clock.advance(125_000);
			expect(gate.isStuck(10_000)).toBe(false);
			await clock.advance(2_000);
			expect(gate.isStuck(10_000)).toBe(true);
		});

		it('not before the patience ends when the API asked for little', async () => {
			gate.limited({ 'retry-after': '1' });
			await clock.advance(299_000);
			expect(gate.isStuck(300_000)).toBe(false);
			await clock.advance(2_000);
			expect(gate.isStuck(300_000)).toBe(true);
		});
	});

	describe('where nobody knows the plan', () => {
		it('lets five go at once, and a sixth; the others wait for the answer', async () => {
			const names = Array.from({ length: 10 }, (_, index) => `${index}`);
			names.forEach((name) => send(name));
			await clock.advance(0);
			expect(passed.size).toBe(5);
			for (let count = 0; count < 5; count++) await answer();
			expect(passed.size).toBe(6);
			await answer();
			expect(passed.size).toBe(10);
		});

		it('lets many go that take their time, once the sixth was let through', async () => {
			const names = Array.from({ length: 20 }, (_, index) => `${index}`);
			const times = await timeOf(...names);
			expect(times.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 2_000]);
			expect(new Set(times.slice(6))).toEqual(new Set([4_000]));
		});

		it('waits for the minute once a sixth was refused', async () => {
			for (let count = 0; count < 5; count++) {
				gate.passAtOnce();
				gate.allowed();
			}
			await clock.advance(20_000);
			expect(gate.passAtOnce()).toBe(true);
			gate.limited({});
			expect(await timeOf('a')).toEqual([60_150]);
		});
	});
});

describe('what headers tell', () => {
	const told = (headers: Record<string, string>) => readTold(headers, NOW);

	it.each([
		['2026-01-01T12:00:30Z', 30_000],
		['2026-01-01T12:00:30.500Z', 30_500],
		['2026-01-01T13:00:30+01:00', 30_000],
		['2026-01-01T12:00:30', 30_000],
		[' 2026-01-01 12:00:30 ', 30_000],
		['2026-01-01 12:00:30.25', 30_250],
		[String(NOW / 1000 + 30), 30_000],
		[String(NOW / 1000 + 30.5), 30_500],
		[String(NOW / 1000 + 30.25), 30_250],
		[String(NOW + 30_000), 30_000],
		['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['2026-01-01T11:59:58Z', 0],
		['2026-01-01T11:59:30Z', undefined],
		['2026-01-01T12:01:05Z', 65_000],
		['2026-01-01T12:02:00Z', undefined],
		['soon', undefined],
		['', undefined],
		['30', undefined],
	])('is over at %s', (text, resetIn) => {
		expect(told({ 'x-rate-limit-reset-at-utc': text })).toEqual({ remaining: undefined, resetIn });
	});

	it.each([
		['4', 4],
		['49', 49],
		[' 0 ', 0],
		['', undefined],
		['-1', undefined],
		['many', undefined],
		['1.5', undefined],
	])('is left: %j', (text, remaining) => {
		expect(told({ 'x-rate-limit-remaining': text })).toEqual({ remaining, resetIn: undefined });
	});

	it('is what Retry-After says, if there is both', () => {
		const both = { 'retry-after': '7', 'x-rate-limit-reset-at-utc': '2026-01-01T12:00:30Z' };
		expect(told(both).resetIn).toBe(7_000);
		expect(told({})).toEqual({});
	});
});
