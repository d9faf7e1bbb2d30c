import type { IDataObject } from 'n8n-workflow';
import * as observing from '../../../nodes/shared/answers/observe';
import { createAccount } from '../../../nodes/shared/http/account';
import type { Swap } from '../../../nodes/shared/job/item';
import type { Attempt, JobRecord } from '../../../nodes/shared/job/record';
import type { Run } from '../../../nodes/shared/job/run';
import { openSubmit, usesSync } from '../../../nodes/shared/job/submit';
import { digestOf } from '../../../nodes/shared/kit/longText';
import { Stopped } from '../../../nodes/shared/problems/problems';
import { HurriedClock } from '../../support/fakeClock';
import { clientOn, failure, type FakeAnswer } from '../../support/fakeHttp';
import { jpeg, sampleKey } from '../../support/samples';

// What a submit sends and hears. What an answer says is observe's, what follows from it advance's.

const unreachable = failure('ECONNREFUSED');
const cut = failure('ECONNRESET');

const reply = (
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): FakeAnswer => ({ status, headers, body });

const ticket = () => reply(200, { request_id: 'id-1', status: 'QUEUED' });

class WatchedClock extends HurriedClock {
	readonly deadlines: number[] = [];

	readonly deadlineSignal = new AbortController();

	override deadline(milliseconds = 0): AbortSignal {
		this.deadlines.push(milliseconds);
		return this.deadlineSignal.signal;
	}
}

interface Given {
	timeoutMs?: number;
	processingMode?: string;
	imageDelivery?: string;
	hasSync?: boolean;
	baseUrl?: string;
}

/** A run whose POSTs are answered by `post`. */
function setUp(post: (signal: AbortSignal) => FakeAnswer | Error, given: Given = {}) {
	const { timeoutMs = 600_000, processingMode = 'queue', imageDelivery = 'inline' } = given;
	const clock = new WatchedClock();
	const ending = new AbortController();
	const stopped = new AbortController();
	const events: string[] = [];
	const sentBodies: IDataObject[] = [];
	let reads = 0;
	const { baseUrl = 'https://api.test' } = given;
	const account = createAccount(sampleKey, { baseUrl, storageUrl: 'https://files.test' });
	const http = clientOn(
		({ url, abortSignal }) => {
			events.push(new URL(url).pathname);
			return post(abortSignal as AbortSignal);
		},
		account,
		clock,
	);
	const { limiter } = http;
	const run = {
		http,
		clock,
		model: {
			title: 'Face Wish',
			submitPath: '/v2/x',
			syncPath: given.hasSync === false ? undefined : '/v1/x',
			statusPath: (id: string) => `/v2/requests/${id}/status`,
			resultPath: (id: string) => `/v2/requests/${id}`,
		},
		account,
		context: { helpers: { prepareBinaryData: async () => ({ data: 'stored' }) } },
		stop: { newWork: ending.signal, submits: stopped.signal },
		spending: { check: () => undefined, runOut: () => undefined },
		queueMissing: false,
	} as unknown as Run;
	const photo = {
		kind: 'file',
		field: 'photo',
		type: { mimeType: 'image/png' },
		read: async (into: { ascii(text: string): void }) => {
			reads++;
			into.ascii('AAAA');
		},
	};
	const item = {
		images: [photo, { kind: 'url', field: 'target', url: 'https://x.test/a.png' }],
		fields: { prompt: 'happy' },
		options: { timeoutMs, processingMode, imageDelivery },
	} as unknown as Swap;
	const submit = openSubmit(run, item);
	const go = async (isSync = usesSync(run, item)) =>
		await submit(
			{} as JobRecord,
			{ isSync, refusedSignatures: [] } as unknown as Attempt,
			(sentBody) => {
				events.push('beforeSend');
				sentBodies.push(sentBody);
			},
		);
	return { run, item, clock, limiter, ending, stopped, events, sentBodies, go, reads: () => reads };
}

