import { sleep } from 'n8n-workflow';

/** Time and chance, passed in wherever a decision depends on them, so that tests can hold them still. */
export interface Clock {
	/** Milliseconds since some moment: for durations. Somebody who sets the machine's time doesn't change it. */
	now(): number;
	/** The machine's time, in milliseconds since 1970: for what is kept, and for dates that a server names. */
	date(): number;
	/** Resolves after `milliseconds`, or at once when the signal aborts: look at the signal afterwards. */
	wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
	/** A number from 0 to 1. */
	random(): number;
	/** A signal that aborts after `milliseconds`. */
	deadline(milliseconds: number): AbortSignal;
}

/** Timers take at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Everybody who waits for a signal, behind its one listener. */
interface Waiting {
	listener: () => void;
	calls: Set<() => void>;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when the signal aborts, at once when it already has. However many wait for the same signal, it
 * has one listener: Node.js warns of a leak when it counts more than ten.
 *
 * @returns takes the callback back
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
	if (signal.aborted) {
		call();
		return () => undefined;
	}
	const waiting = waitingFor.get(signal) ?? startWaiting(signal);
	waiting.calls.add(call);
	return () => {
		waiting.calls.delete(call);
		if (waiting.calls.size > 0) return;
		signal.removeEventListener('abort', waiting.listener);
		waitingFor.delete(signal);
	};
}

function startWaiting(signal: AbortSignal): Waiting {
	const calls = new Set<() => void>();
	const listener = () => [...calls].forEach((call) => call());
	signal.addEventListener('abort', listener, { once: true });
	const waiting = { listener, calls };
	waitingFor.set(signal, waiting);
	return waiting;
}

/** Resolves when the signal aborts or `work` settles, whichever is first. */
export async function raceWithAbort<T>(
	work: Promise<T>,
	signal?: AbortSignal,
): Promise<T | undefined> {
	if (!signal) return await work;
	let forget: () => void = () => undefined;
	const aborted = new Promise<undefined>((resolve) => {
		forget = onAbort(signal, () => resolve(undefined));
	});
	try {
		return await Promise.race([aborted, work]);
	} finally {
		forget();
	}
}

async function sleepOrAbort(milliseconds: number, signal?: AbortSignal): Promise<void> {
	// n8n before 2.31 takes no signal here, and the timer runs on; hence the race.
	const linked = linkSignals(signal);
	const slept = sleep(milliseconds, linked.signal).catch(() => undefined);
	await raceWithAbort(slept, signal);
	linked.release();
}

/** The clock of the machine. */
export const systemClock: Clock = {
	now: () => performance.now(),
	date: () => Date.now(),
	wait: async (milliseconds, signal) => {
		let left = Math.max(0, milliseconds);
		do {
			await sleepOrAbort(Math.min(LONGEST_TIMER, left), signal);
			left -= LONGEST_TIMER;
		} while (left > 0 && !signal?.aborted);
	},
	random: () => Math.random(),
	deadline: (milliseconds) =>
		AbortSignal.timeout(Math.min(LONGEST_TIMER, Math.max(1, Math.ceil(milliseconds)))),
};

/** One signal out of several, which lets go of them when it is no longer needed. */
export interface LinkedSignal {
	signal: AbortSignal;
	/** No longer aborts when `source` does, but when `instead` does, if that is given. */
	exchange(source: AbortSignal, instead?: AbortSignal): void;
	/** No longer aborts at all. */
	release(): void;
}

/**
 * Aborts as soon as one of `sources` does. Unlike `AbortSignal.any`, it leaves nothing behind on a
 * long-lived source once released.
 */
export function linkSignals(...sources: Array<AbortSignal | undefined>): LinkedSignal {
	const controller = new AbortController();
	const ties = new Map<AbortSignal, () => void>();
	const tie = (source: AbortSignal) =>
		ties.set(
			source,
			onAbort(source, () => controller.abort()),
		);
	for (const source of sources) if (source) tie(source);
	return {
		signal: controller.signal,
		exchange: (source, instead) => {
			ties.get(source)?.();
			if (instead) tie(instead);
		},
		release: () => ties.forEach((untie) => untie()),
	};
}
