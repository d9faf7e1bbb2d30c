import type { IExecuteFunctions } from 'n8n-workflow';
import {
	recogniseForeign,
	recogniseImage,
	type FileType,
	type ForeignType,
} from '../kit/imageTypes';
import { fileNameOfUrl } from '../kit/urls';
import type { ImageField, SegmindModel } from '../model';
import { readChoice, refuse, type ItemParameters } from '../parameters/read';
import { readBinaryField } from './binaryField';
import { fileInItem, fileOf, LARGEST_FILE, type BinaryFile } from './binaryFile';
import { readImageUrl } from './imageUrl';

/** An image of one item that is a file. */
export type ImageFile = Extract<ImageIn, { kind: 'file' }>;

/** An image of one item, before it travels. */
export type ImageIn =
	| { kind: 'url'; field: string; url: string; fileName?: string }
	| (Omit<BinaryFile, 'head'> & {
			kind: 'file';
			field: string;
			fileName?: string;
			type: FileType;
	  });

const WAYS_OUT: Record<ForeignType, string> = {
	'a HEIC photo':
		'Convert it to JPEG first (on an iPhone: Settings, Camera, Formats, "Most Compatible").',
	'a RAW photo': 'Convert it to JPEG first.',
	'a PDF': 'Turn the page into a JPEG or PNG image first.',
	'an SVG drawing': 'Turn the drawing into a PNG image first.',
	'a web page (HTML)': 'Use the address of the image itself, not of the page that shows it.',
	'an XML document':
		'Storages such as S3 and Azure answer so when a link has expired or is not public: get a fresh one.',
	'JSON text': 'Look at what the earlier node put into the field.',
	'a video': 'Take a still image from it first.',
	'a ZIP archive': 'Unpack the archive first.',
	'Base64 text':
		'Turn the text into the file that it stands for: in "Convert to File", use "Move Base64 String to File".',
	'a data URI':
		'Switch Input to "URL" and put the data URI in there, or take off all up to its comma and use "Move Base64 String to File" in "Convert to File".',
	'a file spoiled by being read as text':
		'That cannot be mended. Let the earlier node give the file out as a file, e.g. with Response Format "File" in the HTTP Request node.',
};

/** Checks a file by its first bytes and its size. */
function checkFile(label: string, head: Buffer, bytes: number | undefined): FileType {
	if (head.length === 0) {
		refuse(`${label} is an empty file`, 'Look at what the earlier node put into the field.');
	}
	const type = recogniseImage(head);
	if (!type) {
		const foreign = recogniseForeign(head);
		return foreign
			? refuse(`${label} is ${foreign}, which Segmind doesn't accept`, WAYS_OUT[foreign])
			: refuse(`${label} is not an image that Segmind accepts`, 'Use a JPEG, PNG or WebP image.');
	}
	if (bytes !== undefined && bytes > LARGEST_FILE) {
		refuse(
			`${label} has ${Math.ceil(bytes / 1024 / 1024)} MB; at most ${LARGEST_FILE / 1024 / 1024} MB are sent`,
			'Make the image smaller: 1024 pixels on the longer side are enough.',
		);
	}
	return type;
}

/** A file that may be sent, as an image of the item. */
function toImage({ head, ...file }: BinaryFile, { field, label }: ImageField): ImageFile {
	return { kind: 'file', field, type: checkFile(label, head, file.size), ...file };
}

/** A file name out of an item, whose fields may hold anything. */
const nameFrom = (value: unknown): string | undefined =>
	typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

async function fromBinary(
	context: IExecuteFunctions,
	image: ImageField,
	{ parameters, itemIndex }: ItemToRead,
): Promise<ImageIn> {
	const { name, label } = image;
	const given = parameters.get(`${name}BinaryField`, 'data');
	const { binary, named } = readBinaryField(given, { context, itemIndex, label });
	const file = await fileOf(context, binary, label);
	if (!file) {
		return refuse(
			`${label}: ${named} holds no file that can be read`,
			'Look at what the earlier node put into the field: a file in an item is Base64 text under "data".',
		);
	}
	return { ...toImage(file, image), fileName: nameFrom(binary.fileName) };
}

function fromUrl(image: ImageField, parameters: ItemParameters): ImageIn {
	const { name, label, field } = image;
	const given = readImageUrl(parameters.get(`${name}Url`), label);
	if ('base64' in given) return toImage(fileInItem(given.base64), image);
	return { kind: 'url', field, url: given.url, fileName: fileNameOfUrl(given.url) };
}

async function readImage(
	context: IExecuteFunctions,
	image: ImageField,
	item: ItemToRead,
): Promise<ImageIn | undefined> {
	const { name, label, optional } = image;
	const input = readChoice(
		item.parameters.get(`${name}Input`, optional ? 'none' : 'url'),
		`${label} Input`,
		optional ? ['url', 'binary', 'none'] : ['url', 'binary'],
	);
	if (input === 'none') return undefined;
	if (input === 'url') return fromUrl(image, item.parameters);
	return await fromBinary(context, image, item);
}

/** An item whose images are to be read. */
export interface ItemToRead {
	parameters: ItemParameters;
	itemIndex: number;
}

/**
 * The images of one item, checked: what each is, and how to read it. Nothing has been sent or read whole
 * when it returns. Throws an `ItemProblem` for an image that cannot work.
 */
export async function readImagesIn(
	context: IExecuteFunctions,
	{ images }: SegmindModel,
	item: ItemToRead,
): Promise<ImageIn[]> {
	const read: ImageIn[] = [];
	for (const image of images) {
		const given = await readImage(context, image, item);
		if (given) read.push(given);
	}
	return read;
}
