/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Body } from '../../../nodes/shared/kit/streams';
import { base64Length, Bytes, plainBase64 } from '../../../nodes/shared/kit/base64Body';

const bodyOf = (chunks: Buffer[]): Body => Readable.from(chunks) as unknown as Body;

/** `file` in chunks of the given sizes, again and again. */
function chunked(file: Buffer, ...sizes: number[]): Buffer[] {
	const chunks: Buffer[] = [];
	for (let at = 0, turn = 0; at < file.length; turn++) {
		const size = sizes[turn % sizes.length] ?? 1;
		chunks.push(file.subarray(at, at + size));
		at += size;
	}
	return chunks;
}

describe('bytes that hold a file as Base64', () => {
	it.each([0, 1, 2, 3, 4, 5, 1000, 1001, 200_000])(
		'are right for a file of %i bytes, however its chunks fall',
		async (size) => {
			const file = randomBytes(size);
			for (const sizes of [[1], [2, 5], [3], [64 * 1024], [1, 1, 1000]]) {
				if (size > 1001 && (sizes[0] ?? 0) < 1000) continue;
				const bytes = new Bytes(0);
				expect(await bytes.base64(bodyOf(chunked(file, ...sizes)), size)).toBe(true);
				expect(bytes.slice().toString()).toBe(file.toString('base64'));
				expect(bytes.length).toBe(base64Length(size));
			}
		},
	);

	it('take no more room than they were told of', async () => {
		const file = randomBytes(100_000);
		const bytes = new Bytes(base64Length(file.length));
		await bytes.base64(bodyOf(chunked(file, 1000)), file.length);
		expect(bytes.slice().buffer.byteLength).toBe(base64Length(file.length));
	});

	it('refuse a file that is longer than the limit, and one that breaks off', async () => {
		expect(await new Bytes().base64(bodyOf([randomBytes(11)]), 10)).toBe(false);
		const broken = new Readable({ read: () => undefined });
		broken.push(randomBytes(5));
		const reading = new Bytes().base64(broken as unknown as Body, 10);
		broken.destroy(new Error('cut'));
		expect(await reading).toBe(false);
	});

	it('grow, and keep what came before', () => {
		const bytes = new Bytes(2);
		bytes.ascii('["a"');
		bytes.ascii(']');
		expect(bytes.slice().toString()).toBe('["a"]');
		expect(bytes.slice(1, 4).toString()).toBe('"a"');
	});
});

describe('Base64 in other spellings', () => {
	/** Bytes whose Base64 has both characters in which the alphabets differ. */
	const file = Buffer.from([0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff, 1]);
	const plain = file.toString('base64');

	it.each([
		['the usual one', plain],
		['the alphabet for URLs', file.toString('base64url')],
		['the alphabet for URLs with padding', `${file.toString('base64url')}==`],
		['missing padding', plain.replace(/=+$/, '')],
		['line breaks', `${plain.slice(0, 4)}\r\n${plain.slice(4)}\n`],
		['a data URI', `data:image/png;base64,${plain}`],
		['a data URI in capitals', `DATA:image/png;BASE64,${plain}`],
	])('is put right: %s', (_, text) => {
		expect(plainBase64(text)).toBe(plain);
	});

	it.each([
		['two bytes', 'AAE='],
		['three bytes', 'AAEC'],
		['nothing', ''],
	])('keeps the padding that belongs there: %s', (_, text) => {
		expect(plainBase64(text.replace(/=/g, ''))).toBe(text);
		expect(plainBase64(text)).toBe(text);
	});

	it.each([
		['words', 'no file!'],
		['a character too many', 'AAAAA'],
		['padding inside', 'AA==AAAA'],
		['too much padding', 'AAAA==='],
		['another data URI', 'data:text/plain,AAAA'],
		['a beginning before the data URI', 'x data:image/png;base64,AAAA'],
	])('is none: %s', (_, text) => {
		expect(plainBase64(text)).toBeUndefined();
	});
});
