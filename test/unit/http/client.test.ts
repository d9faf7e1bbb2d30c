import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { createAccount } from '../../../nodes/shared/http/account';
import type { HttpRequest, Sent } from '../../../nodes/shared/http/client';
import { Stopped } from '../../../nodes/shared/problems/problems';
import type { RateLimiter } from '../../../nodes/shared/rateLimit/limiter';
import { FakeClock } from '../../support/fakeClock';
import { clientOn, failure, type FakeAnswer } from '../../support/fakeHttp';
import { sampleKey } from '../../support/samples';

const HOME = 'https://api.segmind.com';
const STRANGER = 'https://stranger.test';

interface Call {
	signed: boolean;
	options: IHttpRequestOptions;
}

/** A clock whose deadlines a test can let pass. */
class DeadlineClock extends FakeClock {
	readonly deadlines: Array<{ milliseconds: number; controller: AbortController }> = [];

	override deadline(milliseconds = 0): AbortSignal {
		const controller = new AbortController();
		this.deadlines.push({ milliseconds, controller });
		return controller.signal;
	}
}

/** A client whose requests get these answers, the last one again and again; none is a connection that is cut. */
function setUp(...answers: FakeAnswer[]) {
	const calls: Call[] = [];
	const clock = new DeadlineClock();
	const account = createAccount(sampleKey, {
		baseUrl: HOME,
		storageUrl: 'https://workflows-api.segmind.com',
	});
	const answer = (options: IHttpRequestOptions, signed: boolean) => {
		calls.push({ signed, options });
		if (calls.length > 50) throw new Error('no end in sight');
		return answers[calls.length - 1] ?? answers.at(-1) ?? failure('ECONNRESET');
	};
	const client = clientOn(answer, account, clock);
	const send = async (request: Omit<HttpRequest, 'beforeSend'>, url: string, body?: IDataObject) =>
		await client.send(
			{ ...request, beforeSend: () => ({ url, body, timeoutMs: 1_000 }) },
			(sent): Sent => sent,
		);
	return {
		calls,
		client,
		clock,
		limiter: client.limiter,
		post: async (url: string, body: IDataObject, signal: AbortSignal) =>
			await send({ method: 'POST', turn: {}, signal }, url, body),
		get: async (url: string, signal: AbortSignal) =>
			await send({ method: 'GET', turn: {}, signal }, url),
		download: async (url: string, signal: AbortSignal) =>
			await send({ method: 'GET', signal }, url),
	};
}

const quiet = () => new AbortController().signal;

const waysOf = (calls: Call[]) => calls.map(({ signed, options }) => [signed, options.url]);

