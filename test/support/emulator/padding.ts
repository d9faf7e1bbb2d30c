/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { crc32 } from 'node:zlib';
import type { ImageFormat } from './pictures';

/** A JPEG comment: marker and length take 4 bytes, the length counts itself and 16 bits. */
const COM_OVERHEAD = 4;
const COM_LONGEST = 0xffff + 2;
/** A PNG chunk: length, name and checksum. */
const CHUNK_OVERHEAD = 12;
const RIFF_OVERHEAD = 8;
const IEND_BYTES = 12;

/** The same valid image, grown to `size` bytes with metadata; as it is when there's no room. */
export function padImage(image: Buffer, format: ImageFormat, size: number): Buffer {
	const missing = size - image.length;
	if (format === 'png') return missing < CHUNK_OVERHEAD ? image : padPng(image, missing);
	if (format === 'jpeg') return missing < COM_OVERHEAD ? image : padJpeg(image, missing);
	return missing < RIFF_OVERHEAD ? image : padWebp(image, missing);
}

function padPng(image: Buffer, missing: number): Buffer {
	const chunk = Buffer.alloc(missing);
	chunk.writeUInt32BE(missing - CHUNK_OVERHEAD, 0);
	chunk.write('paDd', 4, 'latin1');
	chunk.writeUInt32BE(crc32(chunk.subarray(4, missing - 4)), missing - 4);
	const end = image.length - IEND_BYTES;
	return Buffer.concat([image.subarray(0, end), chunk, image.subarray(end)]);
}

function padJpeg(image: Buffer, missing: number): Buffer {
	const comments = Buffer.alloc(missing);
	for (let at = 0; at < missing;) {
		const left = missing - at;
		let length = Math.min(left, COM_LONGEST);
		// What remains must hold a comment of its own.
		if (left - length > 0 && left - length < COM_OVERHEAD) length -= COM_OVERHEAD;
		comments.writeUInt16BE(0xfffe, at);
		comments.writeUInt16BE(length - 2, at + 2);
		at += length;
	}
	return Buffer.concat([image.subarray(0, 2), comments, image.subarray(2)]);
}

/** Chunks have even sizes, so an odd size is missed by one byte. */
function padWebp(image: Buffer, missing: number): Buffer {
	const even = missing - (missing % 2);
	const chunk = Buffer.alloc(even);
	chunk.write('paDd', 0, 'latin1');
	chunk.writeUInt32LE(even - RIFF_OVERHEAD, 4);
	const padded = Buffer.concat([image, chunk]);
	padded.writeUInt32LE(padded.length - 8, 4);
	return padded;
}
