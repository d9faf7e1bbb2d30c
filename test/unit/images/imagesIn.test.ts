/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { Bytes } from '../../../nodes/shared/kit/base64Body';
import { contentIdentity, MAX_FILE_BYTES } from '../../../nodes/shared/images/binaryFile';
import { readImagesIn } from '../../../nodes/shared/images/imagesIn';
import type { SegmindModel } from '../../../nodes/shared/model';
import { ItemProblem } from '../../../nodes/shared/problems/problems';
import { heic, jpeg, png, video } from '../../support/samples';

const model = {
	images: [{ name: 'photo', field: 'photo', label: 'Photo' }],
} as unknown as SegmindModel;

/** The problem with an image; undefined when there is none. */
async function problemOf(
	parameters: Record<string, unknown>,
	binary: Record<string, IBinaryData> = {},
): Promise<ItemProblem['problem'] | undefined> {
	const context = {
		getInputData: () => [{ json: {}, binary }],
		helpers: {
			assertBinaryData: (_index: number, name: string) => {
				if (!binary[name]) throw new Error('no such field');
				return binary[name];
			},
		},
	} as unknown as IExecuteFunctions;
	const get = (name: string, absent?: unknown) => (name in parameters ? parameters[name] : absent);
	try {
		await readImagesIn(context, model, { parameters: { get }, itemIndex: 0 });
		return undefined;
	} catch (error) {
		expect(error).toBeInstanceOf(ItemProblem);
		return (error as ItemProblem).problem;
	}
}

const dataUri = (content: string) => ({ photoUrl: `data:image/png;base64,${content}` });

/** A picture of so many bytes, in memory. */
const pictureOf = (bytes: number): IBinaryData => ({
	mimeType: 'image/png',
	data: png.toString('base64').slice(0, 120) + 'A'.repeat(Math.ceil((bytes * 4) / 3) - 120),
});

describe('an image of an item', () => {
	it.each([
		['a URL', { photoUrl: 'https://example.com/a.png' }],
		['a data URI', dataUri(png.toString('base64'))],
		['a data URI with line breaks', dataUri(png.toString('base64').replace(/.{20}/g, '$&\n'))],
	])('is taken: %s', async (_, parameters) => {
		expect(await problemOf(parameters)).toBeUndefined();
	});

	it.each([
		['nothing', { photoUrl: ' ' }, 'Photo has no URL'],
		['nothing that can be seen', { photoUrl: '\u200b\ufeff' }, 'Photo has no URL'],
		['words', { photoUrl: 'my photo' }, 'Photo is not a URL: "my photo"'],
		['no Base64', { photoUrl: 'data:image/png,abc' }, 'Photo is a data URI without Base64 content'],
		[
			'garbage behind good Base64',
			dataUri(`${png.toString('base64').slice(0, 120)}<b>`),
			'Photo is a data URI whose content is not Base64',
		],
	])('is refused when it is %s', async (_, parameters, summary) => {
		expect(await problemOf(parameters)).toMatchObject({ code: 'input', summary });
	});

	it('is refused when it is too large, before it is read', async () => {
		const binary = (bytes: number) => ({ data: pictureOf(bytes) });
		const parameters = { photoInput: 'binary' };
		expect(await problemOf(parameters, binary(MAX_FILE_BYTES))).toBeUndefined();
		expect(await problemOf(parameters, binary(MAX_FILE_BYTES + 100))).toMatchObject({
			summary: 'Photo has 51 MB; at most 50 MB are sent',
		});
	});

	it('that is not there is told from those that are', async () => {
		const parameters = { photoInput: 'binary', photoBinaryField: 'photo' };
		expect((await problemOf(parameters, { data: pictureOf(500) }))?.hint).toContain('"data"');
		expect((await problemOf(parameters))?.hint).toMatch(/no files at all/);
	});
});

