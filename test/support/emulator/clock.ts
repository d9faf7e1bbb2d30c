/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { clearTimeout, setTimeout } from 'node:timers';

/** An injected clock may be moved without advance(), so waits look at it this often. */
const INJECTED_CLOCK_CHECK_MS = 20;

/** setTimeout takes no more than 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Wait {
	at: number;
	timer?: NodeJS.Timeout;
	resolve: () => void;
	reject: (reason: Error) => void;
}

/** The emulator's clock, in milliseconds, and everybody who waits for a moment on it. */
export class Clock {
	private offset = 0;
	private readonly waits = new Set<Wait>();
	private ended?: string;

	constructor(private readonly source?: () => number) {}

	now(): number {
		return (this.source ?? Date.now)() + this.offset;
	}

	advance(ms: number): void {
		this.offset += ms;
		for (const wait of [...this.waits]) this.check(wait);
	}

	/** Resolves when now() has reached `at`; rejects at cancel(), and ever after end(). */
	async until(at: number): Promise<void> {
		if (this.ended !== undefined) throw new Error(this.ended);
		if (this.now() >= at) return;
		await new Promise<void>((resolve, reject) => {
			const wait: Wait = { at, resolve, reject };
			this.waits.add(wait);
			this.check(wait);
		});
	}

	/** Rejects everybody who waits; leaves no timer behind. */
	cancel(reason: string): void {
		for (const wait of this.waits) {
			clearTimeout(wait.timer);
			wait.reject(new Error(reason));
		}
		this.waits.clear();
	}

	/** Like cancel(), and nobody waits any more. */
	end(reason: string): void {
		this.ended = reason;
		this.cancel(reason);
	}

	private check(wait: Wait): void {
		clearTimeout(wait.timer);
		const left = wait.at - this.now();
		if (left <= 0) {
			this.waits.delete(wait);
			wait.resolve();
			return;
		}
		const longest = this.source ? INJECTED_CLOCK_CHECK_MS : LONGEST_TIMER_MS;
		wait.timer = setTimeout(() => this.check(wait), Math.min(left, longest));
	}
}

/** Waits for a promise, but no longer than `ms` of real time; errors of the promise pass through. */
export async function patiently(promise: Promise<unknown>, ms: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const patience = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, ms);
	});
	try {
		await Promise.race([promise, patience]);
	} finally {
		clearTimeout(timer);
	}
}
