import { randomUUID } from 'node:crypto';
import { patiently, type Clock } from './clock';
import type { EmulatedModel } from './models';
import type { EmulatorOptions, Failure, Job, Ledger } from './types';
import type { Picture } from './pictures';

/** Status and result are kept for an hour after submission (docs). */
const KEPT_MS = 3_600_000;
/** The first part of a job's time that it spends QUEUED. */
const QUEUED_SHARE = 0.2;
/** A check right at a job's end waits this long for its picture before it says PROCESSING. */
const PICTURE_PATIENCE_MS = 250;

export type Stage = 'QUEUED' | 'PROCESSING' | 'COMPLETED' | 'FAILED';

export interface Submission {
	model: EmulatedModel;
	mode: Job['mode'];
	/** Already without image data. */
	body: Record<string, unknown>;
	/** Decided in advance by a fault. */
	failure?: Failure;
	/** Rejects when an input is no image. */
	paint: () => Promise<Picture>;
}

/** A job with what only the emulator needs to know of it. */
export interface Entry {
	job: Job;
	model: EmulatedModel;
	failure?: Failure;
	picture: Promise<Picture>;
	variants: Map<number, Promise<Picture>>;
	/** Resolves when the job is done, well or badly. */
	outcome: Promise<void>;
	settled: boolean;
}

/** All accepted jobs, and the money. */
export class Book {
	readonly ledger: Ledger;
	private readonly entries = new Map<string, Entry>();
	private readonly startCredits: number;

	constructor(
		private readonly clock: Clock,
		private readonly options: EmulatorOptions,
	) {
		this.startCredits = options.credits ?? 100;
		this.ledger = { jobs: [], spent: 0, credits: this.startCredits };
	}

	/** Why a job can't be paid for; undefined when it can. */
	refusal(model: EmulatedModel): string | undefined {
		const credits = this.options.money?.hasNone ? 0 : this.ledger.credits;
		const cost = this.costOf(model);
		if (credits >= cost) return undefined;
		return `Insufficient credits: your balance is ${credits}, this request needs ${cost}`;
	}

	accept(submission: Submission): Entry {
		const { model, mode, body, failure, paint } = submission;
		const job: Job = {
			requestId: this.options.requestId?.(this.ledger.jobs.length) ?? randomUUID(),
			service: model.service,
			mode,
			body,
			acceptedAt: this.clock.now(),
			seconds: this.secondsFor(model),
			cost: this.costOf(model),
		};
		this.ledger.jobs.push(job);
		this.pay(job.cost);
		const picture = paint();
		const entry: Entry = {
			job,
			model,
			failure,
			picture,
			variants: new Map(),
			outcome: Promise.resolve(),
			settled: false,
		};
		entry.outcome = this.run(entry);
		// Nobody may be waiting for it; whoever does sees the rejection all the same.
		entry.outcome.catch(() => undefined);
		this.entries.set(job.requestId, entry);
		return entry;
	}

	/** All jobs, oldest first. */
	all(): Entry[] {
		return [...this.entries.values()];
	}

	/** The job, however old. */
	entry(requestId: string): Entry | undefined {
		return this.entries.get(requestId);
	}

	/** The job as the API remembers it: for one hour. */
	remembered(requestId: string, kind: EmulatedModel['kind']): Entry | undefined {
		const entry = this.entries.get(requestId);
		if (!entry || entry.model.kind !== kind) return undefined;
		return this.clock.now() - entry.job.acceptedAt < KEPT_MS ? entry : undefined;
	}

	async stage(entry: Entry): Promise<Stage> {
		const elapsed = (this.clock.now() - entry.job.acceptedAt) / 1000;
		if (elapsed < entry.job.seconds * QUEUED_SHARE) return 'QUEUED';
		if (elapsed < entry.job.seconds) return 'PROCESSING';
		if (!entry.settled) await patiently(entry.outcome, PICTURE_PATIENCE_MS);
		if (!entry.settled) return 'PROCESSING';
		return entry.failure ? 'FAILED' : 'COMPLETED';
	}

	/** Seconds and USD, under the names seen (docs). */
	metrics({ job }: Entry): Record<string, number> {
		const { money = {}, retryCount } = this.options;
		return {
			...(money.reportsCost === false ? {} : { cost: job.cost }),
			inference_time: round(job.seconds * (1 - QUEUED_SHARE)),
			queue_time: round(job.seconds * QUEUED_SHARE),
			total_time: round(job.seconds),
			...(money.reportsCredits === false ? {} : { remaining_credits: this.ledger.credits }),
			...(retryCount === undefined ? {} : { retry_count: retryCount }),
		};
	}

	/** What a synchronous answer says of its job in headers [docs]. */
	headers({ job, model }: Entry): Record<string, string> {
		const seed = job.body.seed ?? model.defaultSeed;
		return {
			'x-request-id': job.requestId,
			...(this.options.money?.reportsCost === false ? {} : { 'x-cost': String(job.cost) }),
			'x-generation-time': String(round(job.seconds)),
			...(seed === undefined ? {} : { 'x-seed-value': String(seed) }),
		};
	}

	/** What any answer says of the account in headers [docs]. */
	accountHeaders(): Record<string, string> {
		const { hasNone, reportsCredits } = this.options.money ?? {};
		if (hasNone || reportsCredits === false) return {};
		return { 'x-remaining-credits': String(this.ledger.credits) };
	}

	reset(): void {
		this.entries.clear();
		this.ledger.jobs.length = 0;
		this.ledger.spent = 0;
		this.ledger.credits = this.startCredits;
	}

	private async run(entry: Entry): Promise<void> {
		try {
			await entry.picture;
		} catch {
			entry.failure ??= { error: 'Invalid Image' };
		}
		// reset() may have forgotten the job, and its money with it.
		if (this.entries.get(entry.job.requestId) !== entry) throw new Error('The job was forgotten');
		await this.clock.until(entry.job.acceptedAt + entry.job.seconds * 1000);
		entry.settled = true;
		if (entry.failure) this.pay(-entry.job.cost);
	}

	private costOf({ service, costUsd }: EmulatedModel): number {
		const { cost = costUsd } = this.options.money ?? {};
		return typeof cost === 'number' ? cost : cost({ service, index: this.ledger.jobs.length });
	}

	private secondsFor({ service, typicalSeconds }: EmulatedModel): number {
		const { jobSeconds } = this.options;
		if (typeof jobSeconds === 'number') return jobSeconds;
		return jobSeconds?.({ service, index: this.ledger.jobs.length }) ?? typicalSeconds;
	}

	private pay(amount: number): void {
		this.ledger.spent = round(this.ledger.spent + amount);
		this.ledger.credits = round(this.ledger.credits - amount);
	}
}

/** Without the dust of binary fractions. */
function round(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}
