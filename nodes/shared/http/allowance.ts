/** What the smallest plan takes in a minute [docs]: whoever tries the node has that one. */
const SMALLEST = 5;

/** What the plans take in a minute, by Segmind's several pages [docs]. */
const PLANS = [SMALLEST, 50, 60, 120, 500];

/** With so many requests a minute nothing has to be saved. */
const AMPLE = 200;

/** More requests in a minute are not counted: no plan is known to take fewer of them. */
const MOST_COUNTED = 1_000;

const MINUTE = 60_000;

/** The way to Segmind may take longer for one request than for a later one; milliseconds. */
const MARGIN = 150;

/** A refusal that is over sooner has nothing to do with a minute's requests; milliseconds. */
const PASSING = 5_000;

/** Limits are told in whole seconds, rounded up; milliseconds. */
const CLEARLY = 2_000;

/** A limit is tried out again after so long, and ever later where it holds; milliseconds. */
const FIRST_TRIAL = 180_000;
const LAST_TRIAL = 1_440_000;

/** What an answer tells of the minute. */
export interface Told {
	/** Requests that are left in it. */
	remaining?: number;
	/** Until it is over, or until a refused request may come again; milliseconds. */
	resetIn?: number;
}

/**
 * What is known of the account's rate limit: requests a minute, counted from what this run has sent. Answers tell
 * of it, so does a refusal, and so does a sixth request within a minute that is let through. Times are milliseconds
 * on the clock of the run.
 */
export class Allowance {
	/** When the requests of the last minute went out; oldest first. */
	private taken: number[] = [];

	/** Those that seemed to belong to a minute that was over; oldest first. */
	private forgotten: number[] = [];

	/** Requests a minute, once something has told. */
	private limit: number | undefined;

	/** The most that went through within a minute. */
	private most = 0;

	/** What answers of the last minute told the limit to be, the lowest first, each lower than all that came later. */
	private hints: Array<{ at: number; limit: number }> = [];

	/** When the present row of refusals began. */
	private refusedSince: number | undefined;

	/** Until then an answer has told that nothing is left. */
	private emptyUntil = 0;

	/** When the API lets something through again by its own words, after a refusal. */
	private opensAt = Infinity;

	/** When the limit may be tried out, and how much later the next time. */
	private trialAt = Infinity;

	private trialEvery = FIRST_TRIAL;

	/** Requests of the last minute. */
	used(now: number): number {
		while ((this.taken[0] ?? Infinity) + MINUTE + MARGIN <= now) this.taken.shift();
		return this.taken.length;
	}

	/** Whether something has told what the limit is. */
	get isKnown(): boolean {
		return this.limit !== undefined;
	}

	/** Whether a limit is known that is worth saving requests for. */
	get isScarce(): boolean {
		return (this.limit ?? Infinity) < AMPLE;
	}

	/** Whether nothing tells yet that the plan takes more than the smallest one. */
	get isUnknown(): boolean {
		return this.limit === undefined && this.most <= SMALLEST;
	}

	/** Whether it is known that nothing has to be saved. */
	get isAmple(): boolean {
		return this.limit === undefined ? this.most > 120 : this.limit >= AMPLE;
	}

	/** Requests a minute: as known, else what the smallest plan takes that what went through does not rule out. */
	get perMinute(): number {
		return this.limit ?? PLANS.find((plan) => this.most <= plan) ?? Infinity;
	}

	/** Requests that may go out within a time from now on, as far as it is known; milliseconds. */
	within(now: number, span: number): number {
		const limit = this.perMinute;
		if (span >= MINUTE) return (limit * span) / MINUTE;
		const still = this.taken.filter((at) => at > now + span - MINUTE).length;
		return Math.max(0, limit - still);
	}

