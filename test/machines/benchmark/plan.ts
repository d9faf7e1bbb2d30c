import type { RateLimitOptions } from '../../support/emulator';
import type { Contender, Service } from './types';

/** One comparison: its contenders do the same jobs, side by side. */
export interface Case {
	/** What it tells about. */
	part: 'waiting' | 'limits' | 'throughput' | 'memory' | 'files';
	name: string;
	service: Service;
	jobs: number;
	/** Mean seconds of a job; each takes up to `around` of that more or less, by default 20 %. */
	seconds: number;
	around?: number;
	/** Limits everybody but the floor. */
	limit?: RateLimitOptions;
	/** Seconds between status checks; undefined: each contender's own. */
	interval?: number;
	/** Bytes of each output image, and of each input where those are files. */
	imageBytes: number;
	/** Input images as files: a different one for each item, or the same for all. */
	inputs?: 'different' | 'same';
	contenders: readonly Contender[];
	rounds: number;
	/** Megabytes that V8's young generation is held at; undefined: as V8 likes. */
	young?: number;
	/** Rounds of those that take too long for more; default `rounds`. */
	slowRounds?: number;
}

export interface Plan {
	form: 'full' | 'quick';
	concurrency: number;
	cases: Case[];
	/** Rounds of the idle process of each contender. */
	idleRounds: number;
}

const KB = 1000;
export const MB = 1000 * KB;

const ALL: readonly Contender[] = ['floor', 'node', 'sequential', 'core'];
const PARALLEL: readonly Contender[] = ['floor', 'node'];

/** One job after the other. */
const SLOW: readonly Contender[] = ['sequential', 'core', 'loop'];

const base = { service: 'faceswap-comic' as Service, imageBytes: 200 * KB, contenders: ALL };

const waiting = (service: Service, jobs: number, rounds: number, contenders = ALL): Case => ({
	...base,
	part: 'waiting',
	name: `${service === 'workflow' ? 'Character Swap' : 'FaceSwap Comic'}, ${jobs}`,
	service,
	jobs,
	seconds: service === 'workflow' ? 72 : 21,
	contenders,
	rounds,
});

const wayOf = ({ window = 'sliding', headers = false, resetAt = false }: RateLimitOptions) =>
	`${window}${headers ? ', with headers' : ''}${resetAt ? ', as documented' : ''}`;

/** Under a rate limit; without one, to see what the care for it costs where nothing limits. */
const limited = (
	limit: RateLimitOptions | undefined,
	jobs: number,
	rounds: number,
	of: Pick<Case, 'service' | 'seconds'> & { around?: number } = {
		service: 'faceswap-comic',
		seconds: 21,
	},
): Case => ({
	...base,
	...of,
	part: 'limits',
	name: `${limit ? `${limit.perMinute} a minute (${wayOf(limit)})` : 'no limit'}, ${jobs} of ${of.seconds} s`,
	jobs,
	limit,
	contenders: jobs === 1 ? ['floor', 'node', 'loop'] : ['floor', 'node', 'loop', 'loops'],
	rounds,
	slowRounds: jobs === 1 ? rounds : Math.ceil(rounds / 2),
});

const CHARACTER_SWAP = { service: 'workflow', seconds: 72, around: 0.15 } as const;

/** A refusal has nothing but the time when the minute is over [docs]. */
const AS_DOCUMENTED = { retryAfter: false, resetAt: true } as const;

/** A fixed minute that began before: two of the five requests come before the next one. */
const AT_A_BAD_MOMENT = { window: 'fixed', phase: 50_000 } as const;

const quickJobs = { seconds: 0.5, interval: 0.1 };

const throughput = (jobs: number, rounds: number, slowRounds = rounds): Case => ({
	...base,
	...quickJobs,
	part: 'throughput',
	name: `${jobs}`,
	jobs,
	contenders: ['floor', 'asking', 'bare', 'node', 'sequential', 'core'],
	rounds,
	slowRounds,
});

