import type { RateLimitHeaders } from './headers';

/** Requests a minute of Segmind's plans, by its several pages [docs]; whoever tries the node has the smallest. */
const PLANS = [5, 50, 60, 120, 500];
const SMALLEST_PLAN = 5;

/** With such a limit, or once so many were taken within a minute, no request has to be saved. */
const AMPLE_LIMIT = 200;
const AMPLE_TAKEN = 120;

/** No plan is known to take more requests a minute than are remembered. */
const MAX_REMEMBERED = 1_000;

const MINUTE_MS = 60_000;

/** A request counts for a minute, and for as long as it may have travelled longer than a later one. */
const COUNTS_FOR_MS = MINUTE_MS + 150;

/** Headers name whole seconds, rounded up. */
const ROUNDING_MS = 2_000;

/** A refusal comes at once: what has no answer after so long was taken, as a synchronous submit is. */
const TAKEN_AFTER_MS = 2_000;

/** The first pause after a refusal; each further one doubles it, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 7_000;

/** Refusals that are over sooner than this have nothing to do with the requests of a minute. */
const STRAY_MS = 5_000;

/** So many refusals in a row show a limit although none of them says when it ends. */
const CONVINCING_REFUSALS = 3;

/** What is known of the limit is tried out again after so long: it may have been somebody else's requests. */
const BELIEVED_MS = 300_000;

/**
 * The requests that the account's rate limit leaves: headers name it, refusals show it, and so does what is taken
 * beyond a plan. Pure: all times are handed in.
 */
export class RequestBudget {
	/** When the requests that count went out, and those without an answer yet; oldest first. */
	private sentAtMs: number[] = [];
	private unansweredAtMs: number[] = [];

	/** Requests a minute, once known. */
	private limit: number | undefined;
	private believedUntilMs = 0;

	/** The most that was taken within a minute. */
	private mostTaken = 0;

	/** Refusals since a request was taken, and what the last one asked for. Those that come together are one. */
	private refusals: { count: number; sinceMs: number; askedMs?: number } | undefined;
	private closedUntilMs = 0;

	/** Whether minutes have turned out not to begin for all requests at once, and what no longer counts if they do. */
	private isSliding = false;
	private beforeResetMs: number[] = [];

	get isKnown(): boolean {
		return this.limit !== undefined;
	}

	/** Whether nothing rules the smallest plan out yet. */
	get isUnknown(): boolean {
		return !this.isKnown && this.mostTaken <= SMALLEST_PLAN;
	}

	/** Whether it is known that no request has to be saved. */
	get isAmple(): boolean {
		return this.limit === undefined ? this.mostTaken > AMPLE_TAKEN : this.limit >= AMPLE_LIMIT;
	}

	/** Requests a minute: as known, else those of the smallest plan that isn't ruled out. */
	get perMinute(): number {
		return this.limit ?? PLANS.find((plan) => this.mostTaken <= plan) ?? Infinity;
	}

	/** Requests that may go out within a time from now on. */
	within(nowMs: number, spanMs: number): number {
		if (spanMs >= MINUTE_MS) return (this.perMinute * spanMs) / MINUTE_MS;
		const counting = this.sentAtMs.filter((atMs) => atMs > nowMs + spanMs - MINUTE_MS);
		return Math.max(0, this.perMinute - counting.length);
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
		const { sinceMs, askedMs } = this.refusals ?? { sinceMs: nowMs };
		const leastMs = askedMs === undefined ? 0 : 2 * askedMs + STRAY_MS;
		return nowMs - sinceMs > Math.max(patienceMs, leastMs);
	}

	noteSent(nowMs: number): void {
		this.sentAtMs = [...this.sentAtMs.slice(1 - MAX_REMEMBERED), nowMs];
		this.unansweredAtMs.push(nowMs);
	}

	noteNoAnswer(): void {
		this.unansweredAtMs.shift();
	}

	noteTaken(nowMs: number, { remaining, resetInMs }: RateLimitHeaders): void {
		this.unansweredAtMs.shift();
		this.forget(nowMs);
		const { refusals, limit = Infinity } = this;
		this.refusals = undefined;
		if (remaining !== undefined) {
			this.countMinute(nowMs, resetInMs);
			this.learn(nowMs, this.sentAtMs.length + remaining);
		} else if (refusals && nowMs - refusals.sinceMs < STRAY_MS) {
			if (this.sentAtMs.length > limit) this.limit = undefined;
		} else if (refusals) {
			// What was waited for is over: a minute has begun for all requests, as far as is known.
			if (refusals.askedMs === undefined || this.isSliding) return;
			this.beforeResetMs = this.sentAtMs.splice(0, this.sentAtMs.length - 1);
		} else if (this.sentAtMs.length > limit) {
			this.limit = this.sentAtMs.length;
		}
	}

	/** @param chance from 0 to 1: runs that share a key don't come back at the same moment */
	noteRefused(nowMs: number, { retryAfterMs, resetInMs }: RateLimitHeaders, chance: number): void {
		this.unansweredAtMs.shift();
		// What is refused doesn't count.
		this.sentAtMs.pop();
		// Had a minute begun for all requests, this one would not have been refused.
		if (this.sentAtMs.length < (this.limit ?? 0)) {
			this.sentAtMs.unshift(...this.beforeResetMs.splice(0));
			this.isSliding = true;
		}
		const askedMs = retryAfterMs ?? resetInMs;
		const isNew = nowMs >= this.closedUntilMs;
		const { count, sinceMs } = this.refusals ?? { count: 0, sinceMs: nowMs };
		this.refusals = { count: Math.max(1, isNew ? count + 1 : count), sinceMs, askedMs };
		this.countMinute(nowMs, askedMs);
		const isConvincing = askedMs !== undefined || this.refusals.count >= CONVINCING_REFUSALS;
		// Fewer than the smallest plan takes: somebody else uses the key, or it is no matter of the plan.
		if (isNew && isConvincing && this.sentAtMs.length >= SMALLEST_PLAN) {
			this.learn(nowMs, this.sentAtMs.length);
		}
		// Pauses grow, whatever a header says.
		const growingMs = FIRST_PAUSE_MS * 2 ** (this.refusals.count - 1);
		const ownMs = Math.min(LONGEST_PAUSE_MS, growingMs) * (0.75 + chance / 2);
		this.closedUntilMs = Math.max(this.closedUntilMs, nowMs + Math.max(ownMs, askedMs ?? 0));
	}

	private learn(nowMs: number, limit: number): void {
		this.limit = Math.max(SMALLEST_PLAN, limit);
		this.believedUntilMs = nowMs + BELIEVED_MS;
	}

	/** Counts only the requests of the minute that ends in so long. */
	private countMinute(nowMs: number, endsInMs = Infinity): void {
		if (endsInMs > MINUTE_MS) return;
		const beganMs = nowMs + endsInMs - MINUTE_MS - ROUNDING_MS;
		this.sentAtMs = this.sentAtMs.filter((atMs) => atMs > beganMs);
	}

	private forget(nowMs: number): void {
		this.sentAtMs = this.sentAtMs.filter((atMs) => atMs > nowMs - COUNTS_FOR_MS);
		this.unansweredAtMs = this.unansweredAtMs.filter((atMs) => atMs > nowMs - TAKEN_AFTER_MS);
		this.mostTaken = Math.max(this.mostTaken, this.sentAtMs.length - this.unansweredAtMs.length);
		if (nowMs > this.believedUntilMs) this.limit = undefined;
	}
}
