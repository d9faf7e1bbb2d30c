import { onAbort, type Clock } from './clock';

/** First pause after a 429 that names none, in milliseconds; it doubles with each further one. */
const FIRST_PAUSE = 1_000;

/** Longest pause that the gate makes up by itself, in milliseconds: the API counts by the minute [docs]. */
const LONGEST_PAUSE = 60_000;

/** Longest pause that the API is believed when it asks for one; a refused try costs nothing. Milliseconds. */
const LONGEST_ASKED = 120_000;

/** Distance between requests after a first 429, and the most it grows to, in milliseconds. */
const FIRST_SPACING = 250;
const WIDEST_SPACING = 15_000;

/** After a 429 requests are saved for so long; the API counts by the minute [docs]. Milliseconds. */
const TIGHT_FOR = 180_000;

/** Below this distance requests go unhindered again, in milliseconds. */
const NO_SPACING = 50;

/**
 * How long a Retry-After header asks to wait, in milliseconds: seconds or an HTTP date [RFC 9110].
 * Undefined when it says neither.
 *
 * @param now the machine's time, milliseconds since 1970
 */
export function readRetryAfter(header: unknown, now: number): number | undefined {
	if (typeof header !== 'string') return undefined;
	const text = header.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	if (!/[a-z]/i.test(text)) return undefined;
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

interface Waiter {
	go(): void;
	forget?(): void;
}

/**
 * The one gate that all requests of a run pass: a 429 to one of them slows all of them down. Once the
 * pause is over they go out one by one, not as a herd, and faster again with every answer that is no 429.
 */
export class Gate {
	private queue: Waiter[] = [];

	/** Somebody is being let through, or waited for. */
	private busy = false;

	/** Ends the wait for the next turn when nobody is left to take it. */
	private nobodyWaits = new AbortController();

	private closedUntil = 0;

	private nextSlot = 0;

	private spacing = 0;

	private pause = 0;

	private lastAllowedAt: number;

	private lastLimitedAt = -Infinity;

	private lastAsked = 0;

	constructor(private readonly clock: Clock) {
		this.lastAllowedAt = clock.now();
	}

	/**
	 * Whether the API has taken no request of this run for so long that waiting on makes no sense. A limit
	 * that asks for longer waits itself gets two of them.
	 *
	 * @param patience milliseconds
	 */
	isStuck(patience: number): boolean {
		const longest = Math.max(patience, this.lastAsked * 2 + LONGEST_PAUSE / 10);
		return this.clock.now() - this.lastAllowedAt > (this.lastAsked > 0 ? longest : patience);
	}

	/** Takes this request's turn where nothing holds it up; else false, and `pass` waits for it. */
	passAtOnce(): boolean {
		const now = this.clock.now();
		const isFree = !this.busy && Math.max(this.closedUntil, this.nextSlot) <= now;
		if (isFree) this.nextSlot = now + this.spacing;
		return isFree;
	}

	/** Waits for this request's turn, first come, first served; whether it came before the signal aborted. */
	async pass(signal?: AbortSignal): Promise<boolean> {
		if (signal?.aborted) return false;
		return await new Promise((resolve) => {
			const waiter: Waiter = { go: () => resolve(true) };
			this.queue.push(waiter);
			if (signal) waiter.forget = onAbort(signal, () => this.leave(waiter, resolve));
			void this.letThrough();
		});
	}

	private leave(waiter: Waiter, resolve: (passed: boolean) => void): void {
		this.queue = this.queue.filter((other) => other !== waiter);
		if (this.queue.length === 0) this.nobodyWaits.abort();
		resolve(false);
	}

	private async letThrough(): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		for (let next = this.queue[0]; next; next = this.queue[0]) {
			const now = this.clock.now();
			const turn = Math.max(this.closedUntil, this.nextSlot);
			if (turn > now) {
				this.nobodyWaits = new AbortController();
				await this.clock.wait(turn - now, this.nobodyWaits.signal);
				continue;
			}
			this.queue.shift();
			this.nextSlot = now + this.spacing;
			next.forget?.();
			next.go();
		}
		this.busy = false;
	}

	/** Whether the API has lately refused a request: what is not needed is better not asked. */
	isTight(): boolean {
		return this.clock.now() - this.lastLimitedAt < TIGHT_FOR;
	}

	/** The API answered 429. */
	limited(retryAfter: string | undefined): void {
		const now = this.clock.now();
		this.lastLimitedAt = now;
		const named = readRetryAfter(retryAfter, this.clock.date());
		const asked = named === undefined ? undefined : Math.min(named, LONGEST_ASKED);
		this.lastAsked = asked ?? 0;
		// What was under way already when the gate closed says nothing new.
		if (now < this.closedUntil) {
			this.closedUntil = Math.max(this.closedUntil, now + (asked ?? 0));
			return;
		}
		this.pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, this.pause * 2));
		const own = this.pause * (0.75 + this.clock.random() / 2);
		this.closedUntil = Math.max(this.closedUntil, now + (asked ?? own));
		this.spacing = Math.min(WIDEST_SPACING, Math.max(FIRST_SPACING, this.spacing * 2));
	}

	/** The API took a request. */
	allowed(): void {
		this.lastAllowedAt = this.clock.now();
		this.pause = 0;
		this.spacing = this.spacing < NO_SPACING ? 0 : this.spacing * 0.7;
	}
}
