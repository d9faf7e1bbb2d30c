/**
 * Draws docs/images/demo.png, the picture at the top of the README: for each node its two input images and
 * the image that came out. Reads examples/images and what `npm run demo` left in demo-output, so run that
 * first, without SEGMIND_API_KEY.
 *
 * Usage: npm run demo && node scripts/draw/demo.mjs
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = new URL('../../', import.meta.url);
const target = new URL('docs/images/demo.png', root);

/** The README loads it first of all: it may not be larger. */
const maximumBytes = 400 * 1024;

const INK = '#1d2433';
const QUIET = '#667085';
const ACCENT = '#ff5a36';
const FONT = `font-family="DejaVu Sans, Verdana, Arial, sans-serif"`;

/** All sizes are pixels. */
const WIDTH = 1440;
const MARGIN = 36;
const ROW_HEIGHT = 506;
const TITLE_HEIGHT = 54;
const CORNER = 14;
const INPUT_HEIGHT = 290;
const RESULT_HEIGHT = 386;
/** Centre line of the images, from the top of a row. */
const MIDDLE = TITLE_HEIGHT + 12 + RESULT_HEIGHT / 2;
/** Middles of the three columns and of the two signs between them. */
const COLUMNS = [193, 618, 1145];
const SIGNS = [376, 860];

const rows = [
	{
		title: 'FaceSwap Comic',
		images: [
			{ file: 'examples/images/face.jpg', label: 'Source Image' },
			{ file: 'examples/images/comic.png', label: 'Target Image' },
			{ file: 'demo-output/faceswap-comic.jpg', label: 'Output (stand-in drawn by the emulator)' },
		],
	},
	{
		title: 'Character Swap',
		images: [
			{ file: 'examples/images/reference-character.png', label: 'Reference Character Image' },
			{ file: 'examples/images/picture.jpg', label: 'Character Image' },
			{ file: 'demo-output/character-swap.png', label: 'Output (stand-in drawn by the emulator)' },
		],
	},
];

/** An input or result image, scaled, with round corners, where it belongs on the canvas. */
async function place({ file, label }, column, top) {
	const source = fileURLToPath(new URL(file, root));
	if (!existsSync(source)) throw new Error(`${file} is missing: run "npm run demo" first`);
	const { width, height } = await sharp(source).metadata();
	const newHeight = column === 2 ? RESULT_HEIGHT : INPUT_HEIGHT;
	const newWidth = Math.round((width / height) * newHeight);
	const box = {
		left: Math.round(COLUMNS[column] - newWidth / 2),
		top: Math.round(top + MIDDLE - newHeight / 2),
		width: newWidth,
		height: newHeight,
	};
	const mask = Buffer.from(
		`<svg width="${newWidth}" height="${newHeight}"><rect width="100%" height="100%" rx="${CORNER}"/></svg>`,
	);
	const input = await sharp(source)
		.resize(newWidth, newHeight)
		.composite([{ input: mask, blend: 'dest-in' }])
		.png()
		.toBuffer();
	return { input, box, label };
}

const text = (x, y, size, colour, content, more = '') =>
	`<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" ${FONT} ${more}>${content}</text>`;

const stroke = `fill="none" stroke="${ACCENT}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"`;
const plus = (x, y) => `<path d="M${x - 17} ${y}h34M${x} ${y - 17}v34" ${stroke}/>`;
const arrow = (x, y) => `<path d="M${x - 25} ${y}h48M${x + 5} ${y - 18}l18 18l-18 18" ${stroke}/>`;

/** What lies around the images of a row: its panel, its title, the signs and the labels. */
function surroundings({ title }, placed, top) {
	const labels = placed.map(({ box, label }) =>
		text(
			box.left + box.width / 2,
			box.top + box.height + 32,
			20,
			QUIET,
			label,
			'text-anchor="middle"',
		),
	);
	return [
		`<rect x="${MARGIN / 2}" y="${top}" width="${WIDTH - MARGIN}" height="${ROW_HEIGHT}" rx="22" fill="#ffffff"/>`,
		text(MARGIN + 12, top + 48, 30, INK, title, 'font-weight="bold"'),
		plus(SIGNS[0], top + MIDDLE),
		arrow(SIGNS[1], top + MIDDLE),
		...labels,
	].join('');
}

const height = rows.length * (ROW_HEIGHT + MARGIN / 2) + MARGIN / 2;
const drawings = [];
const images = [];
for (const [index, row] of rows.entries()) {
	const top = MARGIN / 2 + index * (ROW_HEIGHT + MARGIN / 2);
	const placed = await Promise.all(
		row.images.map(async (image, column) => await place(image, column, top)),
	);
	drawings.push(surroundings(row, placed, top));
	images.push(...placed.map(({ input, box }) => ({ input, left: box.left, top: box.top })));
}

const picture = await sharp({
	create: { width: WIDTH, height, channels: 3, background: '#eef1f6' },
})
	.composite([
		{
			input: Buffer.from(`<svg width="${WIDTH}" height="${height}">${drawings.join('')}</svg>`),
		},
		...images,
	])
	.png({ palette: true, quality: 95, effort: 10, dither: 0.6 })
	.toBuffer();
if (picture.length > maximumBytes) {
	throw new Error(`demo.png would be ${picture.length} bytes, more than ${maximumBytes}`);
}
await mkdir(new URL('.', target), { recursive: true });
await writeFile(target, picture);
console.log(`docs/images/demo.png: ${WIDTH}x${height}, ${picture.length} bytes`);
