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

/** Timers take at most a signed 32-bit number of milliseconds: what is longer than that ends after 24 days. */
const inTimerRange = (milliseconds: number): number =>
	Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(milliseconds)));

/** The clock of the machine. */
export const systemClock: Clock = {
	now: () => performance.now(),
	date: () => Date.now(),
	wait: async (milliseconds, signal) => {
		const linked = linkSignals(signal);
		const slept = sleep(inTimerRange(milliseconds), linked.signal).catch(() => undefined);
		// n8n before 2.31 takes no signal in its sleep, and the timer runs on; hence the race.
		await raceWithAbort(slept, linked.signal);
		linked.release();
	},
	random: () => Math.random(),
	deadline: (milliseconds) => AbortSignal.timeout(inTimerRange(milliseconds)),
};
