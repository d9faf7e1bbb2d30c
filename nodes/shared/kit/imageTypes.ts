/** What a file is, by its first bytes. */
export interface FileType {
	mimeType: string;
	/** Without a dot. */
	extension: string;
}

/** As many first bytes of a file as `recogniseImage` and `recogniseForeign` look at. */
export const HEAD_BYTES = 64;

const JPEG: FileType = { mimeType: 'image/jpeg', extension: 'jpg' };
const PNG: FileType = { mimeType: 'image/png', extension: 'png' };
const WEBP: FileType = { mimeType: 'image/webp', extension: 'webp' };
const GIF: FileType = { mimeType: 'image/gif', extension: 'gif' };
const BMP: FileType = { mimeType: 'image/bmp', extension: 'bmp' };
const TIFF: FileType = { mimeType: 'image/tiff', extension: 'tiff' };
const AVIF: FileType = { mimeType: 'image/avif', extension: 'avif' };

/** Types that Segmind does not take, by the name a person knows them by. */
export type ForeignType = 'HEIC' | 'PDF' | 'SVG' | 'HTML' | 'JSON' | 'video' | 'ZIP';

const ascii = (head: Buffer, start: number, end: number) => head.toString('latin1', start, end);

const HEIF_BRANDS = ['heic', 'heix', 'hevc', 'heim', 'heis', 'hevm', 'mif1', 'msf1'];

/** The type of an image by its first bytes; undefined when it is not an image that travels as one. */
export function recogniseImage(head: Buffer): FileType | undefined {
	if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return JPEG;
	if (ascii(head, 0, 8) === '\x89PNG\r\n\x1a\n') return PNG;
	if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return WEBP;
	if (/^GIF8[79]a/.test(ascii(head, 0, 6))) return GIF;
	if (ascii(head, 0, 2) === 'BM' && head.length > 26 && head.readUInt32LE(6) === 0) return BMP;
	if (ascii(head, 0, 4) === 'II*\0' || ascii(head, 0, 4) === 'MM\0*') return TIFF;
	if (ascii(head, 4, 8) === 'ftyp' && /^avi[fs]/.test(ascii(head, 8, 12))) return AVIF;
	return undefined;
}

/** What a file that is not a usable image seems to be; undefined when even that is unclear. */
export function recogniseForeign(head: Buffer): ForeignType | undefined {
	if (ascii(head, 4, 8) === 'ftyp') {
		return HEIF_BRANDS.includes(ascii(head, 8, 12)) ? 'HEIC' : 'video';
	}
	if (ascii(head, 0, 5) === '%PDF-') return 'PDF';
	if (ascii(head, 0, 2) === 'PK') return 'ZIP';
	const text = ascii(head, 0, HEAD_BYTES).replace('\xef\xbb\xbf', '').trimStart().toLowerCase();
	if (text.startsWith('<svg') || text.startsWith('<?xml')) return 'SVG';
	if (text.startsWith('<')) return 'HTML';
	if (text.startsWith('{') || text.startsWith('[')) return 'JSON';
	return undefined;
}

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
