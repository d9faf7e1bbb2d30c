/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import type { Clock } from '../../../nodes/shared/kit/clock';
import { seeded } from './pacing';

/** Rounds of the event loop in which everything that is not waiting for time comes to rest. */
const SETTLING_ROUNDS = 4;

interface Timer {
	at: number;
	order: number;
	ring(): void;
}

/** Time that passes only when nothing else is left to do: hours in seconds, the same in every run. */
export class VirtualClock implements Clock {
	private time = 0;

	private count = 0;

	private timers: Timer[] = [];

	readonly random = seeded(7);

	now(): number {
		return this.time;
	}

	date(): number {
		return this.time;
	}

	async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) return;
		await new Promise<void>((resolve) => {
			const stop = () => {
				this.timers = this.timers.filter((other) => other !== timer);
				resolve();
			};
			const timer = this.add(milliseconds, () => {
				signal?.removeEventListener('abort', stop);
				resolve();
			});
			signal?.addEventListener('abort', stop);
		});
	}

	deadline(milliseconds: number): AbortSignal {
		const controller = new AbortController();
		this.add(milliseconds, () => controller.abort());
		return controller.signal;
	}

	/** Lets time pass until the work is done. */
	async until<T>(work: Promise<T>): Promise<T> {
		let done = false;
		const end = () => {
			done = true;
		};
		work.then(end, end);
		for (;;) {
			for (let round = 0; round < SETTLING_ROUNDS; round++) {
				await new Promise((resolve) => setImmediate(resolve));
			}
			if (done) return await work;
			const next = this.timers.sort((a, b) => a.at - b.at || a.order - b.order).shift();
			if (!next) throw new Error('everything waits, and for nothing');
			this.time = Math.max(this.time, next.at);
			next.ring();
		}
	}

	private add(milliseconds: number, ring: () => void): Timer {
		const timer = { at: this.time + Math.max(0, milliseconds), order: this.count++, ring };
		this.timers.push(timer);
		return timer;
	}
}
