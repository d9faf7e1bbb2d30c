import type { RateLimitOptions } from '../emulator/rateLimit';
import { seeded } from './pacing';
import { around, floor, loop, node, type Course } from './race';

/** What a rate limit may count as a minute, and what it may say of it; first as Segmind documents it. */
export const KINDS_OF_MINUTE: Array<[string, Omit<RateLimitOptions, 'perMinute'>]> = [
	['as documented: 429 with the reset time alone', { retryAfter: false, resetAt: true }],
	['sliding', {}],
	['sliding, without Retry-After', { retryAfter: false }],
	['sliding, with headers', { headers: true }],
	['fixed', { window: 'fixed' }],
	['fixed, begun 50 s before', { window: 'fixed', phase: 50_000 }],
	['fixed, begun 35 s before, with headers', { window: 'fixed', phase: 35_000, headers: true }],
	[
		'fixed, begun 35 s before, without Retry-After',
		{ window: 'fixed', phase: 35_000, retryAfter: false },
	],
];

/** The same runs many times, with other durations each time. */
export interface Series extends Omit<Course, 'jobSeconds' | 'latency'> {
	runs: number;
	/** Mean seconds of a job, by default 21, and by what part of it they differ at most, by default a fifth. */
	mean?: number;
	spread?: number;
	/** What a request travels at the most, and an answer; milliseconds. */
	travel?: number;
}

/** What the runs of a series came to. */
export interface Measured {
	/** Ratio of the times of all runs to those of the floor, and of the slowest single one. */
	toFloor: number;
	worst: number;
	/** Mean seconds behind the floor, and those of the slowest single run. */
	late: number;
	latest: number;
	/** The same for the loop of seven seconds, and the ratio of the node's times to the loop's. */
	loopToFloor: number;
	loopLate: number;
	loopLatest: number;
	toLoop: number;
	/** Part of the requests that were refused. */
	refused: number;
	/** Jobs that were bought, in all runs. */
	bought: number;
}

/** Runs a series, the node and the loop side by side. */
export async function measure(series: Series): Promise<Measured> {
	const { mean = 21, spread = 0.2, runs, travel, ...course } = series;
	const sum = { own: 0, floor: 0, loop: 0, refused: 0, admitted: 0, bought: 0 };
	const most = { worst: 0, latest: 0, loopLatest: 0 };
	for (let seed = 1; seed <= runs; seed++) {
		const random = seeded(seed);
		const latency = travel === undefined ? undefined : () => random() * travel;
		const one: Course = { ...course, latency, jobSeconds: around(mean, spread, seed) };
		const { seconds, segmind } = await node(one);
		const other = await loop(one);
		const least = floor(one);
		sum.own += seconds;
		sum.floor += least;
		sum.loop += other.seconds;
		sum.refused += segmind.refused.length;
		sum.admitted += segmind.admitted;
		sum.bought += segmind.accepted.length;
		most.worst = Math.max(most.worst, seconds / least);
		most.latest = Math.max(most.latest, seconds - least);
		most.loopLatest = Math.max(most.loopLatest, other.seconds - least);
	}
	return {
		...most,
		toFloor: sum.own / sum.floor,
		late: (sum.own - sum.floor) / runs,
		loopToFloor: sum.loop / sum.floor,
		loopLate: (sum.loop - sum.floor) / runs,
		toLoop: sum.own / sum.loop,
		refused: sum.refused / sum.admitted,
		bought: sum.bought,
	};
}
