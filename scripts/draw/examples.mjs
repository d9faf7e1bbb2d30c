/**
 * Draws the example pictures of the demo: renders each examples/images/src/*.svg
 * to the PNG or JPEG beside that folder. All are own drawings; nothing is
 * downloaded, no font is used, and the same sources always give the same files.
 *
 * Usage: node scripts/draw/examples.mjs
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const imagesFolder = new URL('../../examples/images/', import.meta.url);

/** No example may be larger than this. */
const maximumBytes = 150 * 1024;

const jpeg = {
	format: 'jpeg',
	options: { quality: 88, chromaSubsampling: '4:4:4', mozjpeg: true },
};
const png = { format: 'png', options: { palette: true, quality: 100, effort: 10, dither: 0 } };

/** Each picture: its source under src/, its file name, its size and its format. */
const pictures = [
	{ source: 'face.svg', target: 'face.jpg', width: 640, height: 640, ...jpeg },
	{ source: 'comic.svg', target: 'comic.png', width: 900, height: 640, ...png },
	{
		source: 'reference-character.svg',
		target: 'reference-character.png',
		width: 640,
		height: 800,
		...png,
	},
	{ source: 'picture.svg', target: 'picture.jpg', width: 900, height: 640, ...jpeg },
	{ source: 'mask.svg', target: 'mask.png', width: 900, height: 640, ...png },
];

/** Renders one picture and says how large it became. */
async function draw({ source, target, width, height, format, options }) {
	const sourceFile = fileURLToPath(new URL(`src/${source}`, imagesFolder));
	const image = await sharp(sourceFile)
		.resize(width, height, { fit: 'fill' })
		.flatten({ background: '#ffffff' })
		.toColourspace('srgb')
		.toFormat(format, options)
		.toBuffer();
	if (image.length > maximumBytes) {
		throw new Error(
			`${target} would be ${image.length} bytes, more than the ${maximumBytes} it may have`,
		);
	}
	await writeFile(new URL(target, imagesFolder), image);
	console.log(`${target}: ${width}x${height}, ${image.length} bytes`);
}

await mkdir(imagesFolder, { recursive: true });
for (const picture of pictures) {
	await draw(picture);
}
