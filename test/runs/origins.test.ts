import fastify from 'fastify';
import { request } from 'undici';
import type { AnswerContext, RewrittenAnswer } from '../support/emulator';
import { credentialsFor, engine, faceUrls, onlyItem, quick, startQuickEmulator } from '../support';
import { type Case, runCase, useCases } from '../support/faults/runCase';

useCases();

const run = async (theCase: Case) => await runCase({ timeout: 10, ...theCase });

/** Rewrites the addresses in a ticket. */
const ticketWith =
	(change: (emulator: AnswerContext['emulator']) => object) =>
	({ real, emulator }: AnswerContext): RewrittenAnswer => ({
		status: real.status,
		body: { ...(real.body as object), ...change(emulator) },
	});

/** A proxy that knows the API below `/segmind` only, and keeps the Host header. */
async function startProxy(
	target: string,
): Promise<{ url: string; strays: string[]; close(): Promise<unknown> }> {
	const proxy = fastify();
	const strays: string[] = [];
	proxy.setNotFoundHandler((incoming, reply) => {
		strays.push(incoming.url);
		void reply.code(404).send();
	});
	proxy.removeAllContentTypeParsers();
	proxy.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
		done(null, body),
	);
	proxy.all('/segmind/*', async (incoming, reply) => {
		const { method, url, headers, body } = incoming;
		const key = String(headers['x-api-key']);
		const answer = await request(target + url.replace('/segmind', ''), {
			method: method as 'GET',
			headers: { 'content-type': 'application/json', 'x-api-key': key },
			body: body as Buffer | undefined,
		});
		// The API calls itself what it was called, without a prefix that it knows nothing of.
		const text = (await answer.body.text()).replaceAll(target, `http://${headers.host}`);
		return await reply.code(answer.statusCode).type('application/json').send(text);
	});
	const url = await proxy.listen({ host: '127.0.0.1', port: 0 });
	return { url: `${url}/segmind/`, strays, close: async () => await proxy.close() };
}

it('a path prefix of the credential holds for the URLs of a ticket too', async () => {
	const segmind = await startQuickEmulator();
	const proxy = await startProxy(segmind.url);
	for (const type of ['faceSwapComic', 'characterSwap']) {
		const outcome = await engine.run({
			type,
			credentials: credentialsFor(segmind, { baseUrl: proxy.url, storageUrl: proxy.url }),
			parameters: { ...(type === 'characterSwap' ? {} : faceUrls(segmind)), options: quick },
		});
		expect(onlyItem(outcome).binary?.data).toBeDefined();
	}
	expect(proxy.strays).toEqual([]);
	await proxy.close();
	await segmind.close();
});

describe('the key', () => {
	it.each(['queue', 'workflow'] as const)(
		'%s: stays at home when a ticket names status and result on another origin',
		async (way) => {
			const { outcome, emulator, leaks } = await run({
				way,
				rules: [
					{
						on: 'submit',
						fault: {
							kind: 'answer',
							make: ticketWith(({ filesUrl }) => ({
								poll_url: `${filesUrl}/poll`,
								status_url: `${filesUrl}/status`,
								response_url: `${filesUrl}/response`,
							})),
						},
					},
				],
			});
			expect(leaks).toEqual([]);
			// The documented paths on the credential's own origin are asked instead.
			expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
			expect(
				emulator.requests.filter(({ path }) => /^\/(poll|status|response)$/.test(path)),
			).toEqual([]);
		},
	);

	it.each([
		['another port', (url: string) => url.replace(/:\d+$/, ':1')],
		['user info', (url: string) => url.replace('http://', 'http://api.segmind.com@')],
		['no URL at all', () => 'javascript:alert(1)'],
		['a file', () => 'file:///etc/passwd'],
		['a bare path', () => '/v2/requests/x'],
	])('stays at home when a ticket names %s', async (_name, change) => {
		const { outcome, leaks } = await run({
			way: 'queue',
			rules: [
				{
					on: 'submit',
					fault: {
						kind: 'answer',
						make: ticketWith(({ url }) => ({ status_url: change(url), response_url: change(url) })),
					},
				},
			],
		});
		expect(leaks).toEqual([]);
		if (_name !== 'user info') expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
	});

	it.each(['status', 'result', 'submit', 'upload', 'download'] as const)(
		'does not cross a redirect of a %s to another origin',
		async (on) => {
			const { leaks, emulator } = await run({
				way: 'queue',
				timeout: 1,
				rules: [
					{
						on,
						times: Infinity,
						fault: { kind: 'redirect', status: 307, location: '{{files}}/elsewhere' },
					},
				],
			});
			expect(leaks).toEqual([]);
			const elsewhere = emulator.requests.filter(({ path }) => path.startsWith('/elsewhere'));
			// A POST is not redirected at all: what it carries is the user's.
			if (on === 'submit' || on === 'upload') expect(elsewhere).toEqual([]);
			else expect(elsewhere.length).toBeGreaterThan(0);
			expect(emulator.ledger.jobs.length).toBe(on === 'submit' || on === 'upload' ? 0 : 1);
		},
	);

	it('takes the image from another origin when the result redirects there', async () => {
		const { outcome, leaks, emulator } = await run({
			way: 'queue',
			rules: [
				{
					on: 'result',
					fault: {
						kind: 'answer',
						make: ({ job, emulator: segmind }) => ({
							status: 302,
							body: '',
							headers: { location: segmind.imageUrl(job?.requestId ?? '') },
						}),
					},
				},
			],
		});
		expect(leaks).toEqual([]);
		const binary = outcome.outputs[0]?.[0]?.binary?.data;
		const image = await emulator.image(emulator.ledger.jobs[0]?.requestId ?? '');
		expect((await engine.read(binary)).equals(image)).toBe(true);
	});

	it('is masked wherever the API echoes it: metrics, texts and errors', async () => {
		const { outcome, leaks, text } = await run({
			way: 'workflow',
			items: 2,
			jobSeconds: 0.01,
			settings: { onError: 'continueRegularOutput' },
			options: { maxConcurrency: 1 },
			rules: [
				{
					on: 'status',
					fault: {
						kind: 'answer',
						make: ({ job, emulator }) => ({
							status: 200,
							body: {
								status: 'COMPLETED',
								metrics: { account: '{{key}}' },
								output: JSON.stringify([
									{ keyname: 'note', value: { data: 'for {{key}}', type: 'text' } },
									{
										keyname: 'image',
										value: { data: emulator.imageUrl(job?.requestId ?? ''), type: 'image' },
									},
								]),
							},
						}),
					},
				},
				{
					on: 'status',
					fault: { kind: 'status', status: 403, body: { error: 'key {{key}} is not allowed' } },
				},
			],
		});
		expect(leaks).toEqual([]);
		const json = outcome.outputs[0]?.[0]?.json;
		expect(json).toMatchObject({
			outputs: { note: 'for ********' },
			metrics: { account: '********' },
		});
		expect(text).toContain('key ******** is not allowed');
	});
});
