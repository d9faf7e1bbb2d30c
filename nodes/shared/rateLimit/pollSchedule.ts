import type { Clock } from '../kit/clock';
import type { RequestBudget } from './requestBudget';

const MINUTE_MS = 60_000;

/** Parts of the typical duration between which most jobs end, and between which nearly all do. */
const MOST = { from: 0.8, to: 1.21 };
const NEARLY_ALL = { from: 0.5, to: 1.55 };

/** What fails at once is known at once, where a request is left for that. */
const EARLY_POLL_MS = 3_400;

/** Two polls of a job are at least so far apart; a little more for a service that takes longer. */
const STEP_MS = 1_420;
const STEP_GROWTH = 0.0207;
const CLOSEST_STEP_MS = 800;
const CLOSEST_AMPLE_STEP_MS = 400;

/** Polls over the spread of the durations seen. */
const POLLS_OVER_SPREAD = 10;

/** A job that takes longer is polled ever more seldom, by a part of the time that has passed, within bounds. */
const OVERDUE_GROWTH = 0.14;
const OVERDUE_STEP_MS = 7_000;
const OVERDUE_LATE_GROWTH = 0.05;
const LONGEST_STEP_MS = 30_000;

/** So many durations of the same run tell more than the typical one; so many are remembered. */
const ENOUGH_DURATIONS = 3;
const MAX_DURATIONS = 20;

/** A duration is only known as well as the job was polled: two polls may be apart by this part of it. */
const WELL_KNOWN = 0.25;

/** A job that is waited for. Times are those of the run's clock. */
export interface PolledJob {
	/** When it was submitted, or picked up again. */
	startedAtMs: number;
	/** When it was last polled. */
	polledAtMs?: number;
	/** Only just submitted. Of others nobody knows how long they have been running. */
	isNew: boolean;
}

/** When jobs are likely to end, in milliseconds since the submit, and how far apart polls are meanwhile. */
interface Expected {
	fromMs: number;
	toMs: number;
	stepMs: number;
}

/** When the jobs of a run are polled, within the requests that the rate limit leaves. */
export class PollSchedule {
	/** Items whose jobs are still to be submitted. */
	pendingItems = 0;

	/** Whether the URL of a result also says that a job still runs; nobody knows at first. */
	resultReportsState = true;

	private readonly jobs = new Set<PolledJob>();
	private readonly durationsMs: number[] = [];
	private readonly typicalMs: number;

	constructor(
		private readonly clock: Clock,
		private readonly budget: RequestBudget,
		private readonly service: { typicalSeconds: number; hasSeparateResult: boolean },
	) {
		this.typicalMs = service.typicalSeconds * 1000;
	}

	add(job: PolledJob): void {
		this.jobs.add(job);
	}

	remove(job: PolledJob): void {
		this.jobs.delete(job);
	}

	/** A poll just now has found a job finished. */
	noteFinished({ startedAtMs, polledAtMs = startedAtMs, isNew }: PolledJob): void {
		const now = this.clock.now();
		if (!isNew || now - polledAtMs > (now - startedAtMs) * WELL_KNOWN) return;
		this.durationsMs.push((now + polledAtMs) / 2 - startedAtMs);
		if (this.durationsMs.length > MAX_DURATIONS) this.durationsMs.shift();
	}

	/** Whether to ask for a job's result in place of its state, which saves a request for each job. */
	get prefersResult(): boolean {
		const { budget, service, clock } = this;
		if (!service.hasSeparateResult || !this.resultReportsState || budget.isAmple) return false;
		return budget.isKnown || budget.within(clock.now(), 0) <= 0;
	}

