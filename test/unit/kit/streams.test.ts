/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { discard, readAll, readFirst, watch } from '../../../nodes/shared/kit/streams';

const bytes = (...texts: string[]): Readable =>
	Readable.from(
		texts.map((text) => Buffer.from(text)),
		{ objectMode: false },
	);

const broken = (text: string): Readable =>
	Readable.from(
		(function* () {
			yield Buffer.from(text);
			throw new Error('aborted');
		})(),
		{ objectMode: false },
	);

describe('reading the first bytes', () => {
	it.each([
		['one piece', ['abcdefgh']],
		['several pieces', ['a', 'bc', 'defg', 'h']],
		['exactly as many bytes as asked for', ['abcd']],
		['pieces after the one that suffices', ['abcd', 'efgh']],
	])('puts them back: %s', async (_, texts) => {
		const body = bytes(...texts);
		const head = await readFirst(body, 4);
		expect(head.end).toBe('open');
		expect(head.bytes.toString().startsWith('abcd')).toBe(true);
		expect((await buffer(body)).toString()).toBe(texts.join(''));
	});

	it.each([
		['a short body', ['abc'], 'abc'],
		['a short body in pieces', ['a', 'b'], 'ab'],
		['an empty body', [], ''],
	])('gives all of %s', async (_, texts, whole) => {
		expect(await readFirst(bytes(...texts), 64)).toEqual({
			bytes: Buffer.from(whole),
			end: 'whole',
		});
	});

	it('takes pieces of text as bytes', async () => {
		const head = await readFirst(Readable.from(['ab', 'cd']), 64);
		expect(head?.bytes.toString()).toBe('abcd');
	});

	it('gives what came when the transfer breaks first', async () => {
		expect(await readFirst(broken('abc'), 64)).toEqual({
			bytes: Buffer.from('abc'),
			end: 'broken',
		});
	});

	it('tells when the body is closed without an end', async () => {
		const body = new PassThrough();
		const head = readFirst(body, 64);
		body.destroy();
		expect(await head).toMatchObject({ end: 'broken' });
	});

	it('does not wait for ever when the body was closed before', async () => {
		const body = new PassThrough();
		body.destroy();
		await after(10);
		const head = await Promise.race([readFirst(body, 64), after(300, 'still waiting')]);
		expect(head).toMatchObject({ end: 'broken' });
	});

	it('leaves the body paused and without listeners', async () => {
		const body = bytes('abcdefgh');
		const before = body.listenerCount('data');
		await readFirst(body, 4);
		expect(body.isPaused()).toBe(true);
		expect(body.listenerCount('data')).toBe(before);
		for (const event of ['end', 'error', 'close']) expect(body.listenerCount(event)).toBe(0);
		body.destroy();
	});

	it('lets a body that was closed fail later, without bringing the process down', async () => {
		const body = new PassThrough();
		const head = readFirst(body, 4);
		body.emit('close');
		expect(await head).toMatchObject({ end: 'broken' });
		expect(() => body.emit('error', new Error('late'))).not.toThrow();
		body.destroy();
	});
});

