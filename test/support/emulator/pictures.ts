import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import {
	placeholderCard,
	placeholderFigure,
	plainScene,
	stencil,
	underlay,
	type Caption,
	type Inset,
} from './artwork';
import type { Input } from './inputs';
import { padImage } from './padding';

export type ImageFormat = 'jpeg' | 'png' | 'webp';

export interface Picture {
	bytes: Buffer;
	contentType: string;
}

/** What a result picture shows. */
export interface Scene {
	/** The picture itself. */
	main: Input;
	insets: Array<{ input: Input; shape: Inset['shape']; label: string; corner: 'left' | 'right' }>;
	caption: Caption;
	format: ImageFormat;
	/** 1 to 100; ignored by png. */
	quality: number;
}

/** Field code scales to this, and so do we; pixels on the longer side. */
const LONGEST_SIDE = 1024;
/** Smaller pictures are enlarged, so that an inset can be seen on them. */
const SHORTEST_LONG_SIDE = 640;
const SHORTEST_SIDE = 320;
/** Placeholders have no size of their own. */
const CARD_SIDE = 768;
const INSET_SHARE = 0.32;
/** Each variant of a result is turned this far around the colour wheel, degrees. */
const VARIANT_HUE = 60;

/** Rejects when an input doesn't decode. The same scene always gives the same bytes. */
export async function paint(scene: Scene): Promise<Picture> {
	const { width, height } = await fittedSize(scene.main);
	const strip = Math.max(56, Math.round(Math.min(width, height) * 0.1));
	const insets = scene.insets.map((inset) => ({ ...inset, ...place(inset, width, height) }));
	const layers = await Promise.all(insets.map(async (inset) => await cutOut(inset.input, inset)));
	const stripBox = { left: 0, top: height, width, height: strip };
	const drawing = underlay(width, height + strip, stripBox, insets, scene.caption);
	const picture = open(scene.main, width, height)
		.resize(width, height, { fit: 'contain', background: '#2a2f3d' })
		.flatten({ background: '#ffffff' })
		.extend({ bottom: strip, background: '#ffffff' })
		.composite([{ input: drawing, left: 0, top: 0 }, ...layers])
		.removeAlpha();
	return await encoded(picture, scene.format, scene.quality);
}

/** One of several images of the same job. */
export async function paintVariant(picture: Picture, index: number): Promise<Picture> {
	const format = picture.contentType.replace('image/', '') as ImageFormat;
	const tinted = sharp(picture.bytes).modulate({ hue: (VARIANT_HUE * index) % 360 });
	return await encoded(tinted, format, 90);
}

/** A small valid image of exactly so many bytes (webp: or one less). */
export async function paintPadded(format: ImageFormat, size: number): Promise<Picture> {
	const picture = await encoded(sharp(plainScene(256, 256)), format, 80);
	return { ...picture, bytes: padImage(picture.bytes, format, size) };
}

async function fittedSize(input: Input): Promise<{ width: number; height: number }> {
	if (input.kind === 'elsewhere') return { width: CARD_SIDE, height: CARD_SIDE };
	const { autoOrient } = await sharp(input.bytes).metadata();
	const long = Math.max(autoOrient.width, autoOrient.height);
	const scale = Math.min(LONGEST_SIDE, Math.max(SHORTEST_LONG_SIDE, long)) / long;
	return {
		width: Math.max(SHORTEST_SIDE, Math.round(autoOrient.width * scale)),
		height: Math.max(SHORTEST_SIDE, Math.round(autoOrient.height * scale)),
	};
}

function place(
	{ shape, label, corner }: Scene['insets'][number],
	width: number,
	height: number,
): Inset {
	const small = corner === 'right' ? 0.6 : 1;
	const side = Math.round(Math.min(width, height) * INSET_SHARE * small);
	const tall = shape === 'card' && corner === 'left' ? Math.round(side * 1.25) : side;
	const margin = Math.round(Math.min(width, height) * 0.045);
	const left = corner === 'left' ? margin : width - margin - side;
	return { box: { left, top: height - margin - tall, width: side, height: tall }, shape, label };
}

async function cutOut(input: Input, inset: Inset): Promise<OverlayOptions> {
	const { left, top, width, height } = inset.box;
	const image =
		input.kind === 'bytes'
			? sharp(input.bytes, { failOn: 'error' }).autoOrient()
			: sharp(placeholderFigure(input.url, width, height));
	// All of a mask counts; of a person, the face.
	const fit = inset.label === 'mask' ? 'contain' : 'cover';
	const { data, info } = await image
		.resize(width, height, { fit, position: fit === 'cover' ? 'attention' : 'centre' })
		.ensureAlpha()
		.composite([{ input: stencil(inset), blend: 'dest-in' }])
		.raw()
		.toBuffer({ resolveWithObject: true });
	return { input: data, raw: { width: info.width, height: info.height, channels: 4 }, left, top };
}

function open(input: Input, width: number, height: number): Sharp {
	return input.kind === 'bytes'
		? sharp(input.bytes, { failOn: 'error' }).autoOrient()
		: sharp(placeholderCard(input.url, width, height));
}

async function encoded(image: Sharp, format: ImageFormat, quality: number): Promise<Picture> {
	const framed =
		format === 'jpeg'
			? image.jpeg({ quality })
			: format === 'webp'
				? image.webp({ quality, effort: 1 })
				: image.png({ compressionLevel: 4 });
	return { bytes: await framed.toBuffer(), contentType: `image/${format}` };
}
