/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { createAccount } from '../../../nodes/shared/http/account';
import type { ImageFile } from '../../../nodes/shared/images/imagesIn';
import { ItemProblem, Stopped } from '../../../nodes/shared/problems/problems';
import { Uploads } from '../../../nodes/shared/images/uploads';
import { HurriedClock } from '../../support/fakeClock';
import { clientOn, failure, type FakeAnswer } from '../../support/fakeHttp';
import { sampleKey } from '../../support/samples';

type Answer = (contents: string[]) => FakeAnswer | Error;

const STORAGE = 'https://workflows-api.segmind.com';
const ENDPOINT = `${STORAGE}/upload-asset`;
const PATIENCE = 60_000;

const allow = () => undefined;

const file = (identity: string, read = async () => `${identity}Content`): ImageFile => ({
	kind: 'file',
	field: 'source_image',
	identity,
	type: { mimeType: 'image/png', extension: 'png' },
	size: 100,
	read: async (into) => into.ascii(await read()),
});

const stored = (content: string): string =>
	`https://storage.test/${content.replace('data:image/png;base64,', '').replace('Content', '')}`;

const takes: Answer = (contents) => ({
	status: 200,
	body: { file_urls: contents.map(stored) },
});
const cut: Answer = () => failure('ECONNRESET');
const answers =
	(status: number, body: unknown = { error: 'Not so' }): Answer =>
	() => ({ status, body });

/** Uploads whose calls get these answers, the last one again and again. */
function setUp(...script: Answer[]) {
	const calls: string[][] = [];
	const clock = new HurriedClock();
	const controller = new AbortController();
	const account = createAccount(sampleKey, { baseUrl: STORAGE, storageUrl: STORAGE });
	const http = clientOn(
		({ url, body }, signed) => {
			expect([url, signed]).toEqual([ENDPOINT, true]);
			const { data_urls: contents } = JSON.parse(String(body)) as { data_urls: string[] };
			calls.push(contents.map((content) => stored(content).replace('https://storage.test/', '')));
			return (script[calls.length - 1] ?? script.at(-1) ?? takes)(contents);
		},
		account,
		clock,
	);
	const uploads = new Uploads(http, STORAGE, controller.signal);
	const upload = async (one: ImageFile, patience = PATIENCE) =>
		(await uploads.urlsOf([one], patience, allow))[0];
	const urlOf = async (identity: string) => await upload(file(identity));
	const urlsOf = async (...identities: string[]) =>
		await uploads.urlsOf(
			identities.map((identity) => file(identity)),
			PATIENCE,
			allow,
		);
	return { calls, clock, controller, uploads, upload, urlOf, urlsOf };
}

const problemOf = async (work: Promise<unknown>) => {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ItemProblem);
	return (error as ItemProblem).problem;
};

describe('a call', () => {
	it.each([
		[600_001, 300_000],
		[100_000, 50_000],
		[1_000, 10_000],
	])('with a patience of %d milliseconds gets %d', async (patience, deadline) => {
		const { clock, upload } = setUp();
		const asked = jest.spyOn(clock, 'deadline');
		await upload(file('a'), patience);
		expect(asked.mock.calls).toEqual([[deadline]]);
	});

	it('that was never made is not tried again where that cannot help, and says so', async () => {
		const { calls, urlOf } = setUp(() => failure('CERT_HAS_EXPIRED'));
		expect(await problemOf(urlOf('a'))).toEqual({
			code: 'unreachable',
			why: 'the server has no valid certificate',
			host: 'workflows-api.segmind.com',
		});
		expect(calls).toHaveLength(1);
	});

	it('that was cut says so', async () => {
		const { urlOf } = setUp(cut);
		expect(await problemOf(urlOf('a'))).toMatchObject({
			code: 'uploadFailed',
			words: 'the connection was cut',
		});
	});

	it.each<[string, number, unknown, string]>([
		['JSON', 503, { error: 'Not so' }, 'Not so'],
		['HTML', 500, '<p>Sorry</p>', 'Sorry'],
		['nothing', 500, '', ''],
		['no URLs', 200, { message: 'welcome' }, 'welcome'],
	])('repeats the words of an answer of %s', async (_, status, body, words) => {
		const { urlOf } = setUp(answers(status, body));
		const problem = await problemOf(urlOf('a'));
		expect(problem.words).toBe(words);
		expect(problem.httpStatus).toBe(status === 200 ? undefined : status);
	});

	it('takes no notice of what is no URL in the answer', async () => {
		const { urlOf } = setUp(
			answers(200, { file_urls: [7, null, 'nonsense', 'https://storage.test/a'] }),
		);
		expect(await urlOf('a')).toBe('https://storage.test/a');
	});

	it.each([null, 'text', 7, { file_urls: 'https://x/y', urls: 'https://x/y' }])(
		'is tried again after the answer %j',
		async (body) => {
			const { calls, urlOf } = setUp(answers(200, JSON.stringify(body)), takes);
			expect(await urlOf('a')).toBe('https://storage.test/a');
			expect(calls).toHaveLength(2);
		},
	);
});