/**
 * V8 lets garbage pile up while there is room, and that hides what is held: here its young generation is kept
 * small in every process.
 */
const memory = (jobs: number, rounds: number, slowRounds = rounds): Case => ({
	...base,
	part: 'memory',
	name: `${jobs}`,
	jobs,
	seconds: 0.1,
	interval: 0.1,
	young: 4,
	rounds,
	slowRounds,
});

const files = (
	imageBytes: number,
	inputs: Case['inputs'],
	rounds: number,
	contenders: readonly Contender[],
	slowRounds = rounds,
): Case => ({
	...base,
	...quickJobs,
	part: 'files',
	name: `${inputs === undefined ? 'only out, ' : ''}${inputs === 'same' ? 'one face for all, ' : ''}${imageBytes >= MB ? `${imageBytes / MB} MB` : `${imageBytes / KB} KB`}`,
	jobs: 20,
	imageBytes,
	inputs,
	contenders,
	rounds,
	slowRounds,
});

/** Ends within half an hour. */
const FULL: Plan = {
	form: 'full',
	concurrency: 5,
	idleRounds: 3,
	cases: [
		waiting('faceswap-comic', 20, 3),
		waiting('workflow', 5, 3),
		waiting('faceswap-comic', 10, 2),
		waiting('faceswap-comic', 50, 2, PARALLEL),
		waiting('faceswap-comic', 1, 3),
		limited({ perMinute: 5, ...AS_DOCUMENTED }, 1, 10),
		limited({ perMinute: 5 }, 1, 10),
		limited({ perMinute: 5, headers: true }, 1, 5),
		limited({ perMinute: 5, ...AT_A_BAD_MOMENT }, 1, 5),
		limited({ perMinute: 5 }, 1, 4, CHARACTER_SWAP),
		limited({ perMinute: 5 }, 1, 4, { service: 'faceswap-comic', seconds: 63 }),
		limited({ perMinute: 5 }, 5, 2),
		limited({ perMinute: 50, ...AS_DOCUMENTED }, 20, 4),
		limited({ perMinute: 50 }, 10, 4),
		limited({ perMinute: 50 }, 20, 4),
		limited({ perMinute: 50, headers: true }, 20, 2),
		limited({ perMinute: 60 }, 20, 2),
		limited({ perMinute: 120 }, 20, 2),
		limited(undefined, 20, 4),
		limited(undefined, 1, 10),
		throughput(1, 3),
		throughput(10, 3),
		throughput(50, 2, 1),
		throughput(200, 2, 1),
		memory(10, 3, 1),
		memory(50, 3, 1),
		memory(200, 3, 1),
		files(200 * KB, 'different', 2, ALL, 1),
		files(200 * KB, 'same', 1, ALL),
		files(2 * MB, 'different', 2, ALL, 1),
		files(20 * MB, 'different', 3, ALL, 1),
		files(20 * MB, undefined, 2, ALL, 1),
	],
};

/** Ends within five minutes. */
const QUICK: Plan = {
	form: 'quick',
	concurrency: 5,
	idleRounds: 2,
	cases: [
		waiting('faceswap-comic', 5, 2),
		waiting('workflow', 1, 1),
		limited({ perMinute: 5, ...AS_DOCUMENTED }, 1, 4),
		limited({ perMinute: 50 }, 10, 2),
		throughput(1, 1),
		throughput(10, 1),
		throughput(200, 1, 0),
		memory(10, 1, 0),
		memory(200, 1, 0),
		files(200 * KB, 'different', 1, PARALLEL),
		files(20 * MB, 'different', 1, PARALLEL),
		files(20 * MB, undefined, 1, PARALLEL),
	],
};

export const planFor = (form: Plan['form']): Plan => (form === 'full' ? FULL : QUICK);

/** Who takes part in a round. */
export function takesPart({ contenders, rounds, slowRounds = rounds }: Case, round: number) {
	return contenders.filter((contender) => round < (SLOW.includes(contender) ? slowRounds : rounds));
}
