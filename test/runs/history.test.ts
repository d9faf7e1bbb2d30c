import { sleep } from 'n8n-workflow';
import {
	blankItems,
	credentialsFor,
	engine,
	faceUrls,
	filesOf,
	startQuickEmulator,
	useEngine,
} from '../support';
import { startStopwatch } from '../support/stopwatch';
import type { Emulator, EmulatorOptions, Fault, RequestKind } from '../support/emulator';
import type { Execution, Outcome } from '../support/engine/engine';

useEngine();

let segmind: Emulator;

afterEach(async () => await segmind.close());

const start = async (options: EmulatorOptions = {}): Promise<void> => {
	segmind = await startQuickEmulator(options);
};

const quick = { pollInterval: 0.1, timeout: 20 };

async function run(
	parameters: Record<string, unknown>,
	more: Partial<Execution> = {},
): Promise<Outcome> {
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { ...parameters, options: { ...quick, ...(parameters.options as object) } },
		...more,
	} as Execution);
	expect(segmind.leaks).toEqual([]);
	return outcome;
}

const swap = async (parameters = {}, more: Partial<Execution> = {}) =>
	await run({ ...faceUrls(segmind), ...parameters }, more);

const many = async (parameters = {}, more: Partial<Execution> = {}) =>
	await run({ operation: 'getMany', ...parameters }, more);

const itemsOf = ({ outputs, error }: Outcome) => {
	expect(error?.message).toBeUndefined();
	return outputs[0] ?? [];
};

const asked = () => segmind.requests.filter(({ kind }) => kind === 'history');
const jobs = () => segmind.ledger.jobs;
const warningsOf = ({ run: { resultData } }: Outcome) =>
	(resultData.runData.Segmind ?? [])
		.flatMap(({ hints }) => hints ?? [])
		.map((hint) => hint.message);
const textOf = ({ error, outputs }: Outcome): string =>
	`${error?.message} ${error?.description} ${JSON.stringify(outputs)}`;

const LOST: Fault = { kind: 'reset', when: 'after' };

describe('an ordinary run', () => {
	it('never calls the history', async () => {
		await start();
		itemsOf(await swap({}, { items: blankItems(3) }));
		expect(asked()).toEqual([]);
	});
});

