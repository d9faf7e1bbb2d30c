/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import { sleep, type IExecuteFunctions } from 'n8n-workflow';
import type { Reply } from '../../../nodes/shared/http/client';
import { receive, storeImage } from '../../../nodes/shared/images/store';
import { gif, jpeg, png } from '../../support/samples';

/** A binary store that reads what it gets to its end. */
const context = {
	helpers: {
		prepareBinaryData: async (body: Readable | Buffer) => {
			if (Buffer.isBuffer(body)) return { data: '' };
			for await (const chunk of body) void chunk;
			return { data: '' };
		},
	},
} as unknown as IExecuteFunctions;

const CUT_OFF = { text: '', isWhole: false, why: 'the transfer was cut off' };

async function read(body: Readable, signal = new AbortController().signal) {
	const reply = { kind: 'reply', status: 200, headers: {}, body, foreign: true };
	return await receive(context, reply as unknown as Reply, { baseName: 'a', signal });
}

it('an image that breaks off is none, also where its format has no end mark', async () => {
	const broken = Readable.from(
		(async function* () {
			yield gif;
			yield Buffer.alloc(1_000);
			throw new Error('cut');
		})(),
	);
	expect(await read(broken)).toEqual(CUT_OFF);
});

it.each([
	['before the first byte', []],
	['in an image', [gif]],
	['in an answer', [Buffer.from('{"status": "COMP'.padEnd(100))]],
])('a transfer ends when its signal aborts: %s', async (_, chunks) => {
	const controller = new AbortController();
	const body = new Readable({ read: () => undefined });
	chunks.forEach((chunk) => body.push(chunk));
	const content = read(body, controller.signal);
	await sleep(20);
	controller.abort();
	expect(await content).toMatchObject({ isWhole: false, why: 'the transfer was cut off' });
	expect(body.destroyed).toBe(true);
});

it('a long page of HTML is no image, whatever it says it is', async () => {
	const page = `<!doctype html><p>${'please log in '.repeat(500)}</p>`;
	expect(await read(Readable.from([Buffer.from(page)]))).toMatchObject({
		isWhole: true,
		why: 'it is a web page (HTML), not an image',
	});
});

it.each(['ENOSPC', 'EACCES'])('says so when n8n cannot write its file: %s', async (code) => {
	const full: IExecuteFunctions = {
		helpers: {
			prepareBinaryData: async () => {
				throw Object.assign(new Error(`${code}: words of the system`), { code });
			},
		},
	} as unknown as IExecuteFunctions;
	const body = Readable.from([gif, Buffer.alloc(1_000)]);
	const reply = { kind: 'reply', status: 200, headers: {}, body, foreign: true };
	const { signal } = new AbortController();
	expect(await receive(full, reply as unknown as Reply, { baseName: 'a', signal })).toEqual({
		text: '',
		isWhole: false,
		why: `n8n could not store it: ${code}: words of the system`,
	});
});

