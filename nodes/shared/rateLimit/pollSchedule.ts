import type { Clock } from '../kit/clock';
import type { RequestBudget } from './requestBudget';

const MINUTE_MS = 60_000;

/** Parts of the typical duration between which most jobs end, and nearly all. */
const MOST = { from: 0.8, to: 1.21 };
const NEARLY_ALL = { from: 0.5, to: 1.55 };

/** What fails at once is known at once, where requests are left for that. */
const EARLY_POLL_MS = 3_400;

/** Two polls of a job are so far apart: a little more for a service that takes longer, less once that pays. */
const STEP_MS = 1_420;
const STEP_PER_TYPICAL = 0.0207;
const CLOSEST_STEP_MS = 800;
const POLLS_PER_SPREAD = 10;

/** A job that takes longer is polled ever more seldom, by parts of the time that has passed. */
const OVERDUE = { growth: 0.14, stepMs: 7_000, laterGrowth: 0.05, longestStepMs: 30_000 };

/** So many durations of the same run tell more than the typical one, and so many are remembered. */
const ENOUGH_DURATIONS = 3;
const MAX_DURATIONS = 20;

/** A duration is only known as well as the job was polled: at most this part of it may lie between two polls. */
const WELL_KNOWN = 0.25;

/** A job that is waited for. Times are those of the run's clock. */
export interface PolledJob {
	/** When it was submitted, or picked up again. */
	startedAtMs: number;
	polledAtMs?: number;
	/** Only just submitted. Of others nobody knows how long they have been running. */
	isNew: boolean;
}

/** Between when jobs are likely to end, since their submit, and how far apart polls are meanwhile at the least. */
interface Likely {
	fromMs: number;
	toMs: number;
	stepMs: number;
}

/** When the jobs of a run are polled, within the requests that the account's rate limit leaves. */
export class PollSchedule {
	/** Items whose jobs are still to be submitted. */
	pendingItems = 0;

	/** Whether the URL of a result also reports that a job still runs; nobody knows at first. */
	resultReportsState = true;

	/** Under way. */
	readonly jobs = new Set<PolledJob>();

	private readonly durationsMs: number[] = [];
	private readonly typicalMs: number;

	constructor(
		private readonly clock: Clock,
		private readonly budget: RequestBudget,
		private readonly service: { typicalSeconds: number; hasSeparateResult: boolean },
	) {
		this.typicalMs = service.typicalSeconds * 1000;
	}

	/** A poll just now has found a job finished. */
	noteFinished({ startedAtMs, polledAtMs = startedAtMs, isNew }: PolledJob): void {
		const nowMs = this.clock.now();
		if (!isNew || nowMs - polledAtMs > (nowMs - startedAtMs) * WELL_KNOWN) return;
		this.durationsMs.push((nowMs + polledAtMs) / 2 - startedAtMs);
		if (this.durationsMs.length > MAX_DURATIONS) this.durationsMs.shift();
	}

	/** Whether to ask for a job's result in place of its state, which saves a request for each job. */
	get prefersResult(): boolean {
		const { budget, service, clock } = this;
		if (!service.hasSeparateResult || !this.resultReportsState || budget.isAmple) return false;
		return !budget.isUnknown || budget.within(clock.now(), 0) <= 0;
	}

	/** When to poll a job next; on the run's clock. */
	nextPollAt({ startedAtMs, polledAtMs = startedAtMs, isNew }: PolledJob): number {
		const lastMs = polledAtMs - startedAtMs;
		const nearlyAll = this.likely(NEARLY_ALL);
		const isGenerous = this.affordableStep(nearlyAll) <= nearlyAll.stepMs;
		const { fromMs, toMs, stepMs } = isGenerous ? nearlyAll : this.likely(MOST);
		if (lastMs >= toMs) {
			// It may end at any time: before a request is left for it, there is no use in waiting in line.
			const dueMs = polledAtMs + this.overdueStep(lastMs, stepMs);
			return Math.max(dueMs, this.budget.nextAtMs(this.clock.now()));
		}
		const beginMs = isNew ? fromMs : 0;
		if (isGenerous && this.isFresh && lastMs === 0 && EARLY_POLL_MS < beginMs)
			return startedAtMs + EARLY_POLL_MS;
		const affordable = this.affordableStep({ fromMs, toMs, stepMs });
		const isHopeless = affordable === Infinity && !this.budget.isKnown;
		const nextMs = Math.max(lastMs, beginMs) + (isHopeless ? stepMs : affordable);
		return startedAtMs + Math.min(nextMs, Math.max(toMs, lastMs + stepMs));
	}

