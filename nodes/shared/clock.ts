import { sleep } from 'n8n-workflow';

/** Time and chance, passed in wherever a decision depends on them, so that tests can hold them still. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Resolves after `milliseconds`, or at once when the signal aborts: look at the signal afterwards. */
	wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
	/** A number from 0 to 1. */
	random(): number;
	/** A signal that aborts after `milliseconds`. */
	deadline(milliseconds: number): AbortSignal;
}

/** Timers take at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Resolves when the signal aborts or `work` settles, whichever is first. */
export async function raceWithAbort<T>(
	work: Promise<T>,
	signal?: AbortSignal,
): Promise<T | undefined> {
	if (!signal) return await work;
	if (signal.aborted) {
		work.catch(() => undefined);
		return undefined;
	}
	let onAbort: () => void = () => undefined;
	const aborted = new Promise<undefined>((resolve) => {
		onAbort = () => resolve(undefined);
		signal.addEventListener('abort', onAbort);
	});
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}

/** The clock of the machine. */
export const systemClock: Clock = {
	now: () => Date.now(),
	wait: async (milliseconds, signal) => {
		// n8n before 2.31 takes no signal here, and the timer runs on; hence the race.
		const slept = sleep(Math.max(0, milliseconds), signal).catch(() => undefined);
		await raceWithAbort(slept, signal);
	},
	random: () => Math.random(),
	deadline: (milliseconds) =>
		AbortSignal.timeout(Math.min(LONGEST_TIMER, Math.max(1, Math.ceil(milliseconds)))),
};

/** One signal out of several, which lets go of them when it is no longer needed. */
export interface LinkedSignal {
	signal: AbortSignal;
	/** No longer aborts when this source does. */
	forget(source: AbortSignal): void;
	/** No longer aborts at all. */
	release(): void;
}

/**
 * Aborts as soon as one of `sources` does. Unlike `AbortSignal.any`, it leaves nothing behind on a
 * long-lived source once released.
 */
export function linkSignals(...sources: Array<AbortSignal | undefined>): LinkedSignal {
	const controller = new AbortController();
	const abort = () => controller.abort();
	const known = sources.filter((source) => source !== undefined);
	const forget = (source: AbortSignal) => source.removeEventListener('abort', abort);
	for (const source of known) {
		if (source.aborted) abort();
		else source.addEventListener('abort', abort);
	}
	return {
		signal: controller.signal,
		forget,
		release: () => known.forEach(forget),
	};
}
