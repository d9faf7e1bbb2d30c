/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { createAccount } from '../../../nodes/shared/http/account';
import { Api } from '../../../nodes/shared/http/api';
import { RateLimiter } from '../../../nodes/shared/rateLimit/limiter';
import { FakeClock } from '../../support/fakeClock';
import { sampleKey } from '../../support/samples';

const HOME = 'https://api.segmind.com';
const STRANGER = 'https://stranger.test';

interface Call {
	signed: boolean;
	options: IHttpRequestOptions;
}

type Answer = { status: number; headers?: Record<string, string> };

/** An Api on helpers that answer with these, the last one again and again. */
function setUp(...answers: Answer[]) {
	const calls: Call[] = [];
	const send = (signed: boolean) => async (options: IHttpRequestOptions) => {
		calls.push({ signed, options });
		const answer = answers[calls.length - 1] ?? answers.at(-1);
		if (calls.length > 50) throw new Error('no end in sight');
		if (!answer) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
		const { status, headers = {} } = answer;
		return { statusCode: status, headers, body: Readable.from([]) };
	};
	const context = {
		helpers: {
			httpRequest: send(false),
			httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) =>
				await send(true)(options),
		},
	} as unknown as IExecuteFunctions;
	const clock = new FakeClock();
	const limiter = new RateLimiter(clock);
	const account = createAccount(sampleKey, {
		baseUrl: HOME,
		storageUrl: 'https://workflows-api.segmind.com',
	});
	return { api: new Api(context, account, limiter), calls, clock, limiter };
}

const quiet = () => new AbortController().signal;

const waysOf = (calls: Call[]) => calls.map(({ signed, options }) => [signed, options.url]);

