import type { AnswerContext, Fault, FaultRule, RewrittenAnswer } from '../support/emulator';
import { engine, picture } from '../support';
import {
	type Case,
	isRecoverable,
	type Report,
	runCase,
	useCases,
} from '../support/faults/runCase';

useCases();

const run = async (theCase: Case) => await runCase({ timeout: 10, ...theCase });

const answer = (body: unknown, status = 200): Fault => ({
	kind: 'answer',
	make: () => ({ status, body }),
});

describe('a job that fails', () => {
	it.concurrent.each([
		['FAILED with an error', answer({ status: 'FAILED', error: 'No face found' }), 'No face found'],
		[
			'FAILED with error_message',
			answer({ status: 'FAILED', error_message: 'No face found' }),
			'No face found',
		],
		[
			'FAILED with an object',
			answer({ status: 'FAILED', error: { message: 'No face found' } }),
			'No face found',
		],
		[
			'FAILED with a list of steps',
			answer({ status: 'FAILED', error_message: [{ model: 'swapper', error: 'No face found' }] }),
			'swapper: No face found',
		],
		[
			'FAILED with status 422',
			answer({ status: 'FAILED', error: 'No face found', metrics: {} }, 422),
			'No face found',
		],
		['422 without a state', answer({ error: 'No face found' }, 422), 'No face found'],
		['CANCELLED', answer({ status: 'CANCELLED', message: 'No face found' }), 'No face found'],
	])('ends at once: %s', async (_name, fault, words) => {
		for (const way of ['queue', 'workflow'] as const) {
			const { text, emulator, leaks } = await run({
				way,
				rules: [{ on: 'status', times: Infinity, fault }],
				settings: { onError: 'continueRegularOutput' },
				timeout: 60,
			});
			expect(text).toContain(words);
			expect(text).toMatch(/Nothing was spent/);
			expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
			expect(emulator.requests.filter(({ kind }) => kind === 'status')).toHaveLength(1);
			expect(leaks).toEqual([]);
		}
	});

	it.concurrent('may have been paid for when it names a cost', async () => {
		for (const status of [200, 422]) {
			const body = { status: 'FAILED', error: 'No face found', metrics: { cost: 0.065 } };
			const { text } = await run({
				way: 'queue',
				rules: [{ on: 'status', fault: answer(body, status) }],
			});
			expect(text).toMatch(/"No face found"\. This run may have been paid for/);
			expect(text).toMatch(/names a cost of 0\.065 USD/);
			expect(text).not.toMatch(/Nothing was spent/);
		}
	});

	it.concurrent('is not seen in a state that nobody told of: the job goes on', async () => {
		for (const way of ['queue', 'workflow'] as const) {
			const { outcome } = await run({
				way,
				rules: [{ on: 'status', fault: answer({ status: 'INITIALIZING', output: '' }) }],
			});
			expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		}
	});

	it.concurrent(
		'says which state it does not know when the time is up, and that the image may still come',
		async () => {
			const { text, emulator } = await run({
				way: 'queue',
				timeout: 1,
				rules: [{ on: 'status', times: Infinity, fault: answer({ status: 'ARCHIVED' }) }],
			});
			expect(text).toMatch(/state "ARCHIVED"/);
			expect(text).toMatch(/may have been paid for/);
			expect(await isRecoverable('queue', emulator, emulator.ledger.jobs[0]?.requestId ?? '')).toBe(
				true,
			);
		},
	);

	it.concurrent('says so when a state that nobody told of comes with an error', async () => {
		const { text } = await run({
			way: 'queue',
			rules: [{ on: 'status', fault: answer({ status: 'BLOCKED', error: 'NSFW' }) }],
		});
		expect(text).toMatch(/state "BLOCKED", which this node does not know: "NSFW"/);
		expect(text).toMatch(/may have been paid for/);
	});

	it.concurrent('says that a result is gone after an hour', async () => {
		const { emulator } = await run({ way: 'queue', rules: [] });
		const { requestId } = emulator.ledger.jobs[0] ?? {};
		emulator.advance(3_700_000);
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: { apiKey: emulator.apiKey, baseUrl: emulator.url, storageUrl: emulator.url },
			parameters: { operation: 'getResult', requestId: String(requestId) },
		});
		expect(outcome.error).toMatchObject({ name: 'NodeApiError', httpCode: '404' });
		expect(outcome.error?.message).toContain(requestId);
		expect(outcome.error?.description).toMatch(/one hour/);
	});
});