describe('Get Many', () => {
	it('lists the jobs of this model, newest first, with their images', async () => {
		await start();
		const made = itemsOf(await swap({ prompt: 'happy' }, { items: blankItems(3) }));
		expect(made).toHaveLength(3);
		const listed = itemsOf(await many());
		expect(listed.map(({ json }) => json.requestId)).toEqual(
			jobs()
				.map(({ requestId }) => requestId)
				.reverse(),
		);
		for (const { json, binary, pairedItem } of listed) {
			expect(json).toMatchObject({
				status: 'COMPLETED',
				imageUrl: segmind.imageUrl(String(json.requestId)),
				createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
				cost: 0.065,
				latencySeconds: 0.05,
				input: { prompt: 'happy', face_strength: 0.8 },
				mimeType: 'image/jpeg',
				fileName: 'comic.jpg',
			});
			expect(json).not.toHaveProperty('error');
			expect(pairedItem).toEqual({ item: 0 });
			const image = await segmind.image(String(json.requestId));
			expect((await engine.read(binary?.data)).equals(image)).toBe(true);
			expect(json.fileSize).toBe(image.length);
		}
		expect(jobs()).toHaveLength(3);
	});

	it('asks for what the user wants: limit, state and time', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: { kind: 'fail', error: 'no face' } });
		await swap({}, { items: blankItems(4), settings: { onError: 'continueRegularOutput' } });
		const failed = itemsOf(await many({ filters: { status: 'FAILED' } }));
		expect(failed.map(({ json, binary }) => [json.status, json.error, binary])).toEqual([
			['FAILED', 'no face', undefined],
		]);
		expect(itemsOf(await many({ limit: 2 }))).toHaveLength(2);
		expect(itemsOf(await many({ returnAll: true, limit: 1 }))).toHaveLength(4);
		const before = new Date(Date.now() - 3_600_000).toISOString();
		expect(itemsOf(await many({ filters: { createdBefore: before } }))).toEqual([]);
		expect(itemsOf(await many({ filters: { createdAfter: before } }))).toHaveLength(4);
		const later = new Date(Date.now() + 86_400_000).toISOString();
		expect(itemsOf(await many({ filters: { createdAfter: later } }))).toEqual([]);
		const turned = await many({ filters: { createdAfter: later, createdBefore: before } });
		expect(textOf(turned)).toContain('Created After is later than Created Before');
	});

	it.each([24, -24])(
		'has the jobs of today where Segmind is (%d hours ahead)',
		async (zoneHours) => {
			await start({ history: { zoneHours } });
			segmind.fault({ on: 'submit', fault: LOST });
			const [made] = itemsOf(await swap());
			expect(made?.json.requestId).toBe(jobs()[0]?.requestId);
			const listed = itemsOf(await many());
			expect(listed.map(({ json }) => json.requestId)).toEqual([jobs()[0]?.requestId]);
		},
	);

	it('leaves other models out, although their name holds this one', async () => {
		const now = new Date().toISOString();
		const row = {
			model_status: 'COMPLETED',
			model_created: now,
			generation_url: 'https://x/y.png',
		};
		await start({
			history: { others: [{ ...row, request_id: 'other', model_name: 'faceswap-comic-pro' }] },
		});
		itemsOf(await swap());
		const listed = itemsOf(await many());
		expect(listed.map(({ json }) => json.requestId)).toEqual([jobs()[0]?.requestId]);
	});

	it('has a running job without an image', async () => {
		await start({ jobSeconds: 60 });
		itemsOf(await swap({ waitForCompletion: false }));
		const [item] = itemsOf(await many());
		expect(item?.json).toMatchObject({ status: 'PROCESSING' });
		expect(item?.binary).toBeUndefined();
	});

	it('hands the others out where an image is gone, quickly and with a warning', async () => {
		await start({ now: () => Date.now() - 900_000 });
		itemsOf(await swap({}, { items: blankItems(2) }));
		segmind.fault({ on: 'download', times: Infinity, fault: { kind: 'status', status: 404 } });
		const startedAt = Date.now();
		const outcome = await many();
		expect(itemsOf(outcome).map(({ binary }) => binary)).toEqual([undefined, undefined]);
		expect(Date.now() - startedAt).toBeLessThan(5_000);
		expect(warningsOf(outcome).join()).toContain('HTTP 404');
		expect(
			segmind.requests.filter(({ kind, status }) => kind === 'download' && status === 404),
		).toHaveLength(2);
	});

	it('tries an image again that may only be late', async () => {
		await start();
		itemsOf(await swap());
		segmind.fault({ on: 'download', fault: { kind: 'status', status: 404 } });
		expect(itemsOf(await many())[0]?.binary?.data).toBeDefined();
	});

	it('says what is wrong when the history refuses, and spends nothing', async () => {
		await start();
		segmind.fault({
			on: 'history',
			fault: { kind: 'status', status: 401, body: { error: 'who?' } },
		});
		const outcome = await many();
		expect(textOf(outcome)).toMatch(
			/history could not be read \(HTTP 401\): "who\?".*Nothing was spent/,
		);
		expect(asked()).toHaveLength(1);
	});

	it.each<[string, RequestKind, Fault]>([
		['in the middle of an answer', 'history', { kind: 'drip', bytesPerSecond: 5 }],
		['before a closed gate', 'history', { kind: 'status', status: 429 }],
		['in the middle of an image', 'download', { kind: 'drip', bytesPerSecond: 50 }],
	])('ends at Stop within a second, %s', async (_, on, fault) => {
		await start();
		itemsOf(await swap({}, { items: blankItems(3) }));
		segmind.fault({ on, times: Infinity, fault });
		const before = segmind.requests.length;
		const running = engine.begin({
			type: 'faceSwapComic',
			credentials: credentialsFor(segmind),
			parameters: { operation: 'getMany' },
		});
		while (!segmind.requests.slice(before).some(({ kind }) => kind === on)) await sleep(20);
		await sleep(100);
		const end = startStopwatch();
		running.cancel();
		expect((await running.promise).status).toBe('canceled');
		expect(end()).toBeLessThan(1_000);
	});

	it('is not there behind a proxy without a history', async () => {
		await start();
		const credentials = {
			...credentialsFor(segmind),
			historyUrl: 'https://api.spotprod.segmind.com',
		};
		const outcome = await many({}, { credentials });
		expect(textOf(outcome)).toContain('This credential has no request history');
	});

	it('gives an agent a short list', async () => {
		await start();
		itemsOf(await swap({}, { items: blankItems(3) }));
		const outcome = await engine.run({
			type: 'faceSwapComicTool',
			credentials: credentialsFor(segmind),
			parameters: { operation: 'getMany', limit: 2, options: quick },
		});
		const listed = itemsOf(outcome);
		expect(listed).toHaveLength(2);
		expect(listed.map(({ binary }) => binary)).toEqual([undefined, undefined]);
	});
});

