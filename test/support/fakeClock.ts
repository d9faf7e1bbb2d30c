/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setImmediate as nextRound } from 'node:timers/promises';
import type { Clock } from '../../nodes/shared/kit/clock';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
	/** What was waited for, in milliseconds. */
	readonly waits: number[] = [];

	/** What `random` gives. */
	chance = 0.5;

	protected time: number;

	private sleepers: Array<{ at: number; wake: () => void }> = [];

	constructor(start = Date.UTC(2026, 0, 1)) {
		this.time = start;
	}

	now(): number {
		return this.time;
	}

	date(): number {
		return this.time;
	}

	random(): number {
		return this.chance;
	}

	deadline(): AbortSignal {
		return new AbortController().signal;
	}

	async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
		this.waits.push(milliseconds);
		if (signal?.aborted) return;
		await new Promise<void>((wake) => {
			this.sleepers.push({ at: this.time + milliseconds, wake });
			signal?.addEventListener('abort', () => wake(), { once: true });
		});
	}

	/** Lets time pass, and everybody who wakes up meanwhile do their work. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.time + milliseconds;
		for (;;) {
			await nextRound();
			this.sleepers.sort((a, b) => a.at - b.at);
			const next = this.sleepers[0];
			if (!next || next.at > end) break;
			this.sleepers.shift();
			this.time = Math.max(this.time, next.at);
			next.wake();
		}
		this.time = end;
		await nextRound();
	}
}

/** A clock on which every wait is over at once. */
export class HurriedClock extends FakeClock {
	override async wait(milliseconds: number): Promise<void> {
		this.waits.push(milliseconds);
		await nextRound();
		this.time += milliseconds;
	}
}
