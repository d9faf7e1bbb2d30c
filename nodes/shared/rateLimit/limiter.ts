import type { Clock } from '../kit/clock';
import { linkSignals } from '../kit/signals';
import { readRateLimitHeaders } from './headers';
import { RequestBudget } from './requestBudget';

/** What is paid for comes home before anything new is bought, and what is finished before the rest. */
export const PRIORITY = { newWork: 0, check: 1, result: 2 } as const;

/** How a request waits for its turn: until the signal, or for so long; it may go out then all the same. */
export interface Turn {
	priority?: number;
	signal?: AbortSignal;
	patienceMs?: number;
	goesAnyway?: boolean;
}

/** Gives the requests to a host their turns, as the account's rate limit allows. */
export class RateLimiter {
	readonly budget = new RequestBudget();
	/** By priority, then first come, first served. */
	private queue: Array<{ priority: number }> = [];
	/** Ends the wait for a turn when something has changed. */
	private change = new AbortController();

	constructor(private readonly clock: Clock) {}

	/** Waits for a turn; false when the wait was ended before it came. */
	async takeTurn(turn: Turn = {}): Promise<boolean> {
		const { priority = 0, signal, goesAnyway = false } = turn;
		const waiter = { priority };
		const place = this.queue.findIndex((other) => other.priority < priority);
		this.queue.splice(place < 0 ? this.queue.length : place, 0, waiter);
		const goes = (await this.waitInLine(waiter, turn)) || (goesAnyway && !signal?.aborted);
		this.queue = this.queue.filter((other) => other !== waiter);
		if (goes) this.budget.noteSent(this.clock.now());
		this.noteChange();
		return goes;
	}

	/** How a request ended that had its turn; names of headers are in lower case. */
	noteAnswer(status: number, headers: Record<string, string | undefined>): void {
		const { budget, clock } = this;
		const read = readRateLimitHeaders(headers, clock.date());
		if (status === 429) budget.noteRefused(clock.now(), read, clock.random());
		else budget.noteTaken(clock.now(), read);
		this.noteChange();
	}

	noteNoAnswer(): void {
		this.budget.noteNoAnswer();
		this.noteChange();
	}

	private noteChange(): void {
		// With a reason of its own no error is made of it.
		this.change.abort('changed');
		this.change = new AbortController();
	}

	private async waitInLine(waiter: object, { signal, patienceMs }: Turn): Promise<boolean> {
		let patience: AbortSignal | undefined;
		while (!signal?.aborted && !patience?.aborted) {
			const nowMs = this.clock.now();
			const waitMs = this.budget.nextAtMs(nowMs) - nowMs;
			if (waitMs <= 0 && this.queue[0] === waiter) return true;
			if (patienceMs !== undefined) patience ??= this.clock.deadline(patienceMs);
			const until = linkSignals(this.change.signal, signal, patience);
			// At least a little: a clock may not be able to tell two moments apart.
			await this.clock.wait(Math.max(1, waitMs), until.signal);
			until.release();
		}
		return false;
	}
}
