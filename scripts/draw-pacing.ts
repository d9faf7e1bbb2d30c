/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
/**
 * Draws how late a finished job is noticed against how often is asked, by simulation, for the node's own
 * pacing and for fixed intervals, and prints the table of docs/pacing.md. Deterministic.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { notice, seeded, shapes, simulate, type Figures } from '../test/simulation/pacing';

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
		const { late, checks } = notice(durations(), () => interval);
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

async function main(): Promise<void> {
	const svg =
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, Arial, sans-serif">` +
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>` +
		`<text transform="translate(22 ${PLOT.top + PLOT.height / 2}) rotate(-90)" font-size="13" text-anchor="middle" fill="#444">status checks a job</text>` +
		SERVICES.map((service, index) => panel(index, service)).join('') +
		'</svg>';
	const file = join(__dirname, '..', 'docs', 'images', 'pacing.png');
	writeFileSync(file, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
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
