import type { Measured } from './measure';
import { MB } from './plan';
import type { Result } from './runner';
import { cpuPerJob, digits, figures, lateness, median, peak, wall } from './stats';
import type { Contender } from './types';

/** Colours that stay apart for colour-blind eyes. */
const COLOURS: Record<Contender, string> = {
	floor: '#7a7a7a',
	asking: '#b9b9b9',
	bare: '#009e73',
	node: '#0072b2',
	sequential: '#e69f00',
	core: '#cc5a78',
	loop: '#e69f00',
	loops: '#8a6d3b',
};

const LABELS: Record<Contender, string> = {
	floor: 'floor (told by the emulator)',
	asking: 'bare client that asks',
	bare: "n8n's helpers alone",
	node: 'this node',
	sequential: 'sequential, as peer nodes',
	core: 'workflow of core nodes',
	loop: '7 s loop, one by one',
	loops: '7 s loop, five at once',
};

const ORDER: readonly Contender[] = ['floor', 'asking', 'bare', 'node', 'sequential', 'core'];

const WIDTH = 960;
const PANEL = { width: 450, height: 218 };

const text = (x: number, y: number, words: string, more = ''): string =>
	`<text x="${x}" y="${y}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;

interface Bar {
	contender: Contender;
	values: number[];
}

/** One group of bars: horizontal, each with its median written at its end and its spread as a line. */
function panel(x: number, y: number, title: string, unit: string, bars: Bar[]): string {
	const known = bars.filter(({ values }) => values.length > 0);
	const most = Math.max(...known.map(({ values }) => Math.max(...values)));
	const left = x + 168;
	const scale = (PANEL.width - 168 - 92) / most;
	const drawn = known.map(({ contender, values }, index) => {
		const top = y + 38 + index * 29;
		const middle = median(values);
		const [least, highest] = [Math.min(...values), Math.max(...values)];
		const line =
			values.length > 1
				? `<line x1="${left + least * scale}" x2="${left + highest * scale}" y1="${top + 10}" y2="${top + 10}" stroke="#222" stroke-width="1.5"/>`
				: '';
		return [
			text(left - 8, top + 14, LABELS[contender], 'text-anchor="end"'),
			`<rect x="${left}" y="${top}" width="${Math.max(1.5, middle * scale)}" height="20" fill="${COLOURS[contender]}"/>`,
			line,
			text(
				left + highest * scale + 6,
				top + 14,
				`${digits(middle)} ${unit}`,
				contender === 'node' ? 'font-weight="bold"' : '',
			),
		].join('');
	});
	return text(x, y + 16, title, 'font-size="14" font-weight="bold"') + drawn.join('');
}

/** Lines over the number of items. */
function growth(x: number, y: number, title: string, cases: Measured['cases']): string {
	const order: Contender[] = ['core', 'sequential', 'node', 'asking', 'floor'];
	const lines = order.map((contender) => ({
		contender,
		points: cases
			.map(({ one, results }) => ({
				jobs: one.jobs,
				value: median(figures(results, contender, peak)),
			}))
			.filter(({ value }) => Number.isFinite(value)),
	}));
	const most = 1.08 * Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value)));
	const [left, bottom, width, height] = [x + 40, y + 180, 262, 146];
	const [first, last] = [cases[0]?.one.jobs ?? 1, cases.at(-1)?.one.jobs ?? 2];
	const px = (jobs: number) => left + (Math.log(jobs / first) / Math.log(last / first)) * width;
	const py = (value: number) => bottom - (value / most) * height;
	const grid = [0, 100, 200, 300, 400, 500, 600]
		.filter((value) => value < most)
		.map(
			(value) =>
				`<line x1="${left}" x2="${left + width}" y1="${py(value)}" y2="${py(value)}" stroke="#ddd"/>` +
				text(left - 6, py(value) + 4, String(value), 'text-anchor="end"'),
		);
	const ticks = cases.map(({ one }) =>
		text(px(one.jobs), bottom + 17, String(one.jobs), 'text-anchor="middle"'),
	);
	let lastLabel = Infinity;
	const drawn = lines
		.filter(({ points }) => points.length > 0)
		.sort((a, b) => (a.points.at(-1)?.value ?? 0) - (b.points.at(-1)?.value ?? 0))
		.map(({ contender, points }) => {
			const path = points.map(({ jobs, value }) => `${px(jobs)},${py(value)}`).join(' ');
			const dots = points.map(
				({ jobs, value }) =>
					`<circle cx="${px(jobs)}" cy="${py(value)}" r="3.5" fill="${COLOURS[contender]}"/>`,
			);
			const end = points.at(-1) ?? { jobs: 1, value: 0 };
			lastLabel = Math.min(py(end.value) + 4, lastLabel - 14);
			const label = text(
				px(end.jobs) + 9,
				lastLabel,
				contender === 'floor' ? 'floor' : LABELS[contender].replace(', as peer nodes', ''),
				`fill="${contender === 'asking' ? '#777' : COLOURS[contender]}"`,
			);
			return `<polyline points="${path}" fill="none" stroke="${COLOURS[contender]}" stroke-width="2"/>${dots.join('')}${label}`;
		});
	const axis = text(left + width / 2, bottom + 34, 'jobs', 'text-anchor="middle"');
	return [
		text(x, y + 16, title, 'font-size="14" font-weight="bold"'),
		...grid,
		...ticks,
		axis,
		...drawn,
	].join('');
}

/** The figures at a glance, as SVG. */
export function drawPlot({ plan, cases, idle }: Measured): string {
	const jobs = plan.form === 'full' ? 20 : 5;
	const find = (part: string, count: number, size = 0): Result[] =>
		cases.find(
			({ one }) => one.part === part && one.jobs === count && (!size || one.imageBytes === size),
		)?.results ?? [];
	const bars = (
		results: Result[],
		figure: (result: Result) => number | undefined,
		less: (contender: Contender) => number = () => 0,
	): Bar[] =>
		ORDER.map((contender) => ({
			contender,
			values: figures(results, contender, figure).map((value) =>
				Math.max(0, value - less(contender)),
			),
		}));
	const real = find('waiting', jobs);
	const idlePeak = (contender: Contender) => median(figures(idle, contender, peak));
	const [x1, x2] = [20, 490];
	const large = bars(find('files', 20, 20 * MB), peak, idlePeak);
	const panels = [
		panel(x1, 16, `Wall time of ${jobs} jobs of 21 s, seconds`, 's', bars(real, wall)),
		panel(x2, 16, 'Noticed after the job was done, seconds', 's', bars(real, lateness)),
		panel(x1, 234, 'CPU time a job, 200 jobs', 'ms', bars(find('throughput', 200), cpuPerJob)),
		panel(x2, 234, 'Memory over idle, twenty 20 MB images', 'MB', large),
		growth(
			x1,
			452,
			'Peak memory of the process by items, MB',
			cases.filter(({ one }) => one.part === 'memory'),
		),
		growthOfWall(x2, 452, cases),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="690" viewBox="0 0 ${WIDTH} 690" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="11.5" fill="#222"><rect width="100%" height="100%" fill="#fff"/>${panels.join('')}</svg>`;
}

/** Wall time over the floor by number of jobs, as a small table of bars. */
function growthOfWall(x: number, y: number, cases: Measured['cases']): string {
	const results = cases.filter(({ one }) => one.part === 'throughput').at(-1)?.results ?? [];
	const bars = ORDER.map((contender): Bar => ({
		contender,
		values: figures(results, contender, wall),
	}));
	return panel(x, y, 'Wall time of 200 jobs of 0.5 s, seconds', 's', bars);
}
