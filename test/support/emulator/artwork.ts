/** The drawn parts of a result picture, as SVG. All sizes are pixels. */

const INK = '#1d2433';
const PAPER = '#fdf6e3';
const ACCENT = '#ff5a36';
const FONT = "font-family='DejaVu Sans, Verdana, Arial, sans-serif'";
/** Mean width of a DejaVu Sans letter, in ems. */
const LETTER_EM = 0.6;

export interface Box {
	left: number;
	top: number;
	width: number;
	height: number;
}

export interface Inset {
	box: Box;
	shape: 'round' | 'card';
	label: string;
}

export interface Caption {
	title: string;
	detail: string;
}

/** Width of an inset's white border. */
const BORDER = 8;

/** The caption strip with what lies under the insets: shadow, border, label. */
export function underlay(
	width: number,
	height: number,
	strip: Box,
	insets: Inset[],
	caption: Caption,
): Buffer {
	return svg(width, height, [...insets.map(insetFrame), captionStrip(strip, caption)].join(''));
}

/** Cuts an inset into its shape. */
export function stencil({ box: { width, height }, shape }: Inset): Buffer {
	const radius = shape === 'round' ? width / 2 : 14;
	return svg(
		width,
		height,
		`<rect width='${width}' height='${height}' rx='${radius}' fill='#fff'/>`,
	);
}

/** Stands for a picture at a URL that isn't fetched: its host and file name. */
export function placeholderCard(url: URL, width: number, height: number): Buffer {
	const hue = hueOf(url.href);
	const unit = Math.min(width, height);
	// Insets take the lower corners.
	const [cx, cy] = [width * 0.6, height * 0.5];
	const file = decodeName(url);
	const size = Math.max(11, Math.round(unit / 30));
	const line = (y: number, text: string, weight: string, fontSize: number) =>
		`<text x='${width * 0.06}' y='${y}' font-size='${fontSize}' font-weight='${weight}' fill='#fff' ${FONT}>${escape(shorten(text, width * 0.86, fontSize))}</text>`;
	return svg(
		width,
		height,
		backdrop(hue, width, height) +
			figure(cx, cy, unit * 0.42, '#ffffff') +
			line(height * 0.11, url.host, 'bold', size) +
			line(height * 0.11 + size * 1.6, file, 'normal', Math.round(size * 0.85)),
	);
}

/** The same for an inset, where text would not be legible. */
export function placeholderFigure(url: URL, width: number, height: number): Buffer {
	const unit = Math.min(width, height);
	return svg(
		width,
		height,
		backdrop(hueOf(url.href), width, height) +
			figure(width / 2, height * 0.52, unit * 0.4, '#ffffff'),
	);
}

/** A plain scene, for results that show nothing in particular. */
export function plainScene(width: number, height: number): Buffer {
	return svg(
		width,
		height,
		backdrop(210, width, height) + figure(width / 2, height / 2, width * 0.3, '#fff'),
	);
}

function backdrop(hue: number, width: number, height: number): string {
	const far = (hue + 45) % 360;
	const dots = `<pattern id='d' width='18' height='18' patternUnits='userSpaceOnUse'><circle cx='9' cy='9' r='2.6' fill='#fff' fill-opacity='.13'/></pattern>`;
	return `<defs><linearGradient id='g' x2='1' y2='1'><stop offset='0' stop-color='hsl(${hue},55%,52%)'/><stop offset='1' stop-color='hsl(${far},60%,34%)'/></linearGradient>${dots}</defs><rect width='${width}' height='${height}' fill='url(#g)'/><rect width='${width}' height='${height}' fill='url(#d)'/>`;
}

/** Head and shoulders, `unit` pixels wide, around a centre. */
function figure(cx: number, cy: number, unit: number, fill: string): string {
	const head = unit * 0.27;
	const shoulder = cy + unit * 0.5;
	return `<g fill='${fill}' fill-opacity='.9'><circle cx='${cx}' cy='${cy - unit * 0.22}' r='${head}'/><path d='M${cx - unit / 2} ${shoulder} C${cx - unit / 2} ${cy},${cx + unit / 2} ${cy},${cx + unit / 2} ${shoulder} Z'/></g>`;
}

function insetFrame({ box, shape, label }: Inset): string {
	const { left, top } = box;
	const [width, height] = [box.width + 2 * BORDER, box.height + 2 * BORDER];
	const radius = shape === 'round' ? width / 2 : 20;
	const rect = (shift: number, fill: string) =>
		`<rect x='${left - BORDER}' y='${top - BORDER + shift}' width='${width}' height='${height}' rx='${radius}' ${fill}/>`;
	const size = Math.max(11, Math.round(box.width / 12));
	const tag = Math.min(width, label.length * size * LETTER_EM + size * 1.6);
	const tagLeft = left + box.width / 2 - tag / 2;
	const tagTop = top - BORDER - size * 2.1;
	return `${rect(5, "fill='#000' fill-opacity='.35'")}${rect(0, "fill='#fff'")}<rect x='${tagLeft}' y='${tagTop}' width='${tag}' height='${size * 1.7}' rx='${size * 0.85}' fill='${ACCENT}'/><text x='${left + box.width / 2}' y='${tagTop + size * 1.2}' text-anchor='middle' font-size='${size}' font-weight='bold' fill='#fff' ${FONT}>${escape(label)}</text>`;
}

function captionStrip({ left, top, width, height }: Box, { title, detail }: Caption): string {
	const size = Math.round(height * 0.3);
	const small = Math.round(height * 0.21);
	const x = left + Math.round(height * 0.35);
	const room = width - 2 * (x - left);
	return `<rect x='${left}' y='${top}' width='${width}' height='${height}' fill='${PAPER}'/><rect x='${left}' y='${top}' width='${width}' height='4' fill='${INK}'/><text x='${x}' y='${top + height * 0.46}' font-size='${size}' font-weight='bold' fill='${INK}' ${FONT}>${escape(shorten(title, room, size))}</text><text x='${x}' y='${top + height * 0.78}' font-size='${small}' fill='#56607a' ${FONT}>${escape(shorten(detail, room, small))}</text>`;
}

function svg(width: number, height: number, content: string): Buffer {
	return Buffer.from(
		`<svg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}'>${content}</svg>`,
	);
}

/** Cut in the middle, so that both ends of a file name can be read. */
function shorten(text: string, room: number, fontSize: number): string {
	const letters = [...text];
	const fit = Math.max(6, Math.floor(room / (fontSize * LETTER_EM * 1.06)));
	if (letters.length <= fit) return text;
	const half = Math.floor((fit - 1) / 2);
	return `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}`;
}

function escape(text: string): string {
	return text
		.replace(/[\p{Cc}\p{Cs}]/gu, ' ')
		.replace(/[&<>'"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function decodeName(url: URL): string {
	const last = url.pathname.split('/').pop() ?? '';
	try {
		return decodeURIComponent(last);
	} catch {
		return last;
	}
}

function hueOf(text: string): number {
	let hash = 7;
	for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) % 3600;
	return hash % 360;
}
