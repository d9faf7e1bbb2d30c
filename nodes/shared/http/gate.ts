import { Allowance, type Told } from './allowance';
import type { Clock } from '../kit/clock';
import { parseUtc } from '../kit/zones';
import { onAbort } from '../kit/signals';

/** First pause after a 429 that nothing tells the length of, in milliseconds; it doubles with each further one. */
const FIRST_PAUSE = 1_000;

/** The longest such pause: somebody else may use the key, and then nobody knows. Milliseconds. */
const LONGEST_PAUSE = 7_000;

/** Longest pause that the API is believed when it asks for one; a refused try costs nothing. Milliseconds. */
const LONGEST_ASKED = 120_000;

/** No refusal is followed by another request at once; milliseconds. */
const SHORTEST_PAUSE = 250;

/** What the API asks for may take a little longer; milliseconds. */
const ROUGHLY = 6_000;

/**
 * A refusal comes at once: what has no answer after so long was let through, and takes its time, as a synchronous
 * submit does. Milliseconds.
 */
const LET_THROUGH = 2_000;

/** Once so many may be under way at the same time, the gate is open; each answer doubles them after a 429. */
const OPEN = 64;

const MINUTE = 60_000;

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

/** Until when a reset time is, in milliseconds from now; undefined when it says nothing that can be. */
function readReset(header: string | undefined, now: number): number | undefined {
	const text = header?.trim() ?? '';
	const number = Number(text);
	const date = /^\d+(\.\d+)?$/.test(text)
		? number > 1e11
			? number
			: number * 1000
		: parseUtc(text);
	const left = date - now;
	return left >= -ROUGHLY && left <= MINUTE + ROUGHLY ? Math.max(0, left) : undefined;
}

/**
 * What an answer's headers tell of the rate limit [docs, field]: `Retry-After`, `x-rate-limit-remaining`,
 * `x-rate-limit-reset-at-utc` (ISO 8601 with or without a zone, or seconds since 1970).
 *
 * @param now the machine's time, milliseconds since 1970
 */
export function readTold(headers: Record<string, string | undefined>, now: number): Told {
	const left = headers['x-rate-limit-remaining']?.trim() ?? '';
	return {
		remaining: /^\d+$/.test(left) ? Number(left) : undefined,
		resetIn:
			readRetryAfter(headers['retry-after'], now) ??
			readReset(headers['x-rate-limit-reset-at-utc'], now),
	};
}

/** How a request waits for its turn. */
export interface Turn {
	/** Ends the wait. */
	signal?: AbortSignal;
	/** It goes before all others: what is paid for comes home first. */
	first?: boolean;
}

interface Waiter {
	first: boolean;
	go(): void;
	forget?(): void;
}

/**
 * The one gate that all signed requests of a run pass, in the pace that the account's rate limit has, as far as that is
 * known. Where it isn't, and after a 429, one goes first, and with each answer more go at a time.
 */
export class Gate {
	readonly allowance = new Allowance();

	private queue: Waiter[] = [];

	/** Somebody is being let through, or waited for. */
	private busy = false;

	/** Ends the wait for the next turn: something has changed. */
	private news = new AbortController();

	private closedUntil = 0;

	private pause = 0;

	private lastAllowedAt: number;

	private lastAsked = 0;

	/** When the requests without an answer yet went out; oldest first. */
	private underWay: number[] = [];

	/** How many may be under way. */
	private window = Infinity;

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
		const longest = Math.max(patience, this.lastAsked * 2 + ROUGHLY);
		return this.clock.now() - this.lastAllowedAt > (this.lastAsked > 0 ? longest : patience);
	}

	/** Takes this request's turn where nothing holds it up; else false, and `pass` waits for it. */
	passAtOnce(): boolean {
		const now = this.clock.now();
		const isFree = !this.busy && this.turnAt(now) <= now;
		if (isFree) this.begin(now);
		return isFree;
	}

	/** Waits for this request's turn, first come, first served; whether it came before the signal aborted. */
	async pass({ signal, first = false }: Turn = {}): Promise<boolean> {
		if (signal?.aborted) return false;
		return await new Promise((resolve) => {
			const waiter: Waiter = { first, go: () => resolve(true) };
			const place = first ? this.queue.findIndex((other) => !other.first) : -1;
			this.queue.splice(place < 0 ? this.queue.length : place, 0, waiter);
			if (signal) waiter.forget = onAbort(signal, () => this.leave(waiter, resolve));
			void this.letThrough();
		});
	}

	private leave(waiter: Waiter, resolve: (passed: boolean) => void): void {
		this.queue = this.queue.filter((other) => other !== waiter);
		if (this.queue.length === 0) this.news.abort();
		resolve(false);
	}

	private async letThrough(): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		for (let next = this.queue[0]; next; next = this.queue[0]) {
			const now = this.clock.now();
			const turn = this.turnAt(now);
			if (turn > now) {
				this.news = new AbortController();
				// At least a little: a clock may not be able to tell two moments apart.
				await this.clock.wait(Math.max(1, turn - now), this.news.signal);
				continue;
			}
			this.queue.shift();
			this.begin(now);
			next.forget?.();
			next.go();
		}
		this.busy = false;
	}

	/** When the next request may go, as far as it is known now. */
	private turnAt(now: number): number {
		this.underWay = this.underWay.filter((at) => at > now - LET_THROUGH);
		this.allowance.letThrough(now, this.underWay.length);
		const isTrial = this.allowance.isUnknown && this.allowance.within(now, 0) <= 0;
		const [oldest = 0] = this.underWay;
		const isFull = this.underWay.length >= (isTrial ? 1 : this.window);
		const answer = isFull ? oldest + LET_THROUGH : 0;
		return Math.max(this.closedUntil, this.allowance.nextAt(now), answer);
	}

	private begin(now: number): void {
		this.allowance.sends(now);
		this.underWay.push(now);
	}

	/** Somebody who waits may get another turn now. */
	private tellNews(): void {
		this.underWay.shift();
		this.news.abort();
	}

	/** No answer came. */
	unanswered(): void {
		this.tellNews();
	}

	/** The API answered 429. */
	limited(headers: Record<string, string | undefined>): void {
		const now = this.clock.now();
		const told = readTold(headers, this.clock.date());
		const { resetIn } = told;
		this.lastAsked = Math.min(resetIn ?? 0, LONGEST_ASKED);
		const wait = this.allowance.refused(now, told);
		// What was under way already when the gate closed says nothing new.
		if (now >= this.closedUntil || this.window > 1) {
			this.pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, this.pause * 2));
		}
		const own = this.pause * (0.75 + this.clock.random() / 2);
		const asked =
			wait === undefined ? own : Math.max(SHORTEST_PAUSE, Math.min(wait, LONGEST_ASKED));
		this.closedUntil = Math.max(this.closedUntil, now + asked);
		this.window = 1;
		this.tellNews();
	}

	/** The API took a request. */
	allowed(headers: Record<string, string | undefined> = {}): void {
		const now = this.clock.now();
		this.lastAllowedAt = now;
		this.pause = 0;
		this.window = this.window >= OPEN ? Infinity : this.window * 2;
		this.allowance.took(now, readTold(headers, this.clock.date()));
		this.tellNews();
	}
}