	/** When to poll a job next. */
	nextPollAt(job: PolledJob): number {
		const now = this.clock.now();
		const { budget } = this;
		const last = (job.polledAtMs ?? job.startedAtMs) - job.startedAtMs;
		const expected = this.expected(MOST);
		const { toMs, stepMs: usual } = expected;
		const fromMs = job.isNew ? expected.fromMs : 0;
		const isGenerous = budget.isAmple || this.step(this.expected(NEARLY_ALL)) <= usual;
		const affordable = this.step(expected);
		const step = isGenerous || (affordable === Infinity && !budget.isKnown) ? usual : affordable;
		const earliest = this.typicalMs * NEARLY_ALL.from;
		const at = () => {
			if (last >= toMs) return last + this.overdue(last, usual, isGenerous);
			if (isGenerous && job.isNew) {
				if (last === 0 && now - job.startedAtMs <= EARLY_POLL_MS && EARLY_POLL_MS < fromMs) return EARLY_POLL_MS;
				const early = this.durationsMs.length < ENOUGH_DURATIONS ? usual : 2 * usual;
				const next = Math.max(last, earliest - early / 2) + early;
				if (next < fromMs) return next;
				return Math.min(Math.max(last, fromMs - usual) + usual, Math.max(toMs, last + usual));
			}
			return Math.min(Math.max(last, fromMs) + step, Math.max(toMs, last + usual));
		};
		const due = job.startedAtMs + at();
		// No request is left for it before, and it may end at any time.
		return last >= toMs ? Math.max(due, budget.nextAtMs(now)) : due;
	}

	private overdue(last: number, usual: number, isGenerous: boolean): number {
		const latest = this.typicalMs * NEARLY_ALL.to;
		const isSingle = this.jobs.size === 1;
		if (last < latest && isGenerous) return usual;
		if (last < latest && isSingle && !this.budget.isKnown) return Math.max(usual, latest - last);
		const share = this.budget.isKnown ? (MINUTE_MS / this.budget.perMinute) * this.jobs.size : 0;
		const growing = Math.min(last * OVERDUE_GROWTH, Math.max(OVERDUE_STEP_MS, last * OVERDUE_LATE_GROWTH));
		return Math.min(LONGEST_STEP_MS, Math.max(usual, growing, share));
	}

	private expected(parts: { from: number; to: number }): Expected {
		const usual = Math.min(LONGEST_STEP_MS, STEP_MS + STEP_GROWTH * this.typicalMs);
		if (this.durationsMs.length < ENOUGH_DURATIONS) {
			return { fromMs: parts.from * this.typicalMs, toMs: parts.to * this.typicalMs, stepMs: usual };
		}
		const shortest = Math.min(...this.durationsMs);
		const longest = Math.max(...this.durationsMs);
		// They are a sample: the next job may take a little less, or more.
		const margin = Math.max(0.05 * longest, (2 * (longest - shortest)) / this.durationsMs.length);
		const fromMs = Math.max(0, shortest - margin);
		const toMs = longest + margin;
		const closest = this.budget.isAmple ? CLOSEST_AMPLE_STEP_MS : CLOSEST_STEP_MS;
		const stepMs = Math.min(usual, Math.max(closest, (toMs - fromMs) / POLLS_OVER_SPREAD));
		return { fromMs, toMs, stepMs };
	}

	/** How far apart polls of a job have to be, so that the requests do for all of them. */
	private step({ fromMs, toMs, stepMs }: Expected): number {
		const { jobs, pendingItems, budget } = this;
		const now = this.clock.now();
		const leftMs = [...jobs]
			.map(({ startedAtMs }) => toMs - (now - startedAtMs))
			.filter((left) => left > 0);
		const lastMs = Math.max(0, ...leftMs);
		const durationMs = (fromMs + toMs) / 2;
		// Those that come after them count as far as they end within the minute.
		const horizonMs = Math.max(
			lastMs,
			Math.min(MINUTE_MS, lastMs + (pendingItems / jobs.size) * durationMs),
		);
		const more = Math.min(pendingItems, (jobs.size * (horizonMs - lastMs)) / durationMs);
		const all = leftMs.length + more;
		if (all === 0) return stepMs;
		const widthMs =
			leftMs.reduce((sum, left) => sum + Math.min(left, toMs - fromMs), 0) + more * (toMs - fromMs);
		const results = this.service.hasSeparateResult && !this.prefersResult && budget.perMinute > 5 ? all : 0;
		const submits = Math.min(pendingItems, all);
		// A single job keeps one for the case that it takes longer.
		const reserve = jobs.size === 1 && pendingItems === 0 ? 1 : 0;
		const requests = budget.within(now, horizonMs) - submits - results - reserve;
		if (requests < all) return Infinity;
		// Where a job ends within two polls is a matter of chance: half a poll more for each.
		return Math.max(
			stepMs,
			((widthMs / 2) * (1 + 1 / Math.max(1, all))) / (requests - (all - 1) / 2),
		);
	}
}
