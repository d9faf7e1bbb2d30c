import type { Fault } from '../emulator';
import type { Engine } from '../engine/engine';
import { startEngine } from '../support';
import { closeAll, isRecoverable, runCase, type Case, type Report } from './runCase';

let engine: Engine;

beforeAll(async () => {
	engine = await startEngine();
});

afterAll(closeAll);

const run = async (theCase: Case) => await runCase(engine, { timeout: 10, ...theCase });

const answer = (body: unknown, status = 200): Fault => ({
	kind: 'answer',
	make: () => ({ status, body }),
});

describe('a job that fails', () => {
	it.each([
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
		[
			'FAILED with status 500',
			answer({ status: 'FAILED', error: 'No face found' }, 500),
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

	it('is not seen in a state that nobody told of: the job goes on', async () => {
		for (const way of ['queue', 'workflow'] as const) {
			const { outcome } = await run({
				way,
				rules: [{ on: 'status', fault: answer({ status: 'INITIALIZING', output: '' }) }],
			});
			expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		}
	});

	it('says which state it does not know when the time is up, and that the image may still come', async () => {
		const { text, emulator } = await run({
			way: 'queue',
			timeout: 1,
			rules: [{ on: 'status', times: Infinity, fault: answer({ status: 'ARCHIVED' }) }],
		});
		expect(text).toMatch(/state "ARCHIVED"/);
		expect(text).toMatch(/may have been paid for/);
		expect(
			await isRecoverable(engine, 'queue', emulator, emulator.ledger.jobs[0]?.requestId ?? ''),
		).toBe(true);
	});

	it('says so when a state that nobody told of comes with an error', async () => {
		const { text } = await run({
			way: 'queue',
			rules: [{ on: 'status', fault: answer({ status: 'BLOCKED', error: 'NSFW' }) }],
		});
		expect(text).toMatch(/state "BLOCKED", which this node does not know: "NSFW"/);
		expect(text).toMatch(/may have been paid for/);
	});

	it('says that a result is gone after an hour', async () => {
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

	it('is asked for longer than an image is: Segmind has said that it is there', async () => {
		const { outcome, emulator } = await run({
			way: 'queue',
			timeout: 30,
			rules: [{ on: 'result', times: 6, fault: { kind: 'status', status: 503 } }],
		});
		expect(imagesOf(outcome)).toHaveLength(1);
		expect(emulator.requests.filter(({ kind }) => kind === 'result')).toHaveLength(7);
	}, 60_000);

	it.each([403, 404])('that is refused to the end (HTTP %d) was paid for', async (status) => {
		const { text, emulator } = await run({
			way: 'queue',
			timeout: 1,
			rules: [{ on: 'result', times: Infinity, fault: { kind: 'status', status } }],
		});
		expect(text).toMatch(new RegExp(`HTTP ${status}.*This run was paid for`));
		expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
	});

	it('that cannot be looked up does not take away what the state has told', async () => {
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

describe('an image', () => {
	it('that comes as the answer takes longer than the timeout, once it comes', async () => {
		const { outcome, text } = await run({
			way: 'sync',
			timeout: 2,
			rules: [{ on: 'sync', fault: { kind: 'drip', bytesPerSecond: 1_000 } }],
		});
		expect(text).toBe('');
		expect(outcome.outputs[0]?.[0]?.json.fileSize).toBeGreaterThan(2_500);
	});

	it('that stops in the middle is fetched again, also when the transfer itself was in order', async () => {
		const { outcome, emulator } = await run({
			way: 'queue',
			rules: [{ on: 'download', fault: { kind: 'shorten', fraction: 0.5 } }],
		});
		const item = outcome.outputs[0]?.[0];
		const image = await emulator.image(String(item?.json.requestId));
		expect((await engine.read(item?.binary?.data)).equals(image)).toBe(true);
		expect(emulator.requests.filter(({ kind }) => kind === 'download')).toHaveLength(2);
	});

	it('is looked up anew before it is fetched again: its address may have changed', async () => {
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
	});

	it('that is there although the answer names none is reported as paid, with its request ID', async () => {
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
	});

	it('that is no image is never handed on', async () => {
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
	it('is tried again, and nothing is spent', async () => {
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