describe('a result', () => {
	const imagesOf = ({ outputs }: Report['outcome']) =>
		outputs.flat().flatMap(({ binary }) => binary?.data ?? []);

	it.concurrent(
		'is asked for longer than an image is: Segmind has said that it is there',
		async () => {
			const { outcome, emulator } = await run({
				way: 'queue',
				timeout: 30,
				rules: [{ on: 'result', times: 6, fault: { kind: 'status', status: 503 } }],
			});
			expect(imagesOf(outcome)).toHaveLength(1);
			expect(emulator.requests.filter(({ kind }) => kind === 'result')).toHaveLength(7);
		},
		60_000,
	);

	it.concurrent.each([403, 404])(
		'that is refused to the end (HTTP %d) was paid for',
		async (status) => {
			const { text, emulator } = await run({
				way: 'queue',
				timeout: 1,
				rules: [{ on: 'result', times: Infinity, fault: { kind: 'status', status } }],
			});
			expect(text).toMatch(new RegExp(`HTTP ${status}.*This run was paid for`));
			expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
		},
	);

	it.concurrent('that cannot be looked up does not take away what the state has told', async () => {
		const { outcome } = await run({
			way: 'queue',
			rules: [
				{
					on: 'status',
					fault: {
						kind: 'answer',
						make: ({ job, emulator }) => ({
							body: { status: 'COMPLETED', image_url: emulator.imageUrl(job?.requestId ?? '') },
						}),
					},
				},
				{ on: 'result', times: Infinity, fault: { kind: 'status', status: 404 } },
				{ on: 'download', fault: { kind: 'status', status: 503 } },
			],
		});
		expect(imagesOf(outcome)).toHaveLength(1);
	});
});

describe('a finished job without an image', () => {
	const BLOCKED = [
		{ error: 'NSFW content detected' },
		{ error_message: { message: 'NSFW content detected' } },
		{ output: 'NSFW content detected' },
	];

	it.concurrent.each(['queue', 'workflow'] as const)(
		"tells Segmind's words at once: %s",
		async (way) => {
			for (const rest of BLOCKED) {
				const { text, emulator } = await run({
					way,
					timeout: 60,
					rules: [
						{
							on: way === 'queue' ? 'result' : 'status',
							times: Infinity,
							fault: answer({ status: 'COMPLETED', ...rest }),
						},
					],
				});
				expect(text).toMatch(/finished this job without an image: "NSFW content detected"/);
				expect(text).toMatch(/may have been paid for|was paid for/);
				expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
				const looks = emulator.requests.filter(
					({ kind }) => kind === 'status' || kind === 'result',
				);
				expect(looks.length).toBeLessThanOrEqual(3);
			}
		},
	);

	it.concurrent('has its image where the state tells an error and the result has one', async () => {
		const { outcome } = await run({
			way: 'queue',
			rules: [{ on: 'status', fault: answer({ status: 'COMPLETED', error: 'odd' }) }],
		});
		expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
	});

	it.concurrent("tells Segmind's words in Sync too, and is not bought again", async () => {
		for (const rest of BLOCKED) {
			const { text, emulator } = await run({
				way: 'sync',
				rules: [{ on: 'sync', times: Infinity, fault: answer({ status: 'COMPLETED', ...rest }) }],
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			});
			expect(text).toMatch(/NSFW content detected/);
			expect(text).toMatch(/may have been paid for/);
			expect(emulator.ledger.jobs).toHaveLength(1);
		}
	});

	it.concurrent('was paid for when it names a cost', async () => {
		const body = { status: 'COMPLETED', error: 'NSFW', metrics: { cost: 0.065 } };
		const { text } = await run({
			way: 'workflow',
			rules: [{ on: 'status', times: Infinity, fault: answer(body) }],
		});
		expect(text).toMatch(/This run was paid for/);
	});
});

