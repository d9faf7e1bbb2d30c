/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import { createAccount } from '../../../nodes/shared/http/account';
import type { Sent } from '../../../nodes/shared/http/api';
import type { Body } from '../../../nodes/shared/kit/streams';
import { RateLimiter } from '../../../nodes/shared/rateLimit/limiter';
import { Ledger } from '../../../nodes/shared/job/ledger';
import { ItemProblem, Stopped } from '../../../nodes/shared/problems/problems';
import type { Swap } from '../../../nodes/shared/job/item';
import type { Run } from '../../../nodes/shared/job/run';
import { submit } from '../../../nodes/shared/job/submit';
import { HurriedClock } from '../../support/fakeClock';
import { jpeg, sampleKey } from '../../support/samples';

const KEY = { key: 'k', asks: 'it' };

const noReply = (neverSent: boolean, isTransient: boolean): Sent => ({
	kind: 'noReply',
	neverSent,
	isTransient,
	detail: 'why',
});

/** An answer; a text or bytes as they are, anything else as JSON. */
const reply = (status: number, body: unknown, headers: Record<string, string> = {}): Sent => ({
	kind: 'reply',
	status,
	headers,
	body: Readable.from([
		Buffer.isBuffer(body)
			? body
			: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
	]) as unknown as Body,
	url: 'https://api.test/v2/x',
	foreign: false,
});

const ticket = () => reply(200, { request_id: 'id-1', status: 'QUEUED' });

class WatchedClock extends HurriedClock {
	readonly deadlines: number[] = [];

	readonly deadlineSignal = new AbortController();

	override deadline(milliseconds = 0): AbortSignal {
		this.deadlines.push(milliseconds);
		return this.deadlineSignal.signal;
	}
}

/** A run whose POSTs are answered by `post`. */
function setUp(post: (signal: AbortSignal) => Sent | Promise<Sent>, timeout = 600_000) {
	const clock = new WatchedClock();
	const ledger = new Ledger(
		{},
		{ execution: 'e-1', run: 0, server: 'https://api.segmind.com' },
		clock.now(),
	);
	const limiter = new RateLimiter(clock);
	const ending = new AbortController();
	const stopped = new AbortController();
	const posts: string[] = [];
	const api = {
		post: async (url: string, _body: unknown, signal: AbortSignal) => {
			posts.push(url);
			if (posts.length > 200) throw new Error('no end in sight');
			return await post(signal);
		},
	};
	const model: { title: string; submitPath: string; syncPath?: string } = {
		title: 'Face Wish',
		submitPath: '/v2/x',
		syncPath: '/v1/x',
	};
	const run = {
		api,
		clock,
		ledger,
		limiter,
		model,
		account: createAccount(sampleKey, { baseUrl: 'https://api.test', storageUrl: '' }),
		context: { helpers: { prepareBinaryData: async () => ({ data: 'stored' }) } },
		stop: { newWork: ending.signal, submits: stopped.signal },
		submitting: new Map(),
		queueMissing: false,
	} as unknown as Run;
	const itemOf = (processingMode: string) =>
		({
			question: KEY,
			images: [],
			options: { timeout, processingMode },
		}) as unknown as Swap;
	const go = async (processingMode = 'queue') =>
		await submit(run, itemOf(processingMode), {}).catch((error: unknown) => error);
	return { clock, ledger, limiter, model, ending, stopped, posts, go };
}

const problemOf = (error: unknown) => {
	expect(error).toBeInstanceOf(ItemProblem);
	return (error as ItemProblem).problem;
};

describe('the ledger', () => {
	it('knows of a submit before it goes out: what happens meanwhile cannot make it forgotten', async () => {
		const during: unknown[] = [];
		const { ledger, go } = setUp(() => {
			during.push(ledger.recall(KEY));
			return ticket();
		});
		await go();
		expect(during).toEqual([{ kind: 'unconfirmed' }]);
		expect(ledger.recall(KEY)).toMatchObject({ kind: 'accepted', ticket: { requestId: 'id-1' } });
	});

	it.each([
		['a refusal', () => reply(400, {}), 'none'],
		['a connection that cannot be made', () => noReply(true, false), 'none'],
		['a connection that was cut', () => noReply(false, true), 'unconfirmed'],
		['an answer that says nothing', () => reply(200, {}), 'unconfirmed'],
	])('after %s', async (_, answer, kind) => {
		const { ledger, posts, go } = setUp(answer);
		problemOf(await go());
		expect(ledger.recall(KEY).kind).toBe(kind);
		expect(posts).toHaveLength(1);
	});
});

