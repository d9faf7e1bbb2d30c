/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import { sleep, type IExecuteFunctions } from 'n8n-workflow';
import type { Reply } from '../../nodes/shared/api';
import { readContent } from '../../nodes/shared/imagesOut';
import { gif } from './samples';

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

async function read(body: Readable, signal = new AbortController().signal) {
	const reply = { kind: 'reply', status: 200, headers: {}, body, foreign: true };
	return await readContent(context, reply as unknown as Reply, { wish: 'a', signal });
}

it('an image that breaks off is none, also where its format has no end mark', async () => {
	const broken = Readable.from(
		(async function* () {
			yield gif;
			yield Buffer.alloc(1_000);
			throw new Error('cut');
		})(),
	);
	expect(await read(broken)).toEqual({ kind: 'bad', why: 'the transfer was cut off' });
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
	expect(await content).toMatchObject({ kind: 'bad', why: 'the transfer was cut off' });
	expect(body.destroyed).toBe(true);
});

it('a long page of HTML is no image, whatever it says it is', async () => {
	const page = `<!doctype html><p>${'please log in '.repeat(500)}</p>`;
	expect(await read(Readable.from([Buffer.from(page)]))).toMatchObject({
		kind: 'bad',
		why: 'it is HTML, not an image',
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
	expect(await readContent(full, reply as unknown as Reply, { wish: 'a', signal })).toEqual({
		kind: 'bad',
		why: `n8n could not store it: ${code}: words of the system`,
	});
});
