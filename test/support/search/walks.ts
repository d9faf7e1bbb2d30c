import type { Observation } from '../../../nodes/shared/answers/observation';
import { isReachable } from '../../../nodes/shared/job/advance';
import { Ledger } from '../../../nodes/shared/job/ledger';
import { pursue, type Effects, type Pursued } from '../../../nodes/shared/job/pursue';
import type { Attempt, JobRecord, Next, Seen } from '../../../nodes/shared/job/record';
import { KEPT_MS } from '../../../nodes/shared/limits';
import { ItemProblem, moneyOf, Stopped } from '../../../nodes/shared/problems/problems';
import {
	body,
	CONFIGURATIONS,
	freshAttempt,
	ID,
	realCore,
	seenOf,
	type Configuration,
	type Core,
	type World,
} from './search';

// Random walks through the real loop and the real ledger: Segmind, the clock and everything that can end a try at any
// moment are made up. What the search proves of the pure functions, these say of what stands around them.

/** Numbers from 0 to 1 that a seed decides. */
function numbersFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

const JOB_KEY = { key: 'k', fingerprint: 'f' };
const account = { mask: (text: string) => text };
const TIMEOUT_MS = 20_000;
const MOST_STEPS = 5_000;
const THROWN: unknown[] = [new Error('broken'), new TypeError('odd'), 'a text', null, undefined];

/** What a walk replaces on purpose, to see that it is noticed. */
export interface WalkBreak {
	core?: Core;
	/** Equal calls don't wait for each other. */
	isCrowded?: boolean;
	/** The record is not saved before the POST. */
	savesLate?: boolean;
}

/** One job: its tries, one after the other or two at once, and what is true of it meanwhile. */
class Walk {
	readonly wrong = new Set<string>();

	steps = 0;

	private readonly random: () => number;

	private readonly configuration: Configuration;

	private readonly isAgents: boolean;

	private store: Record<string, unknown> = {};

	private execution = 1;

	private nowMs: number;

	private stopAtMs = Infinity;

	private world: World = 'none';

	private jobs = 0;

	/** POSTs that queued a job, since a person last decided to buy. */
	private queued = 0;

	/** The ticket that n8n has saved. */
	private kept?: string;

	private isUnsaved = false;

	private kill: () => void = () => undefined;

	constructor(
		seed: number,
		private readonly broken: WalkBreak,
	) {
		this.random = numbersFrom(seed);
		// Each walk is on another day: what the process remembers of the one before has faded.
		this.nowMs = seed * 24 * KEPT_MS;
		const ways = CONFIGURATIONS.filter(({ isGetResult }) => !isGetResult);
		this.configuration = this.pick(ways);
		this.isAgents = this.happens(0.3);
	}

	async go(): Promise<void> {
		for (let tries = 1 + Math.floor(this.random() * 5); tries > 0; tries--) {
			const killed = new Promise<'killed'>((resolve) => (this.kill = () => resolve('killed')));
			this.stopAtMs = this.happens(0.3) ? this.nowMs + this.random() * 2 * TIMEOUT_MS : Infinity;
			const calls = this.isAgents ? 2 : 1;
			const all = Promise.all(Array.from({ length: calls }, async () => await this.try()));
			const isKilled = (await Promise.race([all, killed])) === 'killed';
			this.checkKept();
			this.again(isKilled);
		}
	}

	private readonly happens = (chance: number): boolean => this.random() < chance;

	private pick<T>(from: readonly T[]): T {
		return from[Math.floor(this.random() * from.length)] as T;
	}

	private get saved(): JobRecord | undefined {
		return Object.values((this.store.segmindJobs ?? {}) as Record<string, JobRecord>)[0];
	}

	private get isStopping(): boolean {
		return this.nowMs >= this.stopAtMs;
	}

	/** The next try: n8n's own, or a person's. */
	private again(isKilled: boolean): void {
		const isByHand = this.happens(0.4);
		if (isKilled || isByHand || this.happens(0.5)) {
			this.store = JSON.parse(JSON.stringify(this.store)) as Record<string, unknown>;
		}
		if (!isByHand) return;
		this.execution++;
		if (this.happens(0.2)) this.nowMs += KEPT_MS;
		const { saved } = this;
		const isKept =
			saved &&
			saved.status !== 'failed' &&
			isReachable(saved) &&
			this.nowMs - (saved.sentAtMs ?? 0) <= KEPT_MS;
		if (isKept) return;
		// Whoever retries this has decided to buy.
		Object.assign(this, { queued: 0, world: 'none', kept: undefined });
	}

	private checkKept(): void {
		const requestId = this.saved?.ticket?.requestId;
		if (this.kept !== undefined && requestId !== this.kept)
			this.wrong.add('a saved ticket is kept');
		this.kept = requestId;
	}

	/** Anything may break, anywhere. */
	private disturb(chance = 0.03): void {
		if (this.happens(chance)) throw this.pick(THROWN);
	}

	/** What breaks here leaves an answer unsaved: then the error alone names its ticket. */
	private disturbSaving(): void {
		if (!this.happens(0.005)) return;
		this.isUnsaved = true;
		throw this.pick(THROWN);
	}

	/** A kill: nothing of this process happens any more. */
	private async maybeKilled(): Promise<void> {
		if (!this.happens(0.03)) return;
		this.kill();
		await new Promise(() => undefined);
	}

	private attempt(): Attempt {
		const { nowMs } = this;
		return {
			...freshAttempt(this.configuration),
			timeoutMs: TIMEOUT_MS,
			startedAtMs: nowMs,
			endsAtMs: nowMs + TIMEOUT_MS,
			unknownUntilMs: nowMs + this.random() * TIMEOUT_MS,
		};
	}