describe('several outputs', () => {
	const outputs = (make: (context: AnswerContext) => unknown[]): FaultRule => ({
		on: 'status',
		times: Infinity,
		fault: {
			kind: 'answer',
			make: (context) => ({ body: { status: 'COMPLETED', output: make(context) } }),
		},
	});
	const imageOf = ({ job, emulator }: AnswerContext, index: number) =>
		emulator.imageUrl(job?.requestId ?? '', index);
	const keyed = (keyname: string, data: string, type?: string) => ({
		keyname,
		value: { data, type },
	});

	it.concurrent(
		'are handed out without the one that is gone, which is named and warned of',
		async () => {
			const { outcome, emulator } = await run({
				way: 'workflow',
				timeout: 3,
				rules: [
					outputs((context) => [
						keyed('a', imageOf(context, 0), 'image'),
						keyed('b', `${context.emulator.filesUrl}/gone.png`, 'image'),
						keyed('c', imageOf(context, 1), 'image'),
					]),
				],
			});
			const items = outcome.outputs[0] ?? [];
			expect(items).toHaveLength(2);
			for (const [index, { binary, json }] of items.entries()) {
				const { requestId = '' } = emulator.ledger.jobs[0] ?? {};
				const image = await emulator.image(requestId, index);
				expect((await engine.read(binary?.data)).equals(image)).toBe(true);
				expect(json.missingImages).toEqual([
					{ imageUrl: `${emulator.filesUrl}/gone.png`, reason: 'HTTP 404' },
				]);
			}
			const [task] = outcome.run.resultData.runData.Segmind ?? [];
			expect(task?.hints).toEqual([
				expect.objectContaining({
					type: 'warning',
					message: expect.stringMatching(/1 more image\(s\).*gone\.png \(HTTP 404\)/),
				}),
			]);
		},
	);

	it.concurrent(
		'are of another kind where nobody calls them images and they are none',
		async () => {
			const { outcome, emulator } = await run({
				way: 'workflow',
				rules: [
					outputs((context) => [
						keyed('image', imageOf(context, 0), 'image'),
						keyed(
							'page',
							context.emulator.hostFile('page.html', Buffer.from('<p>Hello'), 'text/html'),
						),
					]),
				],
			});
			expect(outcome.outputs[0]).toHaveLength(1);
			expect(outcome.outputs[0]?.[0]?.json.outputs).toEqual({
				page: `${emulator.filesUrl}/hosted/page.html`,
			});
			expect(outcome.outputs[0]?.[0]?.json.missingImages).toBeUndefined();
		},
	);

	it.concurrent('of the type "media" are images where their bytes are', async () => {
		const { outcome } = await run({
			way: 'workflow',
			rules: [
				outputs((context) => [
					keyed('picture', imageOf(context, 0), 'media'),
					keyed(
						'clip',
						context.emulator.hostFile('a.mp4', Buffer.from('\0\0\0\x20ftypisom'), 'video/mp4'),
						'media',
					),
				]),
			],
		});
		expect(outcome.outputs[0]).toHaveLength(1);
		expect(outcome.outputs[0]?.[0]?.json.outputs).toMatchObject({
			clip: expect.stringMatching(/a\.mp4$/),
		});
	});

	it.concurrent('in Base64 for URLs are images too', async () => {
		const text = picture('face.jpg').toString('base64url');
		for (const data of [text, `data:image/jpeg;base64,${text}`]) {
			const { outcome } = await run({
				way: 'workflow',
				rules: [outputs(() => [keyed('x', data, 'image')])],
			});
			const bytes = await engine.read(outcome.outputs[0]?.[0]?.binary?.data);
			expect(bytes.equals(picture('face.jpg'))).toBe(true);
		}
	});

	it.concurrent('may be named without host and protocol', async () => {
		const { outcome } = await run({
			way: 'workflow',
			rules: [
				outputs((context) => [keyed('x', imageOf(context, 0).replace('http:', ''), 'image')]),
			],
		});
		expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
	});
});