	/** How long to wait for the next poll of a job that takes longer than most. */
	private overdueStep(lastMs: number, stepMs: number): number {
		const latestMs = this.isFresh ? this.typicalMs * NEARLY_ALL.to : 0;
		if (lastMs < latestMs && this.jobs.size === 1) return Math.max(stepMs, latestMs - lastMs);
		if (lastMs < latestMs && !this.budget.isKnown) return stepMs;
		const { growth, laterGrowth, longestStepMs } = OVERDUE;
		const growingMs = Math.min(lastMs * growth, Math.max(OVERDUE.stepMs, lastMs * laterGrowth));
		const shareMs = this.budget.isKnown ? (MINUTE_MS / this.budget.perMinute) * this.jobs.size : 0;
		return Math.min(longestStepMs, Math.max(stepMs, growingMs, shareMs));
	}

	/** Whether only the service's own word tells how long its jobs take. */
	private get isFresh(): boolean {
		return this.durationsMs.length < ENOUGH_DURATIONS;
	}

	private likely({ from, to }: { from: number; to: number }): Likely {
		const { typicalMs, durationsMs } = this;
		const usualMs = STEP_MS + STEP_PER_TYPICAL * typicalMs;
		if (this.isFresh) return { fromMs: from * typicalMs, toMs: to * typicalMs, stepMs: usualMs };
		const shortest = Math.min(...durationsMs);
		const longest = Math.max(...durationsMs);
		// They are a sample: the next job may take a little less, or more.
		const margin = Math.max(0.05 * longest, (2 * (longest - shortest)) / durationsMs.length);
		const [fromMs, toMs] = [Math.max(0, shortest - margin), longest + margin];
		const closeMs = Math.max(CLOSEST_STEP_MS, (toMs - fromMs) / POLLS_PER_SPREAD);
		return { fromMs, toMs, stepMs: Math.min(usualMs, closeMs) };
	}

	/** How far apart polls have to be for the requests to do for all jobs; Infinity where there is not one for each. */
	private affordableStep({ fromMs, toMs, stepMs }: Likely): number {
		const { jobs, pendingItems, budget, clock } = this;
		if (budget.isAmple) return stepMs;
		const underWayMs = [...jobs]
			.map(({ startedAtMs }) => toMs - (clock.now() - startedAtMs))
			.filter((leftMs) => leftMs > 0);
		const lastEndMs = Math.max(0, ...underWayMs);
		// Those that come after them count as far as they end within the minute.
		const durationMs = (fromMs + toMs) / 2;
		const allEndMs = lastEndMs + (pendingItems / jobs.size) * durationMs;
		const horizonMs = Math.max(lastEndMs, Math.min(MINUTE_MS, allEndMs));
		const later = Math.min(pendingItems, (jobs.size * (horizonMs - lastEndMs)) / durationMs);
		const count = underWayMs.length + later;
		if (count === 0) return stepMs;
		const spreadMs = toMs - fromMs;
		const widthMs = underWayMs.reduce(
			(sum, leftMs) => sum + Math.min(leftMs, spreadMs),
			later * spreadMs,
		);
		const submits = Math.min(pendingItems, count);
		const isSecondRequest = this.service.hasSeparateResult && !this.prefersResult;
		const results = isSecondRequest && !budget.isUnknown ? count : 0;
		// A single job keeps one for the case that it takes longer than most.
		const kept = jobs.size === 1 && this.isFresh ? 1 : 0;
		const polls = budget.within(clock.now(), horizonMs) - submits - results - kept;
		if (polls < count) return Infinity;
		// A job is found after half of its polls on average, but where it ends within two of them is a matter of chance.
		return Math.max(
			stepMs,
			((widthMs / 2) * (1 + 1 / Math.max(1, count))) / (polls - (count - 1) / 2),
		);
	}
}