describe('a URL', () => {
	const url = 'https://example.com/a.png';

	it.each([
		[`\u200b${url}\u200b`],
		[`\ufeff ${url}\u00a0\u2060\r\n`],
		['HTTPS://example.com/a.png'],
		['http://example.com'],
		['https://example.com/my photo.png'],
		['https://example.com/größe/東京.png?a=b,c;d|e'],
		['https://example.com/❤\ufe0f/👩\u200d🎨'],
		['https://images.example.com/w_100,h_100/https://example.com/a.png'],
		['https://images.example.com/?url=https://example.com/a.png'],
	])('goes on without what is invisible around it: %j', async (text) => {
		const { images } = await imagesOf({ photoUrl: text });
		expect(images).toMatchObject([
			{ kind: 'url', url: text.replace(/^[\s\u200b]+|[\s\u200b\u2060]+$/g, '') },
		]);
	});

	it.each([
		[`${url} ${url}`],
		[`${url}, ${url}`],
		[`${url},${url}`],
		[`${url}\n${url}`],
		[`${url};http://example.com/b.png`],
	])('is not two: %j', async (photoUrl) => {
		expect(await problemOf({ photoUrl })).toMatchObject({
			summary: `Photo has more than one URL: "${photoUrl.slice(0, 80)}"`,
			hint: expect.stringContaining('Split Out'),
		});
	});

	it.each([
		'https://example.com/\na.png',
		'https://exam\u200bple.com/a.png',
		'https://example.com/\ta',
		`${url}\u202e?x`,
		'https://example.com/a\u00a0b.png',
		'https://a\u2028b',
	])('has nothing invisible in it: %j', async (photoUrl) => {
		expect((await problemOf({ photoUrl }))?.summary).toContain(
			'Photo has a line break or an invisible character in its URL: ',
		);
	});

	it.each([
		'https://https://example.com/a.png',
		'https://http//example.com/a.png',
		'https:https://example.com/a.png',
		'https:/example.com/a.png',
		'https:example.com/a.png',
		'https:///example.com/a.png',
		'https:\\\\example.com\\a.png',
		'https://',
		'https://exa mple.com/a.png',
		'ftp://example.com/a.png',
		'//example.com/a.png',
		'example.com/a.png',
		`"${url}"`,
	])('is one: %j', async (photoUrl) => {
		expect((await problemOf({ photoUrl }))?.summary).toBe(`Photo is not a URL: "${photoUrl}"`);
	});

	it.each<[unknown, string, string]>([
		[[url, url, url], 'a list of 3', '[0]'],
		[[{ id: 1, url }], 'a list of 1', '[0].url'],
		[{ size: { 'large one': url } }, 'an object', '.size["large one"]'],
		[{ photo: 'data:image/png;base64,AAAA' }, 'an object', '.photo'],
	])('that is %j is called what it is, with the way into it', async (photoUrl, shown, way) => {
		expect(await problemOf({ photoUrl })).toMatchObject({
			summary: `Photo URL must be text, but it is ${shown}`,
			hint: `Extend the expression to the URL itself, e.g. {{ $json.images${way} }}.`,
		});
	});

	it.each([
		[[], 'a list of 0'],
		[{ id: 1 }, 'an object'],
		[true, 'true'],
		[['a.png'], 'a list of 1'],
	])('that is %j is called what it is', async (photoUrl, shown) => {
		expect(await problemOf({ photoUrl })).toMatchObject({
			summary: `Photo URL must be text, but it is ${shown}`,
			hint: 'Use an expression that gives the URL itself as text.',
		});
	});
});

/** Two images, the second of which may be missing. */
const two = {
	images: [
		{ name: 'photo', field: 'photo', label: 'Photo' },
		{ name: 'mask', field: 'mask_image', label: 'Mask', optional: true },
	],
} as unknown as SegmindModel;

interface Stored {
	content: Buffer;
	fileSize?: number;
	/** The store breaks off when the whole file is read, or at once. */
	broken?: boolean | 'at once';
	/** What the store throws in the place of anything. */
	error?: unknown;
}

