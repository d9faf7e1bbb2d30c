/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setImmediate as nextRound } from 'node:timers/promises';
import { createAccount } from '../../../nodes/shared/http/account';
import { Uploads } from '../../../nodes/shared/images/uploads';
import { HurriedClock } from '../../support/fakeClock';
import { clientOn, type FakeAnswer } from '../../support/fakeHttp';
import { sampleKey } from '../../support/samples';

const STORAGE = 'https://x.test';

/** Uploads whose calls `post` answers. */
function setUp(post: (signal: AbortSignal, contents: string[]) => FakeAnswer) {
	const ending = new AbortController();
	const account = createAccount(sampleKey, { baseUrl: STORAGE, storageUrl: STORAGE });
	let calls = 0;
	const http = clientOn(
		({ body, abortSignal }) => {
			calls++;
			const { data_urls: contents } = JSON.parse(String(body)) as { data_urls: string[] };
			return post(abortSignal as AbortSignal, contents);
		},
		account,
		new HurriedClock(),
	);
	const uploads = new Uploads(http, STORAGE, ending.signal);
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
			() => undefined,
		);
	return { ending, urlsOf, count: () => calls };
}

it('an upload under way ends with the run, and is not tried again', async () => {
	const aborted: boolean[] = [];
	const { ending, urlsOf, count } = setUp((signal) => {
		ending.abort();
		aborted.push(signal.aborted);
		return { status: 500 };
	});
	await expect(urlsOf('a')).rejects.toThrow();
	for (let round = 0; round < 50; round++) await nextRound();
	expect(aborted).toEqual([true]);
	expect(count()).toBe(1);
});

it('an answer with fewer URLs than files is tried again: no file may get the URL of another', async () => {
	const { urlsOf, count } = setUp((_signal, contents) => {
		const urls = contents.map((content) => `https://x.test/${content.split(',')[1]}`);
		return { status: 200, body: { file_urls: count() === 1 ? urls.slice(1) : urls } };
	});
	const urls = await urlsOf('a', 'b');
	expect(urls).toEqual(['https://x.test/a', 'https://x.test/b']);
	expect(count()).toBe(2);
});
