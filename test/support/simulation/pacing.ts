import { expect, nextLook } from '../../../nodes/shared/job/pacing';

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
	/** Seconds after its submit, and when it was looked at before. */
	at: number;
	before: number;
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
		if (at >= duration) return { late: at - duration, checks, at, before };
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

/** When the node looks at a job next where requests are ample; both in seconds since the submit. */
export function ampleLook(typical: number, seen: readonly number[] = []): (at: number) => number {
	const expected = expect(typical, seen);
	const manner = { step: expected.step, early: true, broad: true, seldom: false };
	return (at) => nextLook({ elapsed: at, last: at }, expected, manner);
}

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
	const seen: number[] = [];
	for (let job = 0; job < jobs; job++) {
		const duration = durations();
		const { late, checks, at, before } = notice(duration, ampleLook(typical, seen));
		figures.late += late / jobs;
		figures.latest = Math.max(figures.latest, late);
		figures.checks += checks / jobs;
		figures.sdkChecks += Math.ceil(duration / sdkInterval) / jobs;
		if (learns) seen.push((at + before) / 2);
		if (seen.length > 20) seen.shift();
	}
	return figures;
}
