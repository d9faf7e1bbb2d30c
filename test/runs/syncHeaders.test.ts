import { credentialsFor, engine, faceUrls, onlyItem, quick, useEngine } from '../support';
import { startEmulator, type Emulator, type EmulatorOptions } from '../support/emulator';

useEngine();

let segmind: Emulator;

const start = async (options: EmulatorOptions = {}) => {
	segmind = await startEmulator({ jobSeconds: 0.05, ...options });
};
afterEach(async () => await segmind.close());

const run = async (more: object = {}, options: object = { processingMode: 'sync' }) =>
	await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { ...faceUrls(segmind), ...more, options: { ...quick, ...options } },
	});

it('the headers of a synchronous answer are its metrics', async () => {
	await start({ credits: 9, money: { cost: 0.07 } });
	expect(onlyItem(await run()).json.metrics).toEqual({
		cost: 0.07,
		inference_time: 0.05,
		seed: 63255,
		remaining_credits: 8.93,
		waitSeconds: expect.any(Number),
		polls: 0,
	});
});

it('also where the image comes as Base64 text, and a seed was sent', async () => {
	await start();
	const { json } = onlyItem(await run({ additionalFields: { base64: true, seed: 7 } }));
	expect(json.metrics).toMatchObject({ cost: 0.065, seed: 7 });
});

it('what is no number is left out', async () => {
	await start();
	segmind.fault({
		on: 'sync',
		fault: {
			kind: 'answer',
			make: ({ real }) => ({
				body: real.body,
				headers: {
					'x-cost': 'free',
					'x-generation-time': '',
					'x-seed-value': 'NaN',
					'content-type': 'image/jpeg',
				},
			}),
		},
	});
	const { metrics } = onlyItem(await run()).json as { metrics: object };
	expect(Object.keys(metrics).sort()).toEqual(['polls', 'remaining_credits', 'waitSeconds']);
});

it('what the body reports counts before the headers', async () => {
	await start();
	segmind.fault({
		on: 'sync',
		fault: {
			kind: 'answer',
			make: ({ job, emulator }) => ({
				body: {
					status: 'COMPLETED',
					image_url: emulator.imageUrl(job?.requestId ?? ''),
					metrics: { cost: 0.01 },
				},
			}),
		},
	});
	expect(onlyItem(await run()).json.metrics).toMatchObject({ cost: 0.01, seed: 63255 });
});

it('a refused submit reports no cost', async () => {
	await start();
	segmind.fault({
		on: 'sync',
		fault: {
			kind: 'status',
			status: 500,
			body: { error: 'no GPU' },
			headers: { 'x-cost': '0.065' },
		},
	});
	const { error } = await run();
	expect(error?.message).toContain('Nothing was spent.');
});

it("the queue's retry_count arrives as it is", async () => {
	await start({ retryCount: 2 });
	expect(onlyItem(await run({}, {})).json.metrics).toMatchObject({ retry_count: 2, cost: 0.065 });
});
