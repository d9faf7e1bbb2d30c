import type { Measured } from './measure';
import { MB, type Case } from './plan';
import type { Result } from './runner';
import {
	cpuPerJob,
	digits,
	figures,
	median,
	peak,
	ratioOfSums,
	ratios,
	spread,
	wall,
} from './stats';

/** Something that must hold, and whether it does; undefined for what is only told beside it. */
export interface Checked {
	promise: string;
	measured: string;
	holds: boolean | undefined;
}

const atMost = (promise: string, values: number[], bound: number, unit = ' ×'): Checked => ({
	promise,
	measured: spread(values, unit),
	holds: median(values) <= bound,
});

const atLeast = (promise: string, values: number[], bound: number): Checked => ({
	promise,
	measured: spread(values, ' ×'),
	holds: median(values) >= bound,
});

/** At most so many times what the floor takes, over all rounds, by requests a minute and what is to be done. */
const UNDER_LIMITS: Array<
	[limit: number | undefined, jobs: number, seconds: number, most: number]
> = [
	[5, 1, 21, 1.1],
	[5, 1, 72, 1.08],
	[50, 10, 21, 1.15],
	[50, 20, 21, 1.15],
	[60, 20, 21, 1.12],
	[120, 20, 21, 1.08],
	[undefined, 20, 21, 1.05],
];

/** What must hold under rate limits. */
function checkLimits(cases: Measured['cases']): Checked[] {
	const limits = cases.filter(({ one }) => one.part === 'limits');
	const toFloor = UNDER_LIMITS.flatMap(([perMinute, jobs, seconds, most]): Checked[] => {
		const found = limits.filter(
			({ one }) =>
				one.limit?.perMinute === perMinute && one.jobs === jobs && one.seconds === seconds,
		);
		if (found.length === 0) return [];
		const values = found.map(({ results }) => ratioOfSums(results, ['node', 'floor'], wall));
		const limit = perMinute === undefined ? 'no limit' : `${perMinute} requests a minute`;
		return [
			{
				promise: `${jobs} × ${seconds} s, ${limit}: at most ${most} × the floor on average, however the minute counts`,
				measured: values.map((value) => `${digits(value)} ×`).join(', '),
				holds: Math.max(...values) <= most,
			},
		];
	});
	const toLoops = limits.flatMap(({ one, results }) =>
		one.contenders
			.filter((contender) => contender === 'loops' || (contender === 'loop' && one.jobs === 1))
			.map((contender) => ratioOfSums(results, ['node', contender], wall)),
	);
	if (toLoops.length === 0) return toFloor;
	return [
		...toFloor,
		{
			promise: 'Never slower than the 7 s loop with as many in flight (at most 1.05 × on average)',
			measured: `${digits(median(toLoops))} × (${digits(Math.min(...toLoops))}–${digits(Math.max(...toLoops))})`,
			holds: Math.max(...toLoops) <= 1.05,
		},
	];
}

/** The promises of the project about speed and size, each a ratio of things that ran side by side. */
export function checkPromises({ plan, cases, idle }: Measured): Checked[] {
	const find = (part: Case['part'], count: number): Result[] =>
		cases.find(({ one }) => one.part === part && one.jobs === count)?.results ?? [];
	const jobs = plan.form === 'full' ? 20 : 5;
	const real = find('waiting', jobs);
	const few = find('memory', 10);
	const much = find('memory', 200);
	const many = find('throughput', 200);
	const large = (inputs: Case['inputs']) =>
		cases.find(({ one }) => one.imageBytes === 20 * MB && one.inputs === inputs)?.results ?? [];
	const work = `${jobs} jobs of 21 s (± 20 %), ${plan.concurrency} at a time`;
	const flat = median(figures(much, 'node', peak)) / median(figures(few, 'node', peak));
	const loose =
		median(figures(many, 'node', peak)) / median(figures(find('throughput', 10), 'node', peak));
	const idlePeak = median(figures(idle, 'node', peak));
	const overIdle = (results: Result[]) =>
		figures(results, 'node', peak).map((value) => value - idlePeak);
	return [
		atMost(
			`${work}: wall time at most 1.10 × the floor`,
			ratios(real, ['node', 'floor'], wall),
			1.1,
		),
		atLeast(
			`${work}: at least 4 × faster than the sequential manner`,
			ratios(real, ['sequential', 'node'], wall),
			4,
		),
		atLeast(
			`${work}: at least 4 × faster than the workflow of core nodes`,
			ratios(real, ['core', 'node'], wall),
			4,
		),
		...checkLimits(cases),
		atMost(
			"CPU time a job at most 3 × the bare client's (200 jobs)",
			ratios(many, ['node', 'floor'], cpuPerJob),
			3,
		),
		{
			promise:
				"The same over a bare client that asks as often, and over n8n's own helpers asking as often with nothing around them",
			measured: (['asking', 'bare'] as const)
				.map((contender) => ratios(many, ['node', contender], cpuPerJob))
				.map((values) => `${digits(median(values))} ×`)
				.join(', '),
			holds: undefined,
		},
		{
			promise:
				"Peak memory flat (± 20 %) from 10 to 200 items, V8's young generation held (and as V8 likes)",
			measured: `${digits(flat)} × (${digits(loose)} ×)`,
			holds: flat <= 1.2 && flat >= 0.8,
		},
		atMost(
			'Peak memory for twenty 20 MB images, five at a time, within 120 MB of an idle run: images come out',
			overIdle(large(undefined)),
			120,
			' MB',
		),
		atMost(
			'The same when such an image also goes in with each item',
			overIdle(large('different')),
			120,
			' MB',
		),
	];
}
