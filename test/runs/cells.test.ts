import type { IBinaryData, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { Outcome } from '../support/engine/engine';
import { hasCombinedBinaryMode } from '../support/engine/oldLines';
import {
	credentialsFor,
	emulator,
	engine,
	expectImage,
	faceUrls,
	filesOf,
	picture,
	quick,
	theJob,
	useEmulator,
} from '../support';

useEmulator();

const run = async (
	parameters: INodeParameters,
	item: Partial<INodeExecutionData> = {},
	settings = {},
): Promise<Outcome> =>
	await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: { ...faceUrls(emulator), options: quick, ...parameters },
		items: [{ json: {}, ...item }],
		settings,
	});

/** What an empty cell of a sheet, or a column that isn't there, gives. */
const NOTHING = [
	['undefined', '={{ $json.missing }}'],
	['null', '={{ $json.empty }}'],
	['an empty text', '={{ "" }}'],
] as const;

const cells = { json: { empty: null, list: ['happy', 'sad'], object: { a: 1 }, yes: true } };

describe.each(NOTHING)('an expression that gives nothing (%s)', (_, nothing) => {
	it.each<[string, INodeParameters, RegExp]>([
		['Source Image Input', { sourceImageInput: nothing }, /^Source Image Input must be one of/],
		['Mask Image Input', { maskImageInput: nothing }, /^Mask Image Input must be one of/],
		['Source Image URL', { sourceImageUrl: nothing }, /^Source Image has no URL/],
		['Mask Image URL', { maskImageInput: 'url', maskImageUrl: nothing }, /^Mask Image has no URL/],
		[
			'Source Image Field',
			{ sourceImageInput: 'binary', sourceImageBinaryField: nothing },
			/^Source Image has no input data field name/,
		],
		[
			'Image Delivery',
			{
				sourceImageInput: 'binary',
				sourceImageBinaryField: 'face',
				options: { ...quick, imageDelivery: nothing },
			},
			/^Image Delivery must be one of/,
		],
		['Wait for Completion', { waitForCompletion: nothing }, /^Wait for Completion must be/],
	])(
		'is refused where it decides what is bought or where a file goes: %s',
		async (__, given, words) => {
			const binary = { data: (await filesOf()).comic, face: (await filesOf()).face };
			const outcome = await run(given, { ...cells, binary });
			expect(outcome.error?.message).toMatch(words);
			expect(outcome.error?.message).toMatch(/Nothing was spent/);
			expect(emulator.requests).toEqual([]);
		},
	);

	it('is not sent where it is a field of the request', async () => {
		await expectImage(
			await run(
				{
					prompt: nothing,
					faceStrength: nothing,
					styleStrength: nothing,
					additionalFields: {
						seed: nothing,
						steps: nothing,
						outputFormat: nothing,
						base64: nothing,
					},
				},
				cells,
			),
		);
		expect(Object.keys(theJob().body).sort()).toEqual(['source_image', 'target_image']);
	});

	it('leaves an option that decides nothing at its default', async () => {
		const options = {
			timeout: nothing,
			fileName: nothing,
			maxConcurrency: nothing,
			outputBinaryField: nothing,
			processingMode: nothing,
		};
		await expectImage(await run({ options: { ...options, pollInterval: 0.1 } }, cells));
		theJob();
	});
});

it('an operation that is nothing is refused', async () => {
	const outcome = await run({ operation: null });
	expect(outcome.error?.message).toMatch(/^Operation must be one of/);
	expect(emulator.requests).toEqual([]);
});

it('a parameter that an older workflow lacks has its default', async () => {
	await expectImage(await run({}));
	expect(theJob().body).toMatchObject({ face_strength: 0.8, style_strength: 0.8 });
});

