/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
/**
 * Draws, by simulation, how late a finished job is noticed against how often is asked, for the node's own pacing
 * and for fixed intervals, and how long runs take under rate limits, beside a loop of seven seconds. Prints the
 * tables of docs/pacing.md. Deterministic.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
	notice,
	seeded,
	shapes,
	simulate,
	type Figures,
} from '../../test/support/simulation/pacing';
import { around, floor, loop, node, type Course } from '../../test/support/simulation/race';

const SERVICES = [
	{ title: 'FaceSwap Comic (21 s)', typical: 21, sdk: 1, color: '#6d4aff' },
	{ title: 'Character Swap (72 s)', typical: 72, sdk: 2, color: '#0f9d8a' },
];
const INTERVALS = [1, 2, 3, 5, 7, 10];
const SEED = 11;

const durationsOf = (typical: number, shape: string) =>
	shapes(typical, seeded(SEED))[shape] as () => number;

/** A fixed interval, as most nodes and the documented loop have it. */
function fixed(typical: number, interval: number, shape: string, jobs = 20_000): Figures {
	const durations = durationsOf(typical, shape);
	const figures: Figures = { late: 0, latest: 0, checks: 0, sdkChecks: 0 };
	for (let job = 0; job < jobs; job++) {
		const { late, checks } = notice(durations(), (at) => at + interval);
		figures.late += late / jobs;
		figures.latest = Math.max(figures.latest, late);
		figures.checks += checks / jobs;
	}
	return figures;
}

const WIDTH = 1040;
const HEIGHT = 460;
const PLOT = { left: 70, top: 60, width: 400, height: 320 };

function panel(index: number, { title, typical, sdk, color }: (typeof SERVICES)[number]): string {
	const left = PLOT.left + index * 480;
	const most = { late: 5.5, checks: typical === 21 ? 24 : 76 };
	const x = (late: number) => left + (late / most.late) * PLOT.width;
	const y = (checks: number) => PLOT.top + PLOT.height - (checks / most.checks) * PLOT.height;
	const shape = 'within 20 %';
	const point = (figures: Figures, name: string, fill: string, radius: number) =>
		`<circle cx="${x(figures.late)}" cy="${y(figures.checks)}" r="${radius}" fill="${fill}"/>` +
		`<text x="${x(figures.late) + 9}" y="${y(figures.checks) - 10}" font-size="13" fill="#333">${name}</text>`;
	const grid = [0, 1, 2, 3, 4, 5]
		.map(
			(late) =>
				`<line x1="${x(late)}" x2="${x(late)}" y1="${PLOT.top}" y2="${PLOT.top + PLOT.height}" stroke="#e6e6ee"/>` +
				`<text x="${x(late)}" y="${PLOT.top + PLOT.height + 20}" font-size="12" text-anchor="middle" fill="#666">${late}</text>`,
		)
		.join('');
	const step = typical === 21 ? 5 : 15;
	const rows = Array.from({ length: Math.floor(most.checks / step) + 1 }, (_, row) => row * step)
		.map(
			(checks) =>
				`<line x1="${left}" x2="${left + PLOT.width}" y1="${y(checks)}" y2="${y(checks)}" stroke="#e6e6ee"/>` +
				`<text x="${left - 8}" y="${y(checks) + 4}" font-size="12" text-anchor="end" fill="#666">${checks}</text>`,
		)
		.join('');
	const others = INTERVALS.map((interval) =>
		point(
			fixed(typical, interval, shape),
			interval === sdk ? `every ${interval} s (official SDK)` : `every ${interval} s`,
			'#b9b9c6',
			5,
		),
	).join('');
	const fresh = simulate(typical, sdk, durationsOf(typical, shape));
	const learned = simulate(typical, sdk, durationsOf(typical, shape), true);
	return (
		`<text x="${left}" y="36" font-size="18" font-weight="bold" fill="#222">${title}</text>` +
		grid +
		rows +
		others +
		point(fresh, '', color, 8) +
		point(learned, '', '#ff5c39', 8) +
		`<circle cx="${left + 250}" cy="${PLOT.top + 20}" r="7" fill="${color}"/>` +
		`<text x="${left + 264}" y="${PLOT.top + 25}" font-size="13" fill="#333">this node</text>` +
		`<circle cx="${left + 250}" cy="${PLOT.top + 44}" r="7" fill="#ff5c39"/>` +
		`<text x="${left + 264}" y="${PLOT.top + 49}" font-size="13" fill="#333">after a few jobs</text>` +
		`<text x="${left + PLOT.width / 2}" y="${PLOT.top + PLOT.height + 44}" font-size="13" text-anchor="middle" fill="#444">noticed so many seconds late, on average</text>`
	);
}

