import sharp, { type Sharp } from 'sharp';
import { longerSideOf } from '../../../nodes/shared/kit/imageSize';
import { recogniseImage } from '../../../nodes/shared/kit/imageTypes';

const HEAD_BYTES = 1024;

const drawing = (width: number, height: number): Sharp =>
	sharp({ create: { width, height, channels: 3, background: '#8ac' } });

async function read(image: Sharp) {
	const head = (await image.toBuffer()).subarray(0, HEAD_BYTES);
	return longerSideOf(recogniseImage(head)?.mimeType ?? '', head);
}

describe.each([
	[1, 1],
	[300, 7],
	[2049, 2050],
	[5000, 3],
])('an image of %i × %i', (width, height) => {
	it.each<[string, (image: Sharp) => Sharp]>([
		['JPEG', (image) => image.jpeg()],
		['progressive JPEG', (image) => image.jpeg({ progressive: true })],
		['PNG', (image) => image.png()],
		['WebP', (image) => image.webp()],
		['WebP without loss', (image) => image.webp({ lossless: true })],
		['WebP with transparency', (image) => image.ensureAlpha(0.5).webp()],
		['JPEG with a resolution', (image) => image.withMetadata({ density: 300 }).jpeg()],
	])('%s', async (_, encode) => {
		expect(await read(encode(drawing(width, height)))).toBe(Math.max(width, height));
	});
});

it('is unknown for other formats', async () => {
	expect(await read(drawing(9, 9).gif())).toBe(0);
	expect(await read(drawing(9, 9).tiff())).toBe(0);
});

it.each(['jpeg', 'png', 'webp'] as const)('never throws, however a %s is cut', async (format) => {
	const file = await drawing(3000, 2000).toFormat(format).toBuffer();
	for (let length = 0; length < 400; length++) {
		expect([0, 3000]).toContain(longerSideOf(`image/${format}`, file.subarray(0, length)));
	}
});

it('ends with segments that have no length, and with what is no segment', () => {
	const head = Buffer.alloc(HEAD_BYTES);
	head.write('ffd8ff', 'hex');
	expect(longerSideOf('image/jpeg', head)).toBe(0);
	expect(longerSideOf('image/webp', Buffer.alloc(HEAD_BYTES, 'RIFF    WEBPXXXX'))).toBe(0);
});