describe('a text', () => {
	it.each([
		['a list', '={{ $json.list }}', 'a list of 2'],
		['an object', '={{ $json.object }}', 'an object'],
		['a boolean', '={{ $json.yes }}', 'true'],
		['an object in a sentence', '=very {{ $json.object }}', '"very [object Object]"'],
	])('is refused when it is %s', async (_, value, shown) => {
		for (const [given, label] of [
			[{ prompt: value }, 'Prompt'],
			[{ sourceImageUrl: value }, 'Source Image URL'],
			[{ options: { ...quick, fileName: value } }, 'File Name'],
		] as Array<[INodeParameters, string]>) {
			const { error } = await run(given, cells);
			expect(error?.message).toContain(`${label} must be text, but it is ${shown}`);
		}
		expect(emulator.requests).toEqual([]);
	});
});

describe("an item's metadata is not taken on trust", () => {
	const data = picture('comic.png').toString('base64');
	const odd = [12345, 0, true, ['a'], { a: 1 }, null];

	it.each(
		(['fileName', 'mimeType', 'fileSize', 'id'] as const).flatMap((name) =>
			odd.map((value) => [name, value] as const),
		),
	)('%s %j', async (name, value) => {
		const file = { data, mimeType: 'image/png', [name]: value } as unknown as IBinaryData;
		const given = { targetImageInput: 'binary', targetImageBinaryField: 'data' };
		for (const options of [quick, { ...quick, imageDelivery: 'inline', processingMode: 'sync' }]) {
			emulator.reset();
			const outcome = await run({ ...given, options }, { binary: { data: file } });
			await expectImage(outcome);
			const { fileName } = outcome.outputs[0]?.[0]?.json ?? {};
			const isNumber = name === 'fileName' && typeof value === 'number';
			expect(fileName).toMatch(isNumber ? new RegExp(`^${String(value)}\\.`) : /^faceswap-comic-/);
			theJob();
		}
		emulator.reset();
		const outcome = await run({ ...given, waitForCompletion: false }, { binary: { data: file } });
		expect(outcome.outputs[0]?.[0]?.json.requestId).toBe(theJob().requestId);
	});

	it('a long name is cut to what file systems take', async () => {
		const file = { data, mimeType: 'image/png', fileName: `${'漫画'.repeat(60)}\u202e.png` };
		const outcome = await run({ targetImageInput: 'binary' }, { binary: { data: file } });
		await expectImage(outcome);
		expect(outcome.outputs[0]?.[0]?.binary?.data?.fileName).toBe(`${'漫画'.repeat(41)}漫.jpg`);
	});

	it.each([null, 5, 'text', []])('nor are the fields themselves: %j', async (fields) => {
		const binary = fields as unknown as Record<string, IBinaryData>;
		const outcome = await run({ targetImageInput: 'binary' }, { binary });
		expect(outcome.error?.message).toMatch(/^Target Image: .*"data".*Nothing was spent/);
	});

	it.each([null, 5, 'text', true, [], {}, { id: 5 }, { id: {}, data: 7 }])(
		'nor is a field that is none: %j',
		async (field) => {
			const binary = { data: field } as unknown as Record<string, IBinaryData>;
			const outcome = await run({ targetImageInput: 'binary' }, { binary });
			expect(outcome.error?.message).toMatch(/^Target Image: .*"data".*Nothing was spent/);
			expect(emulator.requests).toEqual([]);
		},
	);
});