/** Requests a minute, as Segmind's pages name them. */
const LIMITS = [5, 50, 60, 120, undefined];

/** Who runs: the node, and the loop with one job or five in flight. */
const RUNNERS = [
	{ name: 'this node', color: '#6d4aff', run: node, inFlight: 5 },
	{ name: '7 s loop with as many in flight', color: '#e69f00', run: loop, inFlight: 5 },
	// Only in the table: it takes five times as long.
	{ name: '', color: '', run: loop, inFlight: 1 },
];

interface Bar {
	color: string;
	ratio: number;
	/** Seconds, on average and at most. */
	late: number;
	latest: number;
}

/** A refusal names nothing but when the minute is over, as Segmind documents it. */
const AS_DOCUMENTED = { retryAfter: false, resetAt: true };

/** Times of the runners over that of somebody who is told at once, and whom nothing limits; on average. */
async function racesOf(
	jobs: number,
	perMinute: number | undefined,
	spread: number,
): Promise<Bar[]> {
	const runs = jobs === 1 ? 500 : 20;
	const limit = perMinute === undefined ? undefined : { perMinute, ...AS_DOCUMENTED };
	const bars: Bar[] = [];
	for (const { run, color, inFlight } of RUNNERS) {
		if (jobs === 1 && inFlight === 1) continue;
		let [sum, least, latest] = [0, 0, 0];
		for (let seed = 1; seed <= runs; seed++) {
			const course: Course = { jobs, limit, jobSeconds: around(21, spread, seed) };
			const { seconds } = await run({ ...course, inFlight });
			sum += seconds;
			least += floor(course);
			latest = Math.max(latest, seconds - floor(course));
		}
		bars.push({ color, ratio: sum / least, late: (sum - least) / runs, latest });
	}
	return bars;
}

/** Bars higher than this are cut off. */
const HIGHEST = 2.4;

function limitsPanel(index: number, title: string, groups: Bar[][]): string {
	const left = PLOT.left + index * 480;
	const bottom = PLOT.top + PLOT.height;
	const y = (ratio: number) => bottom - (Math.min(ratio, HIGHEST) / HIGHEST) * PLOT.height;
	const grid = [0, 0.5, 1, 1.5, 2]
		.map(
			(ratio) =>
				`<line x1="${left}" x2="${left + PLOT.width}" y1="${y(ratio)}" y2="${y(ratio)}" stroke="${ratio === 1 ? '#666' : '#e6e6ee'}"/>` +
				`<text x="${left - 8}" y="${y(ratio) + 4}" font-size="12" text-anchor="end" fill="#666">${ratio}</text>`,
		)
		.join('');
	const width = PLOT.width / groups.length;
	const bars = groups.map((group, at) => {
		const each = 32;
		const begin = left + at * width + (width - each * 2) / 2;
		const drawn = group
			.slice(0, 2)
			.map(
				({ color, ratio }, place) =>
					`<rect x="${begin + place * each}" width="${each - 2}" y="${y(ratio)}" height="${bottom - y(ratio)}" fill="${color}"/>` +
					`<text x="${begin + (place + 0.5) * each - 1}" y="${y(ratio) - 5}" font-size="11" text-anchor="middle" fill="#333">${ratio.toFixed(ratio < 9.95 ? 2 : 1)}</text>`,
			);
		const label = LIMITS[at] === undefined ? 'none' : `${LIMITS[at]}`;
		return `${drawn.join('')}<text x="${left + (at + 0.5) * width}" y="${bottom + 20}" font-size="12" text-anchor="middle" fill="#666">${label}</text>`;
	});
	return (
		`<text x="${left}" y="36" font-size="18" font-weight="bold" fill="#222">${title}</text>` +
		grid +
		bars.join('') +
		`<text x="${left + PLOT.width / 2}" y="${bottom + 44}" font-size="13" text-anchor="middle" fill="#444">requests a minute</text>`
	);
}