describe('a submit', () => {
	it('goes out five times when the connection is never made', async () => {
		const { clock, posts, go } = setUp(() => noReply(true, true));
		expect(problemOf(await go()).money).toBe('notSpent');
		expect(posts).toHaveLength(5);
		expect(clock.waits).toEqual([500, 1000, 2000, 4000]);
	});

	it('goes out again after a 429, until nothing gets through for the length of the timeout', async () => {
		const { limiter, posts, go } = setUp(() => {
			limiter.noteAnswer(429, {});
			return reply(429, {});
		}, 30_000);
		expect(problemOf(await go())).toMatchObject({ httpCode: 429, money: 'notSpent' });
		expect(posts.length).toBeGreaterThan(3);
	});

	it.each([
		['queue', 600_000, 120_000],
		['queue', 20_000, 20_000],
		['sync', 600_000, 600_000],
	])('in %s with a timeout of %d waits %d milliseconds', async (mode, timeout, deadline) => {
		const { clock, go } = setUp(ticket, timeout);
		await go(mode);
		// The rest is for a ticket that is complete and doesn't end.
		expect(clock.deadlines[0]).toBe(deadline);
	});

	it('ends at its deadline, and after Stop, but not because another item failed', async () => {
		const aborted: boolean[] = [];
		const { clock, ending, go } = setUp((signal) => {
			ending.abort();
			aborted.push(signal.aborted);
			clock.deadlineSignal.abort();
			aborted.push(signal.aborted);
			return ticket();
		});
		await go();
		expect(aborted).toEqual([false, true]);
		const stop = setUp((signal) => {
			stop.stopped.abort();
			aborted.push(signal.aborted);
			return noReply(false, true);
		});
		// Whether it was accepted is not known, but it is no failure of the item.
		expect(await stop.go()).toBeInstanceOf(Stopped);
		expect(stop.ledger.unnamed().unconfirmed).toBe(1);
		expect(aborted).toEqual([false, true, true]);
	});

	it('does not go out when the run ends while it waits for its turn', async () => {
		const { limiter, ending, posts, go } = setUp(ticket);
		limiter.takeTurn = async () => {
			ending.abort();
			return false;
		};
		expect(await go()).toBeInstanceOf(Stopped);
		expect(posts).toEqual([]);
	});
});

