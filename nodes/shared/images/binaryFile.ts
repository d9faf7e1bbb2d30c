import { createHash } from 'crypto';
import { BINARY_ENCODING } from 'n8n-workflow';
import { plainBase64, type Bytes } from '../kit/base64Body';
import { longerSideOf } from '../kit/imageSize';
import {
	FOREIGN_TYPES,
	HEAD_BYTES,
	recogniseForeign,
	recogniseImage,
	type FileType,
} from '../kit/imageTypes';
import { discard, readFirst } from '../kit/streams';
import type { ImageField } from '../model';
import { refuse } from '../parameters/read';
import { readBinaryField, type ImageInput } from './binaryField';

/** An image of an item that is a file, checked by its first bytes. */
export interface ImageFile {
	kind: 'file';
	/** The API's name for the image. */
	field: string;
	fileName?: string;
	type: FileType;
	/** Says of a picture that is far larger than it has to be that it is. */
	sizeHint?: string;
	/** Bytes; undefined where that isn't known without reading the file. */
	size: number | undefined;
	/** The same for the same content, wherever it comes from; not the name. */
	identity: string;
	/** Writes the file as Base64 text. */
	read(into: Bytes): Promise<void>;
}

/** Largest file that is sent. As Base64 inside JSON it grows by a third. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;

/** Clearly more than the 2,048 that a picture may have for good reasons. */
const LARGE_SIDE_PX = 2_250;

/** Identifies a file by its content, given as Base64 text or that text's bytes. */
export const contentIdentity = (base64: string | Buffer): string =>
	createHash('sha256').update(base64).digest('base64url');

/** Checks a file by its first bytes and its size. */
function checkFile(label: string, head: Buffer, bytes: number | undefined) {
	if (head.length === 0) {
		refuse(`${label} is an empty file`, 'Check what the earlier node put into the field.');
	}
	const type = recogniseImage(head);
	if (!type) {
		const foreign = recogniseForeign(head);
		return foreign
			? refuse(`${label} is ${foreign}, which Segmind doesn't accept`, FOREIGN_TYPES[foreign])
			: refuse(`${label} is not an image that Segmind accepts`, 'Use a JPEG, PNG or WebP image.');
	}
	if (bytes !== undefined && bytes > MAX_FILE_BYTES) {
		refuse(
			`${label} has ${Math.ceil(bytes / 1024 / 1024)} MB; at most ${MAX_FILE_BYTES / 1024 / 1024} MB are sent`,
			'Make the image smaller: 1024 pixels on the longer side are enough.',
		);
	}
	const longerSide = longerSideOf(type.mimeType, head);
	const sizeHint = `${label} has ${longerSide} pixels on its longer side: 1024 are enough, and faster.`;
	return { type, sizeHint: longerSide > LARGE_SIDE_PX ? sizeHint : undefined };
}

/** An image that lies inside the item, as Base64 text. */
export function fileInItem({ field, label }: ImageField, base64: string): ImageFile {
	const head = Buffer.from(base64.slice(0, 2 * HEAD_BYTES), BINARY_ENCODING);
	const size = Buffer.byteLength(base64, BINARY_ENCODING);
	return {
		kind: 'file',
		field,
		...checkFile(label, head, size),
		size,
		identity: contentIdentity(base64),
		read: async (into) => into.ascii(base64),
	};
}

/** An image in n8n's binary store, whose errors name neither the image nor a way out. */
async function fileInStore({ context, field, label }: ImageInput, id: string): Promise<ImageFile> {
	const { helpers } = context;
	const refuseStored = (error: unknown): never => {
		const { message } = (error ?? {}) as { message?: unknown };
		const why = typeof message === 'string' && message ? message : 'no reason given';
		return refuse(
			`${label}: the file could not be read from n8n's binary store (${why})`,
			"Run the earlier nodes again, so that n8n stores the file again; if their output is pinned, unpin it first. If that does not help, your n8n's administrator has to check where it keeps binary data.",
		);
	};
	const brokenOff = { message: 'it broke off' };
	const { fileSize } = await helpers.getBinaryMetadata(id).catch(refuseStored);
	const size = typeof fileSize === 'number' ? fileSize : undefined;
	const stream = await helpers.getBinaryStream(id, HEAD_BYTES).catch(refuseStored);
	const head = await readFirst(stream, HEAD_BYTES);
	discard(stream);
	if (head.end === 'broken') refuseStored(brokenOff);
	return {
		kind: 'file',
		field,
		...checkFile(label, head.bytes, size),
		size,
		identity: id,
		read: async (into) => {
			const whole = await helpers.getBinaryStream(id).catch(refuseStored);
			if (!(await into.base64(whole, MAX_FILE_BYTES))) refuseStored(brokenOff);
		},
	};
}

/** A file name out of an item, whose fields may hold anything. */
const nameFrom = (value: unknown): string | undefined =>
	typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

/** Reads an image from the item's binary data. What that says of itself is not trusted. */
export async function readBinaryFile(input: ImageInput): Promise<ImageFile> {
	const { binary, named } = readBinaryField(input);
	const { id, data } = binary;
	const fileName = nameFrom(binary.fileName);
	if (typeof id === 'string' && id !== '') return { ...(await fileInStore(input, id)), fileName };
	const base64 = typeof data === 'string' ? plainBase64(data) : undefined;
	if (base64 !== undefined) return { ...fileInItem(input, base64), fileName };
	return refuse(
		`${input.label}: ${named} holds no file that can be read`,
		'Check what the earlier node put into the field: a file in an item is Base64 text under "data".',
	);
}
