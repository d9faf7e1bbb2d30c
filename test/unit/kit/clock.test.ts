import { startStopwatch } from '../../support/stopwatch';
import { systemClock } from '../../../nodes/shared/kit/clock';
import { linkSignals, raceWithAbort } from '../../../nodes/shared/kit/signals';

const never = new Promise<never>(() => undefined);

describe('a race with an abort', () => {
	it('gives what the work gives when the signal stays quiet', async () => {
		expect(await raceWithAbort(Promise.resolve(1), new AbortController().signal)).toBe(1);
	});

	it('ends with undefined as soon as the signal aborts', async () => {
		const controller = new AbortController();
		const race = raceWithAbort(never, controller.signal);
		controller.abort();
		expect(await race).toBeUndefined();
	});

	it('ends at once when the signal had aborted before', async () => {
		expect(await raceWithAbort(never, AbortSignal.abort())).toBeUndefined();
	});

	it('passes on that the work failed', async () => {
		const { signal } = new AbortController();
		await expect(raceWithAbort(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
	});

	it.each([
		['came to its end', Promise.resolve(1)],
		['failed', Promise.reject(new Error('no'))],
	])('lets go of the signal when the work %s', async (_, work) => {
		const { signal } = new AbortController();
		const added = jest.spyOn(signal, 'addEventListener');
		const removed = jest.spyOn(signal, 'removeEventListener');
		await raceWithAbort(work, signal).catch(() => undefined);
		expect(added).toHaveBeenCalledTimes(1);
		expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
	});
});

describe('linked signals', () => {
	it.each([0, 1])('abort when source %i does', (index) => {
		const sources = [new AbortController(), new AbortController()];
		const linked = linkSignals(...sources.map(({ signal }) => signal));
		expect(linked.signal.aborted).toBe(false);
		sources[index]?.abort();
		expect(linked.signal.aborted).toBe(true);
	});

	it('are aborted from the beginning when a source is', () => {
		const { signal } = new AbortController();
		expect(linkSignals(signal, AbortSignal.abort()).signal.aborted).toBe(true);
	});

	it('take a source that is not there', () => {
		const controller = new AbortController();
		const linked = linkSignals(undefined, controller.signal);
		controller.abort();
		expect(linked.signal.aborted).toBe(true);
	});

	it('leave nothing behind on a source once released', () => {
		const controller = new AbortController();
		const added = jest.spyOn(controller.signal, 'addEventListener');
		const removed = jest.spyOn(controller.signal, 'removeEventListener');
		const linked = linkSignals(controller.signal);
		linked.release();
		expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
		controller.abort();
		expect(linked.signal.aborted).toBe(false);
	});
});

describe('the clock of the machine', () => {
	it('waits as long as it is asked to', async () => {
		const start = performance.now();
		await systemClock.wait(40);
		expect(performance.now() - start).toBeGreaterThanOrEqual(35);
	});

	it('ends a wait when the signal aborts', async () => {
		const controller = new AbortController();
		const end = startStopwatch();
		const wait = systemClock.wait(800, controller.signal);
		controller.abort();
		await wait;
		expect(end()).toBeLessThan(400);
	});

	it('does not wait for a time that is over', async () => {
		const end = startStopwatch();
		await systemClock.wait(-1_000);
		expect(end()).toBeLessThan(500);
	});

	it('tells the time of the machine', () => {
		expect(Math.abs(systemClock.date() - Date.now())).toBeLessThan(1_000);
	});

	it.each([-3_600_000, 3_600_000])('goes on when somebody sets the time by %d ms', (change) => {
		const before = systemClock.now();
		const set = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + change);
		const passed = systemClock.now() - before;
		set.mockRestore();
		expect(passed).toBeGreaterThanOrEqual(0);
		expect(passed).toBeLessThan(10_000);
	});

	it.each([2 ** 31, 2 ** 40, Infinity])('waits on when asked for %d milliseconds', async (ms) => {
		const controller = new AbortController();
		let isOver = false;
		const wait = systemClock.wait(ms, controller.signal).then(() => {
			isOver = true;
		});
		await systemClock.wait(60);
		expect(isOver).toBe(false);
		controller.abort();
		await wait;
		expect(isOver).toBe(true);
	});

	it('draws numbers from 0 to 1, and not always the same', () => {
		const drawn = Array.from({ length: 20 }, () => systemClock.random());
		expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...drawn)).toBeLessThan(1);
		expect(new Set(drawn).size).toBeGreaterThan(1);
	});

	it('sets a deadline that aborts', async () => {
		const deadline = systemClock.deadline(20.5);
		expect(deadline.aborted).toBe(false);
		await raceWithAbort(never, deadline);
		expect(deadline.aborted).toBe(true);
	});

	it.each([0, -5, Infinity, 2 ** 40])('takes a deadline of %d milliseconds', (milliseconds) => {
		expect(systemClock.deadline(milliseconds).aborted).toBe(false);
	});
});

describe('waiting for the same signal', () => {
	it('has one listener on it, however many wait', () => {
		const { signal } = new AbortController();
		const added = jest.spyOn(signal, 'addEventListener');
		const linked = Array.from({ length: 50 }, () => linkSignals(signal));
		expect(added).toHaveBeenCalledTimes(1);
		linked.slice(1).forEach(({ release }) => release());
		const removed = jest.spyOn(signal, 'removeEventListener');
		linked[0]?.release();
		expect(removed).toHaveBeenCalledTimes(1);
	});
});