describe('what answers a submit', () => {
	const A = 'https://cdn.segmind.com/a.jpeg';

	it.each<[string, unknown, object]>([
		[
			'a ticket',
			{ request_id: 'id-1', status: 'QUEUED', cost: 0.1 },
			{ state: 'QUEUED', metrics: { cost: 0.1 } },
		],
		[
			'a ticket of a job that has begun',
			{ request_id: 'id-1', status: 'PROCESSING' },
			{ state: 'PROCESSING' },
		],
		[
			'a job that is done, its image elsewhere',
			{ request_id: 'id-1', status: 'COMPLETED' },
			{ state: 'PROCESSING' },
		],
	])('is followed: %s', async (_, body, expected) => {
		const { ledger, go } = setUp(() => reply(200, body));
		const submitted = await go();
		expect(submitted).toMatchObject({ isNew: true, ticket: { requestId: 'id-1' } });
		expect(submitted).toMatchObject(expected);
		expect(ledger.recall(KEY)).toMatchObject({ kind: 'accepted', ticket: { requestId: 'id-1' } });
	});

	it('is a ticket, though it was cut off behind its request ID', async () => {
		const headers = { 'x-remaining-credits': '12.5' };
		const cut = setUp(() => reply(200, '{"request_id": "id-1", "status": "QUE', headers));
		expect(await cut.go()).toEqual({
			isNew: true,
			acceptedAt: cut.clock.now(),
			ticket: { requestId: 'id-1' },
			state: 'QUEUED',
			metrics: { remaining_credits: 12.5 },
		});
		expect(cut.ledger.requestIds()).toEqual(['id-1']);
	});

	it('is the image of a job that was done at once', async () => {
		const body = { request_id: 'id-1', status: 'COMPLETED', images: [A] };
		const { ledger, go } = setUp(() => reply(200, body, { 'x-request-id': 'other' }));
		expect(await go()).toMatchObject({
			outputs: { images: [{ kind: 'url', url: A }] },
			requestId: 'id-1',
		});
		expect(ledger.recall(KEY)).toMatchObject({ kind: 'accepted', ticket: { requestId: 'id-1' } });
	});

	it("is a synchronous answer's image, of which the ledger keeps the request ID", async () => {
		const headers = { 'x-request-id': 'id-2', 'x-remaining-credits': '7' };
		const { ledger, go } = setUp(() => reply(200, jpeg, headers));
		expect(await go('sync')).toMatchObject({
			image: { mimeType: 'image/jpeg', fileName: 'face-wish-id-2.jpg' },
			requestId: 'id-2',
			metrics: { remaining_credits: 7 },
		});
		expect(ledger.recall(KEY)).toEqual({ kind: 'unconfirmed', requestId: 'id-2' });
		expect(ledger.requestIds()).toEqual(['id-2']);
		expect(ledger.unnamed().unconfirmed).toBe(0);
	});

	it.each([
		['its URL', [A], { kind: 'paid', requestId: undefined }],
		['no image data', [jpeg.toString('base64')], { kind: 'unconfirmed', requestId: undefined }],
		[
			'no image data beside a URL',
			[A, jpeg.toString('base64')],
			{ kind: 'unconfirmed', requestId: undefined },
		],
		['no key', [`${A}?key=${sampleKey}`], { kind: 'unconfirmed', requestId: undefined }],
	])('is where the image is, of which the ledger keeps %s', async (_, images, memory) => {
		const { ledger, go } = setUp(() => reply(200, { images }, { 'x-request-id': 'not an ID' }));
		expect(await go('sync')).toMatchObject({ startedAt: expect.any(Number), requestId: undefined });
		expect(ledger.recall(KEY)).toMatchObject(memory);
		const finished = memory.kind === 'paid' ? [A] : [];
		expect(ledger.unnamed()).toEqual({
			unconfirmed: 1 - finished.length,
			finished: finished.length,
			imageUrls: finished,
		});
	});

	it.each([
		['no number', 'many'],
		['nothing', undefined],
	])('tells no credits where its header has %s', async (_, credits) => {
		const headers = new Map(credits === undefined ? [] : [['x-remaining-credits', credits]]);
		const { go } = setUp(() => reply(200, { request_id: 'id-1' }, Object.fromEntries(headers)));
		expect(await go()).toMatchObject({ metrics: {} });
	});

	it('is a failed job, which may have been paid for', async () => {
		const body = { request_id: 'id-1', status: 'FAILED', error: 'no face' };
		const { go } = setUp(() => reply(200, body));
		expect(problemOf(await go())).toMatchObject({
			what: 'Segmind could not make this image',
			words: 'no face',
			money: 'maybeSpent',
			requestId: 'id-1',
		});
	});

	it.each<[string, unknown]>([
		['a URL', { status: 'QUEUED', poll_url: 'https://api.test/v1/requests/id-1' }],
		['a URL with a slash', { status_url: 'https://api.test/requests/id-1/?x=y/z' }],
		['the URL of a state', { status_url: 'https://other.test/v2/requests/id-1/status' }],
		['the URL of a result', { response_url: 'https://api.test/v2/requests/id-1' }],
		['a URL in an answer that was cut off', '{"poll_url": "https://api.test/x/id-1", "stat'],
	])('is a ticket that names its request ID only as the end of %s [seed]', async (_, body) => {
		const { ledger, go } = setUp(() => reply(200, body));
		expect(await go()).toMatchObject({ isNew: true, ticket: { requestId: 'id-1' } });
		expect(ledger.requestIds()).toEqual(['id-1']);
	});

	it.each<[string, unknown]>([
		['as a number', { request_id: 123, status: 'QUEUED' }],
		['as a number, cut off behind it', '{"request_id": 123, "stat'],
		['before a URL', { request_id: '123', poll_url: 'https://api.test/v1/requests/456' }],
	])('is a ticket whose request ID comes %s', async (_, body) => {
		const { go } = setUp(() => reply(200, body));
		expect(await go()).toMatchObject({ isNew: true, ticket: { requestId: '123' } });
	});

	it.each<[string, unknown]>([
		['a number that was cut off', '{"request_id": 123'],
		['a URL without a path', { poll_url: 'https://api.test/' }],
		['a URL that ends in words', { poll_url: 'https://api.test/v1/two%20words' }],
		['no URL', { poll_url: 'requests/id-1' }],
	])('is no ticket with %s', async (_, body) => {
		const { ledger, go } = setUp(() => reply(200, body));
		expect(problemOf(await go())).toMatchObject({ unconfirmed: true });
		expect(ledger.requestIds()).toEqual([]);
	});

	it('is a ticket whose URLs the ledger does not keep when they hold the key: n8n saves it', async () => {
		const { ledger, go } = setUp(() =>
			reply(200, {
				request_id: 'id-1',
				status_url: `https://api.test/x?api_key=${sampleKey}`,
				response_url: 'https://api.test/y',
			}),
		);
		await go();
		expect(ledger.recall(KEY)).toEqual({
			kind: 'accepted',
			ticket: { requestId: 'id-1', resultUrl: 'https://api.test/y' },
			sentAt: expect.any(Number),
		});
	});

	it('gets at least a minute, or the rest of the timeout, once it is an image', async () => {
		for (const [timeout, expected] of [
			[2_000, 60_000],
			[300_000, 300_000],
		] as const) {
			const long = Buffer.concat([jpeg.subarray(0, 80), Buffer.alloc(5_000), jpeg.subarray(80)]);
			const { clock, go } = setUp(() => reply(200, long), timeout);
			expect(await go('sync')).toMatchObject({ image: { mimeType: 'image/jpeg' } });
			expect(clock.deadlines).toEqual([timeout, expected]);
		}
	});

	it('is an error in the place of an image, which may have been paid for', async () => {
		const headers = { 'x-request-id': 'id-2' };
		const { ledger, go } = setUp(() => reply(200, { error: 'no face' }, headers));
		expect(problemOf(await go())).toMatchObject({
			what: 'Segmind answered the submit with an error in the place of an image',
			words: 'no face',
			money: 'maybeSpent',
			requestId: 'id-2',
			isFinal: true,
		});
		// A retry names it again: its error is the one that a person sees.
		expect(ledger.recall(KEY)).toEqual({ kind: 'unconfirmed', requestId: 'id-2' });
	});

	it('is an answer with an image, although it has a number as its id', async () => {
		const { ledger, go } = setUp(() => reply(200, { id: 17, image: A }));
		expect(await go()).toMatchObject({ startedAt: expect.any(Number), requestId: undefined });
		expect(ledger.recall(KEY)).toMatchObject({ kind: 'paid' });
	});

	it.each<[string, unknown, string]>([
		['a state, but no request ID', { status: 'QUEUED' }, 'it names no request ID'],
		[
			'a state that nobody told of',
			{ status: 'ODD', message: 'NSFW' },
			'Segmind reports the state "ODD": NSFW',
		],
		['a number as its id', { id: 17, message: 'welcome' }, 'welcome'],
		['words only', { message: 'welcome' }, 'welcome'],
		['nothing', '', 'the file is empty'],
		['HTML', '<!doctype html><p>welcome</p>', 'welcome'],
	])('cannot be read: %s', async (_, body, words) => {
		const { ledger, go } = setUp(() => reply(200, body));
		expect(problemOf(await go())).toMatchObject({ words, money: 'maybeSpent', unconfirmed: true });
		expect(ledger.recall(KEY).kind).toBe('unconfirmed');
	});

	it.each([
		['sync', 'image/jpeg', 'The image is finished, but it could not be fetched', 'id-2'],
		['sync', 'text/image/jpeg', 'Segmind did not answer the submit', 'id-2'],
		['sync', undefined, 'Segmind did not answer the submit', 'id-2'],
		['sync', undefined, 'Segmind did not answer the submit', undefined],
		['queue', 'image/jpeg', 'Segmind did not answer the submit', 'id-2'],
	])('is broken: in %s, with the type %s', async (mode, type, what, requestId) => {
		const headers: Record<string, string> = {};
		if (requestId) headers['x-request-id'] = requestId;
		if (type) headers['content-type'] = type;
		const { ledger, go } = setUp(() => reply(200, 'no image', headers));
		const problem = problemOf(await go(mode));
		expect(problem.what).toContain(what);
		expect(problem.requestId).toBe(requestId);
		if (what.startsWith('The image')) expect(problem.hint).toContain('synchronous');
		expect(ledger.requestIds()).toEqual(requestId ? [requestId] : []);
	});

	it.each([
		['its words', { error: 'bad seed' }, 'bad seed'],
		['a broken body without words', jpeg, ''],
	])('is a refusal, with %s', async (_, body, words) => {
		const { go } = setUp(() => reply(400, body));
		expect(problemOf(await go())).toMatchObject({ httpCode: 400, words, money: 'notSpent' });
	});

	it.each([300, 303, 304, 399])(
		'is a redirect, which says neither yes nor no: %i',
		async (status) => {
			const { go, posts, ledger } = setUp(() => reply(status, {}));
			expect(problemOf(await go())).toMatchObject({ httpCode: status, money: 'maybeSpent' });
			expect(ledger.recall(KEY).kind).toBe('unconfirmed');
			expect(posts).toHaveLength(1);
		},
	);

	it('is a job under an error status', async () => {
		const ticketBody = { request_id: 'id-1', status: 'QUEUED' };
		for (const status of [303, 409, 429, 500]) {
			const { go, posts, ledger } = setUp(() => reply(status, ticketBody));
			expect(await go()).toMatchObject({ isNew: true, ticket: { requestId: 'id-1' } });
			expect(ledger.recall(KEY).kind).toBe('accepted');
			expect(posts).toHaveLength(1);
		}
	});

	it('is a ticket whose request ID repeats the key, which the ledger does not keep', async () => {
		const requestId = `job-${sampleKey}-1`;
		const { ledger, go } = setUp(() => reply(200, { request_id: requestId, status: 'QUEUED' }));
		expect(await go()).toMatchObject({ ticket: { requestId } });
		expect(ledger.requestIds()).toEqual(['job-********-1']);
		const sync = setUp(() => reply(200, jpeg, { 'x-request-id': requestId }));
		await sync.go('sync');
		expect(sync.ledger.requestIds()).toEqual(['job-********-1']);
	});

	it('is a refusal that breaks off', async () => {
		const broken = Readable.from(
			(function* () {
				yield Buffer.from('{"error"');
				throw new Error('cut');
			})(),
		);
		const { go } = setUp(() => ({ ...reply(400, {}), body: broken as unknown as Body }) as Sent);
		expect(problemOf(await go())).toMatchObject({ httpCode: 400, words: '', money: 'notSpent' });
	});

	it('is a failed job without a request ID', async () => {
		const { go } = setUp(() => reply(200, { status: 'FAILED', error: 'no face' }));
		expect(problemOf(await go())).toMatchObject({ words: 'no face', money: 'maybeSpent' });
	});

	it('is no answer', async () => {
		const { go } = setUp(() => noReply(false, true));
		expect(problemOf(await go()).what).toContain('(why)');
		const never = setUp(() => noReply(true, false));
		expect(problemOf(await never.go()).what).toBe('Segmind could not be reached at api.test (why)');
	});
});

