const MINUTE = 60_000;

/** How requests are limited; each key has a minute of its own. */
export interface RateLimitOptions {
	/** Requests a minute. */
	perMinute: number;
	/**
	 * What counts as the minute: the one that just passed (`sliding`, the default), or one that ends for all
	 * requests at once (`fixed`).
	 */
	window?: 'sliding' | 'fixed';
	/**
	 * Milliseconds into a fixed minute at the first request. Default 0: that request begins the first one. A
	 * minute after it ended, the next request begins another, unless this is set: then minutes follow on each other.
	 */
	phase?: number;
	/** Whether answers name what is left, and when the minute is over. Default false. */
	headers?: boolean;
	/** Whether a refusal says how long to wait; default true. */
	retryAfter?: boolean;
	/** Whether a refusal names when the minute is over, as Segmind documents it; default false. */
	resetAt?: boolean;
	/** Later it is another one; milliseconds after the first request. */
	falls?: { atMs: number; perMinute: number };
	/** Whether uploads count; default true. */
	uploads?: boolean;
}

/** What the limit makes of a request. */
export interface Verdict {
	/** Seconds to wait, whole ones: the request is refused, and doesn't count. */
	wait?: number;
	headers: Record<string, string>;
}

/** One key's requests. */
class Count {
	/** When those of the current minute came; oldest first. */
	private times: number[] = [];

	private begins: number | undefined;

	private firstAt: number | undefined;

	constructor(private readonly options: RateLimitOptions) {}

	ask(now: number, date: number): Verdict {
		const { headers = false, retryAfter = true, resetAt = false, falls } = this.options;
		this.firstAt ??= now;
		const hasFallen = falls !== undefined && now >= this.firstAt + falls.atMs;
		const { perMinute } = hasFallen ? falls : this.options;
		const isFull = this.current(now).length >= perMinute;
		if (!isFull) this.times.push(now);
		const left = this.resetAt(now) - now;
		return {
			...(isFull ? { wait: Math.max(1, Math.ceil(left / 1000)) } : {}),
			headers: {
				...(headers
					? { 'x-rate-limit-remaining': String(Math.max(0, perMinute - this.times.length)) }
					: {}),
				...(headers || (isFull && resetAt)
					? { 'x-rate-limit-reset-at-utc': new Date(date + left).toISOString() }
					: {}),
				...(isFull && retryAfter
					? { 'retry-after': String(Math.max(1, Math.ceil(left / 1000))) }
					: {}),
			},
		};
	}

	/** Forgets what is over. */
	private current(now: number): number[] {
		const { window = 'sliding', phase } = this.options;
		let since = now - MINUTE;
		if (window === 'fixed') {
			this.begins ??= now - (phase ?? 0);
			const over = Math.floor((now - this.begins) / MINUTE);
			if (over > 0) this.begins = phase === undefined ? now : this.begins + over * MINUTE;
			since = this.begins - 1;
		}
		this.times = this.times.filter((time) => time > since);
		return this.times;
	}

	private resetAt(now: number): number {
		if (this.options.window === 'fixed') return (this.begins ?? now) + MINUTE;
		return (this.times[0] ?? now) + MINUTE;
	}
}

/** Limits the requests of each key; without options it takes all. */
export class RateLimit {
	private counts = new Map<string, Count>();

	constructor(private readonly options: RateLimitOptions | undefined) {}

	/**
	 * Takes a request, or refuses it.
	 *
	 * @param now milliseconds on any clock
	 * @param date milliseconds since 1970, for the header
	 */
	ask(key: string, isUpload: boolean, now: number, date: number): Verdict {
		if (!this.options || (isUpload && this.options.uploads === false)) return { headers: {} };
		const count = this.counts.get(key) ?? new Count(this.options);
		this.counts.set(key, count);
		return count.ask(now, date);
	}

	reset(): void {
		this.counts.clear();
	}
}