/** Reads the images of an item whose files lie in n8n's binary store, and what they hold. */
async function imagesOf(
	parameters: Record<string, unknown>,
	binary: Record<string, IBinaryData> = {},
	store: Record<string, Stored> = {},
) {
	const calls: unknown[] = [];
	const helpers = {
		assertBinaryData: (_index: number, name: string) => {
			if (!binary[name]) throw new Error('no such field');
			return binary[name];
		},
		getBinaryMetadata: async (id: string) => ({ fileSize: store[id]?.fileSize }),
		getBinaryStream: async (id: string, chunkSize?: number) => {
			calls.push([id, chunkSize]);
			const { content, broken, error } = store[id] as Stored;
			if (error !== undefined && (!broken || !chunkSize)) throw error;
			if (!broken || (chunkSize && broken !== 'at once')) return Readable.from([content]);
			return new Readable({ read: () => undefined }).destroy(new Error('gone'));
		},
	};
	const context = { getInputData: () => [{ json: {}, binary }], helpers };
	const get = (name: string, absent?: unknown) => (name in parameters ? parameters[name] : absent);
	const images = await readImagesIn(context as unknown as IExecuteFunctions, two, {
		parameters: { get },
		itemIndex: 0,
	});
	const contents: Buffer[] = [];
	for (const image of images) {
		if (image.kind === 'url') continue;
		const into = new Bytes();
		await image.read(into);
		contents.push(Buffer.from(into.slice().toString(), 'base64'));
	}
	return { images, contents, calls };
}

async function refusalOf(...given: Parameters<typeof imagesOf>): Promise<unknown> {
	try {
		return await imagesOf(...given);
	} catch (error) {
		return error instanceof ItemProblem ? error.problem : error;
	}
}

const uriOf = (content: Buffer | string) =>
	`data:image/png;base64,${Buffer.from(content).toString('base64')}`;

describe('the images of an item', () => {
	const photoUrl = 'https://example.com/a.png';

	it('are one where the other is not needed', async () => {
		const { images } = await imagesOf({ photoUrl: ` ${photoUrl} ` });
		expect(images).toEqual([{ kind: 'url', field: 'photo', url: photoUrl, fileName: 'a.png' }]);
	});

	it('are two where both are given, in the order of the service', async () => {
		const maskUrl = 'https://example.com/b';
		const { images } = await imagesOf({ photoUrl, maskInput: 'url', maskUrl });
		expect(images.map(({ field }) => field)).toEqual(['photo', 'mask_image']);
	});

	it.each([
		uriOf(jpeg),
		uriOf(jpeg).replace(/.{30}/g, '$&\n'),
		uriOf(jpeg).replace('data:image/png;base64', 'DATA:;BASE64'),
	])('are read from a data URI, and known by their content', async (uri) => {
		const { images, contents } = await imagesOf({ photoUrl: uri });
		expect(images).toEqual([
			expect.objectContaining({
				kind: 'file',
				field: 'photo',
				identity: contentIdentity(jpeg.toString('base64')),
				type: expect.objectContaining({ mimeType: 'image/jpeg' }),
				size: jpeg.length,
			}),
		]);
		expect(contents).toEqual([jpeg]);
	});

	it('are read from a file in memory, known by its content', async () => {
		const data = jpeg.toString('base64');
		const binary = {
			data: {
				data: `${data.slice(0, 200)}\n${data.slice(200)}`,
				mimeType: 'x',
				fileName: 'me.jpg',
			},
		};
		const { images, contents } = await imagesOf({ photoInput: 'binary' }, binary);
		expect(images).toMatchObject([
			{ kind: 'file', fileName: 'me.jpg', identity: contentIdentity(data) },
		]);
		expect(contents).toEqual([jpeg]);
	});

	it("are read from n8n's binary store, first the head only, and known by their place in it", async () => {
		const binary = { face: { id: 'filesystem-v2:1', data: '', mimeType: 'x', fileName: 'me.png' } };
		const { images, contents, calls } = await imagesOf(
			{ photoInput: 'binary', photoBinaryField: 'face' },
			binary,
			{ 'filesystem-v2:1': { content: png, fileSize: png.length } },
		);
		expect(images).toMatchObject([
			{ kind: 'file', fileName: 'me.png', identity: 'filesystem-v2:1', size: png.length },
		]);
		expect(contents).toEqual([png]);
		expect(calls).toEqual([
			['filesystem-v2:1', 1024],
			['filesystem-v2:1', undefined],
		]);
	});

	it('may have a size that n8n does not know', async () => {
		const binary = { data: { id: '1', data: '', mimeType: 'x' } };
		const { images } = await imagesOf({ photoInput: 'binary' }, binary, { 1: { content: png } });
		expect(images).toMatchObject([{ size: undefined }]);
	});
});