describe('Get Result after the hour', () => {
	it.each([false, true])('takes the image from the history (bare IDs: %j)', async (bareIds) => {
		await start({ history: { bareIds } });
		itemsOf(await swap());
		const { requestId = '' } = jobs()[0] ?? {};
		segmind.advance(2 * 3_600_000);
		const [item] = itemsOf(await run({ operation: 'getResult', requestId }));
		const image = await segmind.image(requestId);
		expect((await engine.read(item?.binary?.data)).equals(image)).toBe(true);
		expect(item?.json).toMatchObject({ requestId, status: 'COMPLETED' });
	});

	it('names the file as Swap and Get Many do, once it knows the name', async () => {
		await start();
		const nameOf = (outcome: Outcome) => itemsOf(outcome).map(({ json }) => json.fileName);
		expect(nameOf(await swap())).toEqual(['comic.jpg']);
		const { requestId = '' } = jobs()[0] ?? {};
		const getResult = { operation: 'getResult', requestId };
		// Within the hour it asks no history, and knows the ID alone.
		expect(nameOf(await run(getResult))).toEqual([`faceswap-comic-${requestId.slice(0, 8)}.jpg`]);
		segmind.advance(2 * 3_600_000);
		expect(nameOf(await run(getResult))).toEqual(['comic.jpg']);
		expect(nameOf(await many())).toEqual(['comic.jpg']);
		const named = { ...getResult, options: { fileName: 'mine' } };
		expect(nameOf(await run(named))).toEqual(['mine.jpg']);
	});

	it('takes a job that was chosen from the list', async () => {
		await start();
		itemsOf(await swap());
		const { requestId = '' } = jobs()[0] ?? {};
		const located = { __rl: true, mode: 'list', value: requestId, cachedResultName: 'a job' };
		const [item] = itemsOf(await run({ operation: 'getResult', requestId: located }));
		expect(item?.json.requestId).toBe(requestId);
		expect(asked()).toEqual([]);
	});

	it('says what happened when the history has no such job', async () => {
		await start();
		const outcome = await run({ operation: 'getResult', requestId: 'nobody' });
		expect(textOf(outcome)).toMatch(/HTTP 404.*history does not show it either/s);
	});

	it.each<[string, Fault]>([
		['down', { kind: 'reset', when: 'before' }],
		['refusing', { kind: 'status', status: 403 }],
		['talking nonsense', { kind: 'body', body: 'hello', contentType: 'text/plain' }],
		['redirecting', { kind: 'redirect', status: 302, location: 'http://127.0.0.1:1/' }],
	])('is no worse than before when the history is %s', async (_, fault) => {
		await start();
		itemsOf(await swap());
		const { requestId = '' } = jobs()[0] ?? {};
		segmind.advance(2 * 3_600_000);
		segmind.fault({ on: 'history', times: Infinity, fault });
		const options = { timeout: 2 };
		const outcome = await run({ operation: 'getResult', requestId, options });
		expect(textOf(outcome)).toMatch(/does not know this request, or no longer does \(HTTP 404\)/);
		expect(textOf(outcome)).toContain('could not be asked');
	});
});

