import type { IDataObject } from 'n8n-workflow';
import { recogniseImage } from './imageTypes';
import { parseHttpUrl } from './urls';

/** Where a finished answer says that an image is. */
export type ImageSource = { kind: 'url'; url: string } | { kind: 'base64'; base64: string };

/** What a finished answer holds. */
export interface Outputs {
	/** Without repetitions, in the answer's order. */
	images: ImageSource[];
	/** A workflow's outputs that are not images, by their name. */
	texts: IDataObject;
}

/**
 * The places where an answer keeps its images, best first: `images`, `image` and `output` [docs],
 * the rest [field]. The first one that holds an image counts; the others repeat it.
 */
const PLACES = ['images', 'image', 'image_url', 'output', 'url', 'data', 'base64', 'result'];

/** Shorter texts are taken for words, not for Base64. */
const SHORTEST_BASE64 = 80;

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The Base64 part of a data URI, or of a text that is an image in Base64; undefined for anything else. */
export function base64OfImage(text: string): string | undefined {
	const dataUri = /^data:[^,]*;base64,/i.exec(text);
	if (dataUri) return text.slice(dataUri[0].length);
	if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/]{64}/.test(text)) return undefined;
	return recogniseImage(Buffer.from(text.slice(0, 88), 'base64')) ? text : undefined;
}

function parsedJson(text: string): unknown {
	if (!/^\s*[[{"]/.test(text)) return undefined;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

/** Whether the answer itself says that a value is something else than an image, or than where one is. */
const isDeclaredOther = (type: unknown): boolean =>
	typeof type === 'string' && type !== '' && !/image|octet-stream|^(url|uri|file)$/i.test(type);

class Collector implements Outputs {
	readonly images: ImageSource[] = [];

	readonly texts: IDataObject = {};

	private readonly seen = new Set<string>();

	/** @param type what the answer itself says that the value is, if it does */
	add(value: unknown, name: string, type?: unknown): void {
		if (isDeclaredOther(type)) this.texts[this.freeName(name)] = value as IDataObject;
		else if (typeof value === 'string') this.addText(value.trim(), name);
		else if (Array.isArray(value)) value.forEach((entry) => this.add(entry, name));
		else if (isObject(value)) this.addObject(value, name);
		else if (value !== null && value !== undefined)
			this.texts[this.freeName(name)] = value as IDataObject;
	}

	private addText(text: string, name: string): void {
		if (text === '') return;
		const base64 = base64OfImage(text);
		if (parseHttpUrl(text)) this.addImage({ kind: 'url', url: text }, text);
		else if (base64 !== undefined) this.addImage({ kind: 'base64', base64 }, base64);
		else {
			const parsed = parsedJson(text);
			if (parsed !== undefined) this.add(parsed, name);
			else this.texts[this.freeName(name)] = text;
		}
	}

	/** `{keyname, value: {data, type}}` of a workflow, `{url}` of an image list, else key by key. */
	private addObject(value: IDataObject, name: string): void {
		const inner = value.value;
		if (typeof value.keyname === 'string' && inner !== undefined) {
			if (isObject(inner) && 'data' in inner) this.add(inner.data, value.keyname, inner.type);
			else this.add(inner, value.keyname, value.type);
		} else if (typeof value.url === 'string' || typeof value.data === 'string') {
			this.add(value.url || value.data, name, value.type ?? value.content_type);
		} else {
			for (const [key, entry] of Object.entries(value)) this.add(entry, key);
		}
	}

	private addImage(source: ImageSource, identity: string): void {
		if (this.seen.has(identity)) return;
		this.seen.add(identity);
		this.images.push(source);
	}

	private freeName(name: string): string {
		let free = name;
		for (let count = 2; free in this.texts; count++) free = `${name}${count}`;
		return free;
	}
}

/**
 * Reads the images and texts of a finished answer, in every shape that Segmind's documentation and the
 * field know.
 *
 * @param answer the parsed JSON body
 */
export function readOutputs(answer: unknown): Outputs {
	if (!isObject(answer)) {
		const collected = new Collector();
		collected.add(answer, 'output');
		return collected;
	}
	let texts: IDataObject = {};
	for (const place of PLACES) {
		const collected = new Collector();
		collected.add(answer[place], place);
		if (collected.images.length > 0) return collected;
		texts = { ...collected.texts, ...texts };
	}
	return { images: [], texts };
}
