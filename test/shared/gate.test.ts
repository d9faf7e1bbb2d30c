import { Gate, readRetryAfter } from '../../nodes/shared/gate';
import { FakeClock } from './fakeClock';

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
		void gate.pass(signal).then(() => passed.set(name, clock.now() - NOW));
	};

	const timeOf = async (...names: string[]): Promise<Array<number | undefined>> => {
		names.forEach((name) => send(name));
		await clock.advance(1_000_000);
		return names.map((name) => passed.get(name));
	};

	it('lets somebody pass at once while it is open, and not while it is closed', async () => {
		expect([gate.passAtOnce(), gate.passAtOnce()]).toEqual([true, true]);
		gate.limited('10');
		expect(gate.passAtOnce()).toBe(false);
		await clock.advance(9_999);
		expect(gate.passAtOnce()).toBe(false);
		await clock.advance(1);
		// One passes; the next has to keep its distance.
		expect([gate.passAtOnce(), gate.passAtOnce()]).toEqual([true, false]);
		expect(await timeOf('a')).toEqual([10_250]);
	});

	it('lets nobody pass before those who wait', async () => {
		gate.limited('10');
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
		['a date that is over', 'Thu, 01 Jan 2026 11:00:00 GMT', 0],
		['nothing', undefined, 1_000],
		['nonsense', 'soon', 1_000],
	])('closes for as long as a Retry-After of %s says', async (_, header, milliseconds) => {
		gate.limited(header);
		expect(await timeOf('a')).toEqual([milliseconds]);
	});

	it('is tight for three minutes after a 429, and not before', async () => {
		expect(gate.isTight()).toBe(false);
		gate.limited(undefined);
		await clock.advance(179_999);
		expect(gate.isTight()).toBe(true);
		await clock.advance(1);
		expect(gate.isTight()).toBe(false);
	});

	it('is stuck as soon as patience is over where the limit names no time', async () => {
		gate.limited(undefined);
		await clock.advance(1_000);
		expect(gate.isStuck(1_000)).toBe(false);
		await clock.advance(1);
		expect(gate.isStuck(1_000)).toBe(true);
	});

	it('does not let somebody pass who has left already', async () => {
		expect(await gate.pass(AbortSignal.abort())).toBe(false);
	});

	it('waits once for each turn, however many wait', async () => {
		gate.limited('5');
		await timeOf('a', 'b', 'c');
		expect(clock.waits).toEqual([5_000, 250, 250]);
	});

	it('keeps the turns of the others when one leaves, and goes on waiting for them', async () => {
		const leaving = new AbortController();
		gate.limited('5');
		send('a');
		send('b', leaving.signal);
		send('c');
		leaving.abort();
		await clock.advance(10_000);
		expect([passed.get('a'), passed.get('c')]).toEqual([5_000, 5_250]);
		expect(clock.waits).toEqual([5_000, 250]);
	});

	it('waits no longer when the last one has left', async () => {
		const leaving = new AbortController();
		const wait = jest.spyOn(clock, 'wait');
		gate.limited('5');
		send('a', leaving.signal);
		expect(wait.mock.calls[0]?.[1]?.aborted).toBe(false);
		leaving.abort();
		expect(wait.mock.calls[0]?.[1]?.aborted).toBe(true);
	});

	it('believes a Retry-After of up to two minutes', async () => {
		gate.limited('86400');
		expect(await timeOf('a')).toEqual([120_000]);
	});

	it('never opens earlier because a later 429 asks for less', async () => {
		gate.limited('30');
		gate.limited('2');
		expect(await timeOf('a')).toEqual([30_000]);
	});

	it('pauses longer with every 429 that names no time, up to a minute', async () => {
		const pauses: number[] = [];
		for (let count = 0; count < 9; count++) {
			const start = clock.now();
			gate.limited(undefined);
			let end = start;
			void gate.pass().then(() => (end = clock.now()));
			await clock.advance(200_000);
			pauses.push(end - start);
		}
		expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
	});

	it.each([
		[0, 750],
		[1, 1_250],
	])('spreads its own pause by chance (%d): %i milliseconds', async (chance, milliseconds) => {
		clock.chance = chance;
		gate.limited(undefined);
		expect(await timeOf('a')).toEqual([milliseconds]);
	});

	it('forgets how long it paused once a request was taken', async () => {
		gate.limited(undefined);
		gate.limited(undefined);
		await clock.advance(100_000);
		gate.allowed();
		const start = clock.now() - NOW;
		gate.limited(undefined);
		expect(await timeOf('a')).toEqual([start + 1_000]);
	});

	it('lets those who waited go one by one', async () => {
		gate.limited('5');
		expect(await timeOf('a', 'b', 'c', 'd')).toEqual([5_000, 5_250, 5_500, 5_750]);
	});

	it('keeps them further apart with every further 429', async () => {
		for (let count = 0; count < 2; count++) {
			gate.limited('5');
			await clock.advance(5_000);
		}
		gate.limited('5');
		expect(await timeOf('a', 'b', 'c')).toEqual([15_000, 16_000, 17_000]);
	});

	it('takes the 429s of one burst for one: its requests were all under way', async () => {
		for (let count = 0; count < 5; count++) gate.limited(undefined);
		expect(await timeOf('a', 'b')).toEqual([1_000, 1_250]);
		gate.limited(undefined);
		expect(await timeOf('c')).toEqual([1_002_000]);
	});

	it('stays closed for as long as the most patient answer of a burst asks for', async () => {
		gate.limited('2');
		gate.limited('7');
		gate.limited('3');
		expect(await timeOf('a', 'b')).toEqual([7_000, 7_250]);
	});

	it('never keeps them further apart than 15 seconds', async () => {
		for (let count = 0; count < 20; count++) {
			gate.limited('1');
			await clock.advance(1_000);
		}
		expect(await timeOf('a', 'b', 'c')).toEqual([20_000, 35_000, 50_000]);
	});

	it('goes faster with every request that is taken, until nobody waits', async () => {
		gate.limited('0');
		const distances: number[] = [];
		for (let count = 0; count < 8; count++) {
			await clock.advance(100_000);
			const start = clock.now() - NOW;
			const [, second] = await timeOf(`first${count}`, `second${count}`);
			distances.push((second ?? NaN) - start);
			gate.allowed();
		}
		expect(distances[0]).toBe(250);
		expect(distances[1]).toBeCloseTo(175);
		expect(distances.at(-1)).toBe(0);
		expect([...distances].sort((a, b) => b - a)).toEqual(distances);
	});

	it('lets somebody go whose signal aborts', async () => {
		const controller = new AbortController();
		gate.limited('60');
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
		gate.limited('2');
		const order: number[] = [];
		const all = [0, 1, 2, 3].map(async (name) => {
			await gate.pass();
			order.push(name);
		});
		await clock.advance(60_000);
		await Promise.all(all);
		expect(order).toEqual([0, 1, 2, 3]);
	});

	it('lets in who comes after everybody else has gone away', async () => {
		const clock = new FakeClock();
		const gate = new Gate(clock);
		gate.limited('2');
		const gone = new AbortController();
		const first = gate.pass(gone.signal);
		gone.abort();
		const second = gate.pass();
		expect(await first).toBe(false);
		await clock.advance(2_000);
		expect(await second).toBe(true);
		// It waited for the turn, and did not go round and round meanwhile.
		expect(clock.waits.length).toBeLessThan(5);
	});

	it('takes no turn away for a signal that had aborted before', async () => {
		gate.limited('5');
		send('gone', AbortSignal.abort());
		expect(await timeOf('a')).toEqual([5_000]);
		expect(passed.get('gone')).toBe(0);
	});

	describe('is stuck', () => {
		it('when nothing was taken for longer than the patience lasts', async () => {
			gate.limited(undefined);
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
			gate.limited('60');
			await clock.advance(125_000);
			expect(gate.isStuck(10_000)).toBe(false);
			await clock.advance(2_000);
			expect(gate.isStuck(10_000)).toBe(true);
		});

		it('not before the patience ends when the API asked for little', async () => {
			gate.limited('1');
			await clock.advance(299_000);
			expect(gate.isStuck(300_000)).toBe(false);
			await clock.advance(2_000);
			expect(gate.isStuck(300_000)).toBe(true);
		});
	});
});