describe('what is sent', () => {
	it('is noted the moment before it leaves, images inside it as their digests', async () => {
		const { events, sentBodies, go } = setUp(ticket);
		await go();
		expect(events).toEqual(['beforeSend', '/v2/x']);
		expect(sentBodies).toEqual([
			{ photo: digestOf('AAAA'), target: 'https://x.test/a.png', prompt: 'happy' },
		]);
	});

	it('is built once for all times that it leaves, and let go of when it has its answer', async () => {
		const { events, reads, go } = setUp(() => (events.length < 6 ? unreachable : ticket()));
		for (let times = 0; times < 3; times++) await go();
		expect(events).toHaveLength(6);
		expect(reads()).toBe(1);
		await go();
		expect(reads()).toBe(2);
	});

	it('does not leave without its files', async () => {
		const { item, events, go } = setUp(ticket);
		Object.assign(item.images[0] as object, {
			read: async () => await Promise.reject(new Error('gone')),
		});
		await expect(go()).rejects.toThrow('gone');
		expect(events).toEqual([]);
	});
});

describe('where a submit goes, and for how long', () => {
	it.each<[string, Given, string, number]>([
		['a queue', {}, '/v2/x', 120_000],
		['a queue, with less time', { timeoutMs: 20_000 }, '/v2/x', 20_000],
		['Sync', { processingMode: 'sync' }, '/v1/x', 600_000],
		['a service without Sync', { processingMode: 'sync', hasSync: false }, '/v2/x', 120_000],
	])('%s', async (_, given, path, deadlineMs) => {
		const { clock, events, go } = setUp(ticket, given);
		await go();
		expect(events).toEqual(['beforeSend', path]);
		// The rest is for a ticket that is complete and doesn't end.
		expect(clock.deadlines[0]).toBe(deadlineMs);
	});

	it.each([
		[2_000, 60_000],
		[300_000, 300_000],
	])('an image in answer, with a timeout of %d ms, gets %d', async (timeoutMs, deadlineMs) => {
		const long = Buffer.concat([jpeg.subarray(0, 80), Buffer.alloc(5_000), jpeg.subarray(80)]);
		const headers = { 'x-request-id': 'id-2' };
		const given = { timeoutMs, processingMode: 'sync' };
		const { clock, go } = setUp(() => reply(200, long, headers), given);
		expect(await go()).toMatchObject({
			says: 'finished',
			image: { mimeType: 'image/jpeg', fileName: 'face-wish-id-2.jpg' },
			namedId: 'id-2',
		});
		expect(clock.deadlines).toEqual([timeoutMs, deadlineMs]);
	});
});

describe('a submit that queued nothing', () => {
	it.each<[string, FakeAnswer | Error, object]>([
		['a connection that was never made', unreachable, { again: 'afterPause' }],
		['one that can never be made', failure('INVALID_CA'), { again: undefined, host: 'api.test' }],
		['a refusal', reply(400, { error: 'bad seed' }), { httpStatus: 400, words: 'bad seed' }],
	])('is %s', async (_, sent, expected) => {
		const seen = await setUp(() => sent).go();
		expect(seen).toMatchObject({ says: 'notQueued', ...expected });
		expect(Object.keys(expected).includes('again') || !('again' in seen)).toBe(true);
	});

	it('leaves again after a 429, until nothing gets through for the length of the timeout', async () => {
		const { clock, go } = setUp(() => reply(429, {}), { timeoutMs: 30_000 });
		const start = clock.now();
		let times = 0;
		for (let seen = await go(); 'again' in seen && seen.again; seen = await go()) {
			expect(seen.again).toBe('whenAllowed');
			expect(++times).toBeLessThan(200);
		}
		expect(times).toBeGreaterThan(2);
		expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
	});

	it.each([404, 405])('as HTTP %d, at a queue, makes all of the run go to Sync', async (status) => {
		const { run, item, events, go } = setUp(() => reply(status, {}));
		expect(await go(false)).toMatchObject({ says: 'notQueued', again: 'sync' });
		expect(usesSync(run, item)).toBe(true);
		// Another item's attempt, which began before that was known.
		expect(await go(false)).not.toHaveProperty('again');
		expect(events.filter((event) => event !== 'beforeSend')).toEqual(['/v2/x', '/v1/x']);
	});

	it.each<[string, Given, number]>([
		['another refusal', {}, 403],
		['a service without Sync', { hasSync: false }, 404],
	])('does not lead to Sync: %s', async (_, given, status) => {
		const { run, go } = setUp(() => reply(status, {}), given);
		expect(await go()).not.toHaveProperty('again');
		expect(run.queueMissing).toBe(false);
	});
});