describe('an image', () => {
	it.concurrent.each([404, 403, 503])(
		'whose URL answers %i for ten seconds is waited for',
		async (status) => {
			const startedAt = performance.now();
			const { outcome } = await run({
				way: 'queue',
				timeout: 120,
				rules: [
					{
						on: 'download',
						times: Infinity,
						fault: {
							kind: 'answer',
							make: ({ real }) =>
								performance.now() - startedAt < 10_000
									? { status, body: 'cached' }
									: (real as RewrittenAnswer),
						},
					},
				],
			});
			expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		},
		60_000,
	);

	it.concurrent('is asked for when its server says that it may be', async () => {
		const { outcome, emulator } = await run({
			way: 'queue',
			timeout: 60,
			rules: [
				{
					on: 'download',
					fault: { kind: 'status', status: 503, headers: { 'retry-after': '4' } },
				},
			],
		});
		expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		const [first, second] = emulator.requests.filter(({ kind }) => kind === 'download');
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(3_500);
	});

	it.concurrent(
		'that comes as the answer takes longer than the timeout, once it comes',
		async () => {
			const { outcome, text } = await run({
				way: 'sync',
				timeout: 2,
				rules: [{ on: 'sync', fault: { kind: 'drip', bytesPerSecond: 1_000 } }],
			});
			expect(text).toBe('');
			expect(outcome.outputs[0]?.[0]?.json.fileSize).toBeGreaterThan(2_500);
		},
	);

	it.concurrent(
		'that stops in the middle is fetched again, also when the transfer itself was in order',
		async () => {
			const { outcome, emulator } = await run({
				way: 'queue',
				rules: [{ on: 'download', fault: { kind: 'shorten', fraction: 0.5 } }],
			});
			const item = outcome.outputs[0]?.[0];
			const image = await emulator.image(String(item?.json.requestId));
			expect((await engine.read(item?.binary?.data)).equals(image)).toBe(true);
			expect(emulator.requests.filter(({ kind }) => kind === 'download')).toHaveLength(2);
		},
	);

	it.concurrent(
		'is looked up anew before it is fetched again: its address may have changed',
		async () => {
			const { outcome, emulator } = await run({
				way: 'queue',
				rules: [
					{
						on: 'result',
						fault: {
							kind: 'answer',
							make: ({ emulator: segmind }) => ({
								body: { status: 'COMPLETED', images: [{ url: `${segmind.filesUrl}/gone.jpg` }] },
							}),
						},
					},
				],
			});
			expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
			expect(emulator.requests.filter(({ kind }) => kind === 'result')).toHaveLength(2);
			expect(emulator.ledger.jobs).toHaveLength(1);
		},
	);

	it.concurrent(
		'that is there although the answer names none is reported as paid, with its request ID',
		async () => {
			const { text, emulator } = await run({
				way: 'workflow',
				timeout: 1,
				rules: [
					{ on: 'status', times: Infinity, fault: answer({ status: 'COMPLETED', output: '' }) },
				],
			});
			expect(text).toMatch(/its answer names no image/);
			expect(text).toMatch(/was paid for/);
			expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
		},
	);

	it.concurrent('that is no image is never handed on', async () => {
		for (const [body, contentType] of [
			['<html>please log in</html>', 'image/jpeg'],
			['', 'image/jpeg'],
			['%PDF-1.7', 'image/png'],
		] as const) {
			const { outcome, text } = await run({
				way: 'queue',
				timeout: 1,
				rules: [{ on: 'download', times: Infinity, fault: { kind: 'body', body, contentType } }],
			});
			expect(outcome.outputs.flat().filter(({ binary }) => binary)).toEqual([]);
			expect(text).toMatch(/could not be fetched/);
		}
	});
});

describe('a server that is not there', () => {
	it.concurrent('is tried again, and nothing is spent', async () => {
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: {
				apiKey: 'SG_x',
				baseUrl: 'http://127.0.0.1:9',
				storageUrl: 'http://127.0.0.1:9',
			},
			parameters: { options: { timeout: 2 } },
		});
		expect(outcome.error?.message).toMatch(/could not be reached.*refused.*Nothing was spent/);
		expect(outcome.run.executionData?.contextData['node:Segmind']).toEqual({ segmindJobs: {} });
	});
});
