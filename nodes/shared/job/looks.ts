import type { Allowance } from '../http/allowance';
import type { Clock } from '../kit/clock';
import type { SegmindModel } from '../model';
import {
	affordableStep,
	expect,
	nextLook,
	type Expected,
	type Manner,
	type Waited,
} from './pacing';

/** As many durations as are kept: the service's pace changes with its load. */
const DURATIONS_KEPT = 20;

/** A duration is only known as well as the job was looked at: at most this part of it may lie between two looks. */
const WELL_KNOWN = 0.25;

/** Looks at a job don't follow each other more closely unless requests are ample; seconds. */
const CLOSEST = 0.8;

/** So many requests have to be left for an early look at a single job. */
const LEFT_FOR_EARLY = 3;

const MINUTE = 60;

/** A job that is waited for. */
export interface Watched {
	/** When it was submitted, or picked up again; milliseconds on the clock of the run. */
	startedAt: number;
	/** Only just submitted. Of others nobody knows how long they have been running. */
	isNew?: boolean;
	/** When it was last looked at; the same. */
	lookedAt?: number;
}

/**
 * When the jobs of a run are looked at: one schedule for all that are under way, which spends the requests that the
 * account's rate limit leaves where they are most likely to find a job finished.
 */
export class Looks {
	private readonly jobs = new Set<Watched>();

	/** What the last finished jobs took, in seconds; newest last. */
	private readonly durations: number[] = [];

	/** Whether the URL of a result tells the state of a job that still runs; unknown at first. */
	resultTells = true;

	/** Items whose jobs are still to be submitted. */
	toCome = 0;

	/** What a job of this service takes, in seconds. */
	private readonly typical: number;

	/** Whether the result is found apart from the state. */
	private readonly hasResult: boolean;

	constructor(
		private readonly clock: Clock,
		private readonly allowance: Allowance,
		model: Pick<SegmindModel, 'typicalSeconds' | 'resultPath'>,
	) {
		this.typical = model.typicalSeconds;
		this.hasResult = model.resultPath !== undefined;
	}

	/** A job is under way. */
	open(job: Watched): void {
		this.jobs.add(job);
	}

	/** A job is no longer waited for. */
	close(job: Watched): void {
		this.jobs.delete(job);
	}

	/** A look just now has found a job finished. */
	finished({ startedAt, lookedAt }: Watched): void {
		const now = this.clock.now();
		const seconds = (now - startedAt) / 1000;
		const gap = (now - (lookedAt ?? startedAt)) / 1000;
		if (gap > seconds * WELL_KNOWN) return;
		this.durations.push(seconds - gap / 2);
		if (this.durations.length > DURATIONS_KEPT) this.durations.shift();
	}

	/**
	 * Whether to ask for a job's result in place of its state: where requests are scarce, that saves one. A result
	 * that isn't there yet says at least that much.
	 */
	get asksResult(): boolean {
		if (!this.hasResult || !this.resultTells) return false;
		const { isAmple, isUnknown } = this.allowance;
		return isUnknown ? this.allowance.within(this.clock.now(), 0) <= 0 : !isAmple;
	}

	/** How long to wait before the next look at a job; milliseconds. */
	nextIn(job: Watched): number {
		const now = this.clock.now();
		const expected = this.expect(job);
		const waited = this.waited(job, now);
		const manner = this.manner(expected, now);
		let at = nextLook(waited, expected, manner);
		const free = (this.allowance.nextAt(now) - job.startedAt) / 1000;
		// A look that no request is left for is left out, where a job that takes longer may end at any time.
		while (at < free && waited.last >= expected.to) {
			at = nextLook({ elapsed: at, last: at }, expected, manner);
		}
		return Math.max(0, job.startedAt + at * 1000 - now);
	}

	/** When a job is likely to end. */
	private expect({ isNew }: Watched): Expected {
		const expected = expect(this.typical, this.durations);
		return isNew ? expected : { ...expected, from: 0 };
	}

	private waited({ startedAt, lookedAt }: Watched, now: number): Waited {
		const last = lookedAt === undefined ? 0 : (lookedAt - startedAt) / 1000;
		return { elapsed: (now - startedAt) / 1000, last };
	}

	private manner(expected: Expected, now: number): Manner {
		const { isAmple, isScarce } = this.allowance;
		// As long as nothing is known of durations, a single job leaves enough.
		const isFirst = this.jobs.size === 1 && this.durations.length === 0;
		const left = this.allowance.within(now, expected.to * 1000);
		return {
			step: this.step(expected, now),
			early: isAmple || (isFirst && left > LEFT_FOR_EARLY),
			broad: isAmple,
			seldom: isScarce,
		};
	}

	/** How closely the jobs can be looked at with the requests that there are; seconds between two looks. */
	private step(expected: Expected, now: number): number {
		const { allowance, toCome } = this;
		const { from, to, step: usual } = expected;
		let jobs = 0;
		let width = 0;
		let last = 0;
		for (const job of this.jobs) {
			const { elapsed } = this.waited(job, now);
			const { from: begins } = this.expect(job);
			if (elapsed >= to) continue;
			jobs++;
			width += to - Math.max(begins, elapsed);
			last = Math.max(last, to - elapsed);
		}
		// Those that come after them count as far as they end within the minute.
		const slots = this.jobs.size;
		const duration = (from + to) / 2;
		const horizon = Math.max(last, Math.min(MINUTE, last + (toCome / slots) * duration));
		const more = Math.min(toCome, (slots * (horizon - last)) / duration);
		const submits = Math.min(toCome, jobs + more);
		const results = this.hasResult && !this.asksResult && !allowance.isUnknown ? jobs + more : 0;
		const requests = allowance.within(now, horizon * 1000) - submits - results;
		const affordable = affordableStep({
			jobs: jobs + more,
			width: width + more * (to - from),
			requests,
		});
		// No look before the last one that is due anyway.
		if (affordable === undefined) return allowance.isScarce ? Infinity : usual;
		const closest = allowance.isAmple ? usual : Math.max(usual, CLOSEST);
		return Math.max(closest, affordable);
	}
}
