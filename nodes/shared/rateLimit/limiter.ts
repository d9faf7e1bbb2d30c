import type { Clock } from '../kit/clock';
import { linkSignals, onAbort } from '../kit/signals';
import { readRateLimitHeaders } from './headers';
import { RequestBudget } from './requestBudget';

/** What is paid for comes home before anything new is bought, and what is finished before the rest. */
export const PRIORITY = { newWork: 0, check: 1, result: 2 } as const;

/** How a request waits for its turn. */
export interface Turn {
	priority?: number;
	/** Ends the wait, as it does after `patienceMs`. */
	signal?: AbortSignal;
	patienceMs?: number;
	/** When patience ends, it goes out all the same: a refusal costs nothing. */
	goesAnyway?: boolean;
}

/** Gives the requests to a host their turns, as the account's rate limit allows. */
export class RateLimiter {
	readonly budget = new RequestBudget();

	/** By priority, then first come, first served. */
	private queue: Array<{ priority: number; go(): void }> = [];
	private isServing = false;

	/** Ends the wait for the next turn when something has changed. */
	private wakeUp = new AbortController();

	constructor(private readonly clock: Clock) {}

	/** Waits for a turn; false when the wait was ended before it came. */
	async takeTurn({ priority = 0, signal, patienceMs, goesAnyway }: Turn = {}): Promise<boolean> {
		if (signal?.aborted) return false;
		if (this.queue.length > 0 || this.waitMs() > 0) {
			const patience = patienceMs === undefined ? undefined : this.clock.deadline(patienceMs);
			const linked = linkSignals(signal, patience);
			const came = await this.waitInLine(priority, linked.signal);
			linked.release();
			if (came || signal?.aborted || !goesAnyway) return came;
		}
		this.budget.noteSent(this.clock.now());
		return true;
	}

	/** How a request ended that had its turn; names of headers are in lower case. */
	noteAnswer(status: number, headers: Record<string, string | undefined>): void {
		const { budget, clock } = this;
		const read = readRateLimitHeaders(headers, clock.date());
		if (status === 429) budget.noteRefused(clock.now(), read, clock.random());
		else budget.noteTaken(clock.now(), read);
		this.wakeUp.abort();
	}

	noteNoAnswer(): void {
		this.budget.noteNoAnswer();
		this.wakeUp.abort();
	}

	private waitMs(): number {
		const nowMs = this.clock.now();
		return this.budget.nextAtMs(nowMs) - nowMs;
	}

	private async waitInLine(priority: number, signal: AbortSignal): Promise<boolean> {
		return await new Promise((resolve) => {
			const waiter = { priority, go: () => (forget(), resolve(true)) };
			const place = this.queue.findIndex((other) => other.priority < priority);
			this.queue.splice(place < 0 ? this.queue.length : place, 0, waiter);
			const forget = onAbort(signal, () => {
				this.queue = this.queue.filter((other) => other !== waiter);
				this.wakeUp.abort();
				resolve(false);
			});
			void this.serve();
		});
	}

	private async serve(): Promise<void> {
		if (this.isServing) return;
		this.isServing = true;
		while (this.queue.length > 0) {
			const waitMs = this.waitMs();
			if (waitMs <= 0) {
				this.budget.noteSent(this.clock.now());
				this.queue.shift()?.go();
				continue;
			}
			this.wakeUp = new AbortController();
			// At least a little: a clock may not be able to tell two moments apart.
			await this.clock.wait(Math.max(1, waitMs), this.wakeUp.signal);
		}
		this.isServing = false;
	}
}