describe('an upload', () => {
	it('sends a data URI and gives the URL', async () => {
		const sent: string[][] = [];
		const { urlOf } = setUp((contents) => {
			sent.push(contents);
			return takes(contents);
		});
		expect(await urlOf('a')).toBe('https://storage.test/a');
		expect(sent).toEqual([['data:image/png;base64,aContent']]);
	});

	it('understands the URLs of older documentation, too', async () => {
		const { urlOf } = setUp((contents) => ({
			status: 200,
			body: { urls: contents.map(stored) },
		}));
		expect(await urlOf('a')).toBe('https://storage.test/a');
	});

	it('sends the same file once, at the same time and later', async () => {
		const { calls, urlOf } = setUp(takes);
		const urls = await Promise.all([urlOf('a'), urlOf('a')]);
		expect([...urls, await urlOf('a')]).toEqual(Array(3).fill('https://storage.test/a'));
		expect(calls).toEqual([['a']]);
	});

	it('sends the files of an item in one call, and gives each its own URL', async () => {
		const { calls, urlsOf } = setUp(takes);
		const urls = await urlsOf('a', 'b', 'c');
		expect(urls).toEqual(['a', 'b', 'c'].map((name) => `https://storage.test/${name}`));
		expect(calls).toEqual([['a', 'b', 'c']]);
	});

	it('sends one file that an item needs twice once', async () => {
		const { calls, urlsOf } = setUp(takes);
		expect(await urlsOf('a', 'a')).toEqual(Array(2).fill('https://storage.test/a'));
		expect(calls).toEqual([['a']]);
	});

	it('sends what an item needs besides the files of others', async () => {
		const { calls, urlsOf } = setUp(takes);
		const urls = await Promise.all([urlsOf('face', 'page1'), urlsOf('face', 'page2')]);
		expect(urls.flat()).toEqual(
			['face', 'page1', 'face', 'page2'].map((name) => `https://storage.test/${name}`),
		);
		expect(calls).toEqual([['face', 'page1'], ['page2']]);
	});

	it.each([
		[4 * 1024 ** 2, [['a', 'b']]],
		[4 * 1024 ** 2 + 1, [['a'], ['b']]],
		[undefined, [['a'], ['b']]],
	])('sends files of %j bytes in calls of their own where they are large', async (size, sent) => {
		const { calls, uploads } = setUp(takes);
		const files = ['a', 'b'].map((name) => ({ ...file(name), size }));
		expect(await uploads.urlsOf(files, PATIENCE, allow)).toEqual([
			'https://storage.test/a',
			'https://storage.test/b',
		]);
		expect(calls).toEqual(sent);
	});

	it('does not spoil the others with a file that cannot be read', async () => {
		const { calls, upload, urlOf } = setUp(takes);
		const unreadable = file('bad', async () => {
			throw new TypeError('gone');
		});
		const bad = expect(upload(unreadable)).rejects.toThrow('gone');
		expect(await urlOf('a')).toBe('https://storage.test/a');
		await bad;
		expect(calls).toEqual([['a']]);
	});
});

it('only one call is under way, however many files wait: each holds its files in memory', async () => {
	const { calls, upload } = setUp();
	let read: () => void = () => undefined;
	const slow = file('a', async () => {
		await new Promise<void>((resolve) => (read = resolve));
		return 'aContent';
	});
	const opened: string[] = [];
	const first = upload(slow);
	await new Promise((resolve) => setImmediate(resolve));
	const second = upload(
		file('b', async () => {
			opened.push('b');
			return 'bContent';
		}),
		PATIENCE,
	);
	await new Promise((resolve) => setImmediate(resolve));
	expect(opened).toEqual([]);
	read();
	await Promise.all([first, second]);
	expect(calls.flat()).toEqual(['a', 'b']);
});

