import { createHash } from 'crypto';
import { BINARY_ENCODING, type IBinaryData, type IExecuteFunctions } from 'n8n-workflow';
import { peek, discard } from '../kit/streams';
import { plainBase64, type Bytes } from '../kit/base64Body';
import {
	HEAD_BYTES,
	recogniseForeign,
	recogniseImage,
	type FileType,
	type ForeignType,
} from '../kit/imageTypes';
import type { ImageField, SegmindModel } from '../model';
import { readChoice, readText, refuse, type ItemParameters } from '../parameters/read';
import { decodeOrLeave, fileNameOfUrl, parseHttpUrl } from '../kit/urls';

/** An image of one item that is a file. */
export type ImageFile = Extract<ImageIn, { kind: 'file' }>;

/** An image of one item, before it travels. */
export type ImageIn =
	| { kind: 'url'; field: string; url: string; fileName?: string }
	| {
			kind: 'file';
			field: string;
			/** The same for the same content, wherever it comes from; not the name. */
			identity: string;
			fileName?: string;
			type: FileType;
			/** Size of the file in bytes, where n8n knows it without reading the file. */
			size: number | undefined;
			/** Writes the file as Base64 text. */
			read(into: Bytes): Promise<void>;
	  };

/** Largest file that is sent; bytes. As Base64 inside JSON it grows by a third. */
export const LARGEST_FILE = 50 * 1024 * 1024;

const WAYS_OUT: Record<ForeignType, string> = {
	HEIC: 'HEIC photos are not taken: convert it to JPEG first (on an iPhone: Settings, Camera, Formats, "Most Compatible").',
	PDF: 'Turn the page into a JPEG or PNG image first.',
	SVG: 'Turn the drawing into a PNG image first.',
	HTML: 'This is a web page. Use the address of the image itself, not of the page that shows it.',
	JSON: 'This is JSON text. Look at what the earlier node put into the field.',
	video: 'This is a video. Take a still image from it first.',
	ZIP: 'Unpack the archive first.',
};

/** Checks a file by its first bytes and its size. */
function checkFile(label: string, head: Buffer, bytes: number | undefined): FileType {
	if (head.length === 0) {
		refuse(`${label} is an empty file`, 'Look at what the earlier node put into the field.');
	}
	const type = recogniseImage(head);
	if (!type) {
		const foreign = recogniseForeign(head);
		refuse(
			`${label} is not an image that Segmind takes${foreign ? `, but ${foreign}` : ''}`,
			foreign ? WAYS_OUT[foreign] : 'Use a JPEG, PNG or WebP image.',
		);
	}
	if (bytes !== undefined && bytes > LARGEST_FILE) {
		refuse(
			`${label} has ${Math.ceil(bytes / 1024 / 1024)} MB; at most ${LARGEST_FILE / 1024 / 1024} MB are sent`,
			'Make the image smaller: 1024 pixels on the longer side are enough.',
		);
	}
	return type;
}

/** Identifies a file by its content, given as Base64 text or that text's bytes. */
export const contentIdentity = (base64: string | Buffer): string =>
	createHash('sha256').update(base64).digest('base64url');

/** Bytes of a Base64 text. */
const sizeOfBase64 = (base64: string) => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

function fromDataUri(text: string, image: ImageField): ImageIn {
	const { label } = image;
	const match = /^data:([^,]*),/i.exec(text);
	if (!match || !/;base64$/i.test(match[1] ?? '')) {
		refuse(`${label} is a data URI without Base64 content`, 'It must read data:image/png;base64,…');
	}
	const content = text.slice(match[0].length);
	const base64 = plainBase64(content.includes('%') ? decodeOrLeave(content) : content);
	if (base64 === undefined) {
		return refuse(
			`${label} is a data URI whose content is not Base64`,
			'It must read data:image/png;base64,…',
		);
	}
	return toImage(fileInItem(base64), image);
}

function fromUrl(text: string, image: ImageField): ImageIn {
	const { field, label } = image;
	if (text === '') {
		refuse(
			`${label} has no URL`,
			'Put in the public URL of an image, or switch its Input to "Binary File".',
		);
	}
	if (/^data:/i.test(text)) return fromDataUri(text, image);
	if (!parseHttpUrl(text)) {
		refuse(
			`${label} is not a URL: "${text.slice(0, 80)}"`,
			'A URL starts with https://. For a file from an earlier node switch Input to "Binary File".',
		);
	}
	return { kind: 'url', field, url: text, fileName: fileNameOfUrl(text) };
}

