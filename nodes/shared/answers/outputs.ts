import type { IDataObject } from 'n8n-workflow';
import { recogniseImage } from '../kit/imageTypes';
import { parseHttpUrl, resolveUrl } from '../kit/urls';
import { isObject, parseJson } from '../kit/json';

/** Where a finished answer says that an image is. */
export type ImageSource = { kind: 'url'; url: string } | { kind: 'base64'; base64: string };

/** What a finished answer holds. */
export interface Outputs {
	/** Without repetitions, in the answer's order. */
	images: ImageSource[];
	/** A workflow's outputs that are not images, by their name. */
	texts: IDataObject;
	/** URLs among the images that nobody calls one, each with the output's name: their bytes decide. */
	untyped: Record<string, string>;
}

/**
 * The places where an answer keeps its images, best first: `images`, `image` and `output` [docs],
 * the rest [field]. The first one that holds an image counts; the others repeat it.
 */
const OUTPUT_PLACES = ['images', 'image', 'image_url', 'output', 'url', 'data', 'base64', 'result'];

/** What stands there is called an image by its place. */
const IMAGE_PLACES = ['images', 'image', 'image_url'];

/** Shorter texts are taken for words, not for Base64. */
const SHORTEST_BASE64 = 80;

/** The Base64 part of a data URI, or of a text that is an image in Base64; undefined for anything else. */
export function base64OfImage(text: string): string | undefined {
	const dataUri = /^data:[^,]*;base64,/i.exec(text);
	if (dataUri) return text.slice(dataUri[0].length);
	if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_-]{64}/.test(text)) return undefined;
	return recogniseImage(Buffer.from(text.slice(0, 88), 'base64')) ? text : undefined;
}

/** Whether the answer itself says that a value is something else than an image, or than where one is. */
const isDeclaredOther = (type: unknown): boolean =>
	typeof type === 'string' && !/image|media|octet-stream|^(url|uri|file)?$/i.test(type);

const isDeclaredImage = (type: unknown): boolean => typeof type === 'string' && /image/i.test(type);

/** Adds an output under its name, or under the first free one of "name2", "name3" … */
export function addText(texts: IDataObject, name: string, value: unknown): void {
	// In an object it would be no entry like others.
	const wanted = name === '__proto__' ? 'proto' : name;
	let free = wanted;
	for (let count = 2; Object.hasOwn(texts, free); count++) free = `${wanted}${count}`;
	texts[free] = value as IDataObject;
}

/** The image that a text is or has the URL of, also when that leaves out the answer's own host or protocol. */
function imageIn(text: string, answerUrl: string | undefined): ImageSource | undefined {
	const base64 = base64OfImage(text);
	if (base64 !== undefined) return { kind: 'base64', base64 };
	if (parseHttpUrl(text)) return { kind: 'url', url: text };
	if (answerUrl === undefined || !/^\.{0,2}\/\S+$/.test(text)) return undefined;
	const url = resolveUrl(text, answerUrl);
	return url === undefined ? undefined : { kind: 'url', url };
}

/** Of a value: its name; what the answer itself says that it is, if it does; the answer's URL. */
interface About {
	name: string;
	type?: unknown;
	answerUrl?: string;
}

/** Adds what a value holds to what was found. */
function collect(found: Outputs, value: unknown, about: About): void {
	const { name, type } = about;
	if (value === null || value === undefined) return;
	if (!isDeclaredOther(type)) {
		if (typeof value === 'string') return collectText(found, value.trim(), about);
		if (Array.isArray(value)) return value.forEach((entry) => collect(found, entry, about));
		if (isObject(value)) return collectObject(found, value, about);
	}
	addText(found.texts, name, value);
}

function collectText(found: Outputs, text: string, { name, type, answerUrl }: About): void {
	const image = imageIn(text, answerUrl);
	if (image) {
		found.images.push(image);
		if (image.kind === 'url' && !isDeclaredImage(type)) found.untyped[image.url] ??= name;
		return;
	}
	// A text may hold an object, a list or a text as JSON.
	const parsed = /^[[{"]/.test(text) ? parseJson(text) : undefined;
	if (parsed !== undefined) collect(found, parsed, { name, answerUrl });
	else if (text !== '') addText(found.texts, name, text);
}

/** `{keyname, value: {data, type}}` of a workflow, `{url}` of an image list, else key by key. */
function collectObject(
	found: Outputs,
	object: IDataObject,
	{ name, type, answerUrl }: About,
): void {
	const { keyname, value } = object;
	if (typeof keyname === 'string' && value !== undefined) {
		const output = isObject(value) && 'data' in value ? value : { data: value, type: object.type };
		collect(found, output.data, { name: keyname, type: output.type, answerUrl });
	} else if (typeof object.url === 'string' || typeof object.data === 'string') {
		const ownType = object.type ?? object.content_type ?? type;
		collect(found, object.url || object.data, { name, type: ownType, answerUrl });
	} else {
		for (const [key, entry] of Object.entries(object)) {
			collect(found, entry, { name: key, answerUrl });
		}
	}
}

/**
 * Reads the images and texts of a finished answer, in every shape that Segmind's documentation and the
 * field know.
 *
 * @param answer the parsed JSON body
 * @param answerUrl where the answer comes from: it may name images without a host
 */
export function readOutputs(answer: unknown, answerUrl?: string): Outputs {
	let texts: IDataObject = {};
	for (const name of isObject(answer) ? OUTPUT_PLACES : ['output']) {
		const found: Outputs = { images: [], texts: {}, untyped: {} };
		const type = IMAGE_PLACES.includes(name) ? 'image' : undefined;
		collect(found, isObject(answer) ? answer[name] : answer, { name, type, answerUrl });
		const images = new Map(
			found.images.map((image) => [image.kind === 'url' ? image.url : image.base64, image]),
		);
		if (images.size > 0) return { ...found, images: [...images.values()] };
		texts = { ...found.texts, ...texts };
	}
	return { images: [], texts, untyped: {} };
}
