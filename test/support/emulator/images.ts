/** Telling an image by its bytes, and getting the bytes out of text. */

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DATA_URI = /^data:([a-z0-9.+-]+\/[a-z0-9.+-]+)(?:;[a-z0-9=.+-]+)*;base64,/i;

/** The MIME type that the bytes show, or undefined when they are no image that Segmind takes. */
export function imageType(bytes: Buffer): string | undefined {
	if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
	if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg';
	const head = bytes.toString('latin1', 0, 12);
	if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
	if (/^GIF8[79]a/.test(head)) return 'image/gif';
	if (/^(II\*\0|MM\0\*)/.test(head)) return 'image/tiff';
	if (/^....ftypavi[fs]/s.test(head)) return 'image/avif';
	if (head.startsWith('BM')) return 'image/bmp';
	return undefined;
}

/** The bytes of bare Base64 text; undefined when the text isn't that. */
export function fromBase64(text: string): Buffer | undefined {
	if (text.length % 4 === 1 || !BASE64.test(text)) return undefined;
	return Buffer.from(text, 'base64');
}

/** The bytes and declared type of a Base64 data URI; undefined when the text isn't that. */
export function fromDataUri(text: string): { bytes: Buffer; mimeType: string } | undefined {
	const match = DATA_URI.exec(text.slice(0, 200));
	const mimeType = match?.[1];
	if (!match || !mimeType) return undefined;
	const bytes = fromBase64(text.slice(match[0].length));
	return bytes && { bytes, mimeType: mimeType.toLowerCase() };
}

export function isHttpUrl(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** What an image field says, without its image data; URLs stay. */
export function describeImageField(text: string): string {
	if (isHttpUrl(text)) return text;
	const uri = fromDataUri(text);
	if (uri) return `data URI ${uri.mimeType}, ${uri.bytes.length} bytes`;
	return `base64 image, ${Buffer.byteLength(text, 'base64')} bytes`;
}
