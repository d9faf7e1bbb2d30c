/** What a file is, by its first bytes. */
export interface FileType {
	mimeType: string;
	/** Without a dot. */
	extension: string;
}

/**
 * As many first bytes of a file as `recogniseImage` and `recogniseForeign` want: an SVG may begin with a comment, and
 * an AVIF with the names of all brands that it is compatible with.
 */
export const HEAD_BYTES = 1024;

const JPEG: FileType = { mimeType: 'image/jpeg', extension: 'jpg' };
const PNG: FileType = { mimeType: 'image/png', extension: 'png' };
const WEBP: FileType = { mimeType: 'image/webp', extension: 'webp' };
const GIF: FileType = { mimeType: 'image/gif', extension: 'gif' };
const BMP: FileType = { mimeType: 'image/bmp', extension: 'bmp' };
const TIFF: FileType = { mimeType: 'image/tiff', extension: 'tiff' };
const AVIF: FileType = { mimeType: 'image/avif', extension: 'avif' };

/** What Segmind does not accept, as a person calls it. */
export type ForeignType =
	| 'a HEIC photo'
	| 'a RAW photo'
	| 'a PDF'
	| 'an SVG drawing'
	| 'a web page (HTML)'
	| 'an XML document'
	| 'JSON text'
	| 'a video'
	| 'a ZIP archive'
	| 'Base64 text'
	| 'a data URI'
	| 'a file spoiled by being read as text';

const ascii = (head: Buffer, start: number, end: number) => head.toString('latin1', start, end);

const AVIF_BRANDS = ['avif', 'avis'];

/** Brands of still images (ISO 23008-12 and what is registered beside it) whose codec is none that Segmind reads. */
const CODED_BRANDS = [
	...['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'],
	...['avci', 'avcs', 'vvic', 'vvis', 'jpeg', 'jpgs', 'j2ki', 'j2is'],
];

/** Brands of still images that leave the codec open: the compatible brands name it. */
const OPEN_BRANDS = ['mif1', 'mif2', 'msf1', 'miaf'];

/** The brands of a file of the ISO family, major one first; none for any other file. */
function brandsOf(head: Buffer): string[] {
	if (ascii(head, 4, 8) !== 'ftyp') return [];
	const brands = [ascii(head, 8, 12)];
	const end = Math.min(head.readUInt32BE(0), head.length);
	for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(head, at, at + 4));
	return brands;
}

function isAvif(head: Buffer): boolean {
	const [major = '', ...compatible] = brandsOf(head);
	if (AVIF_BRANDS.includes(major)) return true;
	return OPEN_BRANDS.includes(major) && compatible.some((brand) => AVIF_BRANDS.includes(brand));
}

/** The type of an image by its first bytes; undefined when it is not an image that travels as one. */
export function recogniseImage(head: Buffer): FileType | undefined {
	if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return JPEG;
	if (ascii(head, 0, 8) === '\x89PNG\r\n\x1a\n') return PNG;
	if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return WEBP;
	if (/^GIF8[79]a/.test(ascii(head, 0, 6))) return GIF;
	if (ascii(head, 0, 2) === 'BM' && head.length > 26 && head.readUInt32LE(6) === 0) return BMP;
	if (ascii(head, 0, 4) === 'II*\0' || ascii(head, 0, 4) === 'MM\0*') return TIFF;
	if (isAvif(head)) return AVIF;
	return undefined;
}

/** What a file that is not a usable image seems to be; undefined when even that is unclear. */
export function recogniseForeign(head: Buffer): ForeignType | undefined {
	const [major] = brandsOf(head);
	if (major === 'crx ') return 'a RAW photo';
	if (major !== undefined) {
		return [...CODED_BRANDS, ...OPEN_BRANDS].includes(major) ? 'a HEIC photo' : 'a video';
	}
	if (ascii(head, 0, 5) === '%PDF-') return 'a PDF';
	if (ascii(head, 0, 2) === 'PK') return 'a ZIP archive';
	const text = head
		.toString('utf8', 0, HEAD_BYTES)
		.replace(/^\ufeff/, '')
		.trimStart();
	return recogniseText(text) ?? (isSpoiled(head, text) ? SPOILED : undefined);
}

function recogniseText(text: string): ForeignType | undefined {
	if (text.startsWith('<')) return recogniseMarkup(text);
	if (/^[{[]/.test(text)) return 'JSON text';
	if (/^data:[\w.+-]*\/[^,]*,/i.test(text)) return 'a data URI';
	// The alphabet for URLs is Base64, too.
	const isBase64 = /^[\w+/-]{24}/.test(text) && recogniseImage(Buffer.from(text, 'base64'));
	return isBase64 ? 'Base64 text' : undefined;
}

/** By its first element or its document type, which may come after declarations and comments. */
function recogniseMarkup(text: string): ForeignType {
	const bare = text.replace(/^(<\?[^>]*>|<!--[\s\S]*?-->|\s)+/, '');
	const name = /^<(?:!doctype\s+)?(?:\w+:)?(\w*)/i.exec(bare)?.[1]?.toLowerCase();
	if (name === 'svg') return 'an SVG drawing';
	const isXml = text.startsWith('<?xml') || name === 'error';
	return isXml && name !== 'html' ? 'an XML document' : 'a web page (HTML)';
}

const SPOILED = 'a file spoiled by being read as text';

/** The beginning of a PNG or JPEG whose bytes were taken for characters. */
const TAKEN_FOR_TEXT = /^([\x89\u2030\ufffd]PNG|\xff\xd8\xff)/;

/** The replacement character in UTF-8: what became of bytes that are no text. */
const REPLACED = '\xef\xbf\xbd';

const isSpoiled = (head: Buffer, text: string): boolean =>
	TAKEN_FOR_TEXT.test(text) || ascii(head, 0, HEAD_BYTES).split(REPLACED).length > 3;

/**
 * Whether an image's last bytes are the end that its format asks for. A file that stops without it was
 * most likely cut off. Formats without an end mark count as complete.
 *
 * @param tail the last bytes of the file, at least 12 where it has so many
 * @param bytes the size of the whole file
 */
export function hasImageEnd(type: FileType, head: Buffer, tail: Buffer, bytes: number): boolean {
	if (type.mimeType === JPEG.mimeType) {
		let end = tail.length;
		while (end > 0 && tail[end - 1] === 0) end--;
		return end >= 2 && tail[end - 2] === 0xff && tail[end - 1] === 0xd9;
	}
	if (type.mimeType === PNG.mimeType) return ascii(tail, 0, tail.length).includes('IEND');
	if (type.mimeType === WEBP.mimeType) return head.length >= 8 && head.readUInt32LE(4) + 8 <= bytes;
	return true;
}