/** A file: its first bytes, its size where it is known without reading the file, and a way to read it. */
interface BinaryFile {
	head: Buffer;
	size: number | undefined;
	identity: string;
	read(into: Bytes): Promise<void>;
}

/** A file that may be sent, as an image of the item. */
function toImage({ head, ...file }: BinaryFile, { field, label }: ImageField): ImageIn {
	return { kind: 'file', field, type: checkFile(label, head, file.size), ...file };
}

/** A file that lies inside the item, as Base64 text. */
function fileInItem(base64: string): BinaryFile {
	return {
		head: Buffer.from(base64.slice(0, 2 * HEAD_BYTES), BINARY_ENCODING),
		size: sizeOfBase64(base64),
		identity: contentIdentity(base64),
		read: async (into) => into.ascii(base64),
	};
}

/** A file in n8n's binary store. */
async function fileInStore(context: IExecuteFunctions, id: string): Promise<BinaryFile> {
	const { getBinaryMetadata, getBinaryStream } = context.helpers;
	const size = (await getBinaryMetadata(id)).fileSize;
	const stream = await getBinaryStream(id, 1024);
	const head = await peek(stream, HEAD_BYTES);
	discard(stream);
	return {
		head: head.bytes,
		size,
		identity: id,
		read: async (into) => {
			if (await into.base64(await getBinaryStream(id), LARGEST_FILE)) return;
			refuse("The file could not be read from n8n's binary store", 'Run the earlier nodes again.');
		},
	};
}

async function readBinary(
	context: IExecuteFunctions,
	binary: IBinaryData,
): Promise<BinaryFile | undefined> {
	if (binary.id) return await fileInStore(context, binary.id);
	const base64 = typeof binary.data === 'string' ? plainBase64(binary.data) : undefined;
	return base64 === undefined ? undefined : fileInItem(base64);
}

/** An item's binary field. */
interface Place {
	itemIndex: number;
	fieldName: string;
}

async function fromBinary(
	context: IExecuteFunctions,
	{ itemIndex, fieldName }: Place,
	image: ImageField,
): Promise<ImageIn> {
	const { label } = image;
	if (fieldName === '') {
		refuse(
			`${label} has no input data field name`,
			'Name the field that holds the file, e.g. data.',
		);
	}
	const binary = findBinary(context, { itemIndex, fieldName });
	if (!binary) {
		const present = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
		const list = present.map((name) => `"${name}"`).join(', ');
		return refuse(
			`${label}: the item has no file in the field "${fieldName}"`,
			present.length > 0
				? `The item has files in: ${list}. Put one of these names in.`
				: 'The item has no files at all. Connect a node that outputs a file, or switch Input to "URL".',
		);
	}
	const file = await readBinary(context, binary);
	if (!file) {
		return refuse(
			`${label}: the field "${fieldName}" holds no file that can be read`,
			'Look at what the earlier node put into the field: a file in an item is Base64 text under "data".',
		);
	}
	return { ...toImage(file, image), fileName: binary.fileName };
}

function findBinary(
	context: IExecuteFunctions,
	{ itemIndex, fieldName }: Place,
): IBinaryData | undefined {
	// Every object has a "constructor" and a "toString".
	if (
		fieldName in {} &&
		!Object.hasOwn(context.getInputData()[itemIndex]?.binary ?? {}, fieldName)
	) {
		return undefined;
	}
	try {
		return context.helpers.assertBinaryData(itemIndex, fieldName);
	} catch {
		return undefined;
	}
}

async function readImage(
	context: IExecuteFunctions,
	image: ImageField,
	{ parameters, itemIndex }: ItemToRead,
): Promise<ImageIn | undefined> {
	const { name, label, optional } = image;
	const input = readChoice(
		parameters.get(`${name}Input`) ?? (optional ? 'none' : 'url'),
		`${label} Input`,
		optional ? ['url', 'binary', 'none'] : ['url', 'binary'],
	);
	if (input === 'none') return undefined;
	if (input === 'url') return fromUrl(readText(parameters.get(`${name}Url`) ?? ''), image);
	const fieldName = readText(parameters.get(`${name}BinaryField`) ?? 'data');
	return await fromBinary(context, { itemIndex, fieldName }, image);
}

/** Where an item's images are told. */
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
