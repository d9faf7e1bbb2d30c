import type { RateLimitHeaders } from './headers';

/** Requests a minute of Segmind's plans, by its several pages [docs]; whoever tries the node has the smallest. */
const PLANS = [5, 50, 60, 120, 500];
const SMALLEST_PLAN = 5;

/** With such a limit, or once so many went through within a minute, no request has to be saved. */
const AMPLE_LIMIT = 200;
const AMPLE_TAKEN = 120;

/** Requests of the last minute that are remembered: no plan is known to take as many. */
const MAX_COUNTED = 1_000;

const MINUTE_MS = 60_000;

/** A request may travel longer than a later one. */
const TRAVEL_MARGIN_MS = 150;

/** Headers name whole seconds, rounded up. */
const ROUNDING_MS = 2_000;

/** A refusal comes at once: what has no answer after so long was taken, as a synchronous submit is. */
const TAKEN_AFTER_MS = 2_000;

/** The first pause after a refusal, which doubles with each further one up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 7_000;

/** Refusals that are over sooner than this have nothing to do with the requests of a minute. */
const STRAY_MS = 5_000;

/** So many refusals in a row show a limit, although none of them says how long it lasts. */
const CONVINCING_REFUSALS = 3;

/** A limit is tried out again after so long: the plan may have changed, or somebody else has used the key. */
const BELIEVED_MS = 300_000;

/** Refusals since a request was last taken; those of requests that were under way at the same time are one. */
interface Refusals {
	count: number;
	sinceMs: number;
	/** What the last of them asked to wait, if anything. */
	askedMs?: number;
}

/**
 * The requests that the account's rate limit leaves, by what this run has sent and what came of it: headers name the
 * limit, refusals show it, and so does each request that goes through beyond what a plan takes. Times are those of the
 * run's clock.
 */
export class RequestBudget {
	/** When the requests of the last minute went out, and those that have no answer yet; oldest first. */
	private sentAtMs: number[] = [];
	private unansweredAtMs: number[] = [];

	/** Since when requests count, where a minute begins for all of them at once. */
	private minuteBeganMs = -Infinity;
	private isSliding = false;

	/** Requests a minute, once that is known, and when it was learnt. */
	private limit: number | undefined;
	private learntAtMs = 0;

	/** The most that went through within a minute. */
	private mostTaken = 0;

	private refusals: Refusals | undefined;
	private closedUntilMs = 0;

	get isKnown(): boolean {
		return this.limit !== undefined;
	}

	/** Whether nothing tells yet that the plan takes more than the smallest one. */
	get isUnknown(): boolean {
		return this.limit === undefined && this.mostTaken <= SMALLEST_PLAN;
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
		return Math.max(0, this.perMinute - this.countedSince(nowMs + spanMs - MINUTE_MS).length);
	}

	/** When the next request may go out, by what is known now. */
	nextAtMs(nowMs: number): number {
		this.forget(nowMs);
		const used = this.used(nowMs);
		// After a refusal, and beyond what is known, one goes first, and the others wait for its answer.
		const isTrial = this.refusals ?? (this.limit === undefined && used >= this.perMinute);
		const [oldestMs] = this.unansweredAtMs;
		const answerMs = isTrial && oldestMs !== undefined ? oldestMs + TAKEN_AFTER_MS : 0;
		// A refusal that says when to come again knows better than the count.
		const freeMs = this.refusals?.askedMs === undefined ? this.freeAtMs(nowMs, used) : 0;
		return Math.max(nowMs, this.closedUntilMs, answerMs, freeMs);
	}

	/** Whether requests were refused for so long that going on makes no sense: twice what was asked for, at the least. */
	isStuck(nowMs: number, patienceMs: number): boolean {
		if (!this.refusals) return false;
		const { sinceMs, askedMs } = this.refusals;
		const leastMs = askedMs === undefined ? 0 : 2 * askedMs + STRAY_MS;
		return nowMs - sinceMs > Math.max(patienceMs, leastMs);
	}

	noteSent(nowMs: number): void {
		this.sentAtMs.push(nowMs);
		if (this.sentAtMs.length > MAX_COUNTED) this.sentAtMs.shift();
		this.unansweredAtMs.push(nowMs);
	}

	noteNoAnswer(): void {
		this.unansweredAtMs.shift();
	}

