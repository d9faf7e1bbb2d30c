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
	/** When the requests of the current minute went out, and those that have no answer yet; oldest first. */
	private sentAtMs: number[] = [];
	private unansweredAtMs: number[] = [];

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
		const stillCounted = this.sentAtMs.filter((atMs) => atMs > nowMs + spanMs - MINUTE_MS);
		return Math.max(0, this.perMinute - stillCounted.length);
	}

	/** When the next request may go out, by what is known now. */
	nextAtMs(nowMs: number): number {
		this.forget(nowMs);
		// After a refusal, and beyond what is known, one goes first, and the others wait for its answer.
		const isTrial =
			this.refusals !== undefined ||
			(this.limit === undefined && this.sentAtMs.length >= this.perMinute);
		const [oldestMs] = this.unansweredAtMs;
		const answerMs = isTrial && oldestMs !== undefined ? oldestMs + TAKEN_AFTER_MS : 0;
		// Where a refusal says when the minute is over, the requests before it need not be counted.
		const isFull = this.limit !== undefined && this.refusals?.askedMs === undefined;
		const freeMs = isFull ? this.freeAtMs(this.sentAtMs.length) : 0;
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
		this.forget(nowMs);
		const { refusals } = this;
		this.refusals = undefined;
		const used = this.sentAtMs.length;
		this.mostTaken = Math.max(this.mostTaken, used);
		if (remaining !== undefined) {
			this.countFrom(nowMs, resetInMs);
			this.learn(nowMs, this.sentAtMs.length + remaining);
		} else if (this.limit !== undefined && used > this.limit) {
			if (!refusals) this.limit = used;
			// No minute was waited for: it was a passing trouble.
			else if (nowMs - refusals.sinceMs < STRAY_MS) this.limit = undefined;
			// Another minute has begun for all requests at once, well before it would have for this one alone.
			else if (this.freeAtMs(used - 1) > nowMs + ROUNDING_MS) this.sentAtMs = [nowMs];
		}
	}

	/** @param chance from 0 to 1: runs that share a key don't come back at the same moment */
	noteRefused(nowMs: number, headers: RateLimitHeaders, chance: number): void {
		this.unansweredAtMs.shift();
		// What is refused doesn't count.
		this.sentAtMs.pop();
		const { retryAfterMs, resetInMs } = headers;
		// A time that has passed says nothing: this machine's clock may be ahead.
		const askedMs = [retryAfterMs, resetInMs].find((ms) => ms !== undefined && ms > 0);
		const isNew = nowMs >= this.closedUntilMs;
		const { count, sinceMs } = this.refusals ?? { count: 0, sinceMs: nowMs };
		this.refusals = { count: Math.max(1, count + (isNew ? 1 : 0)), sinceMs, askedMs };
		this.countFrom(nowMs, askedMs);
		const isConvincing = askedMs !== undefined || this.refusals.count >= CONVINCING_REFUSALS;
		// Fewer than the smallest plan takes: somebody else uses the key, or it is no matter of the plan.
		if (isNew && isConvincing && this.sentAtMs.length >= SMALLEST_PLAN) {
			this.learn(nowMs, this.sentAtMs.length);
		}
		const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.refusals.count - 1));
		const ownMs = pauseMs * (0.75 + chance / 2);
		this.closedUntilMs = Math.max(this.closedUntilMs, nowMs + Math.max(ownMs, askedMs ?? 0));
	}

	private learn(nowMs: number, limit: number): void {
		this.limit = Math.max(SMALLEST_PLAN, limit);
		this.learntAtMs = nowMs;
	}

	/** Counts only the requests of a minute that ends in so long, if that can be. */
	private countFrom(nowMs: number, endsInMs: number | undefined): void {
		if (endsInMs === undefined || endsInMs > MINUTE_MS) return;
		const beganMs = nowMs + endsInMs - MINUTE_MS - ROUNDING_MS;
		this.sentAtMs = this.sentAtMs.filter((atMs) => atMs > beganMs);
	}

	/** When one more may go out after `used` of the requests that count. */
	private freeAtMs(used: number): number {
		const lastInTheWay = this.sentAtMs[used - (this.limit ?? Infinity)];
		return lastInTheWay === undefined ? 0 : lastInTheWay + MINUTE_MS + TRAVEL_MARGIN_MS;
	}

	private forget(nowMs: number): void {
		const since = nowMs - MINUTE_MS - TRAVEL_MARGIN_MS;
		while ((this.sentAtMs[0] ?? Infinity) <= since) this.sentAtMs.shift();
		while ((this.unansweredAtMs[0] ?? Infinity) <= nowMs - TAKEN_AFTER_MS) {
			this.unansweredAtMs.shift();
		}
		this.mostTaken = Math.max(this.mostTaken, this.sentAtMs.length - this.unansweredAtMs.length);
		if (nowMs > this.learntAtMs + BELIEVED_MS) this.limit = undefined;
	}
}