describe("an image's Field", () => {
	const targetImageInput = 'binary';
	const target = (targetImageBinaryField: string) => ({ targetImageInput, targetImageBinaryField });
	const inMemory = (name: string, fileName = name): IBinaryData => ({
		data: picture(name).toString('base64'),
		mimeType: 'image/png',
		fileName,
	});

	it.each(['={{ $binary.comic }}', '={{ $("Start").item.binary.comic }}'])(
		'may be the binary object itself: %s',
		async (field) => {
			const { face, comic } = await filesOf();
			await expectImage(await run(target(field), { binary: { face, comic } }));
			expect(emulator.uploads.map(({ bytes }) => bytes)).toEqual([picture('comic.png').length]);
			expect(theJob().body.target_image).toContain('http');
		},
	);

	it('may be that of a file in memory, whose content expressions leave out', async () => {
		const binary = { face: inMemory('face.jpg'), comic: inMemory('comic.png') };
		const outcome = await run(target('={{ $binary.comic }}'), { binary });
		await expectImage(outcome);
		expect(outcome.outputs[0]?.[0]?.json.fileName).toBe('comic.jpg');
		expect(emulator.uploads.map(({ bytes }) => bytes)).toEqual([picture('comic.png').length]);
	});

	it('may not be one that stands for two different files', async () => {
		const binary = { face: inMemory('face.jpg', 'a.png'), comic: inMemory('comic.png', 'a.png') };
		const { error } = await run(target('={{ $binary.comic }}'), { binary });
		expect(error?.message).toMatch(
			/^Target Image: the item has no file in the binary object given as its Field\. Nothing/,
		);
		expect(error?.description).toContain('"face", "comic"');
		expect(emulator.requests).toEqual([]);
	});

	it.each(['photo ', ' photo'])('may have blanks at its ends: %j', async (name) => {
		const { comic } = await filesOf();
		await expectImage(await run(target(name), { binary: { [name]: comic } }));
		theJob();
	});

	it('may be reached in spite of blanks around it', async () => {
		const { comic } = await filesOf();
		await expectImage(await run(target(' photo '), { binary: { photo: comic } }));
	});

	it.each([
		['={{ $binary }}', 'Target Image Field must be text, but it is an object'],
		['={{ [$binary.comic] }}', 'Target Image Field must be text, but it is a list of 1'],
	])('must name one file: %s', async (field, words) => {
		const { error } = await run(target(field), { binary: { comic: (await filesOf()).comic } });
		expect(error?.message).toContain(words);
		expect(emulator.requests).toEqual([]);
	});

	const inCombinedMode = hasCombinedBinaryMode ? describe : describe.skip;

	inCombinedMode("in n8n's combined mode", () => {
		const combined = async (field: string) => {
			const { face, comic } = await filesOf();
			return await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(emulator),
				parameters: { ...faceUrls(emulator), options: quick, ...target(field) },
				items: [
					{
						json: { photo: face, pages: [{ 'the comic': comic }], words: 'x' },
					} as unknown as INodeExecutionData,
				],
				binaryMode: 'combined',
			});
		};

		it.each(['pages[0]["the comic"]', '={{ $json.pages[0]["the comic"] }}'])(
			'is a path in the JSON, or what is there: %s',
			async (field) => {
				await combined(field);
				expect(emulator.uploads.map(({ bytes }) => bytes)).toEqual([picture('comic.png').length]);
				theJob();
			},
		);

		it('is told which there are', async () => {
			const { error } = await combined('data');
			expect(error?.message).toMatch(/^Target Image: the item has no file in the field "data"/);
			expect(error?.description).toBe(
				'The item has files in: "photo", "pages[0]["the comic"]". Enter one of these names.',
			);
			expect(emulator.requests).toEqual([]);
		});
	});
});

describe("what n8n's binary store does not give out", () => {
	it.each([
		[
			'a file that is gone',
			'filesystem-v2:workflows/1/executions/1/binary_data/gone',
			'ENOENT|not found',
		],
		['a store that is not set up', 's3:workflows/1', 'No binary data manager found for: s3'],
		['an ID of no store', 'nonsense', ''],
		['an ID that leaves the store', 'filesystem-v2:../../../../etc/passwd', ''],
	])('is named with its image, and what to do: %s', async (_, id, words) => {
		const binary = { data: { id, data: 'filesystem-v2', mimeType: 'image/png' } };
		const { error } = await run({ targetImageInput: 'binary' }, { binary });
		expect(error?.message).toMatch(
			new RegExp(
				`^Target Image: the file could not be read from n8n's binary store \\(.*(${words}).*\\)\\. Nothing was spent`,
				'i',
			),
		);
		expect(error?.description).toMatch(/^Run the earlier nodes again, /);
		expect(emulator.requests).toEqual([]);
	});
});