it('a connection that is cut may have queued something', async () => {
	expect(await setUp(() => cut).go()).toEqual({
		says: 'nothing',
		why: 'the connection was cut',
	});
});

describe("a ticket's places", () => {
	const OWN = 'https://api.test/v1/requests/id-1';

	it.each<[string, object, object]>([
		[
			'others, below our own URLs',
			{ status_url: OWN, response_url: OWN },
			{ statusUrl: OWN, resultUrl: OWN },
		],
		[
			'the documented ones',
			{
				status_url: 'https://api.test/v2/requests/id-1/status',
				response_url: 'https://api.test/v2/requests/id-1',
			},
			{},
		],
		[
			'a stranger',
			{ status_url: 'https://other.test/id-1', response_url: 'https://api.test.evil/id-1' },
			{},
		],
	])('are asked where they are worth it: %s', async (_, urls, expected) => {
		const seen = await setUp(() => reply(200, { request_id: 'id-1', ...urls })).go();
		expect(seen).toMatchObject({ says: 'running' });
		expect('ticket' in seen && seen.ticket).toEqual({ requestId: 'id-1', ...expected });
	});

	it('lie below the path of a proxy, or in the storage', async () => {
		const [status_url, response_url] = ['https://api.test/p/s/id-1', 'https://files.test/id-1'];
		const own = { request_id: 'id-1', status_url, response_url };
		const given = { baseUrl: 'https://api.test/p/' };
		expect(await setUp(() => reply(200, own), given).go()).toMatchObject({
			ticket: { requestId: 'id-1', statusUrl: status_url, resultUrl: response_url },
		});
		const above = { ...own, status_url: OWN, response_url: OWN };
		const seen = await setUp(() => reply(200, above), given).go();
		expect('ticket' in seen && seen.ticket).toEqual({ requestId: 'id-1' });
	});
});

describe('an answer that nobody thought of', () => {
	afterEach(() => jest.restoreAllMocks());

	it.each<[unknown, object]>([
		[{ request_id: 'id-1' }, { says: 'running', ticket: { requestId: 'id-1' } }],
		[{ message: 'hi' }, { says: 'nothing', why: 'odd' }],
	])('still gives its ticket: %j', async (body, expected) => {
		jest.spyOn(observing, 'observe').mockImplementation(() => {
			throw new Error('odd');
		});
		expect(await setUp(() => reply(200, body)).go()).toMatchObject(expected);
	});
});

describe('the end of the run', () => {
	it('lets nothing leave, also while the turn or the files are waited for', async () => {
		const before = setUp(ticket);
		before.ending.abort();
		await expect(before.go()).rejects.toBeInstanceOf(Stopped);
		const meanwhile = setUp(ticket);
		Object.assign(meanwhile.item.images[0] as object, {
			read: async () => meanwhile.ending.abort(),
		});
		await expect(meanwhile.go()).rejects.toBeInstanceOf(Stopped);
		const waiting = setUp(ticket);
		waiting.limiter.takeTurn = async () => {
			waiting.ending.abort();
			return true;
		};
		await expect(waiting.go()).rejects.toBeInstanceOf(Stopped);
		expect([before, meanwhile, waiting].flatMap(({ events }) => events)).toEqual([]);
	});

	it('leaves a submit under way its answer, but for its deadline and Stop', async () => {
		const aborted: boolean[] = [];
		const halted = setUp((signal) => {
			halted.ending.abort();
			aborted.push(signal.aborted);
			halted.clock.deadlineSignal.abort();
			aborted.push(signal.aborted);
			return cut;
		});
		expect(await halted.go()).toMatchObject({ says: 'nothing' });
		const stop = setUp((signal) => {
			stop.stopped.abort();
			aborted.push(signal.aborted);
			return cut;
		});
		expect(await stop.go()).toMatchObject({ says: 'nothing' });
		expect(aborted).toEqual([false, true, true]);
	});
});