	private async try(): Promise<void> {
		const scope = { executionId: `e-${this.execution}`, runIndex: this.isAgents ? -1 : 0 };
		const ledger = new Ledger(this.store, scope, account, this.nowMs);
		const told: { ticket?: string } = {};
		const work = async () => {
			const record = ledger.load(JOB_KEY);
			told.ticket = record.ticket?.requestId;
			return await this.pursue(ledger, record, told);
		};
		const busy = this.broken.isCrowded ? work() : ledger.oneAtATime(JOB_KEY.key, work);
		this.judge(await busy.catch((error: unknown) => ({ error })), told.ticket);
	}

	private async pursue(
		ledger: Ledger,
		loaded: JobRecord,
		told: { ticket?: string },
	): Promise<Pursued> {
		const core = this.broken.core ?? realCore;
		return await pursue(loaded, this.attempt(), {
			effects: this.effects(told),
			save: (record) => {
				this.disturbSaving();
				if (this.broken.savesLate && record.status === 'sending') return;
				ledger.save(record);
			},
			waitFor: async ({ next }) => {
				this.disturb(0.005);
				await this.maybeKilled();
				const dueMs = 'atMs' in next ? (next.atMs ?? 0) : this.nowMs + 1_000;
				this.nowMs = Math.max(this.nowMs, Math.min(dueMs, this.stopAtMs));
			},
			onStep: () => this.disturb(0.005),
			isStopping: () => this.isStopping,
			nowMs: () => this.nowMs,
			dateMs: () => this.nowMs,
			core: {
				depart: core.depart,
				advance: (record, attempt, seen, nowMs) => {
					if (seen.says !== 'begin') this.disturbSaving();
					return core.advance(record, attempt, seen, nowMs);
				},
			},
		});
	}

	private effects(told: { ticket?: string }): Effects {
		const act = async (record: JobRecord, attempt: Attempt, next: Next): Promise<Seen> => {
			await this.pass();
			this.disturb();
			const moment = { record, attempt, next, world: this.world };
			const { seen, world } = this.pick([...seenOf(moment)]);
			this.world = world;
			await this.maybeKilled();
			if (this.isStopping) throw new Stopped();
			return this.tell(seen, told);
		};
		return {
			submit: async (record, attempt, beforeSend) => {
				await this.pass();
				this.disturb();
				if (this.isStopping) throw new Stopped();
				beforeSend(body);
				const next = { do: 'submit', atMs: 0 } as const;
				const { seen, world } = this.pick([...seenOf({ record, attempt, next, world: 'none' })]);
				this.post(world);
				await this.pass();
				await this.maybeKilled();
				this.disturb(0.1);
				return this.tell(seen, told);
			},
			poll: async (record, attempt, wanted) =>
				await act(record, attempt, { do: 'poll', for: wanted, atMs: 0 }),
			lookUp: async (record, attempt) => await act(record, attempt, { do: 'lookUp', atMs: 0 }),
			fetch: async (record, attempt) => await act(record, attempt, { do: 'fetch', atMs: 0 }),
		};
	}

	/** A request takes its time, while others go on. */
	private async pass(): Promise<void> {
		if (++this.steps > MOST_STEPS) {
			this.wrong.add('every try ends');
			this.kill();
			await new Promise(() => undefined);
		}
		await Promise.resolve();
		this.nowMs += this.random() * 3_000;
	}

	private post(world: World): void {
		if (this.queued > 0) this.wrong.add('nothing is submitted beside a job that may exist');
		if (world === 'none') return;
		this.jobs++;
		this.queued++;
		this.world = world;
		if (this.queued > 1) this.wrong.add('never twice');
	}

	/** An answer reaches the loop, about the job by its own name. */
	private tell(seen: Seen, told: { ticket?: string }): Seen {
		const text = JSON.stringify(seen).replaceAll(`"${ID}"`, `"r-${this.jobs}"`);
		const own = JSON.parse(text) as Observation;
		told.ticket ??= own.ticket?.requestId;
		return own as Seen;
	}

	/** How a try ended. */
	private judge(ended: Pursued | { error: unknown }, ticket: string | undefined): void {
		const isSaved = this.saved?.ticket?.requestId === ticket;
		if (!('error' in ended)) {
			if (this.world === 'none') this.wrong.add('what comes out was bought');
			if (!isSaved) this.wrong.add('the ticket of what comes out is saved');
			return;
		}
		const { error } = ended;
		if (error instanceof Stopped) {
			if (!isSaved) this.wrong.add('a ticket outlives Stop');
			return;
		}
		if (!(error instanceof ItemProblem)) {
			this.wrong.add('an error has words');
			return;
		}
		const { problem } = error;
		if (!isSaved && !this.isUnsaved) this.wrong.add('a ticket is saved');
		if (ticket !== undefined && problem.requestId !== ticket)
			this.wrong.add('an error names the ticket');
		const money = moneyOf(problem);
		if (this.world === 'queued' && money === 'notSpent')
			this.wrong.add(`${problem.code}: what may be paid is called so`);
		if (this.world === 'none' && money === 'spent')
			this.wrong.add(`${problem.code}: what was not bought is not called paid`);
	}
}

/**
 * What so many walks found: each broken rule, with the first seed that broke it.
 *
 * @param isFirst ends with the first broken rule
 */
export async function walkAll(
	count: number,
	broken: WalkBreak = {},
	isFirst = false,
): Promise<{ steps: number; violations: Record<string, number> }> {
	const violations: Record<string, number> = {};
	let steps = 0;
	for (let seed = 1; seed <= count; seed++) {
		const walk = new Walk(seed, broken);
		await walk.go();
		steps += walk.steps;
		for (const rule of walk.wrong) violations[rule] ??= seed;
		if (isFirst && walk.wrong.size > 0) break;
	}
	return { steps, violations };
}
