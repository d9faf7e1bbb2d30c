import { sleep } from 'n8n-workflow';
import { linkSignals, raceWithAbort } from './signals';

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
