/* eslint-disable @n8n/community-nodes/no-restricted-globals */
/**
 * Prints the figures that limiter and schedule are held to, beside those of the loop of seven seconds, for each kind
 * of minute: node --import tsx test/support/simulation/figures.ts
 */
import { characterSwap } from '../../../nodes/CharacterSwap/model';
import { KINDS_OF_MINUTE, measure, type Measured, type Series } from './measure';
import { node } from './race';

const say = (text: string) => process.stdout.write(`${text}\n`);
const two = (value: number) => value.toFixed(2);

const row = (name: string, all: Measured[]): string => {
	const mean = (of: (one: Measured) => number) =>
		two(all.reduce((sum, one) => sum + of(one), 0) / all.length);
	const most = (of: (one: Measured) => number) => two(Math.max(...all.map(of)));
	return `${name.padEnd(44)} ×floor ${mean((m) => m.toFloor)} (kinds up to ${most((m) => m.toFloor)}, run ${most((m) => m.worst)})  late ${mean((m) => m.late)} (kinds up to ${most((m) => m.late)}, run ${most((m) => m.latest)})  loop ×${mean((m) => m.loopToFloor)} late ${mean((m) => m.loopLate)} (run ${most((m) => m.loopLatest)})  ×loop ${mean((m) => m.toLoop)} (${most((m) => m.toLoop)})  refused ${mean((m) => m.refused)}`;
};

async function kinds(
	name: string,
	perMinute: number,
	series: Omit<Series, 'limit'>,
	each = false,
): Promise<void> {
	const all: Measured[] = [];
	for (const [kind, way] of KINDS_OF_MINUTE) {
		const one = await measure({ ...series, limit: { perMinute, ...way } });
		all.push(one);
		if (each || all.length === 1) say(row(`   ${kind}`, [one]));
	}
	say(row(name, all));
}

async function main(): Promise<void> {
	say('± 20 %');
	await kinds('free plan, 1 of 21 s', 5, { jobs: 1, runs: 300 }, true);
	await kinds('free plan, 1 of 72 s (± 15 %)', 5, {
		jobs: 1,
		runs: 150,
		model: characterSwap,
		mean: 72,
		spread: 0.15,
	});
	await kinds('free plan, 1 of 63 s', 5, { jobs: 1, runs: 150, mean: 63 }, true);
	for (const jobs of [10, 20]) {
		for (const perMinute of [50, 60, 120]) {
			await kinds(
				`${perMinute} a minute, ${jobs} of 21 s`,
				perMinute,
				{ jobs, runs: 20 },
				perMinute === 50,
			);
		}
		say(row(`no limit, ${jobs} of 21 s`, [await measure({ jobs, runs: 20 })]));
	}
	say(row('no limit, 1 of 21 s', [await measure({ jobs: 1, runs: 500 })]));
	await kinds('free plan, 20 of 21 s', 5, { jobs: 20, runs: 3 });
	for (const [perMinute, window] of [
		[50, 'fixed'],
		[50, 'sliding'],
		[5, 'fixed'],
	] as const) {
		const { seconds, segmind } = await node({
			jobs: 500,
			jobSeconds: () => 21,
			limit: { perMinute, window },
		});
		say(
			`500 at ${perMinute} a minute, ${window}: ${two(seconds / 60)} minutes, ${segmind.admitted} requests, ${segmind.refused.length} refused`,
		);
	}
	say('± 50 %');
	await kinds('free plan, nothing known', 5, { jobs: 1, runs: 500, spread: 0.5 }, true);
	say(row('no limit, nothing known', [await measure({ jobs: 1, runs: 500, spread: 0.5 })]));
	for (const perMinute of [50, 120]) {
		for (const window of ['sliding', 'fixed'] as const) {
			const limit = { perMinute, window, headers: true };
			say(
				row(`known ${perMinute} a minute, ${window}, 1`, [
					await measure({ jobs: 1, runs: 500, spread: 0.5, limit }),
				]),
			);
		}
		await kinds(`${perMinute} a minute, 20 of 21 s`, perMinute, {
			jobs: 20,
			runs: 20,
			spread: 0.5,
		});
	}
	say(row('no limit, 20 of 21 s', [await measure({ jobs: 20, runs: 20, spread: 0.5 })]));
	await kinds('free plan, 1 of 72 s', 5, {
		jobs: 1,
		runs: 200,
		model: characterSwap,
		mean: 72,
		spread: 0.5,
	});
	await kinds(
		'slow days, 63 to 175 s, free plan',
		5,
		{ jobs: 1, runs: 300, mean: 119, spread: 56 / 119 },
		true,
	);
	say(
		row('slow days, no limit', [
			await measure({ jobs: 1, runs: 300, mean: 119, spread: 56 / 119 }),
		]),
	);
}

void main();
