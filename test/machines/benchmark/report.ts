/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @typescript-eslint/no-require-imports */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Measured } from './measure';
import { coreNodesFolder, root } from './paths';
import type { Case } from './plan';
import { checkPromises } from './promises';
import type { Result } from './runner';
import { table } from './tables';
import {
	cpuPerJob,
	digits,
	figures,
	held,
	latest,
	lateness,
	median,
	peak,
	ratioOfSums,
	ratios,
	spread,
	wall,
} from './stats';
import type { Contender } from './types';

/** What the contenders are called. */
const NAMES: Record<Contender, string> = {
	floor: 'floor',
	asking: 'bare client that asks',
	bare: "n8n's helpers alone",
	node: 'this node',
	sequential: 'sequential',
	core: 'core nodes',
	loop: '7 s loop, one at a time',
	loops: '7 s loop, five at a time',
};

const version = (name: string, folder = root): string =>
	(require(join(folder, 'node_modules', name, 'package.json')) as { version: string }).version;

type Row = [Contender, string];

/** A row for each contender of each case; the first cells are filled by `cells`. */
function rows(
	cases: Measured['cases'],
	cells: (results: Result[], contender: Contender, one: Case) => string[],
): string[][] {
	return cases.flatMap(({ one, results }) =>
		one.contenders
			.filter((contender) => results.some((result) => result.contender === contender))
			.map((contender, index) => [
				index === 0 ? one.name : '',
				contender === 'node' ? `**${NAMES[contender]}**` : NAMES[contender],
				...cells(results, contender, one),
			]),
	);
}

const overFloor = (results: Result[], contender: Contender): string =>
	contender === 'floor' ? '1' : spread(ratios(results, [contender, 'floor'], wall));

function waitingTable(cases: Measured['cases']): string {
	return table(
		[
			'jobs',
			'',
			'wall, s',
			'× floor',
			'noticed late, s',
			'latest, s',
			'checks a job',
			'requests a job',
		],
		rows(cases, (results, contender) => [
			spread(figures(results, contender, wall)),
			overFloor(results, contender),
			spread(figures(results, contender, lateness)),
			spread(figures(results, contender, latest)),
			spread(figures(results, contender, ({ checks }) => checks)),
			spread(figures(results, contender, ({ requests }) => requests)),
		]),
	);
}

function limitsTable(cases: Measured['cases']): string {
	return table(
		[
			'limit and jobs',
			'',
			'wall, s',
			'× floor',
			'sum of all ÷ floor',
			'requests a job',
			'refused a run',
		],
		rows(cases, (results, contender) => [
			spread(figures(results, contender, wall)),
			overFloor(results, contender),
			contender === 'floor' ? '1' : digits(ratioOfSums(results, [contender, 'floor'], wall)),
			spread(figures(results, contender, ({ requests }) => requests)),
			spread(figures(results, contender, ({ refused }) => refused)),
		]),
	);
}

function throughputTable(cases: Measured['cases']): string {
	return table(
		['jobs', '', 'wall, s', '× floor', 'CPU a job, ms', 'peak memory, MB', 'requests a job'],
		rows(cases, (results, contender) => [
			spread(figures(results, contender, wall)),
			overFloor(results, contender),
			spread(figures(results, contender, cpuPerJob)),
			spread(figures(results, contender, peak)),
			spread(figures(results, contender, ({ requests }) => requests)),
		]),
	);
}

function memoryTable(cases: Measured['cases']): string {
	return table(
		['jobs', '', 'peak memory, MB', 'held after the run, MB', 'CPU a job, ms', 'requests a job'],
		rows(cases, (results, contender) => [
			spread(figures(results, contender, peak)),
			spread(figures(results, contender, held)),
			spread(figures(results, contender, cpuPerJob)),
			spread(figures(results, contender, ({ requests }) => requests)),
		]),
	);
}

function filesTable(cases: Measured['cases'], idle: Result[]): string {
	return table(
		[
			'image',
			'',
			'wall, s',
			'CPU a job, ms',
			'peak over idle, MB',
			'requests a job',
			'uploaded a job, MB',
		],
		rows(cases, (results, contender) => {
			const base = median(figures(idle, contender, peak));
			const failed = results.find((result) => result.contender === contender && result.failed);
			if (failed) return ['did not get through', '–', '–', '–', '–'];
			return [
				spread(figures(results, contender, wall)),
				spread(figures(results, contender, cpuPerJob)),
				spread(figures(results, contender, peak).map((value) => value - base)),
				spread(figures(results, contender, ({ requests }) => requests)),
				spread(figures(results, contender, ({ uploaded = 0 }) => uploaded / 1e6)),
			];
		}),
	);
}

const idleLine = (idle: Result[]): string =>
	([...new Set(idle.map(({ contender }) => contender))] as Contender[])
		.filter((contender) => contender !== 'asking' && contender !== 'bare')
		.map((contender): Row => [contender, spread(figures(idle, contender, peak), ' MB')])
		.map(([contender, value]) => `${NAMES[contender]} ${value}`)
		.join(', ');