describe('an upload that fails', () => {
	it.each<[string, Answer]>([
		['a server error', answers(500)],
		['a bad gateway', answers(502, '<html>')],
		['a rate limit', answers(429)],
		['a connection that was cut', cut],
		['a success without URLs', answers(200, { message: 'ok' })],
		['a success with too few URLs', answers(200, { file_urls: [] })],
		['a success with something else than URLs', answers(200, { file_urls: ['a.png'] })],
		['a success that is no JSON', answers(200, 'ok')],
	])('is tried again after %s', async (_, answer) => {
		const { calls, urlOf } = setUp(answer, answer, takes);
		expect(await urlOf('a')).toBe('https://storage.test/a');
		expect(calls).toEqual([['a'], ['a'], ['a']]);
	});

	it.each([400, 401, 403, 404, 413, 302])('is not tried again after HTTP %i', async (status) => {
		const { calls, urlOf } = setUp(answers(status));
		expect(await problemOf(urlOf('a'))).toMatchObject({
			httpStatus: status,
			words: 'Not so',
			// Where submits go says nothing of the storage.
			code: [302, 404].includes(status) ? 'uploadFailed' : 'uploadRefused',
		});
		expect(calls).toHaveLength(1);
	});

	it('is not taken for one that did not because its answer holds URLs', async () => {
		const { urlOf } = setUp((contents) => ({
			status: 404,
			body: { file_urls: contents.map(stored) },
		}));
		expect(await problemOf(urlOf('a'))).toMatchObject({ httpStatus: 404 });
	});

	it('has no words of an answer that is too long to read', async () => {
		const { urlOf } = setUp(answers(404, 'x'.repeat(2 * 1024 ** 2)));
		expect(await problemOf(urlOf('a'))).toMatchObject({ httpStatus: 404, words: '' });
	});

	it('is given up after five tries, with 1, 2, 4 and 8 seconds between them', async () => {
		const { calls, clock, urlOf } = setUp(answers(500));
		expect(await problemOf(urlOf('a'))).toMatchObject({ httpStatus: 500, words: 'Not so' });
		expect(calls).toHaveLength(5);
		expect(clock.waits.filter((wait) => wait > 0)).toEqual([1_000, 2_000, 4_000, 8_000]);
	});

	it('is given up earlier when patience ends', async () => {
		const { calls, upload } = setUp(answers(500));
		expect(await problemOf(upload(file('a'), 2_000))).toMatchObject({ httpStatus: 500 });
		expect(calls).toHaveLength(3);
	});

	it('is given up when a rate limit lets nothing through for longer than patience lasts', async () => {
		const { calls, clock, urlOf } = setUp(answers(429));
		const start = clock.now();
		expect(await problemOf(urlOf('a'))).toMatchObject({ httpStatus: 429 });
		expect(calls.length).toBeGreaterThan(3);
		expect(clock.now() - start).toBeGreaterThan(PATIENCE);
	});

	it('is tried anew by a later caller', async () => {
		const { calls, urlOf } = setUp(answers(400), takes);
		await problemOf(urlOf('a'));
		expect(await urlOf('a')).toBe('https://storage.test/a');
		expect(calls).toHaveLength(2);
	});
});

describe('an item that waits for its turn', () => {
	it('fails with the call before it where nothing answers, and the next item tries again', async () => {
		const { calls, urlOf } = setUp(answers(503));
		const both = await Promise.all([problemOf(urlOf('a')), problemOf(urlOf('b'))]);
		expect(both[1]).toEqual(both[0]);
		expect(new Set(calls.flat())).toEqual(new Set(['a']));
		await problemOf(urlOf('c'));
		expect(calls.flat()).toContain('c');
	});

	it('uploads nothing when by then nothing is to be bought any more', async () => {
		const { calls, uploads, urlOf } = setUp(takes);
		const refuse = () => {
			throw new Error('no room');
		};
		const first = urlOf('a');
		await expect(uploads.urlsOf([file('b')], PATIENCE, refuse)).rejects.toThrow('no room');
		await first;
		expect(calls).toEqual([['a']]);
	});
});

describe('a refused call with several files', () => {
	const refusesB: Answer = (contents) =>
		contents.some((content) => content.includes('bContent'))
			? { status: 400, body: { error: 'Invalid file' } }
			: takes(contents);

	it('spoils its own item, and not another one that needs a file of it', async () => {
		const { calls, urlsOf } = setUp(refusesB);
		const [bad, good] = [problemOf(urlsOf('a', 'b')), urlsOf('a', 'c')];
		expect(await bad).toMatchObject({ httpStatus: 400, words: 'Invalid file' });
		expect(await good).toEqual(['https://storage.test/a', 'https://storage.test/c']);
		expect(calls).toEqual([
			['a', 'b'],
			['a', 'c'],
		]);
	});

	it.each([401, 403])('is not sent again when HTTP %i refuses the key', async (status) => {
		const { calls, urlsOf } = setUp(answers(status));
		expect(await problemOf(urlsOf('a', 'b'))).toMatchObject({ httpStatus: status });
		expect(calls).toEqual([['a', 'b']]);
	});
});

describe('the end of the run', () => {
	it('ends the wait for an upload at once', async () => {
		const { controller, urlOf } = setUp(takes);
		const upload = urlOf('a');
		controller.abort();
		await expect(upload).rejects.toBeInstanceOf(Stopped);
	});

	it('ends the tries', async () => {
		const { calls, controller, urlOf } = setUp((contents) => {
			controller.abort();
			return answers(500)(contents);
		});
		await expect(urlOf('a')).rejects.toBeInstanceOf(Stopped);
		await new Promise((resolve) => setImmediate(resolve));
		expect(calls).toHaveLength(1);
	});
});