	/** When the next request may go out by what is known. */
	nextAt(now: number): number {
		const used = this.used(now);
		const open = Math.max(now, this.emptyUntil);
		if (this.limit === undefined) return open;
		const limit = this.limit + (now >= this.trialAt ? 1 : 0);
		return used < limit ? open : Math.max(open, Math.min(this.opensAt, this.freeAt(used, limit)));
	}

	/** When there are fewer than `limit` of the `used` requests in the minute that has passed. */
	private freeAt(used: number, limit: number): number {
		return (this.taken[used - limit] ?? 0) + MINUTE + MARGIN;
	}

	/** A request goes out. */
	sends(now: number): void {
		this.taken.push(now);
		if (this.taken.length > MOST_COUNTED) this.taken.shift();
	}

	/** Of the requests of the last minute, all but `open` have got through the limit, answered or not. */
	letThrough(now: number, open: number): void {
		this.most = Math.max(this.most, this.used(now) - open);
	}

	/** The API took a request. */
	took(now: number, { remaining, resetIn }: Told): void {
		const used = this.used(now);
		const waited = this.refusedSince === undefined ? undefined : now - this.refusedSince;
		this.refusedSince = undefined;
		this.opensAt = Infinity;
		this.most = Math.max(this.most, used);
		if (remaining !== undefined) {
			this.hint(now, remaining + this.inMinuteOf(now, resetIn));
			if (remaining === 0) this.emptyUntil = now + (resetIn ?? 0);
			return;
		}
		if (this.limit === undefined || used <= this.limit) return;
		if (waited === undefined) this.limit = used;
		// No minute was waited for: it was a passing trouble.
		else if (waited < PASSING) this.limit = undefined;
		// Another minute has begun for all requests at once, well before it would have for this one alone.
		else if (this.freeAt(used - 1, this.limit) > now + MARGIN + CLEARLY) {
			this.forgotten = this.taken.slice(0, -1);
			this.taken = [now];
		}
	}

	/**
	 * The API refused a request, which doesn't count then.
	 *
	 * @returns how long to wait for the next one, in milliseconds; undefined when nothing tells
	 */
	refused(now: number, { resetIn }: Told): number | undefined {
		this.taken.pop();
		// Had another minute begun for all requests at once, this one would not have been refused.
		if (this.taken.length < (this.limit ?? 0)) this.taken.unshift(...this.forgotten);
		this.forgotten = [];
		const counted = this.inMinuteOf(now, resetIn);
		const isFirst = this.refusedSince === undefined;
		this.refusedSince ??= now;
		// Fewer than the smallest plan takes: somebody else uses the key, or it has nothing to do with the plan.
		if (counted >= SMALLEST && isFirst) {
			const holds = this.limit === counted;
			this.trialEvery = Math.min(LAST_TRIAL, holds ? this.trialEvery * 2 : FIRST_TRIAL);
			this.trialAt = now + this.trialEvery;
			this.limit = counted;
		}
		this.opensAt = resetIn === undefined ? Infinity : now + resetIn;
		if (resetIn !== undefined) return resetIn;
		// A number that no plan has may mean anything.
		const wait = PLANS.includes(counted) ? this.nextAt(now) - now : 0;
		return wait > 0 ? wait : undefined;
	}

	private hint(now: number, limit: number): void {
		const lower = this.hints.filter((hint) => hint.at > now - MINUTE && hint.limit < limit);
		this.hints = [...lower, { at: now, limit }];
		// Less than the smallest plan takes means that somebody else uses the key, for now.
		this.limit = Math.max(SMALLEST, this.hints[0]?.limit ?? limit);
		this.trialAt = Infinity;
	}

	/** Requests since the minute began that is over in so long. */
	private inMinuteOf(now: number, resetIn: number | undefined): number {
		const used = this.used(now);
		if (resetIn === undefined || resetIn > MINUTE) return used;
		// Whole seconds are told, rounded up, and the answer has travelled.
		const began = now + resetIn - MINUTE - CLEARLY;
		return this.taken.filter((at) => at > began).length;
	}
}