/** Why the promise about CPU time stands as it does. */
function cpuNote(cases: Measured['cases']): string {
	const many = cases.find(({ one }) => one.part === 'throughput' && one.jobs === 200)?.results;
	if (!many) return '';
	const times = (a: Contender, b: Contender) => digits(median(ratios(many, [a, b], cpuPerJob)));
	return `On CPU time: a node reaches the network only through n8n's helpers, and these alone, with nothing around them, take ${times('bare', 'floor')} × what the floor takes. No node can come closer. This node takes ${times('node', 'bare')} × what the helpers take alone.`;
}

const roundsLine = (cases: Measured['cases']): string =>
	cases
		.map(({ one: { name, rounds, slowRounds = rounds } }) =>
			slowRounds === rounds
				? `${name}: ${rounds}`
				: `${name}: ${rounds} (one by one: ${slowRounds})`,
		)
		.join('; ');

/** The whole report as Markdown. */
export function writeReport(measured: Measured): string {
	const { plan, cases, idle, minutes } = measured;
	const part = (name: Case['part']) => cases.filter(({ one }) => one.part === name);
	const promises = checkPromises(measured).map((entry) => [
		entry.promise,
		entry.measured,
		entry.holds === undefined ? '–' : entry.holds ? 'yes' : '**no**',
	]);
	const command = plan.form === 'full' ? 'npm run benchmark' : 'npm run benchmark -- --quick';
	return `<!-- Written by \`npm run benchmark\` from test/machines/benchmark/report.ts: change that, and run it. -->

# Benchmark

_For anyone who wants to know how fast the nodes are and what they need, compared with other ways._

Written by \`${command}\` (${plan.form} form, ${minutes.toFixed(0)} minutes; \`-- --quick\` takes less than five, \`-- --check\` fails if a promise doesn't hold). It spends no money: the emulator stands in for Segmind.

![Wall time, lateness, CPU time and memory](images/benchmark.png)

The contenders, each in its own process, against its own emulator, with the same job times:

- **this node**: the built package in n8n's engine, ${plan.concurrency} jobs in flight (its default);
- **core nodes**: what a user would build instead, in the same engine: Loop Over Items → HTTP Request (submit) → Wait 7 s → HTTP Request (status) → If → HTTP Request (download), with Extract from File before it where the image is a file. It runs one job at a time;
- **sequential**: the way other nodes do it, in the same engine: submit, check every 5 s (Character Swap: 7 s), fetch, next item;
- **floor**: undici without any framework, ${plan.concurrency} jobs in flight, which doesn't have to ask: the emulator tells it the instant a job is done;
- **bare client that asks**: the floor's client, but with status checks at the set interval. What remains of the floor's lead is that it doesn't have to ask;
- **n8n's helpers alone**: what n8n's own request and storage helpers take for the same requests, with next to nothing around them and no care for money, Stop or faults. A node has no other way to the network, so no node in n8n can do with less.

Figures are medians over rounds (least–most). Node.js ${process.versions.node}, n8n-core ${version('n8n-core')}, n8n-nodes-base ${version('n8n-nodes-base', coreNodesFolder)}, undici ${version('undici')}; ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}.

## What must hold

${table(['', 'measured', 'holds'], promises)}

${cpuNote(measured.cases)}

## Waiting, at the services' real scale

Jobs of 21 s and 72 s (± 20 %), ${plan.concurrency} at a time, 200 KB images by URL. Everything in this table ran at the same time, because it mostly waits. Lateness is counted from a job's end to the request that fetches its image: the median of a run's jobs, and the latest of them.

${waitingTable(part('waiting'))}

Rounds: ${roundsLine(part('waiting'))}.

## Under a rate limit

The same, with the emulator limiting requests: in the minute that has just passed (*sliding*), or in one that ends for all requests at once and had begun fifty seconds before (*fixed*). Refusals carry a \`Retry-After\` or, *as documented*, only \`x-rate-limit-reset-at-utc\`; where the row says so, all answers have the headers that Segmind may send. Nothing else reveals the limit. The floor isn't limited. The **7 s loop** asks as Segmind's sample code does, in a bare client, and waits as long after a refusal. There are no uploads. All rounds ran at the same time, together with the table above; each round has different job times. *Sum of all ÷ floor* is over all rounds; *refused* counts 429 answers.

${limitsTable(part('limits'))}

Rounds: ${roundsLine(part('limits'))}.

## Throughput by number of items

Jobs of 0.5 s (± 20 %), with a status check every 0.1 s, 200 KB images by URL. They ran one after the other, in turns; only sequential and core nodes ran as a pair. CPU time is the process's user and system time while it works, without start-up; memory is the highest resident memory in that time. When idle, the same processes take ${idleLine(idle)}.

${throughputTable(part('throughput'))}

Rounds: ${roundsLine(part('throughput'))}.

## Memory by number of items

V8 lets garbage pile up while there is room, and its young generation grows with the work; so does the resident memory in the table above, by up to about 130 MB. Here the young generation is held at 4 MB in every process (\`--max-semi-space-size\`), which shows what the work itself needs; *held* is what is left after a garbage collection that wasn't there before the run. Jobs of 0.1 s, with a status check every 0.1 s.

${memoryTable(part('memory'))}

Rounds: ${roundsLine(part('memory'))}.

## By image size

Twenty items, each with an image file of this size going in and an image of this size coming out; jobs and intervals as above. This node and the floor upload a file once; the others send it inside each request.

${filesTable(part('files'), idle)}

Rounds: ${roundsLine(part('files'))}.
`;
}
