import type { IBinaryData, INodeParameters } from 'n8n-workflow';

import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	picture,
	quick,
	useEmulator,
} from '../support';

useEmulator();

const file = async (content: Buffer | string, name: string): Promise<IBinaryData> =>
	await engine.binary(Buffer.from(content), name, 'image/jpeg');

describe('bad input is refused before anything is sent', () => {
	it.each<[string, INodeParameters, RegExp]>([
		['an empty URL', { sourceImageUrl: '={{ "" }}' }, /Source Image has no URL/],
		['no URL', { targetImageUrl: 'page 7' }, /Target Image is not a URL: "page 7"/],
		['a file URL', { targetImageUrl: 'file:///etc/passwd' }, /is not a URL/],
		['a data URI without Base64', { sourceImageUrl: 'data:image/png,abc' }, /without Base64/],
		[
			'a data URI of no image',
			{ sourceImageUrl: 'data:image/png;base64,SGVsbG8gd29ybGQ=' },
			/not an image/,
		],
		[
			'no such field',
			{ sourceImageInput: 'binary', sourceImageBinaryField: 'photo' },
			/no file in the field "photo"/,
		],
		[
			'an empty field name',
			{ sourceImageInput: 'binary', sourceImageBinaryField: '' },
			/no input data field name/,
		],
		[
			'a PDF',
			{ sourceImageInput: 'binary', sourceImageBinaryField: 'pdf' },
			/^Source Image is a PDF, which Segmind doesn't accept\./,
		],
		[
			'an iPhone photo',
			{ sourceImageInput: 'binary', sourceImageBinaryField: 'heic' },
			/^Source Image is a HEIC photo, which Segmind doesn't accept\./,
		],
		[
			'an empty file',
			{ sourceImageInput: 'binary', sourceImageBinaryField: 'empty' },
			/empty file/,
		],
		[
			'a number out of range',
			{ faceStrength: 1.5 },
			/Face Strength must be a number from 0 to 1, but it is 1.5/,
		],
		['no number', { styleStrength: '={{ "much" }}' }, /Style Strength must be a number/],
		[
			'half a step',
			{ additionalFields: { steps: 2.5 } },
			/Steps must be a whole number from 1 to 50/,
		],
		[
			'another format',
			{ additionalFields: { outputFormat: '={{ "gif" }}' } },
			/Output Format must be one of/,
		],
		['no time', { options: { timeout: 0 } }, /Timeout must be a number of at least 1/],
		[
			'too quick',
			{ options: { pollInterval: 0.05 } },
			/Poll Interval must be a number of at least 0.1/,
		],
		[
			'too many at once',
			{ options: { maxConcurrency: 51 } },
			/Max Concurrency must be a whole number from 1 to 50/,
		],
		[
			'a malformed request ID',
			{ operation: 'getResult', requestId: '../v1/x' },
			/is not a request ID/,
		],
		['an empty request ID', { operation: 'getResult', requestId: '' }, /Request ID is empty/],
		[
			'a request ID that gives nothing',
			{ operation: 'getResult', requestId: '={{ "" }}' },
			/Request ID is empty/,
		],
	])('%s', async (_name, change, message) => {
		const binary = {
			pdf: await file('%PDF-1.7 and so on, for quite a while, as such files do it', 'scan.jpg'),
			heic: await file('\0\0\0\x18ftypheic\0\0\0\0mif1heic and then the picture', 'IMG_1.jpg'),
			empty: await file('', 'empty.jpg'),
		};
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [{ json: {}, binary }],
			parameters: { ...faceUrls(emulator), options: quick, ...change },
		});
		expect(outcome.error).toMatchObject({ name: 'NodeOperationError' });
		expect(outcome.error?.message).toMatch(message);
		expect(outcome.error?.message).toMatch(/Nothing was spent\. \[item 0\]$/);
		expect(outcome.error?.description?.length).toBeGreaterThan(10);
		expect(emulator.requests).toEqual([]);
	});

	it('an empty image URL, which the editor marks, by n8n itself', async () => {
		const run = engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), sourceImageUrl: '' },
		});
		// Later lines of n8n also name the parameter.
		await expect(run).rejects.toThrow('has issues');
		expect(emulator.requests).toEqual([]);
	});

	it('also for the items before: one bad item of many stops the run before it costs anything', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(5),
			parameters: {
				...faceUrls(emulator),
				faceStrength: '={{ $json.index === 4 ? 7 : 0.5 }}',
				options: quick,
			},
		});
		expect(outcome.error?.message).toMatch(/\[item 4\]/);
		expect(emulator.requests).toEqual([]);
	});
});

describe('the error output', () => {
	it('gets the failed items with request ID and status, and the others go on', async () => {
		emulator.fault({
			on: 'status',
			fault: { kind: 'status', status: 403, body: { error: 'not your job' } },
		});
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(3),
			settings: { onError: 'continueErrorOutput' },
			parameters: {
				...faceUrls(emulator),
				faceStrength: '={{ $json.index === 2 ? 7 : 0.5 }}',
				options: { ...quick, maxConcurrency: 1 },
			},
		});
		expect(outcome.error).toBeUndefined();
		const [images = [], errors = []] = outcome.outputs;
		expect(images.map(({ json }) => json.status)).toEqual(['COMPLETED']);
		expect(errors.map(({ json }) => json)).toEqual([
			{
				index: 0,
				error: expect.stringContaining('not your job'),
				requestId: emulator.ledger.jobs[0]?.requestId,
				httpCode: '403',
			},
			{ index: 2, error: expect.stringContaining('Face Strength') },
		]);
		expect(errors.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
	});

	it('also of a node that is the first of its execution', async () => {
		emulator.fault({
			on: 'submit',
			fault: { kind: 'status', status: 406, body: { error: 'empty' } },
		});
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			settings: { onError: 'continueErrorOutput' },
			parameters: { ...faceUrls(emulator), options: quick },
			startsAtNode: true,
		});
		expect(outcome.outputs[1]?.[0]?.json).toEqual({
			error: expect.stringContaining('not enough credits'),
			httpCode: '406',
		});
	});
});

describe('errors of the service', () => {
	it.each([
		// Once for each way to name the key.
		[401, 3, /did not accept the API key/],
		[406, 1, /not enough credits/],
		[500, 1, /server error/],
	])('%d: class, status, words and way out', async (status, requests, message) => {
		emulator.fault({
			on: 'submit',
			times: requests,
			fault: { kind: 'status', status, body: { error: 'in its own words' } },
		});
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { options: quick },
		});
		expect(outcome.error).toMatchObject({ name: 'NodeApiError', httpCode: String(status) });
		expect(outcome.error?.message).toMatch(message);
		expect(outcome.error?.message).toMatch(/"in its own words"\. Nothing was spent\. \[item 0\]/);
		expect(outcome.error?.description).toMatch(/\./);
		// n8n's helper sends a request that was answered 401 twice, unless it is told not to.
		expect(emulator.requests).toHaveLength(requests);
	});

	it('a real wrong key is told from Segmind itself', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator, { apiKey: 'SG_ffffffffffffffff' }),
			items: [{ json: {}, binary: { data: await file(picture('face.jpg'), 'face.jpg') } }],
			parameters: { ...faceUrls(emulator), sourceImageInput: 'binary', options: quick },
		});
		expect(outcome.error).toMatchObject({ name: 'NodeApiError', httpCode: '401' });
		expect(emulator.ledger.jobs).toEqual([]);
	});
});