describe('a watch', () => {
	it('sees all bytes while somebody else reads them', async () => {
		const body = bytes('abcd', 'e'.repeat(100), 'xyz');
		await readFirst(body, 2);
		const passage = watch(body, 1000);
		const seen = await buffer(body.pipe(new PassThrough()));
		expect(seen.toString()).toBe(`abcd${'e'.repeat(100)}xyz`);
		expect(passage.bytes).toBe(107);
		expect(passage.tail.toString()).toBe(`${'e'.repeat(61)}xyz`);
	});

	/** How n8n's binary stores read: to a file through a pipe; to a database, S3 or memory by events. */
	const READERS: Array<[string, (body: Readable) => Promise<Buffer>]> = [
		['a pipe', async (body) => await buffer(body.pipe(new PassThrough()))],
		['a loop', async (body) => await buffer(body)],
		[
			'events',
			async (body) =>
				await new Promise((resolve, reject) => {
					const chunks: Buffer[] = [];
					body.on('data', (chunk: Buffer) => chunks.push(chunk));
					body.once('end', () => resolve(Buffer.concat(chunks)));
					body.once('close', () => reject(new Error('closed')));
				}),
		],
	];

	it.each(READERS)('leaves all bytes to a reader that comes later, by %s', async (_, read) => {
		const body = bytes('abcd', 'e'.repeat(100), 'xyz');
		await readFirst(body, 2);
		const passage = watch(body, 1000);
		await after(20);
		expect((await read(body)).toString()).toBe(`abcd${'e'.repeat(100)}xyz`);
		expect(passage.bytes).toBe(107);
	});

	it('does not start the transfer by itself', async () => {
		const body = bytes('abcd');
		const passage = watch(body, 1000);
		await after(20);
		expect(passage.bytes).toBe(0);
		expect((await buffer(body.pipe(new PassThrough()))).toString()).toBe('abcd');
		expect(passage.bytes).toBe(4);
	});

	it('starts the transfer for a reader that listens for bytes, and for nobody else', async () => {
		const body = bytes('abcd');
		const passage = watch(body, 1000);
		for (const event of ['end', 'error', 'close']) body.on(event, () => undefined);
		await after(20);
		expect([body.isPaused(), passage.bytes]).toEqual([true, 0]);
		body.on('data', () => undefined);
		await after(20);
		expect(passage.bytes).toBe(4);
	});

	it('gathers a tail out of pieces that are shorter', async () => {
		const body = bytes(...'0123456789'.repeat(10).split(''));
		const passage = watch(body, 1000);
		await buffer(body.pipe(new PassThrough()));
		expect(passage.tail.toString()).toBe('0123456789'.repeat(10).slice(-64));
	});

	it('ends a transfer that exceeds the limit', async () => {
		const body = bytes('abcd', 'efgh', 'ijkl');
		const passage = watch(body, 6);
		await expect(buffer(body)).rejects.toThrow('transfer ended');
		expect(passage.bytes).toBeGreaterThan(6);
		expect(body.destroyed).toBe(true);
	});

	it('lets a transfer of exactly the limit through', async () => {
		const body = bytes('abcd', 'ef');
		const passage = watch(body, 6);
		expect((await buffer(body.pipe(new PassThrough()))).toString()).toBe('abcdef');
		expect(passage.bytes).toBe(6);
	});
});

describe('reading to the end', () => {
	it('joins the pieces', async () => {
		expect((await readAll(bytes('ab', 'cd'), 100))?.toString()).toBe('abcd');
	});

	it('gives an empty buffer for an empty body', async () => {
		expect(await readAll(bytes(), 100)).toEqual(Buffer.alloc(0));
	});

	it.each([
		['as long as the limit', 4, 'abcd'],
		['longer than the limit', 3, undefined],
		['longer than the limit, which the first piece fills', 2, undefined],
	])('looks at the length: %s', async (_, limit, whole) => {
		const body = bytes('ab', 'cd');
		expect((await readAll(body, limit))?.toString()).toBe(whole);
		expect(body.destroyed).toBe(true);
	});

	it('gives undefined for a broken transfer', async () => {
		expect(await readAll(broken('abc'), 100)).toBeUndefined();
	});

	it('still gets the first bytes that were put back', async () => {
		const body = bytes('abcd', 'efgh');
		await readFirst(body, 2);
		expect((await readAll(body, 100))?.toString()).toBe('abcdefgh');
	});
});

describe('reading as far as it comes', () => {
	it.each([
		['all of a body', bytes('ab', 'cd'), 100, 'abcd', 'whole'],
		['all of an empty body', bytes(), 100, '', 'whole'],
		['the part of a body before it broke', broken('abc'), 100, 'abc', 'broken'],
		['no more of a body than the piece that is enough', bytes('ab', 'cd', 'ef'), 4, 'abcd', 'open'],
	])('gives %s', async (_, body, enough, text, end) => {
		expect(await readFirst(body, enough)).toEqual({ bytes: Buffer.from(text), end });
		expect(body.destroyed).toBe(end !== 'open');
	});

	it('reports every piece that comes', async () => {
		const onBytes = jest.fn();
		await readFirst(bytes('ab', 'cd', 'ef'), 100, { onBytes });
		expect(onBytes).toHaveBeenCalledTimes(3);
	});
});

