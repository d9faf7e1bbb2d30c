import type { Clock } from '../kit/clock';
import { linkSignals, onAbort } from '../kit/signals';
import { readRateLimitHeaders } from './headers';
import { RequestBudget } from './requestBudget';

/** What goes first where requests have to wait: what is paid for comes home before anything new is bought. */
export const PRIORITY = { newWork: 0, check: 1, result: 2 } as const;

/** How a request waits for its turn. */
export interface Turn {
	priority?: number;
	/** Ends the wait. */
	signal?: AbortSignal;
	/** Ends it, too, after so long … */
	patienceMs?: number;
	/** … and then the request goes out all the same: a refusal costs nothing. */
	goesAnyway?: boolean;
}

interface Waiter {
	priority: number;
	go(): void;
}

/** Gives the requests to a host their turns, as the account's rate limit allows. */
export class RateLimiter {
	readonly budget = new RequestBudget();

	/** By priority, then first come, first served. */
	private queue: Waiter[] = [];

	private isServing = false;

	/** Ends the wait for the next turn: something has changed. */
	private wake = new AbortController();

	constructor(private readonly clock: Clock) {}

	/** Waits for a turn. False when the wait was ended before. */
	async takeTurn({ priority = 0, signal, patienceMs, goesAnyway }: Turn = {}): Promise<boolean> {
		if (signal?.aborted) return false;
		const isFree = this.queue.length === 0 && this.budget.nextAtMs(this.now) <= this.now;
		if (!isFree) {
			const patience = patienceMs === undefined ? undefined : this.clock.deadline(patienceMs);
			const linked = linkSignals(signal, patience);
			const came = await this.waitInLine(priority, linked.signal);
			linked.release();
			if (came || signal?.aborted || !goesAnyway) return came;
		}
		this.budget.noteSent(this.now);
		return true;
	}

	/** How a request ended that had its turn; names of headers are in lower case. */
	noteAnswer(status: number, headers: Record<string, string | undefined>): void {
		const read = readRateLimitHeaders(headers, this.clock.date());
		if (status === 429) this.budget.noteRefused(this.now, read, this.clock.random());
		else this.budget.noteTaken(this.now, read);
		this.wake.abort();
	}

	noteNoAnswer(): void {
		this.budget.noteNoAnswer();
		this.wake.abort();
	}

	/** Whether requests have been refused for so long that going on makes no sense. */
	isStuck(patienceMs: number): boolean {
		return this.budget.isStuck(this.now, patienceMs);
	}

	private get now(): number {
		return this.clock.now();
	}

	private async waitInLine(priority: number, signal: AbortSignal): Promise<boolean> {
		return await new Promise((resolve) => {
			const waiter = { priority, go: () => (forgetSignal(), resolve(true)) };
			const place = this.queue.findIndex((other) => other.priority < priority);
			this.queue.splice(place < 0 ? this.queue.length : place, 0, waiter);
			const forgetSignal = onAbort(signal, () => {
				this.queue = this.queue.filter((other) => other !== waiter);
				this.wake.abort();
				resolve(false);
			});
			void this.serve();
		});
	}

	private async serve(): Promise<void> {
		if (this.isServing) return;
		this.isServing = true;
		while (this.queue.length > 0) {
			const waitMs = this.budget.nextAtMs(this.now) - this.now;
			if (waitMs <= 0) {
				this.budget.noteSent(this.now);
				this.queue.shift()?.go();
				continue;
			}
			this.wake = new AbortController();
			// At least a little: a clock may not be able to tell two moments apart.
			await this.clock.wait(Math.max(1, waitMs), this.wake.signal);
		}
		this.isServing = false;
	}
}
