import type { RateLimitHeaders } from './headers';

/** Requests a minute of Segmind's plans [docs]; whoever tries the node has the first. */
const PLANS = [5, 50, 60, 120, 500];
const SMALLEST_PLAN = 5;
/** A request counts for a minute and as long as it may have travelled longer than another; headers round up to seconds. */
const COUNTS_FOR_MS = 60_150;
const ROUNDING_MS = 2_000;
/** A refusal comes at once: what has no answer after so long was taken, as a synchronous submit is. */
const TAKEN_AFTER_MS = 2_000;
/** Pauses after refusals double, from one second on, whatever a header says. */
const LONGEST_PAUSE_MS = 7_000;
/** Refusals that are over sooner show no limit, and others show it for so long: somebody else may have used the key. */
const STRAY_MS = 5_000;
const BELIEVED_MS = 300_000;

/** The requests that the rate limit leaves, by what was sent and what came of it. All times are handed in. */
export class RequestBudget {
	/** When the requests that count went out, and those without an answer yet; oldest first. */
	private sentAtMs: number[] = [];
	private unansweredAtMs: number[] = [];
	/** Requests a minute, once headers or refusals have shown that, and the most that were taken. */
	private limit: number | undefined;
	private believedUntilMs = 0;
	private mostTaken = 0;
	/** Refusals since a request was taken: the present pause, and what the last one asked for. */
	private refusals: { sinceMs: number; pauseMs: number; askedMs?: number } | undefined;
	private closedUntilMs = 0;
	/** What no longer counts where a minute begins for all requests; undefined once minutes are known to slide. */
	private pastMs: number[] | undefined = [];

	/** Requests a minute: as known, else those of the smallest plan that isn't ruled out. */
	get perMinute(): number {
		return this.limit ?? PLANS.find((plan) => this.mostTaken <= plan) ?? Infinity;
	}

	get isKnown(): boolean {
		return this.limit !== undefined;
	}

	/** Whether nothing rules out the smallest plan yet. */
	get isUnknown(): boolean {
		return !this.isKnown && this.mostTaken <= SMALLEST_PLAN;
	}

	/** Whether no request has to be saved: five jobs that are polled every two seconds take no more. */
	get isAmple(): boolean {
		return this.perMinute >= 200;
	}

	/** Requests that may go out within a time from now on. */
	within(nowMs: number, spanMs: number): number {
		const counting = this.sentAtMs.filter((atMs) => atMs > nowMs + spanMs - COUNTS_FOR_MS);
		return Math.max(0, this.perMinute * Math.max(1, spanMs / COUNTS_FOR_MS) - counting.length);
	}

	/** When the next request may go out, by what is known now. */
	nextAtMs(nowMs: number): number {
		this.forget(nowMs);
		const used = this.sentAtMs.length;
		// After a refusal, and beyond what is known, one goes first, and the others wait for its answer.
		const isTrial = this.refusals ?? (!this.isKnown && used >= this.perMinute);
		const answerMs = isTrial ? (this.unansweredAtMs[0] ?? -Infinity) + TAKEN_AFTER_MS : 0;
		// Who says when to come again knows better than the count.
		const isFull = this.refusals?.askedMs === undefined && used >= (this.limit ?? Infinity);
		const freeMs = isFull ? (this.sentAtMs[used - this.perMinute] ?? 0) + COUNTS_FOR_MS : 0;
		return Math.max(nowMs, this.closedUntilMs, answerMs, freeMs);
	}

	/** Whether requests were refused for so long that going on makes no sense; at least twice what was asked for. */
	isStuck(nowMs: number, patienceMs: number): boolean {
		const { sinceMs, askedMs = 0 } = this.refusals ?? { sinceMs: nowMs };
		return nowMs - sinceMs > Math.max(patienceMs, 2 * askedMs);
	}

	noteSent(nowMs: number): void {
		this.sentAtMs = [...this.sentAtMs.slice(-1_000), nowMs];
		this.unansweredAtMs.push(nowMs);
	}

	noteNoAnswer(): void {
		this.unansweredAtMs.shift();
	}

	noteTaken(nowMs: number, { remaining, resetInMs }: RateLimitHeaders): void {
		this.unansweredAtMs.shift();
		this.forget(nowMs);
		// What a refusal asked for is over, and so is the minute, as far as is known.
		if (this.refusals?.askedMs) this.pastMs &&= this.sentAtMs.splice(0, this.sentAtMs.length - 1);
		this.refusals = undefined;
		if (remaining !== undefined) this.countMinute(nowMs, resetInMs);
		const { length: used } = this.sentAtMs;
		if (remaining !== undefined) this.learn(nowMs, used + remaining);
		else if (used > (this.limit ?? Infinity)) this.limit = used;
	}

	/** @param chance from 0 to 1: runs that share a key don't come back at the same moment */
	noteRefused(nowMs: number, { retryAfterMs, resetInMs }: RateLimitHeaders, chance: number): void {
		this.unansweredAtMs.shift();
		// What is refused doesn't count.
		this.sentAtMs.pop();
		if (this.pastMs?.length && this.sentAtMs.length < this.perMinute) {
			this.sentAtMs.unshift(...this.pastMs);
			this.pastMs = undefined;
			this.forget(nowMs);
		}
		const askedMs = retryAfterMs ?? resetInMs;
		this.countMinute(nowMs, askedMs);
		const { sinceMs, pauseMs: lastMs = 500 } = this.refusals ?? { sinceMs: nowMs };
		// Those that were under way together are one.
		const isNew = nowMs >= this.closedUntilMs;
		const pauseMs = isNew ? Math.min(LONGEST_PAUSE_MS, 2 * lastMs) : lastMs;
		this.refusals = { sinceMs, pauseMs, askedMs };
		const isStray = nowMs - sinceMs + (askedMs ?? 0) < STRAY_MS;
		// Fewer than the smallest plan takes: somebody else uses the key, or it is no matter of the plan.
		const { length: used } = this.sentAtMs;
		if (isNew && !isStray && used >= SMALLEST_PLAN) this.learn(nowMs, used);
		const ownMs = pauseMs * (0.75 + chance / 2);
		this.closedUntilMs = Math.max(this.closedUntilMs, nowMs + ownMs, nowMs + (askedMs ?? 0));
	}

	private learn(nowMs: number, limit: number): void {
		this.limit = Math.max(SMALLEST_PLAN, limit);
		this.believedUntilMs = nowMs + BELIEVED_MS;
	}

	/** Counts only the requests of the minute that ends in so long. */
	private countMinute(nowMs: number, endsInMs = Infinity): void {
		const beganMs = nowMs + endsInMs - COUNTS_FOR_MS - ROUNDING_MS;
		if (beganMs < nowMs) this.sentAtMs = this.sentAtMs.filter((atMs) => atMs > beganMs);
	}

	private forget(nowMs: number): void {
		this.sentAtMs = this.sentAtMs.filter((atMs) => atMs > nowMs - COUNTS_FOR_MS);
		this.unansweredAtMs = this.unansweredAtMs.filter((atMs) => atMs > nowMs - TAKEN_AFTER_MS);
		this.mostTaken = Math.max(this.mostTaken, this.sentAtMs.length - this.unansweredAtMs.length);
		if (nowMs > this.believedUntilMs) this.limit = undefined;
	}
}