	noteTaken(nowMs: number, { remaining, resetInMs }: RateLimitHeaders): void {
		this.unansweredAtMs.shift();
		const { refusals } = this;
		this.refusals = undefined;
		this.mostTaken = Math.max(this.mostTaken, this.used(nowMs));
		if (remaining !== undefined) {
			this.countMinute(nowMs, resetInMs);
			this.learn(nowMs, this.used(nowMs) + remaining);
			return;
		}
		const isStray = refusals && nowMs - refusals.sinceMs < STRAY_MS;
		if (refusals?.askedMs !== undefined && !isStray && !this.isSliding) this.minuteBeganMs = nowMs - 1;
		const used = this.used(nowMs);
		if (this.limit !== undefined && used > this.limit) this.limit = isStray ? undefined : used;
	}

	/** @param chance from 0 to 1: runs that share a key don't come back at the same moment */
	noteRefused(nowMs: number, { retryAfterMs, resetInMs }: RateLimitHeaders, chance: number): void {
		this.unansweredAtMs.shift();
		// What is refused doesn't count.
		this.sentAtMs.pop();
		// A time that has passed says nothing: this machine's clock may be ahead.
		const askedMs = [retryAfterMs, resetInMs].find((ms) => ms !== undefined && ms > 0);
		const isNew = nowMs >= this.closedUntilMs;
		const { count, sinceMs } = this.refusals ?? { count: 0, sinceMs: nowMs };
		this.refusals = { count: Math.max(1, count + (isNew ? 1 : 0)), sinceMs, askedMs };
		// Had the minute begun anew for all requests, this one would not have been refused.
		if (this.used(nowMs) < (this.limit ?? 0)) {
			this.isSliding ||= this.minuteBeganMs > nowMs - MINUTE_MS;
			this.minuteBeganMs = -Infinity;
		}
		this.countMinute(nowMs, askedMs);
		const isConvincing = askedMs !== undefined || this.refusals.count >= CONVINCING_REFUSALS;
		// Fewer than the smallest plan takes: somebody else uses the key, or it is no matter of the plan.
		const used = this.used(nowMs);
		if (isNew && isConvincing && used >= SMALLEST_PLAN) this.learn(nowMs, used);
		const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.refusals.count - 1));
		const ownMs = pauseMs * (0.75 + chance / 2);
		this.closedUntilMs = Math.max(this.closedUntilMs, nowMs + Math.max(ownMs, askedMs ?? 0));
	}

	private learn(nowMs: number, limit: number): void {
		this.limit = Math.max(SMALLEST_PLAN, limit);
		this.learntAtMs = nowMs;
	}

	/** Counts only the requests of the minute that ends in so long, if that can be. */
	private countMinute(nowMs: number, endsInMs: number | undefined): void {
		if (endsInMs === undefined || endsInMs > MINUTE_MS) return;
		this.minuteBeganMs = Math.max(this.minuteBeganMs, nowMs + endsInMs - MINUTE_MS - ROUNDING_MS);
	}

	private countedSince(sinceMs: number): number[] {
		return this.sentAtMs.filter((atMs) => atMs > Math.max(sinceMs, this.minuteBeganMs));
	}

	private used(nowMs: number): number {
		return this.countedSince(nowMs - MINUTE_MS - TRAVEL_MARGIN_MS).length;
	}

	/** When one more may go out after `used` of the requests that count. */
	private freeAtMs(nowMs: number, used: number): number {
		if (this.limit === undefined || used < this.limit) return 0;
		const counted = this.countedSince(nowMs - MINUTE_MS - TRAVEL_MARGIN_MS);
		return (counted[used - this.limit] ?? 0) + MINUTE_MS + TRAVEL_MARGIN_MS;
	}

	private forget(nowMs: number): void {
		const sinceMs = nowMs - MINUTE_MS - TRAVEL_MARGIN_MS;
		while ((this.sentAtMs[0] ?? Infinity) <= sinceMs) this.sentAtMs.shift();
		while ((this.unansweredAtMs[0] ?? Infinity) <= nowMs - TAKEN_AFTER_MS) {
			this.unansweredAtMs.shift();
		}
		this.mostTaken = Math.max(this.mostTaken, this.used(nowMs) - this.unansweredAtMs.length);
		if (nowMs > this.learntAtMs + BELIEVED_MS) this.limit = undefined;
	}
}
