import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	expectImage,
	faceUrls,
	filesOf,
	onlyItem,
	picture,
	quick,
	requestsOf,
	theJob,
	useEmulator,
} from '../support';

useEmulator();

const binaryInputs = {
	sourceImageInput: 'binary',
	sourceImageBinaryField: 'face',
	targetImageInput: 'binary',
	targetImageBinaryField: 'comic',
};

describe('FaceSwap Comic', () => {
	it('swaps by URL: the URLs are passed on as they are', async () => {
		const urls = faceUrls(emulator);
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...urls, options: quick },
		});
		expect(outcome.error).toBeUndefined();
		expect(theJob().body).toEqual({
			source_image: urls.sourceImageUrl,
			target_image: urls.targetImageUrl,
			face_strength: 0.8,
			style_strength: 0.8,
		});
		await expectImage(outcome);
		const { json, pairedItem } = onlyItem(outcome);
		expect(json).toEqual({
			requestId: theJob().requestId,
			status: 'COMPLETED',
			imageUrl: emulator.imageUrl(theJob().requestId),
			fileName: 'comic.jpg',
			mimeType: 'image/jpeg',
			fileSize: expect.any(Number),
			metrics: {
				cost: 0.065,
				inference_time: expect.any(Number),
				queue_time: expect.any(Number),
				total_time: expect.any(Number),
				remaining_credits: expect.closeTo(99.935),
				waitSeconds: expect.any(Number),
				polls: expect.any(Number),
			},
		});
		expect(pairedItem).toEqual({ item: 0 });
	});

	it('sends every parameter under its API name', async () => {
		await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [{ json: { mood: 'crying' } }],
			parameters: {
				...faceUrls(emulator),
				maskImageInput: 'url',
				maskImageUrl: emulator.hostFile('mask.png', picture('mask.png'), 'image/png'),
				prompt: '={{ $json.mood }}',
				faceStrength: 1,
				styleStrength: 2,
				additionalFields: {
					cfg: 2.5,
					steps: 12,
					seed: 7,
					growMask: 3,
					outputFormat: 'png',
					outputQuality: 80,
				},
				options: quick,
			},
		});
		expect(theJob().body).toMatchObject({
			mask_image: expect.stringContaining('/mask.png'),
			prompt: 'crying',
			face_strength: 1,
			style_strength: 2,
			cfg: 2.5,
			steps: 12,
			seed: 7,
			grow_mask: 3,
			output_format: 'png',
			output_quality: 80,
		});
	});

	it('uploads binary input and names the output after the changed image', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [{ json: {}, binary: await filesOf() }],
			parameters: {
				...binaryInputs,
				maskImageInput: 'binary',
				maskImageBinaryField: 'mask',
				additionalFields: { outputFormat: 'webp' },
				options: { ...quick, outputBinaryField: 'swapped' },
			},
		});
		expect(outcome.error).toBeUndefined();
		await expectImage(outcome, 'swapped');
		expect(onlyItem(outcome).json).toMatchObject({
			fileName: 'page-7.webp',
			mimeType: 'image/webp',
		});
		const sizes = ['face.jpg', 'comic.png', 'mask.png'].map((name) => picture(name).length);
		expect(emulator.uploads.map(({ bytes }) => bytes)).toEqual(sizes);
		expect(requestsOf('upload')).toHaveLength(1);
		expect(theJob().body).toMatchObject({
			source_image: emulator.uploads[0]?.url,
			target_image: emulator.uploads[1]?.url,
			mask_image: emulator.uploads[2]?.url,
		});
	});

	it('sends binary input inline as bare Base64, and stores nothing', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [{ json: {}, binary: await filesOf() }],
			parameters: { ...binaryInputs, options: { ...quick, imageDelivery: 'inline' } },
		});
		await expectImage(outcome);
		expect(requestsOf('upload')).toHaveLength(0);
		expect(theJob().body.source_image).toBe(`base64 image, ${picture('face.jpg').length} bytes`);
	});

	it('treats a data URI like a file', async () => {
		const uri = `data:image/png;base64,${picture('face.jpg').toString('base64')}`;
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), sourceImageUrl: uri, options: quick },
		});
		await expectImage(outcome);
		// The type comes from the bytes: the URI says PNG, but it is a JPEG.
		expect(emulator.uploads).toMatchObject([{ mimeType: 'image/jpeg' }]);
	});

	it('puts the image into the JSON too when Base64 is asked for', async () => {
		for (const processingMode of ['queue', 'sync']) {
			const outcome = await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(emulator),
				parameters: {
					...faceUrls(emulator),
					additionalFields: { base64: true },
					options: { ...quick, processingMode },
				},
			});
			const { json, binary } = onlyItem(outcome);
			expect(json.base64).toBe((await engine.read(binary?.data)).toString('base64'));
		}
	});

	it('takes the image straight from a synchronous answer', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: { ...quick, processingMode: 'sync' } },
		});
		await expectImage(outcome);
		expect(theJob().mode).toBe('sync');
		expect(onlyItem(outcome).json).toMatchObject({
			requestId: theJob().requestId,
			metrics: { polls: 0 },
		});
	});

	it.each([404, 405])(
		'goes over to sync where the queue answers %d, once for all items',
		async (status) => {
			emulator.fault({
				on: 'submit',
				times: Infinity,
				fault: { kind: 'status', status, body: '<html>' },
			});
			const outcome = await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(emulator),
				items: blankItems(3),
				parameters: { ...faceUrls(emulator), options: { ...quick, maxConcurrency: 1 } },
			});
			expect(outcome.error).toBeUndefined();
			expect(emulator.ledger.jobs.map(({ mode }) => mode)).toEqual(['sync', 'sync', 'sync']);
			expect(requestsOf('submit')).toHaveLength(1);
		},
	);
});
