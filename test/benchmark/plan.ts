import type { Service } from '../emulator';
import type { Contender } from './types';

/** One comparison: its contenders do the same jobs, side by side. */
export interface Case {
	/** What it tells about. */
	part: 'waiting' | 'throughput' | 'memory' | 'files';
	name: string;
	service: Service;
	jobs: number;
	/** Mean seconds of a job; each takes up to 20 % more or less. */
	seconds: number;
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
const SLOW: readonly Contender[] = ['sequential', 'core'];

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