describe('a discarded body', () => {
	it('ends, and its error disturbs nobody', async () => {
		const body = bytes('abcd', 'efgh');
		discard(body);
		await after(10);
		expect(body.destroyed).toBe(true);
		expect(body.errored?.message).toBe('transfer ended');
	});
});

describe('a large answer', () => {
	it('is read to its end, whether somebody is told of it or not', async () => {
		const large = Buffer.alloc(70_000, 7);
		expect(await readAll(Readable.from([large]), 1_000_000)).toEqual(large);
	});

	it('begins behind 64 KiB', async () => {
		const onImage = jest.fn();
		await readFirst(Readable.from([Buffer.alloc(65_536)]), 1_000_000, { onImage });
		expect(onImage).not.toHaveBeenCalled();
		await readFirst(Readable.from([Buffer.alloc(65_537)]), 1_000_000, { onImage });
		expect(onImage).toHaveBeenCalledTimes(1);
	});

	it('is known from a plain one while it arrives, and reported once', async () => {
		const onImage = jest.fn();
		const chunk = Buffer.alloc(60_000);
		await readFirst(Readable.from([chunk]), 1_000_000, { onImage });
		expect(onImage).not.toHaveBeenCalled();
		await readFirst(Readable.from([chunk, chunk, chunk]), 1_000_000, { onImage });
		expect(onImage).toHaveBeenCalledTimes(1);
	});
});

describe('JSON whose body does not end', () => {
	it.each([
		['{"request_id":"r1"}', 'whole'],
		[' [1, 2] \n', 'whole'],
		['\ufeff{}', 'whole'],
		['{"a":{}}', 'whole'],
		['{"request_id":"r1"', 'broken'],
		['{"a":{}', 'broken'],
		['12', 'broken'],
		['"words}"', 'broken'],
		['', 'broken'],
		['words }', 'broken'],
	])(
		'is complete although the transfer is ended, unless a piece is missing: %s',
		async (text, end) => {
			expect(await readFirst(broken(text), 1000)).toEqual({ bytes: Buffer.from(text), end });
		},
	);

	/** A body that brings these pieces, and then neither more nor an end. */
	function open(...texts: string[]): PassThrough {
		const body = new PassThrough();
		void (async () => {
			for (const text of texts) {
				body.write(text);
				await after(1);
			}
		})();
		return body;
	}

	it.each([
		['shorter than the first bytes', ['{"a":', '1}'], 64],
		['longer than the first bytes', ['{"a":1', ',"b":2', '}'], 4],
	])('is reported once, as soon as it is whole: %s', async (_, texts, enough) => {
		const body = open(...texts);
		const onWhole = jest.fn(() => discard(body));
		const first = await readFirst(body, enough, { onWhole });
		const read = first.end === 'open' ? await readFirst(body, 1000, { onWhole }) : first;
		expect(read).toEqual({ bytes: Buffer.from(texts.join('')), end: 'whole' });
		expect(onWhole).toHaveBeenCalledTimes(1);
	});

	it('is complete with white space behind it, however it comes', async () => {
		const body = open('{"a":1}', '\n', ' ');
		const onWhole = jest.fn();
		const read = readFirst(body, 1000, { onWhole });
		await after(50);
		discard(body);
		expect(await read).toMatchObject({ end: 'whole' });
		expect(onWhole).toHaveBeenCalledTimes(1);
	});

	it('is not looked for in what is no plain answer any more', async () => {
		const onWhole = jest.fn();
		const onImage = jest.fn();
		const large = JSON.stringify(['x'.repeat(64 * 1024)]);
		const { end } = await readFirst(broken(large), 1_000_000, { onImage, onWhole });
		expect(end).toBe('broken');
		expect(onImage).toHaveBeenCalledTimes(1);
		expect(onWhole).not.toHaveBeenCalled();
	});
});
