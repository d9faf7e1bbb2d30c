import type { Clock } from '../kit/clock';
import type { RequestBudget } from './requestBudget';

const MINUTE_MS = 60_000;
/** Parts of the typical duration between which most jobs end, and nearly all. */
const MOST = { from: 0.8, to: 1.21 };
const NEARLY_ALL = { from: 0.48, to: 1.55 };
/** What fails at once is known at once, where requests are left for that. */
const EARLY_POLL_MS = 3_400;
/** Two polls of a job are so far apart, by what it typically takes; closer once the spread of durations is known. */
const STEP_MS = 1_420;
const STEP_GROWTH = 0.0207;
const CLOSEST_STEP_MS = 800;
const POLLS_PER_SPREAD = 12;
/** A job that takes longer is polled ever more seldom, by a part of the time that has passed. */
const OVERDUE_GROWTH = 0.05;
const LONGEST_STEP_MS = 30_000;
/** So many durations of the same run tell more than the typical one, and so many are remembered. */
const ENOUGH_DURATIONS = 3;
const MAX_DURATIONS = 20;

/** A job that is waited for: when it was submitted, or picked up again, and last polled, on the run's clock. */
export interface PolledJob {
	startedAtMs: number;
	polledAtMs?: number;
	/** Only just submitted. Of others nobody knows how long they have been running. */
	isNew: boolean;
}

/** Between when a job is likely to end, since its submit, and how far apart polls are at the least. */
type Likely = Record<'fromMs' | 'toMs' | 'stepMs', number>;

/** When the jobs of a run are polled, within the requests that the account's rate limit leaves. */
export class PollSchedule {
	/** Those that are waited for, by item, and items whose jobs are still to be submitted. */
	readonly jobs = new Map<number, PolledJob>();
	pendingItems = 0;
	/** Whether the URL of a result also reports that a job still runs; nobody knows at first. */
	resultReportsState = true;
	private durationsMs: number[] = [];

	constructor(
		private readonly clock: Clock,
		private readonly budget: RequestBudget,
		private readonly service: { typicalMs: number; hasSeparateResult: boolean },
	) {}

	/** A poll just now has found a job finished: what it took is known as well as it was polled. */
	noteFinished({ startedAtMs, polledAtMs = startedAtMs, isNew }: PolledJob): void {
		const nowMs = this.clock.now();
		if (!isNew || nowMs - polledAtMs > (nowMs - startedAtMs) / 4) return;
		const durationMs = (nowMs + polledAtMs) / 2 - startedAtMs;
		this.durationsMs = [...this.durationsMs.slice(1 - MAX_DURATIONS), durationMs];
	}

	/** Whether to ask for a job's result in place of its state, which saves a request for each job. */
	get prefersResult(): boolean {
		const { budget, clock, service } = this;
		if (!service.hasSeparateResult || !this.resultReportsState || budget.isAmple) return false;
		return !budget.isUnknown || budget.within(clock.now(), 0) <= 0;
	}

	/** When to poll a job next; on the run's clock. */
	nextPollAt({ startedAtMs, polledAtMs = startedAtMs, isNew }: PolledJob): number {
		const lastMs = polledAtMs - startedAtMs;
		const nearlyAll = this.likely(NEARLY_ALL);
		const isGenerous = this.isFresh && this.affordableStep(nearlyAll) <= nearlyAll.stepMs;
		const likely = isGenerous ? nearlyAll : this.likely(MOST);
		const { fromMs, toMs, stepMs } = likely;
		if (lastMs >= toMs) {
			// While no request is left for it, there is no use in waiting in line.
			const freeMs = this.budget.nextAtMs(this.clock.now());
			return Math.max(freeMs, polledAtMs + this.overdueStep(lastMs, stepMs));
		}
		if (isGenerous && lastMs === 0 && isNew) return startedAtMs + EARLY_POLL_MS;
		const quickMs = Math.max(lastMs, NEARLY_ALL.from * this.service.typicalMs) + 2 * stepMs;
		if (this.budget.isAmple && isNew && quickMs < fromMs) return startedAtMs + quickMs;
		const affordableMs = this.affordableStep(likely);
		const isGuess = affordableMs === Infinity && !this.budget.isKnown;
		const nextMs = Math.max(lastMs, isNew ? fromMs : 0) + (isGuess ? stepMs : affordableMs);
		return startedAtMs + Math.min(nextMs, Math.max(toMs, lastMs + stepMs));
	}

	private get isFresh(): boolean {
		return this.durationsMs.length < ENOUGH_DURATIONS;
	}

	private likely({ from, to }: typeof MOST): Likely {
		const { durationsMs } = this;
		const { typicalMs } = this.service;
		const usualMs = STEP_MS + STEP_GROWTH * typicalMs;
		if (this.isFresh) return { fromMs: from * typicalMs, toMs: to * typicalMs, stepMs: usualMs };
		const [shortest, longest] = [Math.min(...durationsMs), Math.max(...durationsMs)];
		// They are a sample: the next job may take a little less, or more.
		const margin = Math.max(0.05 * longest, (2 * (longest - shortest)) / durationsMs.length);
		const [fromMs, toMs] = [Math.max(0, shortest - margin), longest + margin];
		const closeMs = Math.max(CLOSEST_STEP_MS, (toMs - fromMs) / POLLS_PER_SPREAD);
		return { fromMs, toMs, stepMs: Math.min(usualMs, closeMs) };
	}

	/** How long to wait for the next poll of a job that takes longer than it is likely to. */
	private overdueStep(lastMs: number, stepMs: number): number {
		const restMs = this.jobs.size === 1 ? NEARLY_ALL.to * this.service.typicalMs - lastMs : 0;
		if (restMs > 0 && this.isFresh) return Math.max(stepMs, restMs);
		const { isKnown, perMinute } = this.budget;
		const shareMs = isKnown ? (this.jobs.size * MINUTE_MS) / perMinute : 0;
		return Math.min(LONGEST_STEP_MS, Math.max(stepMs, lastMs * OVERDUE_GROWTH, shareMs));
	}

	/** How far apart polls have to be for the requests to do for all jobs; Infinity where there is not one for each. */
	private affordableStep({ fromMs, toMs, stepMs }: Likely): number {
		const { jobs, pendingItems, budget } = this;
		const nowMs = this.clock.now();
		const endsInMs = [...jobs.values()]
			.map((job) => job.startedAtMs + toMs - nowMs)
			.filter((ms) => ms > 0);
		const lastMs = Math.max(0, ...endsInMs);
		// Of those to come, as many count as end within the minute.
		const everyMs = (fromMs + toMs) / 2 / jobs.size;
		const horizonMs = Math.max(lastMs, Math.min(MINUTE_MS, lastMs + pendingItems * everyMs));
		const later = (horizonMs - lastMs) / everyMs;
		const count = endsInMs.length + later;
		if (count === 0 || budget.isAmple) return stepMs;
		const spreadMs = toMs - fromMs;
		const widthMs = endsInMs.reduce((sum, ms) => sum + Math.min(ms, spreadMs), later * spreadMs);
		const keptForLater = jobs.size === 1 && this.isFresh ? 1 : 0;
		const spare = budget.within(nowMs, horizonMs) - Math.min(pendingItems, count) - keptForLater;
		if (spare < count) return Infinity;
		// A job is found after half of its polls, and half a poll more: where it ends between two is a matter of chance.
		return Math.max(stepMs, ((widthMs / 2) * (1 + 1 / count)) / (spare - (count - 1) / 2));
	}
}