describe('a request', () => {
	it('has nothing followed, repeated or thrown by n8n itself', async () => {
		const { post, get, download, calls } = setUp({ status: 401 });
		for (const sent of [
			await post(`${HOME}/x`, { a: 1 }, quiet()),
			await get(`${HOME}/x`, quiet()),
			await download(`${STRANGER}/x`, quiet()),
		]) {
			expect(sent).toMatchObject({ kind: 'reply', status: 401 });
		}
		expect(calls).toHaveLength(3);
		for (const { options } of calls) {
			expect(options).toMatchObject({
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
				returnFullResponse: true,
			});
		}
	});

	it('is what the caller asked for', async () => {
		const { post, get, download, calls } = setUp({ status: 200 });
		await post(`${HOME}/x`, { a: 1 }, quiet());
		await get(`${HOME}/x`, quiet());
		await download(`${STRANGER}/x`, quiet());
		const stream = { encoding: 'stream', timeout: 3_600_000 };
		expect(calls.map(({ options }) => options)).toMatchObject([
			{
				method: 'POST',
				body: { a: 1 },
				headers: { 'content-type': 'application/json' },
				...stream,
			},
			{ method: 'GET', headers: {}, ...stream },
			{ method: 'GET', headers: {}, ...stream },
		]);
		expect(calls.map(({ signed }) => signed)).toEqual([true, true, false]);
		expect(calls[1]?.options.headers).toEqual({});
	});

	it.each<[string, string, AbortSignal]>([
		['the address is not an http(s) URL', 'file:///x', quiet()],
		['there was no time left for it', `${HOME}/x`, AbortSignal.abort()],
		[
			'its address contains your API key, which no other server may see',
			`${STRANGER}/${sampleKey}`,
			quiet(),
		],
	])('that is not sent says why: %s', async (detail, url, signal) => {
		const { download } = setUp({ status: 200 });
		expect(await download(url, signal)).toEqual({
			kind: 'noReply',
			neverSent: true,
			isTransient: false,
			detail,
		});
	});

	it("keeps its own signal, whatever n8n puts in that one's place", async () => {
		const { client, calls } = setUp({ status: 200 });
		const ending = new AbortController();
		const beforeSend = () => ({ url: `${HOME}/x`, timeoutMs: 1_000 });
		const request: HttpRequest = { method: 'GET', turn: {}, signal: ending.signal, beforeSend };
		await client.send(request, (_sent, { signal }) => {
			const { options } = calls[0] as Call;
			Object.assign(options, { abortSignal: quiet() });
			expect(options.abortSignal).toBe(signal);
			expect({ ...options }.abortSignal).toBe(signal);
			ending.abort();
			expect(signal.aborted).toBe(true);
		});
		expect.assertions(3);
	});

	it('is not sent once its signal has aborted', async () => {
		const { post, calls } = setUp({ status: 200 });
		await expect(post(`${HOME}/x`, {}, AbortSignal.abort())).rejects.toBeInstanceOf(Stopped);
		expect(calls).toEqual([]);
	});

	it('throws nothing because of the network', async () => {
		const { get } = setUp();
		expect(await get(`${HOME}/x`, quiet())).toMatchObject({
			kind: 'noReply',
			neverSent: false,
		});
	});

	it.each(['file:///etc/passwd', 'javascript:1', '/v2/x', ''])(
		'is never made to %j',
		async (url) => {
			const { get, calls } = setUp({ status: 200 });
			expect((await get(url, quiet())).kind).toBe('noReply');
			expect(calls).toEqual([]);
		},
	);
});

describe('the key', () => {
	it.each([
		[`${HOME}/x`, true, false],
		[`${STRANGER}/x`, false, true],
	])('on a GET of %s: signed %j, foreign %j', async (url, signed, foreign) => {
		const { get, calls } = setUp({ status: 200 });
		expect(await get(url, quiet())).toMatchObject({ foreign });
		expect(waysOf(calls)).toEqual([[signed, url]]);
	});

	it('stays at home when a redirect leads away', async () => {
		const away = { status: 302, headers: { location: `${STRANGER}/y` } };
		const { get, calls } = setUp(away, { status: 200 });
		expect(await get(`${HOME}/x`, quiet())).toMatchObject({ status: 200, foreign: true });
		expect(waysOf(calls)).toEqual([
			[true, `${HOME}/x`],
			[false, `${STRANGER}/y`],
		]);
	});

	it('does not travel with the download of a file, not even at home', async () => {
		const { download, calls } = setUp({ status: 200 });
		await download(`${HOME}/file.png`, quiet());
		expect(waysOf(calls)).toEqual([[false, `${HOME}/file.png`]]);
	});

	it('is not sent to a stranger inside an address either', async () => {
		const { download, calls } = setUp({ status: 200 });
		const sent = await download(`${STRANGER}/?key=${sampleKey}`, quiet());
		expect(sent).toMatchObject({ kind: 'noReply', neverSent: true, isTransient: false });
		expect(calls).toEqual([]);
	});
});

