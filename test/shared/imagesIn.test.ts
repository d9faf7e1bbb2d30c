import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { LARGEST_FILE, readImagesIn } from '../../nodes/shared/imagesIn';
import type { SegmindModel } from '../../nodes/shared/model';
import { ItemProblem } from '../../nodes/shared/problems';
import { png } from './samples';

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
	const get = (name: string) => parameters[name];
	try {
		await readImagesIn(context, model, { get }, 0);
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
		['words', { photoUrl: 'my photo' }, 'Photo is not a URL: "my photo"'],
		['no Base64', { photoUrl: 'data:image/png,abc' }, 'Photo is a data URI without Base64 content'],
		[
			'garbage behind good Base64',
			dataUri(`${png.toString('base64').slice(0, 120)}<b>`),
			'Photo is a data URI whose content is not Base64',
		],
	])('is refused when it is %s', async (_, parameters, what) => {
		expect(await problemOf(parameters)).toMatchObject({ blame: 'input', what, money: 'notSpent' });
	});

	it('is refused when it is too large, before it is read', async () => {
		const binary = (bytes: number) => ({ data: pictureOf(bytes) });
		const parameters = { photoInput: 'binary' };
		expect(await problemOf(parameters, binary(LARGEST_FILE))).toBeUndefined();
		expect(await problemOf(parameters, binary(LARGEST_FILE + 100))).toMatchObject({
			what: 'Photo has 51 MB; at most 50 MB are sent',
		});
	});

	it('that is not there is told from those that are', async () => {
		const parameters = { photoInput: 'binary', photoBinaryField: 'photo' };
		expect((await problemOf(parameters, { data: pictureOf(500) }))?.hint).toContain('"data"');
		expect((await problemOf(parameters))?.hint).toMatch(/no files at all/);
	});
});
