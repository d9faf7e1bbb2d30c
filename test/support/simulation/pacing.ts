import type { Clock } from '../../../nodes/shared/kit/clock';
import { PollSchedule, type PolledJob } from '../../../nodes/shared/rateLimit/pollSchedule';
import { RequestBudget } from '../../../nodes/shared/rateLimit/requestBudget';

/** A source of job durations; seconds. */
export type Durations = () => number;

/** Random numbers from 0 to 1 that are the same in every run. */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
		return state / 2 ** 31;
	};
}

/** Shapes that durations between half and one and a half times the typical one may have. */
export function shapes(typical: number, random: () => number): Record<string, Durations> {
	return {
		uniform: () => typical * (0.5 + random()),
		triangular: () => typical * (0.5 + (random() + random()) / 2),
		'mostly early': () => typical * (0.5 + random() * random()),
		'mostly late': () => typical * (1.5 - random() * random()),
		'within 20 %': () => typical * (0.8 + 0.4 * random()),
	};
}

/** How one job is noticed. */
export interface Noticed {
	/** Seconds after it ended. */
	late: number;
	checks: number;
	/** Seconds after its submit. */
	at: number;
}

/**
 * Looks at a job of `duration` seconds until it is found to be done.
 *
 * @param next the time of the next look by that of the last one; seconds since the submit
 */
export function notice(duration: number, next: (at: number) => number): Noticed {
	let before = 0;
	for (let checks = 1; ; checks++) {
		const at = next(before);
		if (at >= duration) return { late: at - duration, checks, at };
		before = at;
	}
}

export interface Figures {
	/** Mean and most, in seconds. */
	late: number;
	latest: number;
	/** Mean number of status checks a job. */
	checks: number;
	/** Mean number of checks that the official SDK makes, which asks every `sdkInterval` seconds. */
	sdkChecks: number;
}

/** Follows jobs by the node's own schedule where requests are ample. */
class AmpleSchedule {
	private nowMs = 0;

	private readonly schedule: PollSchedule;

	constructor(typicalSeconds: number) {
		const budget = new RequestBudget();
		budget.noteTaken(0, { remaining: 1_000 });
		const clock = { now: () => this.nowMs } as Clock;
		this.schedule = new PollSchedule(clock, budget, {
			typicalMs: typicalSeconds * 1000,
			hasSeparateResult: true,
		});
	}

	/** @param learns whether the next jobs are polled by what this one took */
	follow(duration: number, learns: boolean): Noticed {
		const job: PolledJob = { startedAtMs: 0, isNew: true };
		this.schedule.jobs.set(0, job);
		const noticed = notice(duration, (before) => {
			this.nowMs = before * 1000;
			job.polledAtMs = before === 0 ? undefined : this.nowMs;
			return this.schedule.nextPollAt(job) / 1000;
		});
		this.nowMs = noticed.at * 1000;
		this.schedule.jobs.delete(0);
		if (learns) this.schedule.noteFinished(job);
		return noticed;
	}
}

/** How a single job is noticed where requests are ample. */
export const noticeWithAmple = (typicalSeconds: number, duration: number): Noticed =>
	new AmpleSchedule(typicalSeconds).follow(duration, false);

/**
 * Simulates the node's own pacing over many jobs, where requests are ample.
 *
 * @param sdkInterval seconds between two checks of the official SDK
 * @param learns whether the run remembers what its last jobs took
 */
export function simulate(
	typical: number,
	sdkInterval: number,
	durations: Durations,
	learns = false,
	jobs = 20_000,
): Figures {
	const figures: Figures = { late: 0, latest: 0, checks: 0, sdkChecks: 0 };
	const schedule = new AmpleSchedule(typical);
	for (let job = 0; job < jobs; job++) {
		const duration = durations();
		const { late, checks } = schedule.follow(duration, learns);
		figures.late += late / jobs;
		figures.latest = Math.max(figures.latest, late);
		figures.checks += checks / jobs;
		figures.sdkChecks += Math.ceil(duration / sdkInterval) / jobs;
	}
	return figures;
}