describe('a redirect', () => {
	const onward = { status: 307, headers: { location: '/again' } };

	it('of a GET is followed five times', async () => {
		const { get, calls } = setUp(onward);
		const sent = await get(`${HOME}/x`, quiet());
		expect(sent).toMatchObject({ kind: 'reply', status: 307 });
		expect(calls).toHaveLength(6);
	});

	it.each([
		['to nowhere', 302, {}],
		['to what is no address', 302, { location: 'http://' }],
		['to a file of this machine', 302, { location: 'file:///etc/passwd' }],
		['of a status that is none: 200', 200, { location: '/again' }],
		['of a status that is none: 299', 299, { location: '/again' }],
		['of a status that is none: 400', 400, { location: '/again' }],
	])('%s is not followed', async (_, status, headers) => {
		const { get, calls } = setUp({ status, headers });
		expect(await get(`${HOME}/x`, quiet())).toMatchObject({ kind: 'reply', status });
		expect(calls).toHaveLength(1);
	});

	it('of the status 300 is followed', async () => {
		const { get, calls } = setUp({ status: 300, headers: { location: '/y' } }, { status: 200 });
		expect(await get(`${HOME}/x`, quiet())).toMatchObject({ status: 200 });
		expect(calls).toHaveLength(2);
	});

	it('to where nobody answers ends there', async () => {
		const hop = { status: 307, headers: { location: '/y' } };
		const { get, limiter } = setUp(hop, undefined as never);
		const noted = jest.spyOn(limiter, 'noteAnswer');
		expect(await get(`${HOME}/x`, quiet())).toMatchObject({ kind: 'noReply' });
		expect(noted).toHaveBeenCalledTimes(1);
	});

	it('of a POST is not followed', async () => {
		const { post, calls } = setUp(onward, { status: 200 });
		expect(await post(`${HOME}/x`, {}, quiet())).toMatchObject({ status: 307 });
		expect(calls).toHaveLength(1);
	});
});

describe('the limiter', () => {
	const lets = async (limiter: RateLimiter) =>
		await limiter.takeTurn({ signal: AbortSignal.timeout(1) });

	it('holds requests up for as long as a 429 asks', async () => {
		const { get, limiter, clock } = setUp({ status: 429, headers: { 'retry-after': '7' } });
		await get(`${HOME}/x`, quiet());
		await clock.advance(6_900);
		expect(await lets(limiter)).toBe(false);
		await clock.advance(200);
		expect(await lets(limiter)).toBe(true);
	});

	it('hears what was taken', async () => {
		const { get, limiter, clock } = setUp({ status: 429 }, { status: 200 });
		await get(`${HOME}/x`, quiet());
		await clock.advance(10_000);
		expect(limiter.budget.isStuck(clock.now(), 5_000)).toBe(true);
		await get(`${HOME}/x`, quiet());
		expect(limiter.budget.isStuck(clock.now(), 5_000)).toBe(false);
	});

	it('does not listen to strangers', async () => {
		const { get, download, limiter } = setUp({ status: 429, headers: { 'retry-after': '60' } });
		await download(`${STRANGER}/x`, quiet());
		await get(`${STRANGER}/x`, quiet());
		expect(await lets(limiter)).toBe(true);
	});
});