describe('an image that cannot work is refused in words', () => {
	const stored = { data: { id: '1', data: '', mimeType: 'x' } };
	const fromStore = { photoInput: 'binary' };
	const html = '<!doctype html><html><body>Please log in</body></html>';

	it.each<[string, Parameters<typeof imagesOf>]>([
		['no URL', [{}]],
		['words', [{ photoUrl: `my photo ${'x'.repeat(100)}` }]],
		['a data URI without Base64', [{ photoUrl: 'data:image/png,abc' }]],
		['a data URI without a comma', [{ photoUrl: 'data:image/png;base64' }]],
		['a data URI that only mentions Base64', [{ photoUrl: 'data:x;base64;y,abcd' }]],
		['a data URI with garbage', [{ photoUrl: `${uriOf(png)}<b>` }]],
		['a data URI with garbage first', [{ photoUrl: uriOf(png).replace(',', ',<b>') }]],
		['an empty data URI', [{ photoUrl: 'data:image/png;base64,' }]],
		['HEIC', [{ photoUrl: uriOf(heic) }]],
		['PDF', [{ photoUrl: uriOf('%PDF-1.7 and so on, for long enough') }]],
		['SVG', [{ photoUrl: uriOf('<svg xmlns="http://www.w3.org/2000/svg"></svg>') }]],
		['HTML', [{ photoUrl: uriOf(html) }]],
		['JSON', [{ photoUrl: uriOf('{"error": "please log in"}') }]],
		['video', [{ photoUrl: uriOf(video) }]],
		['ZIP', [{ photoUrl: uriOf('PK\x03\x04 and so on, for long enough') }]],
		['nothing known', [{ photoUrl: uriOf('please log in'.repeat(9)) }]],
		['no field name', [{ photoInput: 'binary', photoBinaryField: ' ' }]],
		['no files at all', [fromStore]],
		['other files', [fromStore, { face: stored.data, comic: stored.data }]],
		['an empty file', [fromStore, stored, { 1: { content: Buffer.alloc(0), fileSize: 0 } }]],
		['too large', [fromStore, stored, { 1: { content: png, fileSize: MAX_FILE_BYTES + 1 } }]],
		['a file that breaks off', [fromStore, stored, { 1: { content: png, broken: true } }]],
		['no way of input', [{ photoInput: 'mail' }]],
		['a missing image that is needed', [{ photoInput: 'none' }]],
		['no way of input of the optional one', [{ photoUrl: uriOf(png), maskInput: 'mail' }]],
	])('%s', async (_, given) => {
		expect(await refusalOf(...given)).toMatchSnapshot();
	});

	it.each([
		[new Error('File not found'), 'File not found'],
		[Object.assign(new Error(''), { code: undefined }), 'no reason given'],
		['a text', 'no reason given'],
		[null, 'no reason given'],
	])('a store that fails, with %j', async (error, why) => {
		const summary = `Photo: the file could not be read from n8n's binary store (${why})`;
		for (const broken of [false, true]) {
			const files = { 1: { content: png, broken, error } };
			expect(await refusalOf(fromStore, stored, files)).toMatchObject({ code: 'input', summary });
		}
	});

	it('a file whose beginning does not come is not called empty', async () => {
		const store = { 1: { content: png, broken: 'at once' } } as const;
		const summary = "Photo: the file could not be read from n8n's binary store (it broke off)";
		expect(await refusalOf(fromStore, stored, store)).toMatchObject({ summary });
	});

	it.each([['12 kB'], [null], [{}], [true]])(
		'but not one whose size the store gives as %j',
		async (fileSize) => {
			const files = { 1: { content: png, fileSize: fileSize as unknown as number } };
			expect((await imagesOf(fromStore, stored, files)).images).toMatchObject([
				{ size: undefined },
			]);
		},
	);

	it('but one of exactly the limit is not', async () => {
		const files = { 1: { content: png, fileSize: MAX_FILE_BYTES } };
		expect((await imagesOf(fromStore, stored, files)).images).toHaveLength(1);
	});
});
