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
const PLACES = ['images', 'image', 'image_url', 'output', 'url', 'data', 'base64', 'result'];

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

/** A text that holds an object, a list or a text as JSON. */
const parsedJson = (text: string): unknown =>
	/^\s*[[{"]/.test(text) ? parseJson(text) : undefined;

/** Whether the answer itself says that a value is something else than an image, or than where one is. */
const isDeclaredOther = (type: unknown): boolean =>
	typeof type === 'string' &&
	type !== '' &&
	!/image|media|octet-stream|^(url|uri|file)$/i.test(type);

const isDeclaredImage = (type: unknown): boolean => typeof type === 'string' && /image/i.test(type);

/** Adds an output under its name, or under the first free one of "name2", "name3" … */
export function addText(texts: IDataObject, name: string, value: unknown): void {
	// In an object it would be no entry like others.
	const wanted = name === '__proto__' ? 'proto' : name;
	let free = wanted;
	for (let count = 2; Object.hasOwn(texts, free); count++) free = `${wanted}${count}`;
	texts[free] = value as IDataObject;
}

class Collector {
	readonly outputs: Outputs = { images: [], texts: {}, untyped: {} };

	private readonly seen = new Set<string>();

	/** @param base the URL of the answer, for those that it gives without a host */
	constructor(private readonly base: string | undefined) {}

	/** @param type what the answer itself says that the value is, if it does */
	add(value: unknown, name: string, type?: unknown): void {
		if (isDeclaredOther(type)) this.addOther(value, name);
		else if (typeof value === 'string') this.addString(value.trim(), name, type);
		else if (Array.isArray(value)) value.forEach((entry) => this.add(entry, name, type));
		else if (isObject(value)) this.addObject(value, name, type);
		else if (value !== null && value !== undefined) this.addOther(value, name);
	}

	private addOther(value: unknown, name: string): void {
		addText(this.outputs.texts, name, value);
	}

	private addString(text: string, name: string, type: unknown): void {
		if (text === '') return;
		const base64 = base64OfImage(text);
		const url = base64 === undefined ? this.urlOf(text) : undefined;
		if (url !== undefined) {
			this.addImage({ kind: 'url', url }, url);
			if (!isDeclaredImage(type)) this.outputs.untyped[url] ??= name;
		} else if (base64 !== undefined) this.addImage({ kind: 'base64', base64 }, base64);
		else {
			const parsed = parsedJson(text);
			if (parsed !== undefined) this.add(parsed, name);
			else this.addOther(text, name);
		}
	}

	/** A text as a URL, also when it leaves out the answer's own host or protocol. */
	private urlOf(text: string): string | undefined {
		if (parseHttpUrl(text)) return text;
		const isRelative = /^(\/|\.{1,2}\/)[^\s]+$/.test(text);
		return isRelative && this.base !== undefined ? resolveUrl(text, this.base) : undefined;
	}

	/** `{keyname, value: {data, type}}` of a workflow, `{url}` of an image list, else key by key. */
	private addObject(value: IDataObject, name: string, type: unknown): void {
		const inner = value.value;
		if (typeof value.keyname === 'string' && inner !== undefined) {
			if (isObject(inner) && 'data' in inner) this.add(inner.data, value.keyname, inner.type);
			else this.add(inner, value.keyname, value.type);
		} else if (typeof value.url === 'string' || typeof value.data === 'string') {
			this.add(value.url || value.data, name, value.type ?? value.content_type ?? type);
		} else {
			for (const [key, entry] of Object.entries(value)) this.add(entry, key);
		}
	}

	private addImage(source: ImageSource, identity: string): void {
		if (this.seen.has(identity)) return;
		this.seen.add(identity);
		this.outputs.images.push(source);
	}
}

/**
 * Reads the images and texts of a finished answer, in every shape that Segmind's documentation and the
 * field know.
 *
 * @param answer the parsed JSON body
 * @param url where the answer comes from: it may name images without a host
 */
export function readOutputs(answer: unknown, url?: string): Outputs {
	const collect = (value: unknown, name: string): Outputs => {
		const collector = new Collector(url);
		collector.add(value, name, IMAGE_PLACES.includes(name) ? 'image' : undefined);
		return collector.outputs;
	};
	if (!isObject(answer)) return collect(answer, 'output');
	let texts: IDataObject = {};
	for (const place of PLACES) {
		const collected = collect(answer[place], place);
		if (collected.images.length > 0) return collected;
		texts = { ...collected.texts, ...texts };
	}
	return { images: [], texts, untyped: {} };
}
