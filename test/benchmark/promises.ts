import type { Measured } from './measure';
import { MB, type Case } from './plan';
import type { Result } from './runner';
import { cpuPerJob, digits, figures, median, peak, ratios, spread, wall } from './stats';

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
