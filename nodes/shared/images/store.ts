import type { IExecuteFunctions } from 'n8n-workflow';
import type { AnswerBody } from '../answers/observe';
import type { Reply } from '../http/client';
import { hasImageEnd, recogniseForeign, recogniseImage, type FileType } from '../kit/imageTypes';
import { withoutInvisible } from '../kit/invisible';
import { onAbort } from '../kit/signals';
import { discard, readFirst, watch, type Body, type ReadCallbacks } from '../kit/streams';

/** Largest image that is taken. */
const MAX_IMAGE_BYTES = 512 * 1024 * 1024;

/** Longest JSON or text answer. An image inside it as Base64 grows by a third. */
const MAX_TEXT_BYTES = 128 * 1024 * 1024;

/** So many bytes show what comes; a slow answer has to show it before its time is over. */
const FIRST_BYTES = 128;

/** Name endings that give way to the real one. */
const IMAGE_EXTENSION = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif)$/i;

/** Characters that no file system or mail program should meet in a name, besides those that nobody sees. */
const UNSAFE = /[<>:"|?*]/g;

/** Longest name that file systems take, in UTF-8. */
const MAX_NAME_BYTES = 255;

/** Parts a text into what a person counts as its characters. */
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The name of an output file: a plain name without folders, with the extension of the real type.
 *
 * @param baseName with or without an extension
 */
export function outputFileName(baseName: string, { extension }: FileType): string {
	const plain = baseName.split(/[\\/]/).pop() ?? '';
	const safe = withoutInvisible(plain).replace(UNSAFE, '').trim();
	const stem = safe.replace(IMAGE_EXTENSION, '').replace(/^\.+/, '');
	let name = '';
	for (const { segment } of graphemes.segment(stem.slice(0, 2 * MAX_NAME_BYTES))) {
		if (Buffer.byteLength(`${name}${segment}.${extension}`) > MAX_NAME_BYTES) break;
		name += segment;
	}
	return `${name.trim() || 'image'}.${extension}`;
}

const CUT_OFF = 'the transfer was cut off';

/** Codes of Node.js for what can be wrong where n8n keeps its files. */
const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOENT', 'EMFILE'];

/** A body that is no image: what it is instead, or why not all of it came. */
const noImage = (why: string, isWhole = false): AnswerBody => ({ text: '', isWhole, why });

function whatItIs(head: Buffer): string {
	if (head.length === 0) return 'the file is empty';
	const foreign = recogniseForeign(head);
	return foreign ? `it is ${foreign}, not an image` : 'it is not an image';
}

/**
 * Puts an image into n8n's binary store, all at once or as it arrives; what is none is not stored.
 *
 * @param about `baseName` as `outputFileName` takes it; `head`: its first bytes
 */
export async function storeImage(
	context: IExecuteFunctions,
	image: Buffer | Body,
	about: { baseName: string; head: Buffer; onBytes?(): void },
): Promise<AnswerBody> {
	const { baseName, head, onBytes } = about;
	const type = recogniseImage(head);
	if (!type) return noImage(whatItIs(head), true);
	const fileName = outputFileName(baseName, type);
	const { mimeType } = type;
	const passed = Buffer.isBuffer(image)
		? { bytes: image.length, tail: image }
		: watch(image, MAX_IMAGE_BYTES, onBytes);
	try {
		const binary = await context.helpers.prepareBinaryData(image, fileName, mimeType);
		const endMissing = !hasImageEnd(type, head, passed.tail, passed.bytes);
		return { image: { binary, fileName, mimeType, fileSize: passed.bytes, endMissing } };
	} catch (error) {
		if (passed.bytes > MAX_IMAGE_BYTES) return noImage('it is too large');
		const { code = '', message = 'no reason given' } = error as { code?: string; message?: string };
		const isStores = Buffer.isBuffer(image) || DISK_ERRORS.includes(code);
		return noImage(isStores ? `n8n could not store it: ${message}` : CUT_OFF);
	}
}

/**
 * Receives the body of a reply: image bytes go straight on into n8n's binary store as they arrive, recognised by the
 * first of them; anything else is text.
 *
 * @param reading `baseName` as `outputFileName` takes it; `signal` ends the transfer
 */
export async function receive(
	context: IExecuteFunctions,
	{ body, status }: Reply,
	reading: ReadCallbacks & { baseName: string; signal: AbortSignal },
): Promise<AnswerBody> {
	const { baseName, signal, onImage, onWhole, onBytes } = reading;
	const forget = onAbort(signal, () => discard(body));
	try {
		let read = await readFirst(body, FIRST_BYTES, { onWhole });
		const isImage = status < 300 && recogniseImage(read.bytes) !== undefined;
		const about = { baseName, head: read.bytes, onBytes };
		if (isImage && read.end === 'whole') return await storeImage(context, read.bytes, about);
		if (isImage && read.end === 'open') {
			onImage?.();
			return await storeImage(context, body, about);
		}
		if (read.end === 'open') read = await readFirst(body, MAX_TEXT_BYTES, reading);
		if (read.end === 'open') discard(body);
		const isWhole = read.end === 'whole';
		const why = isWhole ? whatItIs(read.bytes) : CUT_OFF;
		return { text: read.bytes.toString('utf8'), isWhole, why };
	} finally {
		forget();
	}
}