describe('a turn', () => {
	const request = (change: Partial<HttpRequest> = {}): HttpRequest => ({
		method: 'GET',
		turn: {},
		signal: quiet(),
		beforeSend: () => ({ url: `${HOME}/x`, timeoutMs: 1_000 }),
		...change,
	});

	it('is waited for before anything is decided, but not for a file', async () => {
		const { client, calls } = setUp({ status: 200 });
		const turns = jest.spyOn(client.limiter, 'takeTurn').mockImplementation(async () => {
			expect(beforeSend).not.toHaveBeenCalled();
			return true;
		});
		const beforeSend = jest.fn(() => ({ url: `${HOME}/x`, timeoutMs: 1_000 }));
		const signal = quiet();
		await client.send(request({ signal, turn: { priority: 2 }, beforeSend }), () => undefined);
		expect(turns.mock.calls).toEqual([[{ signal, priority: 2 }]]);
		await client.send(request({ turn: undefined }), () => undefined);
		expect(turns).toHaveBeenCalledTimes(1);
		expect(calls.map(({ signed }) => signed)).toEqual([true, false]);
	});

	it('that does not come in time is an answer, too', async () => {
		const { client, calls } = setUp({ status: 200 });
		client.limiter.takeTurn = async () => false;
		const beforeSend = jest.fn();
		expect(await client.send(request({ beforeSend }), (sent) => sent)).toMatchObject({
			kind: 'noReply',
			neverSent: true,
			isTransient: true,
			detail: 'a rate limit holds it up',
		});
		expect(beforeSend).not.toHaveBeenCalled();
		expect(calls).toEqual([]);
	});

	it.each([true, false])('that ends with the run lets nothing leave: %j', async (comes) => {
		const { client, calls } = setUp({ status: 200 });
		const ending = new AbortController();
		client.limiter.takeTurn = async () => {
			ending.abort();
			return comes;
		};
		const turn = { signal: ending.signal };
		const sending = client.send(request({ turn }), (sent) => sent);
		await expect(sending).rejects.toBeInstanceOf(Stopped);
		expect(calls).toEqual([]);
	});

	it('is lost to what is thrown before it leaves', async () => {
		const { client, calls } = setUp({ status: 200 });
		const beforeSend = () => {
			throw new Error('not so');
		};
		const sending = client.send(request({ beforeSend }), (sent) => sent);
		await expect(sending).rejects.toThrow('not so');
		expect(calls).toEqual([]);
	});
});

describe('the time of a transfer', () => {
	/** Reads an answer with what the transfer offers. */
	function transfer(read: Parameters<ReturnType<typeof setUp>['client']['send']>[1]) {
		const set = setUp({ status: 200 });
		const beforeSend = () => ({ url: `${HOME}/x`, timeoutMs: 1_000 });
		const request: HttpRequest = { method: 'GET', signal: quiet(), beforeSend };
		return { ...set, read: async () => await set.client.send(request, read) };
	}

	it('ends with its deadline', async () => {
		const { clock, read } = transfer((_sent, time) => {
			expect([time.signal.aborted, time.isLate]).toEqual([false, false]);
			clock.deadlines[0]?.controller.abort();
			expect([time.signal.aborted, time.isLate]).toEqual([true, true]);
		});
		await read();
		expect(clock.deadlines.map(({ milliseconds }) => milliseconds)).toEqual([1_000]);
		expect.assertions(3);
	});

	it('may be extended, within which bytes keep it alive', async () => {
		const { clock, read } = transfer(async (_sent, time) => {
			time.extend(60_000, 8_000);
			clock.deadlines[0]?.controller.abort();
			expect([time.signal.aborted, time.isLate]).toEqual([false, false]);
			for (let times = 0; times < 3; times++) {
				await clock.advance(1_500);
				time.onBytes();
			}
			clock.deadlines[1]?.controller.abort();
			expect(time.isLate).toBe(false);
			await clock.advance(50_000);
			time.onBytes();
			clock.deadlines.at(-1)?.controller.abort();
			expect([time.signal.aborted, time.isLate]).toEqual([true, true]);
		});
		await read();
		const limits = clock.deadlines.map(({ milliseconds }) => milliseconds);
		expect(limits).toEqual([1_000, 8_000, 8_000, 5_500]);
		expect.assertions(4);
	});

	it('is not renewed by bytes where nothing limits a silence', async () => {
		const { clock, read } = transfer(async (_sent, time) => {
			time.extend(60_000);
			await clock.advance(50_000);
			time.onBytes();
		});
		await read();
		expect(clock.deadlines).toHaveLength(2);
	});

	it('is over for whoever still holds its signal once the answer is read', async () => {
		let left: AbortSignal | undefined;
		const { clock, read } = transfer((_sent, { signal }) => void (left = signal));
		await read();
		clock.deadlines[0]?.controller.abort();
		expect(left?.aborted).toBe(false);
	});
});