describe('a reply', () => {
	interface Given {
		chunks: Array<Buffer | string>;
		status?: number;
		/** What n8n's store does with a body or a buffer. */
		store?: (image: unknown) => Promise<unknown>;
	}

	/** Reads a reply, and tells how often the time for an image was asked for, and what was stored. */
	async function readFrom({ chunks, status = 200, store }: Given) {
		const stored: unknown[][] = [];
		const prepareBinaryData = async (image: Readable | Buffer, name: string, type: string) => {
			if (store) await store(image);
			const parts: Buffer[] = [];
			if (Buffer.isBuffer(image)) parts.push(image);
			else for await (const part of image) parts.push(part as Buffer);
			stored.push([name, type, Buffer.concat(parts).length]);
			return { data: 'kept' };
		};
		const helpers = { prepareBinaryData };
		const body = Readable.from(
			chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
		);
		let asked = 0;
		const content = await receive(
			{ helpers } as unknown as IExecuteFunctions,
			{ kind: 'reply', status, headers: {}, body, foreign: true } as unknown as Reply,
			{ baseName: 'me.png', signal: new AbortController().signal, onImage: () => void asked++ },
		);
		return { content, asked, stored };
	}

	const long = Buffer.concat([jpeg.subarray(0, 80), Buffer.alloc(5_000, 7), jpeg.subarray(80)]);

	it('with an image is stored as it comes', async () => {
		const { content, asked, stored } = await readFrom({
			chunks: [long.subarray(0, 1_000), long.subarray(1_000)],
		});
		expect(content).toEqual({
			image: {
				binary: { data: 'kept' },
				fileName: 'me.jpg',
				mimeType: 'image/jpeg',
				fileSize: long.length,
				endMissing: false,
			},
		});
		expect(stored).toEqual([['me.jpg', 'image/jpeg', long.length]]);
		expect(asked).toBe(1);
	});

	it('with an image of more than 512 MB is not one', async () => {
		const { content, stored } = await readFrom({
			chunks: [jpeg, ...Array<Buffer>(65).fill(Buffer.alloc(8 * 1024 ** 2))],
		});
		expect(content).toEqual({ text: '', isWhole: false, why: 'it is too large' });
		expect(stored).toEqual([]);
	});

	it('with an image that stops before its end says so', async () => {
		const { content } = await readFrom({ chunks: [long.subarray(0, 3_000)] });
		expect(content).toMatchObject({ image: { fileSize: 3_000, endMissing: true } });
	});

	it.each([
		['whole', jpeg.subarray(0, 20), true],
		['with its end', Buffer.concat([jpeg.subarray(0, 20), jpeg.subarray(-2)]), false],
	])('with an image shorter than a head is stored: %s', async (_, image, endMissing) => {
		const { content, stored } = await readFrom({ chunks: [image] });
		expect(content).toMatchObject({ image: { fileSize: image.length, endMissing } });
		expect(stored).toEqual([['me.jpg', 'image/jpeg', image.length]]);
	});

	it('with an answer is read', async () => {
		const { content, asked } = await readFrom({ chunks: ['{"status": ', '"QUEUED"}'] });
		expect(content).toMatchObject({ text: '{"status": "QUEUED"}', isWhole: true });
		expect(asked).toBe(0);
	});

	it('with an answer that holds an image takes its time, too', async () => {
		const image = long.toString('base64').repeat(12);
		const { content, asked } = await readFrom({ chunks: [`{"image": "${image}`, '"}'] });
		expect(content).toMatchObject({ text: `{"image": "${image}"}`, isWhole: true });
		expect(asked).toBe(1);
	});

	it('with an image under an error status is none', async () => {
		const { content, asked, stored } = await readFrom({ chunks: [long], status: 300 });
		expect(content).toMatchObject({ isWhole: true, why: expect.any(String) });
		expect([asked, stored]).toEqual([0, []]);
	});

	it.each([
		['nothing', '', 'the file is empty'],
		['JSON that says nothing', '{"message": "hi"}', 'it is JSON text, not an image'],
		['a page', '<!doctype html><h1>Hello', 'it is a web page (HTML), not an image'],
		['words', 'Hello', 'it is not an image'],
	])('with %s is text, and says what it is instead of an image', async (_, text, why) => {
		expect((await readFrom({ chunks: [text] })).content).toEqual({ text, isWhole: true, why });
	});

	it('that breaks off keeps what came of its text', async () => {
		const body = Readable.from(
			(async function* () {
				yield Buffer.from('{"request_id": "r-1"'.padEnd(100));
				throw new Error('cut');
			})(),
		);
		expect(await read(body)).toEqual({ ...CUT_OFF, text: '{"request_id": "r-1"'.padEnd(100) });
	});

	it('that is over before it is read was cut off', async () => {
		expect(await read(Readable.from([gif]).destroy())).toEqual(CUT_OFF);
	});

	it.each([
		['a full disk', new Error('no space'), 'n8n could not store it: no space'],
		['nothing said', {}, 'n8n could not store it: no reason given'],
	])('whose short image n8n cannot store says why: %s', async (_, reason, why) => {
		const store = async () => await Promise.reject(reason);
		expect((await readFrom({ chunks: [jpeg.subarray(0, 20)], store })).content).toEqual({
			text: '',
			isWhole: false,
			why,
		});
	});
});

describe('an image in memory', () => {
	const storeWhole = async (image: Buffer, baseName: string) =>
		await storeImage(context, image, { baseName, head: image });

	it('is stored under the name and type that it really has', async () => {
		const content = await storeWhole(png, 'me.jpg');
		const { length: fileSize } = png;
		expect(content).toMatchObject({
			image: { fileName: 'me.png', mimeType: 'image/png', fileSize, endMissing: false },
		});
		const half = await storeWhole(png.subarray(0, 50), 'me.jpg');
		expect(half).toMatchObject({ image: { endMissing: true } });
	});

	it('is stored where only its compatible brands say what it is', async () => {
		const image = Buffer.from('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf and the picture', 'latin1');
		expect(await storeWhole(image, 'me.png')).toMatchObject({
			image: { fileName: 'me.avif', mimeType: 'image/avif' },
		});
	});

	it('that is none is not', async () => {
		expect(await storeWhole(Buffer.from('%PDF-1.7 and so on'), 'me')).toEqual({
			text: '',
			isWhole: true,
			why: 'it is a PDF, not an image',
		});
	});
});