describe('a queue that is missing', () => {
	it.each([404, 405])('is told by HTTP %i, and replaced by a synchronous call', async (status) => {
		const { posts, go } = setUp(() => (posts.length === 1 ? reply(status, {}) : ticket()));
		expect(await go()).toMatchObject({ isNew: true });
		expect(posts).toEqual(['https://api.test/v2/x', 'https://api.test/v1/x']);
	});

	it.each([404, 405])('is not told by HTTP %i to a synchronous call', async (status) => {
		const { posts, go } = setUp(() => reply(status, {}));
		expect(problemOf(await go('sync'))).toMatchObject({ httpCode: status });
		expect(posts).toEqual(['https://api.test/v1/x']);
	});

	it('does not bring a synchronous call where the service has none', async () => {
		const { clock, posts, go, model } = setUp(() => reply(404, {}));
		delete model.syncPath;
		expect(problemOf(await go('sync'))).toMatchObject({ httpCode: 404 });
		expect(posts).toEqual(['https://api.test/v2/x']);
		expect(clock.deadlines[0]).toBe(120_000);
	});
});

it('a submit does not begin in a run that has ended', async () => {
	const { ending, posts, go } = setUp(ticket);
	ending.abort();
	expect(await go()).toBeInstanceOf(Stopped);
	expect(posts).toEqual([]);
});
