/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
/**
 * The benchmark: this package beside a workflow of n8n's own nodes, the sequential manner of peer nodes and a
 * bare client, all against the emulator. `--quick` takes less than five minutes, without it half an hour;
 * `--check` makes it fail when a promise does not hold; `--dry` writes no documents; `--only=memory` (or
 * another part) renews one part of the figures of the last run, and `--from=FILE` shows saved ones.
 */
import '../../support/setup';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import sharp from 'sharp';
import { installOnce } from '../../../scripts/installOnce';
import { checkPromises } from './promises';
import { measure, type Measured } from './measure';
import { copyBuild, root } from './paths';
import { planFor } from './plan';
import { drawPlot } from './plot';
import { writeReport } from './report';

const DOCUMENT = join(root, 'docs', 'benchmark.md');
const RAW = join(root, 'node_modules', '.cache', 'benchmark', 'figures.json');
const PLOT = join(root, 'docs', 'images', 'benchmark.png');

const valueOf = (name: string): string | undefined =>
	process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

/** Keeps the raw figures. */
function save(figures: Measured): Measured {
	writeFileSync(RAW, JSON.stringify(figures));
	return figures;
}

async function measured(): Promise<Measured> {
	const saved = valueOf('from');
	if (saved) return JSON.parse(readFileSync(saved, 'utf8')) as Measured;
	installOnce('test/machines/benchmark/core-nodes');
	copyBuild();
	const plan = planFor(process.argv.includes('--quick') ? 'quick' : 'full');
	const only = valueOf('only');
	if (!only) return save(await measure(plan));
	const cases = plan.cases.filter(({ part }) => part === only);
	const renewed = await measure({ ...plan, cases });
	const known = JSON.parse(readFileSync(RAW, 'utf8')) as Measured;
	const others = known.cases.filter(({ one }) => one.part !== only);
	const idle = only === 'files' ? renewed.idle : known.idle;
	const minutes = known.minutes + renewed.minutes;
	return save({ plan, cases: [...others, ...renewed.cases], idle, minutes });
}

async function main(): Promise<void> {
	const figures = await measured();
	const style = await resolveConfig(DOCUMENT);
	const report = await format(writeReport(figures), { ...style, parser: 'markdown' });
	process.stdout.write(report);
	if (!process.argv.includes('--dry')) {
		mkdirSync(dirname(PLOT), { recursive: true });
		writeFileSync(DOCUMENT, report);
		await sharp(Buffer.from(drawPlot(figures)), { density: 144 })
			.png()
			.toFile(PLOT);
	}
	const broken = checkPromises(figures).filter(({ holds }) => holds === false);
	for (const { promise, measured: value } of broken) {
		process.stderr.write(`Does not hold: ${promise} (measured ${value})\n`);
	}
	if (broken.length > 0 && process.argv.includes('--check')) process.exitCode = 1;
}

main().then(
	() => process.exit(),
	(error: unknown) => {
		process.stderr.write(`${String((error as Error).stack)}\n`);
		process.exit(1);
	},
);