describe('a submit without an answer', () => {
	it.each<[string, Fault, string]>([
		['that was cut', LOST, 'queue'],
		['that cannot be read', { kind: 'body', body: '{}', contentType: 'application/json' }, 'queue'],
		['that was cut, in Sync', LOST, 'sync'],
		['whose image broke, in Sync', { kind: 'truncate', fraction: 0.5 }, 'sync'],
	])('%s is found in the history, and its image comes', async (_, fault, processingMode) => {
		await start({ history: { lagSeconds: 1 } });
		segmind.fault({ on: processingMode === 'sync' ? 'sync' : 'submit', fault });
		const outcome = await swap({ options: { processingMode } });
		const [item] = itemsOf(outcome);
		expect(jobs()).toHaveLength(1);
		const { requestId = '' } = jobs()[0] ?? {};
		expect(item?.json.requestId).toBe(requestId);
		const image = await segmind.image(requestId);
		expect((await engine.read(item?.binary?.data)).equals(image)).toBe(true);
		expect(warningsOf(outcome).join()).toMatch(/answer to the submit was lost.*history/);
	});

	it('is only named where nobody waits for it', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: LOST });
		const [item] = itemsOf(await swap({ waitForCompletion: false }));
		expect(item?.json).toMatchObject({ requestId: jobs()[0]?.requestId, status: 'PROCESSING' });
		expect(item?.binary).toBeUndefined();
	});

	it('is found under an ID without dashes, too, which the status call does not know', async () => {
		await start({ history: { bareIds: true }, jobSeconds: 2 });
		segmind.fault({ on: 'submit', fault: LOST });
		const [item] = itemsOf(await swap());
		expect(String(item?.json.requestId)).toBe(jobs()[0]?.requestId.replaceAll('-', ''));
		expect(item?.binary?.data).toBeDefined();
	}, 60_000);

	it('does not take a job that was there before', async () => {
		await start();
		const items = blankItems(1);
		itemsOf(await swap({ options: { timeout: 3 } }, { items }));
		await sleep(2_500);
		segmind.fault({ on: 'submit', fault: { kind: 'reset', when: 'before' } });
		const outcome = await swap({ options: { timeout: 3 } }, { items });
		expect(textOf(outcome)).toMatch(/may have been paid for/);
		expect(jobs()).toHaveLength(1);
	});

	it.each(['queue', 'sync'])(
		'does not take the job that another execution has just bought (%s)',
		async (processingMode) => {
			await start();
			const options = { timeout: 3, processingMode };
			itemsOf(await swap({ options }));
			const on = processingMode === 'sync' ? 'sync' : 'submit';
			segmind.fault({ on, fault: { kind: 'reset', when: 'before' } });
			expect(textOf(await swap({ options }))).toMatch(/may have been paid for/);
			expect(jobs()).toHaveLength(1);
		},
	);

	it('finds another job for each of two equal items', async () => {
		await start({ history: { lagSeconds: 1 } });
		segmind.fault({ on: 'submit', times: 2, fault: LOST });
		const listed = itemsOf(await swap({}, { items: blankItems(3) }));
		expect(jobs()).toHaveLength(3);
		expect(listed.map(({ json }) => json.requestId).sort()).toEqual(
			jobs()
				.map(({ requestId }) => requestId)
				.sort(),
		);
	});

	describe('with images inside the request', () => {
		/** An item whose images travel inside, and what they are there. */
		const inside = async () => {
			const { face, comic } = await filesOf();
			const base64 = async (file: typeof face) => (await engine.read(file)).toString('base64');
			const images = { source_image: await base64(face), target_image: await base64(comic) };
			const parameters = {
				sourceImageInput: 'binary',
				sourceImageBinaryField: 'face',
				targetImageInput: 'binary',
				targetImageBinaryField: 'comic',
				options: { imageDelivery: 'inline', timeout: 3 },
			};
			return { item: { json: {}, binary: { face, comic } }, images, parameters };
		};

		it('is found where the row repeats them', async () => {
			let images = {};
			await start({
				history: {
					row: (row) => ({ ...row, request_body: { ...(row.request_body as object), ...images } }),
				},
			});
			const { item, parameters, ...rest } = await inside();
			images = rest.images;
			segmind.fault({ on: 'submit', fault: LOST });
			const [found] = itemsOf(await run(parameters, { items: [item] }));
			expect(found?.binary?.data).toBeDefined();
			expect(JSON.stringify(itemsOf(await many()))).not.toContain(rest.images.source_image);

			images = { ...images, source_image: rest.images.target_image };
			segmind.fault({ on: 'submit', fault: LOST });
			const outcome = await run({ ...parameters, prompt: 'other' }, { items: [item] });
			expect(textOf(outcome)).toContain('may have been paid for');
			expect(jobs()).toHaveLength(2);
		});

		it('stays unconfirmed where the row does not, although it is the only one', async () => {
			await start();
			const { item, parameters } = await inside();
			segmind.fault({ on: 'submit', fault: LOST });
			const outcome = await run(parameters, { items: [item] });
			expect(textOf(outcome)).toContain('may have been paid for');
			expect(jobs()).toHaveLength(1);
		});
	});

	it('is found by what it asked for where its answer names a request that nobody knows', async () => {
		await start();
		segmind.fault({
			on: 'submit',
			fault: {
				kind: 'answer',
				make: () => ({
					status: 200,
					body: '<html>busy</html>',
					headers: { 'x-request-id': 'gateway-7' },
				}),
			},
		});
		const [item] = itemsOf(await swap());
		expect(item?.json.requestId).toBe(jobs()[0]?.requestId);
		expect(jobs()).toHaveLength(1);
	});

	it('by Sync still brings its image where nobody waits for a queue', async () => {
		await start();
		segmind.fault({ on: 'sync', fault: LOST });
		const options = { processingMode: 'sync' };
		const [item] = itemsOf(await swap({ waitForCompletion: false, options }));
		expect(item?.binary?.data).toBeDefined();
		expect(jobs()).toHaveLength(1);
	});

	it('does not take the job of an equal item whose Sync answer had no request ID', async () => {
		await start();
		const withoutId: Fault = {
			kind: 'answer',
			make: ({ real }) => ({ body: real.body, headers: { 'x-request-id': '' } }),
		};
		segmind.fault({ on: 'sync', fault: withoutId });
		segmind.fault({ on: 'sync', fault: { kind: 'reset', when: 'before' } });
		const options = { processingMode: 'sync', maxConcurrency: 1, timeout: 3 };
		const settings = { onError: 'continueRegularOutput' };
		const outcome = await swap({ options }, { items: blankItems(2), settings } as never);
		const [first, second] = itemsOf(outcome);
		expect(first?.binary?.data).toBeDefined();
		expect(second?.binary).toBeUndefined();
		expect(second?.json.error).toContain('may have been paid for');
		expect(jobs()).toHaveLength(1);
	});

	it("is not found in an earlier job because the history's answer takes its time", async () => {
		await start();
		itemsOf(await swap());
		await sleep(3_500);
		segmind.fault({ on: 'submit', fault: { kind: 'reset', when: 'before' } });
		segmind.fault({ on: 'history', times: 2, fault: { kind: 'drip', bytesPerSecond: 200 } });
		const outcome = await swap({ options: { timeout: 8 } });
		expect(textOf(outcome)).toContain('may have been paid for');
		expect(jobs()).toHaveLength(1);
	}, 40_000);

	it('says why the history could not be asked, where it never answered', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: LOST });
		segmind.fault({ on: 'history', times: Infinity, fault: { kind: 'reset', when: 'before' } });
		const outcome = await swap({ options: { timeout: 3 } });
		expect(textOf(outcome)).toMatch(/may have been paid for.*could not be asked \(/s);
		expect(textOf(outcome)).not.toContain('did not show it');
	});

	it('that is not found is an error as before, and is never sent again', async () => {
		await start({ history: { lagSeconds: 3_600 } });
		segmind.fault({ on: 'submit', fault: LOST });
		const outcome = await swap({ options: { timeout: 3 } });
		expect(textOf(outcome)).toMatch(/did not answer the submit.*may have been paid for.*Get Many/s);
		expect(outcome.error?.context?.unconfirmed).toBe(true);
		expect(jobs()).toHaveLength(1);
	});

	it('is looked for again by Retry On Fail', async () => {
		await start({ history: { lagSeconds: 4 } });
		segmind.fault({ on: 'submit', fault: LOST });
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1000 };
		const [item] = itemsOf(await swap({ options: { timeout: 3 } }, { settings }));
		expect(jobs()).toHaveLength(1);
		expect(item?.json.requestId).toBe(jobs()[0]?.requestId);
	}, 60_000);

	it('that failed is told of as a failed job', async () => {
		await start();
		segmind.fault({
			on: 'submit',
			fault: { kind: 'reset', when: 'after' },
		});
		segmind.fault({ on: 'history', times: Infinity, fault: failedRow });
		const outcome = await swap({ options: { timeout: 5 } });
		expect(textOf(outcome)).toMatch(/could not make this image: "no face".*Nothing was spent/);
		expect(jobs()).toHaveLength(1);
	});

	it('is not looked for any longer when the history refuses', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: LOST });
		segmind.fault({ on: 'history', times: Infinity, fault: { kind: 'status', status: 403 } });
		const outcome = await swap();
		expect(textOf(outcome)).toMatch(/may have been paid for.*could not be asked \(HTTP 403\)/s);
		expect(asked()).toHaveLength(1);
		expect(jobs()).toHaveLength(1);
	});

	it('is no worse off when the history is down', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: LOST });
		segmind.fault({ on: 'history', times: Infinity, fault: { kind: 'hang', when: 'before' } });
		const startedAt = Date.now();
		const outcome = await swap({ options: { timeout: 3 } });
		expect(textOf(outcome)).toContain('may have been paid for');
		expect(Date.now() - startedAt).toBeLessThan(10_000);
		expect(jobs()).toHaveLength(1);
	});

	it('ends at Stop within a second', async () => {
		await start({ history: { lagSeconds: 3_600 } });
		segmind.fault({ on: 'submit', fault: LOST });
		const running = engine.begin({
			type: 'faceSwapComic',
			credentials: credentialsFor(segmind),
			parameters: { ...faceUrls(segmind), options: { timeout: 30 } },
		});
		while (asked().length < 2) await sleep(50);
		const end = startStopwatch();
		running.cancel();
		await running.promise;
		expect(end()).toBeLessThan(1_000);
	});

	it('of a workflow is not looked for', async () => {
		await start();
		segmind.fault({ on: 'submit', fault: LOST });
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(segmind),
			parameters: {
				referenceCharacterImageUrl: faceUrls(segmind).sourceImageUrl,
				characterImageUrl: faceUrls(segmind).targetImageUrl,
				options: quick,
			},
		});
		expect(textOf(outcome)).toContain('may have been paid for');
		expect(asked()).toEqual([]);
	});
});

/** Rows of failed jobs. */
const failedRow: Fault = {
	kind: 'answer',
	make: ({ real }) => {
		const { data } = real.body as { data: Array<Record<string, unknown>> };
		const rows = data.map((row) => ({
			...row,
			model_status: 'FAILED',
			generation_url: null,
			credits_deduction: 0,
			error: 'no face',
		}));
		return { body: { data: rows } };
	},
};
