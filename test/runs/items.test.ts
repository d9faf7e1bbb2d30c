import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	onlyItem,
	picture,
	quick,
	startQuickEmulator,
	useEmulator,
} from '../support';
import { hasCombinedBinaryMode } from '../support/engine/oldLines';

useEmulator();

describe('several items', () => {
	it('come out in input order, each paired with its own, whatever finishes first', async () => {
		const slowFirst = await startQuickEmulator({ jobSeconds: ({ index }) => 0.8 - index * 0.15 });
		try {
			const outcome = await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(slowFirst),
				items: blankItems(5),
				parameters: {
					...faceUrls(slowFirst),
					additionalFields: { seed: '={{ $json.index }}' },
					options: quick,
				},
			});
			const items = outcome.outputs[0] ?? [];
			expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
				[0, 1, 2, 3, 4].map((item) => ({ item })),
			);
			const seeds = items.map(({ json }) => {
				const job = slowFirst.ledger.jobs.find(({ requestId }) => requestId === json.requestId);
				return job?.body.seed;
			});
			expect(seeds).toEqual([0, 1, 2, 3, 4]);
			expect(slowFirst.ledger.jobs).toHaveLength(5);
		} finally {
			await slowFirst.close();
		}
	});

	it('keep to Max Concurrency', async () => {
		const counts: number[] = [];
		const counting = await startQuickEmulator({
			jobSeconds: ({ index }) => {
				const finished = counting.requests.filter(({ kind }) => kind === 'download').length;
				counts.push(index + 1 - finished);
				return 0.1;
			},
		});
		try {
			await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(counting),
				items: blankItems(7),
				parameters: { ...faceUrls(counting), options: { ...quick, maxConcurrency: 2 } },
			});
			expect(counting.ledger.jobs).toHaveLength(7);
			expect(Math.max(...counts)).toBe(2);
		} finally {
			await counting.close();
		}
	});

	it('give no output when there are none', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [],
			parameters: { ...faceUrls(emulator) },
		});
		expect(outcome.outputs.flat()).toEqual([]);
		expect(emulator.requests).toEqual([]);
	});
});

describe('without waiting', () => {
	it.each(['faceSwapComic', 'characterSwap'])(
		'%s puts out the request ID at once',
		async (type) => {
			const images = type === 'faceSwapComic' ? faceUrls(emulator) : {};
			const outcome = await engine.run({
				type,
				credentials: credentialsFor(emulator),
				parameters: { ...images, waitForCompletion: false, options: quick },
			});
			const { json, binary } = onlyItem(outcome);
			expect(json).toEqual({
				requestId: emulator.ledger.jobs[0]?.requestId,
				status: 'QUEUED',
				metrics: expect.objectContaining({ polls: 0 }),
			});
			expect(binary).toBeUndefined();
			expect(emulator.requests.filter(({ kind }) => kind === 'status')).toEqual([]);

			const later = await engine.run({
				type,
				credentials: credentialsFor(emulator),
				items: [{ json }],
				parameters: {
					operation: 'getResult',
					requestId: '={{ $json.requestId }}',
					options: { ...quick, fileName: 'later' },
				},
			});
			const fetched = onlyItem(later);
			const image = await emulator.image(String(json.requestId));
			expect((await engine.read(fetched.binary?.data)).equals(image)).toBe(true);
			expect(fetched.json.fileName).toMatch(/^later\./);
			expect(emulator.ledger.jobs).toHaveLength(1);
		},
	);

	it.each(['faceSwapComic', 'characterSwap'])(
		'Get Result of %s tells the state of a job that still runs',
		async (type) => {
			const slow = await startQuickEmulator({ jobSeconds: 30 });
			try {
				const credentials = credentialsFor(slow);
				const submitted = await engine.run({
					type,
					credentials,
					parameters: {
						...(type === 'faceSwapComic' ? faceUrls(slow) : {}),
						waitForCompletion: false,
					},
				});
				const { requestId } = onlyItem(submitted).json;
				slow.advance(15_000);
				const outcome = await engine.run({
					type,
					credentials,
					parameters: {
						operation: 'getResult',
						requestId: String(requestId),
						waitForCompletion: false,
					},
				});
				expect(onlyItem(outcome).json).toMatchObject({ requestId, status: 'PROCESSING' });
				expect(slow.ledger.jobs).toHaveLength(1);
			} finally {
				await slow.close();
			}
		},
	);
});

describe('in n8n', () => {
	const itInCombinedMode = hasCombinedBinaryMode ? it : it.skip;

	itInCombinedMode('works when binary data lives in the JSON (combined binary mode)', async () => {
		const face = await engine.binary(picture('face.jpg'), 'face.jpg', 'image/jpeg');
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [{ json: { files: { face } } as never }],
			binaryMode: 'combined',
			parameters: {
				...faceUrls(emulator),
				sourceImageInput: 'binary',
				sourceImageBinaryField: 'files.face',
				options: quick,
			},
		});
		expect(outcome.error).toBeUndefined();
		expect(emulator.uploads).toHaveLength(1);
	});

	it('works with binary data held in memory', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [
				{
					json: {},
					binary: {
						data: {
							data: picture('face.jpg').toString('base64'),
							mimeType: 'image/jpeg',
							fileName: 'face.jpg',
						},
					},
				},
			],
			parameters: { ...faceUrls(emulator), sourceImageInput: 'binary', options: quick },
		});
		expect(outcome.error).toBeUndefined();
		expect(emulator.uploads).toMatchObject([{ bytes: picture('face.jpg').length }]);
	});

	it("answers an AI agent's repeated call with the job that is already bought", async () => {
		const outcome = await engine.run({
			type: 'faceSwapComicTool',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: quick },
			...engine.loop(3),
		});
		expect(outcome.error).toBeUndefined();
		const runs = outcome.run.resultData.runData.Segmind ?? [];
		expect(runs).toHaveLength(3);
		const ids = runs.map(({ data }) => data?.main?.[0]?.[0]?.json.requestId);
		expect(new Set(ids).size).toBe(1);
		expect(emulator.ledger.jobs).toHaveLength(1);
	});

	it('buys a new job in each pass of a loop', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: quick },
			...engine.loop(3),
		});
		expect(outcome.error).toBeUndefined();
		expect(outcome.run.resultData.runData.Segmind).toHaveLength(3);
		expect(emulator.ledger.jobs).toHaveLength(3);
	});
});