describe('a request', () => {
	it('has nothing followed, repeated or thrown by n8n itself', async () => {
		const { api, calls } = setUp({ status: 401 });
		for (const sent of [
			await api.post(`${HOME}/x`, { a: 1 }, quiet()),
			await api.get(`${HOME}/x`, quiet()),
			await api.download(`${STRANGER}/x`, quiet()),
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
		const { api, calls } = setUp({ status: 200 });
		await api.post(`${HOME}/x`, { a: 1 }, quiet());
		await api.get(`${HOME}/x`, quiet());
		await api.download(`${STRANGER}/x`, quiet());
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
		const { api } = setUp({ status: 200 });
		expect(await api.get(url, signal)).toEqual({
			kind: 'noReply',
			neverSent: true,
			isTransient: false,
			detail,
		});
	});

	it("keeps its own signal, whatever n8n puts in that one's place", async () => {
		const { api, calls } = setUp({ status: 200 });
		const signal = quiet();
		await api.get(`${HOME}/x`, signal);
		const { options } = calls[0] as Call;
		Object.assign(options, { abortSignal: quiet() });
		expect(options.abortSignal).toBe(signal);
		expect({ ...options }.abortSignal).toBe(signal);
	});

	it('is not sent once its signal has aborted', async () => {
		const { api, calls } = setUp({ status: 200 });
		const sent = await api.post(`${HOME}/x`, {}, AbortSignal.abort());
		expect(sent).toMatchObject({ kind: 'noReply', neverSent: true });
		expect(calls).toEqual([]);
	});

	it('never throws', async () => {
		const { api } = setUp();
		expect(await api.get(`${HOME}/x`, quiet())).toMatchObject({
			kind: 'noReply',
			neverSent: false,
		});
	});

	it.each(['file:///etc/passwd', 'javascript:1', '/v2/x', ''])(
		'is never made to %j',
		async (url) => {
			const { api, calls } = setUp({ status: 200 });
			expect((await api.get(url, quiet())).kind).toBe('noReply');
			expect(calls).toEqual([]);
		},
	);
});

describe('the key', () => {
	it.each([
		[`${HOME}/x`, true, false],
		[`${STRANGER}/x`, false, true],
	])('on a GET of %s: signed %j, foreign %j', async (url, signed, foreign) => {
		const { api, calls } = setUp({ status: 200 });
		expect(await api.get(url, quiet())).toMatchObject({ foreign });
		expect(waysOf(calls)).toEqual([[signed, url]]);
	});

	it('stays at home when a redirect leads away', async () => {
		const away = { status: 302, headers: { location: `${STRANGER}/y` } };
		const { api, calls } = setUp(away, { status: 200 });
		expect(await api.get(`${HOME}/x`, quiet())).toMatchObject({ status: 200, foreign: true });
		expect(waysOf(calls)).toEqual([
			[true, `${HOME}/x`],
			[false, `${STRANGER}/y`],
		]);
	});

	it('does not travel with the download of a file, not even at home', async () => {
		const { api, calls } = setUp({ status: 200 });
		await api.download(`${HOME}/file.png`, quiet());
		expect(waysOf(calls)).toEqual([[false, `${HOME}/file.png`]]);
	});

	it('is not sent to a stranger inside an address either', async () => {
		const { api, calls } = setUp({ status: 200 });
		const sent = await api.download(`${STRANGER}/?key=${sampleKey}`, quiet());
		expect(sent).toMatchObject({ kind: 'noReply', neverSent: true, isTransient: false });
		expect(calls).toEqual([]);
	});
});

describe('a redirect', () => {
	const onward = { status: 307, headers: { location: '/again' } };

	it('of a GET is followed five times', async () => {
		const { api, calls } = setUp(onward);
		const sent = await api.get(`${HOME}/x`, quiet());
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
		const { api, calls } = setUp({ status, headers });
		expect(await api.get(`${HOME}/x`, quiet())).toMatchObject({ kind: 'reply', status });
		expect(calls).toHaveLength(1);
	});

	it('of the status 300 is followed', async () => {
		const { api, calls } = setUp({ status: 300, headers: { location: '/y' } }, { status: 200 });
		expect(await api.get(`${HOME}/x`, quiet())).toMatchObject({ status: 200 });
		expect(calls).toHaveLength(2);
	});

	it('to where nobody answers ends there', async () => {
		const hop = { status: 307, headers: { location: '/y' } };
		const { api, limiter } = setUp(hop, undefined as never);
		const noted = jest.spyOn(limiter, 'noteAnswer');
		expect(await api.get(`${HOME}/x`, quiet())).toMatchObject({ kind: 'noReply' });
		expect(noted).toHaveBeenCalledTimes(1);
	});

	it('of a POST is not followed', async () => {
		const { api, calls } = setUp(onward, { status: 200 });
		expect(await api.post(`${HOME}/x`, {}, quiet())).toMatchObject({ status: 307 });
		expect(calls).toHaveLength(1);
	});
});

describe('the limiter', () => {
	const lets = async (limiter: RateLimiter) =>
		await limiter.takeTurn({ signal: AbortSignal.timeout(1) });

	it('holds requests up for as long as a 429 asks', async () => {
		const { api, limiter, clock } = setUp({ status: 429, headers: { 'retry-after': '7' } });
		await api.get(`${HOME}/x`, quiet());
		await clock.advance(6_900);
		expect(await lets(limiter)).toBe(false);
		await clock.advance(200);
		expect(await lets(limiter)).toBe(true);
	});

	it('hears what was taken', async () => {
		const { api, limiter, clock } = setUp({ status: 429 }, { status: 200 });
		await api.get(`${HOME}/x`, quiet());
		await clock.advance(10_000);
		expect(limiter.budget.isStuck(clock.now(), 5_000)).toBe(true);
		await api.get(`${HOME}/x`, quiet());
		expect(limiter.budget.isStuck(clock.now(), 5_000)).toBe(false);
	});

	it('does not listen to strangers', async () => {
		const { api, limiter } = setUp({ status: 429, headers: { 'retry-after': '60' } });
		await api.download(`${STRANGER}/x`, quiet());
		await api.get(`${STRANGER}/x`, quiet());
		expect(await lets(limiter)).toBe(true);
	});
});
