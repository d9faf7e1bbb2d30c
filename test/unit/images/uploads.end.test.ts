/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import { setImmediate as nextRound } from 'node:timers/promises';
import type { Api, Sent } from '../../../nodes/shared/http/api';
import type { Body } from '../../../nodes/shared/kit/streams';
import { RateLimiter } from '../../../nodes/shared/rateLimit/limiter';
import { Uploads } from '../../../nodes/shared/images/uploads';
import { HurriedClock } from '../../support/fakeClock';

const reply = (status: number, body: unknown): Sent => ({
	kind: 'reply',
	status,
	headers: {},
	body: Readable.from([Buffer.from(JSON.stringify(body))]) as unknown as Body,
	url: 'https://storage.test/upload-asset',
	foreign: false,
});

/** Uploads whose calls `post` answers. */
function setUp(post: (signal: AbortSignal, contents: string[]) => Sent) {
	const clock = new HurriedClock();
	const ending = new AbortController();
	let calls = 0;
	const api = {
		post: async (_url: string, body: Buffer, signal: AbortSignal) => {
			calls++;
			const { data_urls: contents } = JSON.parse(body.toString()) as { data_urls: string[] };
			return post(signal, contents);
		},
	} as unknown as Api;
	const uploads = new Uploads(
		{ api, limiter: new RateLimiter(clock), clock },
		'https://x.test',
		ending.signal,
	);
	const urlsOf = async (...identities: string[]) =>
		await uploads.urlsOf(
			identities.map((identity) => ({
				kind: 'file',
				field: 'photo',
				identity,
				type: { mimeType: 'image/png', extension: 'png' },
				size: 100,
				read: async (into) => into.ascii(identity),
			})),
			60_000,
		);
	return { ending, urlsOf, count: () => calls };
}

it('an upload under way ends with the run, and is not tried again', async () => {
	const aborted: boolean[] = [];
	const { ending, urlsOf, count } = setUp((signal) => {
		ending.abort();
		aborted.push(signal.aborted);
		return reply(500, {});
	});
	await expect(urlsOf('a')).rejects.toThrow();
	for (let round = 0; round < 50; round++) await nextRound();
	expect(aborted).toEqual([true]);
	expect(count()).toBe(1);
});

it('an answer with fewer URLs than files is tried again: no file may get the URL of another', async () => {
	const { urlsOf, count } = setUp((_signal, contents) => {
		const urls = contents.map((content) => `https://x.test/${content.split(',')[1]}`);
		return reply(200, { file_urls: count() === 1 ? urls.slice(1) : urls });
	});
	const urls = await urlsOf('a', 'b');
	expect(urls).toEqual(['https://x.test/a', 'https://x.test/b']);
	expect(count()).toBe(2);
});