/** How durations differ: a row of panels each. */
const SPREADS = [0.2, 0.5];

async function drawLimits(): Promise<void> {
	const rows: string[] = [];
	for (const [row, spread] of SPREADS.entries()) {
		const panels: string[] = [];
		for (const [index, jobs] of [1, 20].entries()) {
			const groups: Bar[][] = [];
			for (const limit of LIMITS) groups.push(await racesOf(jobs, limit, spread));
			const durations = `21 s ± ${100 * spread} %`;
			const title = jobs === 1 ? `One job of ${durations}` : `20 jobs of ${durations}, 5 in flight`;
			panels.push(limitsPanel(index, title, groups));
			process.stdout.write(`\n${title}: × the least time (seconds late, at most)\n`);
			for (const [at, group] of groups.entries()) {
				const cells = group.map(
					({ ratio, late, latest }) =>
						`${ratio.toFixed(2)} (${late.toFixed(1)}, ${latest.toFixed(1)})`,
				);
				process.stdout.write(`| ${LIMITS[at] ?? 'none'} | ${cells.join(' | ')} |\n`);
			}
		}
		rows.push(`<g transform="translate(0 ${row * HEIGHT})">${panels.join('')}</g>`);
	}
	const legendTop = SPREADS.length * HEIGHT;
	const legend = RUNNERS.slice(0, 2).map(
		({ name, color }, index) =>
			`<rect x="${PLOT.left + index * 260}" y="${legendTop + 4}" width="14" height="14" fill="${color}"/>` +
			`<text x="${PLOT.left + 20 + index * 260}" y="${legendTop + 16}" font-size="13" fill="#333">${name}</text>`,
	);
	await save('pacing-limits.png', legendTop + 34, '× the least time', [...rows, ...legend]);
}

async function save(name: string, height: number, axis: string, parts: string[]): Promise<void> {
	const svg =
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="DejaVu Sans, Arial, sans-serif">` +
		`<rect width="${WIDTH}" height="${height}" fill="#fff"/>` +
		`<text transform="translate(22 ${PLOT.top + PLOT.height / 2}) rotate(-90)" font-size="13" text-anchor="middle" fill="#444">${axis}</text>` +
		`${parts.join('')}</svg>`;
	const file = join(__dirname, '..', '..', 'docs', 'images', name);
	writeFileSync(file, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
}

async function main(): Promise<void> {
	await save(
		'pacing.png',
		HEIGHT,
		'status checks a job',
		SERVICES.map((each, index) => panel(index, each)),
	);
	await drawLimits();
	for (const { title, typical, sdk } of SERVICES) {
		process.stdout.write(`\n${title}\n`);
		for (const shape of Object.keys(shapes(typical, seeded(SEED)))) {
			const fresh = simulate(typical, sdk, durationsOf(typical, shape));
			const learned = simulate(typical, sdk, durationsOf(typical, shape), true);
			const row = [shape, fresh, learned].map((cell) =>
				typeof cell === 'string'
					? cell
					: `${cell.late.toFixed(2)} | ${cell.latest.toFixed(2)} | ${cell.checks.toFixed(1)}`,
			);
			process.stdout.write(`| ${row.join(' | ')} | ${fresh.sdkChecks.toFixed(1)} |\n`);
		}
		const seven = fixed(typical, 7, 'uniform');
		process.stdout.write(
			`every 7 s, uniform: ${seven.late.toFixed(2)} s late, ${seven.checks.toFixed(1)} checks\n`,
		);
	}
}

void main();
