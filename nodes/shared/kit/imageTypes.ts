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

/** How images begin, their bytes read as Latin-1. */
const IMAGE_SIGNATURES: Array<[begins: RegExp, type: FileType]> = [
	[/^\xff\xd8\xff/, { mimeType: 'image/jpeg', extension: 'jpg' }],
	[/^\x89PNG\r\n\cZ\n/, { mimeType: 'image/png', extension: 'png' }],
	[/^RIFF[^]{4}WEBP/, { mimeType: 'image/webp', extension: 'webp' }],
	[/^GIF8[79]a/, { mimeType: 'image/gif', extension: 'gif' }],
	[/^BM[^]{4}\0{4}/, { mimeType: 'image/bmp', extension: 'bmp' }],
	[/^(II\*\0|MM\0\*)/, { mimeType: 'image/tiff', extension: 'tiff' }],
];

/** What Segmind does not accept, as a person calls it, and the way out. */
export const FOREIGN_TYPES = {
	'a HEIC photo':
		'Convert it to JPEG first (on an iPhone: Settings, Camera, Formats, "Most Compatible").',
	'a RAW photo': 'Convert it to JPEG first.',
	'a PDF': 'Turn the page into a JPEG or PNG image first.',
	'an SVG drawing': 'Turn the drawing into a PNG image first.',
	'a web page (HTML)': 'Use the address of the image itself, not of the page that shows it.',
	'an XML document':
		'Storage such as S3 or Azure answers like this if a link has expired or is not public: get a new one.',
	'JSON text': 'Check what the earlier node put into the field.',
	'a video': 'Take a still image from it first.',
	'a ZIP archive': 'Unpack the archive first.',
	'Base64 text':
		'Turn the text into a file: in "Convert to File", use "Move Base64 String to File".',
	'a data URI':
		'Switch Input to "URL" and enter the data URI there, or remove everything up to its comma and use "Move Base64 String to File" in "Convert to File".',
	'a file that was damaged by being read as text':
		'That cannot be repaired. Let the earlier node output a file, e.g. with Response Format "File" in the HTTP Request node.',
};

type ForeignType = keyof typeof FOREIGN_TYPES;

const ascii = (head: Buffer, start = 0, end = head.length) => head.toString('latin1', start, end);

/** Brands of still images that leave the codec open: the compatible brands name it. */
const OPEN_BRAND = /mif[12]|msf1|miaf/;

/** Brands of still images (ISO 23008-12 and what is registered beside it) whose codec is none that Segmind reads. */
const CODED_BRAND = /he[iv][cxms]|avc[is]|vvi[cs]|jpeg|jpgs|j2ki|j2is/;

/** The brands of a file of the ISO family, major one first; none for any other file. */
function brandsOf(head: Buffer): string[] {
	if (ascii(head, 4, 8) !== 'ftyp') return [];
	const listed = ascii(head, 16, Math.min(HEAD_BYTES, Math.max(16, head.readUInt32BE(0))));
	return [ascii(head, 8, 12), ...(listed.match(/[^]{4}/g) ?? [])];
}

/** The type of an image by its first bytes; undefined when it is not an image that travels as one. */
export function recogniseImage(head: Buffer): FileType | undefined {
	const start = ascii(head, 0, 16);
	const signature = IMAGE_SIGNATURES.find(([begins]) => begins.test(start));
	if (signature) return signature[1];
	const [major = '', ...compatible] = brandsOf(head);
	const codecs = OPEN_BRAND.test(major) ? compatible : [major];
	const isAvif = codecs.some((brand) => /avi[fs]/.test(brand));
	return isAvif ? { mimeType: 'image/avif', extension: 'avif' } : undefined;
}

/** The beginning of a PNG or JPEG whose bytes were taken for characters. */
const TAKEN_FOR_TEXT = /^([\x89\u2030\ufffd]PNG|\xff\xd8\xff)/;

/** The replacement character in UTF-8: what became of bytes that are no text. */
const REPLACED = '\xef\xbf\xbd';

/** What a file that is not a usable image seems to be; undefined when even that is unclear. */
export function recogniseForeign(head: Buffer): ForeignType | undefined {
	const [major] = brandsOf(head);
	if (major === 'crx ') return 'a RAW photo';
	if (major !== undefined) {
		return CODED_BRAND.test(major) || OPEN_BRAND.test(major) ? 'a HEIC photo' : 'a video';
	}
	const bytes = ascii(head, 0, HEAD_BYTES);
	if (bytes.startsWith('%PDF-')) return 'a PDF';
	if (bytes.startsWith('PK')) return 'a ZIP archive';
	const text = head.toString('utf8', 0, HEAD_BYTES).trimStart();
	if (text.startsWith('<')) return recogniseMarkup(text);
	if (/^[{[]/.test(text)) return 'JSON text';
	if (/^data:[\w.+-]*\/[^,]*,/i.test(text)) return 'a data URI';
	// The alphabet for URLs is Base64, too.
	const isBase64 = /^[\w+/-]{24}/.test(text) && recogniseImage(Buffer.from(text, 'base64'));
	if (isBase64) return 'Base64 text';
	const isSpoiled = TAKEN_FOR_TEXT.test(text) || bytes.split(REPLACED).length > 3;
	return isSpoiled ? 'a file that was damaged by being read as text' : undefined;
}

/** By its first element or its document type, which may come after declarations and comments. */
function recogniseMarkup(text: string): ForeignType {
	const bare = text.replace(/^(<\?[^>]*>|<!--[\s\S]*?-->|\s)+/, '');
	const name = /^<(?:!doctype\s+)?(?:\w+:)?(\w*)/i.exec(bare)?.[1]?.toLowerCase();
	if (name === 'svg') return 'an SVG drawing';
	const isXml = text.startsWith('<?xml') || name === 'error';
	return isXml && name !== 'html' ? 'an XML document' : 'a web page (HTML)';
}

/**
 * Whether an image's last bytes are the end that its format asks for. A file that stops without it was
 * most likely cut off. Formats without an end mark count as complete.
 *
 * @param tail the last bytes of the file, at least 64 where it has so many
 * @param bytes the size of the whole file
 */
export function hasImageEnd(type: FileType, head: Buffer, tail: Buffer, bytes: number): boolean {
	const end = ascii(tail.subarray(-64));
	switch (type.extension) {
		case 'jpg':
			// Zeros may fill the rest of a file.
			return /\xff\xd9\0*$/.test(end);
		case 'png':
			return end.includes('IEND');
		case 'webp':
			return head.length >= 8 && head.readUInt32LE(4) + 8 <= bytes;
		default:
			return true;
	}
}
