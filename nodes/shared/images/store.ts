import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Reply } from '../http/client';
import { withoutInvisible } from '../kit/invisible';
import { onAbort } from '../kit/signals';
import { discard, isWholeJson, peek, readWhatArrives, watch, type Head } from '../kit/streams';
import {
	hasImageEnd,
	HEAD_BYTES,
	recogniseForeign,
	recogniseImage,
	type FileType,
} from '../kit/imageTypes';
import type { AnswerBody } from '../answers/observe';

/** Largest image that is taken; bytes. */
const LARGEST_IMAGE = 512 * 1024 * 1024;

/** Longest JSON or text answer; bytes. An image inside it as Base64 grows by a third. */
const LONGEST_ANSWER = 128 * 1024 * 1024;

/** So many bytes show what comes; a slow answer has to show it before its time is over. */
const FIRST_BYTES = 128;

/** Name endings that give way to the real one. */
const IMAGE_EXTENSION = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif)$/i;

/** Characters that no file system or mail program should meet in a name, besides those that nobody sees. */
const UNSAFE = /[<>:"|?*]/g;

/** Longest name that file systems take; bytes in UTF-8. */
const LONGEST_NAME = 255;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** As many whole characters of a text, as a person counts them, as so many bytes hold. */
function cutToBytes(text: string, bytes: number): string {
	let room = bytes;
	let end = 0;
	for (const { segment } of graphemes.segment(text.slice(0, 2 * bytes))) {
		room -= Buffer.byteLength(segment);
		if (room < 0) break;
		end += segment.length;
	}
	return text.slice(0, end);
}

/**
 * The name of an output file: a plain name without folders, with the extension of the real type.
 *
 * @param baseName with or without an extension
 */
export function outputFileName(baseName: string, type: FileType): string {
	const plain = baseName.split(/[\\/]/).pop() ?? '';
	const safe = withoutInvisible(plain).replace(UNSAFE, '').trim();
	const stem = safe.replace(IMAGE_EXTENSION, '').replace(/^\.+/, '');
	const short = cutToBytes(stem, LONGEST_NAME - type.extension.length - 1).trim();
	return `${short === '' ? 'image' : short}.${type.extension}`;
}

/** A body that is no image: `why` says what it is instead, or why not all of it came. */
export type NoImage = Extract<AnswerBody, { text: string }>;

const noImage = (why: string, isWhole = false): NoImage => ({ text: '', isWhole, why });

/** Puts an image that is already in memory into n8n's binary store. */
export async function storeBuffer(
	context: IExecuteFunctions,
	image: Buffer,
	baseName: string,
): Promise<AnswerBody> {
	const type = recogniseImage(image.subarray(0, HEAD_BYTES));
	if (!type) return noImage(whatItIs(image), true);
	const fileName = outputFileName(baseName, type);
	let binary: IBinaryData;
	try {
		binary = await context.helpers.prepareBinaryData(image, fileName, type.mimeType);
	} catch (error) {
		return noImage(notStored(error));
	}
	const endMissing = !hasImageEnd(type, image, image.subarray(-64), image.length);
	const { mimeType } = type;
	return { image: { binary, fileName, mimeType, fileSize: image.length, endMissing } };
}

const CUT_OFF = 'the transfer was cut off';

/** Codes of Node.js for what can be wrong where n8n keeps its files. */
const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOENT', 'EMFILE'];

const notStored = (error: unknown): string =>
	`n8n could not store it: ${(error as { message?: string }).message ?? 'no reason given'}`;

function whatItIs(head: Buffer): string {
	if (head.length === 0) return 'the file is empty';
	const foreign = recogniseForeign(head);
	return foreign ? `it is ${foreign}, not an image` : 'it is not an image';
}

/** How a reply is read. */
export interface Reading {
	/** Name of the output file, see `outputFileName`. */
	baseName: string;
	/** Ends the transfer. */
	signal: AbortSignal;
	/** Called when it is clear that an image comes, as it is or inside the answer: that may take longer. */
	onImage?(): void;
	/** Called when the answer is complete JSON, although it hasn't ended: nothing more is worth waiting for. */
	onWhole?(): void;
	/** Called whenever more of the answer has come. */
	onBytes?(): void;
}

/**
 * Receives the body of a reply: image bytes go straight on into n8n's binary store as they arrive, recognised by the
 * first of them; anything else is text.
 */
export async function receive(
	context: IExecuteFunctions,
	reply: Reply,
	reading: Reading,
): Promise<AnswerBody> {
	const { baseName, signal, onImage, onWhole } = reading;
	const forget = onAbort(signal, () => discard(reply.body));
	try {
		const head = await peek(reply.body, FIRST_BYTES, onWhole);
		const type = reply.status < 300 ? recogniseImage(head.bytes) : undefined;
		if (type && head.end === 'whole') return await storeBuffer(context, head.bytes, baseName);
		if (type && head.end === 'open') {
			onImage?.();
			return await storeStream(context, reply, { head: head.bytes, type, reading });
		}
		const { bytes, complete } = await restOf(reply, head, reading);
		const why = complete ? whatItIs(bytes) : CUT_OFF;
		return { text: bytes.toString('utf8'), isWhole: complete, why };
	} finally {
		forget();
	}
}

async function restOf(
	{ body }: Reply,
	{ bytes, end }: Head,
	{ onImage: onLarge, onWhole, onBytes }: Reading,
): Promise<{ bytes: Buffer; complete: boolean }> {
	const hearers = { onLarge, onWhole, onBytes };
	if (end === 'open') return await readWhatArrives(body, LONGEST_ANSWER, hearers);
	return { bytes, complete: end === 'whole' || isWholeJson(bytes) };
}

async function storeStream(
	context: IExecuteFunctions,
	{ body }: Reply,
	{ head, type, reading }: { head: Buffer; type: FileType; reading: Reading },
): Promise<AnswerBody> {
	const fileName = outputFileName(reading.baseName, type);
	const passage = watch(body, LARGEST_IMAGE, reading.onBytes);
	let binary: IBinaryData;
	try {
		binary = await context.helpers.prepareBinaryData(body, fileName, type.mimeType);
	} catch (error) {
		if (passage.bytes > LARGEST_IMAGE) return noImage('it is too large');
		const { code = '' } = error as { code?: string };
		const isDisk = DISK_ERRORS.includes(code);
		return noImage(isDisk ? notStored(error) : CUT_OFF);
	}
	const { mimeType } = type;
	const endMissing = !hasImageEnd(type, head, passage.tail, passage.bytes);
	return { image: { binary, fileName, mimeType, fileSize: passage.bytes, endMissing } };
}
