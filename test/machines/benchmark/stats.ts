import type { Contender } from './types';
import type { Result } from './runner';

/** The middle of some numbers. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	if (sorted.length === 0) return NaN;
	const upper = sorted[half] ?? NaN;
	return sorted.length % 2 ? upper : (upper + (sorted[half - 1] ?? NaN)) / 2;
}

/** A number to about three digits. */
export function digits(value: number): string {
	if (!Number.isFinite(value)) return '–';
	const places = value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2;
	return value.toFixed(places);
}

/** Median and spread, e.g. `93.1 (92.8–94.0)`. */
export function spread(values: number[], unit = ''): string {
	if (values.length === 0) return '–';
	const middle = `${digits(median(values))}${unit}`;
	if (values.length === 1) return middle;
	return `${middle} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`;
}

/** A figure of one contender in all rounds. */
export function figures(
	results: Result[],
	contender: Contender,
	figure: (result: Result) => number | undefined,
): number[] {
	return results
		.filter((result) => result.contender === contender)
		.map(figure)
		.filter((value): value is number => value !== undefined && Number.isFinite(value));
}

/** A contender's figure over another's, round by round. */
export function ratios(
	results: Result[],
	[over, under]: [Contender, Contender],
	figure: (result: Result) => number | undefined,
): number[] {
	return results.flatMap((result) => {
		if (result.contender !== over) return [];
		const other = results.find(
			({ contender, round }) => contender === under && round === result.round,
		);
		const value = figure(result);
		const base = other && figure(other);
		return value === undefined || base === undefined ? [] : [value / base];
	});
}

/** A contender's figure over another's, in sum over the rounds that both have. */
export function ratioOfSums(
	results: Result[],
	[over, under]: [Contender, Contender],
	figure: (result: Result) => number | undefined,
): number {
	let [sum, base] = [0, 0];
	for (const result of results.filter(({ contender }) => contender === over)) {
		const other = results.find(
			({ contender, round }) => contender === under && round === result.round,
		);
		const [value, least] = [figure(result), other && figure(other)];
		if (value === undefined || least === undefined) continue;
		sum += value;
		base += least;
	}
	return sum / base;
}

export const wall = ({ wall: milliseconds }: Result): number | undefined =>
	milliseconds === undefined ? undefined : milliseconds / 1000;
export const peak = ({ peak: bytes }: Result): number | undefined =>
	bytes === undefined ? undefined : bytes / 1e6;
export const held = ({ held: bytes }: Result): number | undefined =>
	bytes === undefined ? undefined : bytes / 1e6;
export const cpuPerJob = ({ cpu, paid }: Result): number | undefined =>
	cpu === undefined || !paid ? undefined : cpu / paid;
export const lateness = (result: Result): number | undefined =>
	result.late?.length ? median(result.late) / 1000 : undefined;
export const latest = (result: Result): number | undefined =>
	result.late?.length ? Math.max(...result.late) / 1000 : undefined;
