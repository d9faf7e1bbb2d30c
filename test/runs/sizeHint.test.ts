import sharp from 'sharp';
import type { INodeParameters } from 'n8n-workflow';
import { credentialsFor, emulator, engine, faceUrls, quick, useEmulator } from '../support';
import type { Outcome } from '../support/engine/engine';

useEmulator();

const hintsOf = ({ run: { resultData } }: Outcome): string[] =>
	(resultData.runData.Segmind ?? [])
		.flatMap(({ hints }) => hints ?? [])
		.map(({ message }) => message);

const plain = (width: number, height: number) =>
	sharp({ create: { width, height, channels: 3, background: '#cba' } });

type Format = 'jpeg' | 'png' | 'webp';

const fileOf = async (format: Format, width: number, height: number) =>
	await plain(width, height).toFormat(format).toBuffer();

async function run(files: Buffer[], format: Format, more: INodeParameters = {}): Promise<Outcome> {
	const items = await Promise.all(
		files.map(async (file) => ({
			json: {},
			binary: { data: await engine.binary(file, `photo.${format}`, `image/${format}`) },
		})),
	);
	return await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		items,
		parameters: { ...faceUrls(emulator), sourceImageInput: 'binary', options: quick, ...more },
	});
}

describe.each<Format>(['jpeg', 'png', 'webp'])('a %s file', (format) => {
	it('of 4,000 pixels gets a hint that 1,024 are enough, and is sent all the same', async () => {
		const outcome = await run([await fileOf(format, 300, 4000)], format);
		expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		expect(hintsOf(outcome)).toEqual([
			expect.stringMatching(
				/^Item 0: Source Image has 4000 pixels on its longer side: 1024 are enough, and faster\.$/,
			),
		]);
	});

	it.each([
		[2048, 1500],
		[2100, 100],
		[1, 1],
	])('of %i × %i gets none', async (width, height) => {
		expect(hintsOf(await run([await fileOf(format, width, height)], format))).toEqual([]);
	});
});

it('many of them get one hint a run', async () => {
	const file = await fileOf('png', 3000, 100);
	const outcome = await run([file, file, file], 'png');
	expect(hintsOf(outcome).filter((hint) => hint.includes('has 3000 pixels'))).toHaveLength(1);
});

it('a WebP without loss, and one with transparency, count, too', async () => {
	const lossless = await plain(2500, 60).webp({ lossless: true }).toBuffer();
	expect(hintsOf(await run([lossless], 'webp')).join()).toContain('has 2500 pixels');
	const clear = await plain(60, 2500).ensureAlpha(0.5).webp().toBuffer();
	expect(hintsOf(await run([clear], 'webp')).join()).toContain('has 2500 pixels');
});

it('a data URI counts like a file', async () => {
	const file = await fileOf('jpeg', 2600, 20);
	const sourceImageUrl = `data:image/jpeg;base64,${file.toString('base64')}`;
	const outcome = await run([file], 'jpeg', { sourceImageInput: 'url', sourceImageUrl });
	expect(hintsOf(outcome).join()).toContain('has 2600 pixels');
});

it('nothing is said where the size lies behind what is read, nor of an image URL', async () => {
	const file = await fileOf('jpeg', 3000, 30);
	const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(0xfffd)]);
	const late = Buffer.concat([file.subarray(0, 2), comment, file.subarray(2)]);
	expect(hintsOf(await run([late], 'jpeg'))).toEqual([]);
	const sourceImageUrl = emulator.hostFile('large.jpg', file, 'image/jpeg');
	expect(hintsOf(await run([file], 'jpeg', { sourceImageInput: 'url', sourceImageUrl }))).toEqual(
		[],
	);
});
