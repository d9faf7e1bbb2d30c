import type { IExecuteFunctions } from 'n8n-workflow';
import { plainBase64 } from '../kit/base64Body';
import { hasInvisible } from '../kit/invisible';
import { pathsTo } from '../kit/json';
import { decodeOrLeave, fileNameOfUrl, parseHttpUrl } from '../kit/urls';
import type { SegmindModel } from '../model';
import { readChoice, readText, refuse, type ItemParameters } from '../parameters/read';
import type { ImageInput } from './binaryField';
import { fileInItem, readBinaryFile, type ImageFile } from './binaryFile';

export type { ImageFile } from './binaryFile';

/** An image of one item, before it travels. */
export type ImageIn = ImageFile | { kind: 'url'; field: string; url: string; fileName?: string };

const looksLikeUrl = (value: unknown): boolean =>
	typeof value === 'string' && /^\s*(https?:\/\/|data:)/i.test(value);

/** The content of a data URI. */
function contentOf(uri: string, label: string): string {
	const form = 'It must read data:image/png;base64,…';
	const head = /^data:([^,]*),/i.exec(uri);
	if (!head || !/;base64$/i.test(head[1] ?? '')) {
		return refuse(`${label} is a data URI without Base64 content`, form);
	}
	const content = uri.slice(head[0].length);
	const base64 = plainBase64(content.includes('%') ? decodeOrLeave(content) : content);
	return base64 ?? refuse(`${label} is a data URI whose content is not Base64`, form);
}

/** Refuses what a browser would put right in silence, and Segmind would fetch in vain. */
function checkUrl(text: string, label: string): void {
	const shown = `"${text.slice(0, 80)}"`;
	if (/[\s,;|]https?:\/\//i.test(text)) {
		refuse(
			`${label} has more than one URL: ${shown}`,
			'Give one URL per item; "Split Out" makes items from a list. Write a comma that is part of a URL as %2C.',
		);
	}
	if (hasInvisible(text) || /[^\S ]/.test(text)) {
		refuse(
			`${label} has a line break or an invisible character in its URL: ${shown}`,
			'Type the URL again, or copy it from where the image is.',
		);
	}
	const url = parseHttpUrl(text);
	if (!url || !/^https?:\/\/[^/\\]/i.test(text) || /^https?$/.test(url.hostname)) {
		refuse(
			`${label} is not a URL: ${shown}`,
			'A URL starts with https:// once, followed by the name of a server. For a file from an earlier node, switch Input to "Binary File".',
		);
	}
}

/** Reads an image's *URL*: an address, or the file itself. What is invisible around it is left out. */
function readImageUrl(input: ImageInput): ImageIn {
	const { name, label, field, parameters } = input;
	const given = parameters.get(`${name}Url`);
	const [path] = typeof given === 'object' ? pathsTo(looksLikeUrl, given) : [];
	const hint =
		path === undefined
			? 'Use an expression that gives the URL itself as text.'
			: `Extend the expression to the URL itself, e.g. {{ $json.images${path} }}.`;
	const text = readText(given, `${label} URL`, hint);
	if (text === '') {
		refuse(
			`${label} has no URL`,
			'Enter the public URL of an image, or switch its Input to "Binary File".',
		);
	}
	if (/^data:/i.test(text)) return fileInItem(input, contentOf(text, label));
	checkUrl(text, label);
	return { kind: 'url', field, url: text, fileName: fileNameOfUrl(text) };
}

/**
 * The images of one item, checked: what each is, and how to read it. Nothing has been sent or read whole
 * when it returns. Throws an `ItemProblem` for an image that cannot work.
 */
export async function readImagesIn(
	context: IExecuteFunctions,
	{ images }: SegmindModel,
	item: { parameters: ItemParameters; itemIndex: number },
): Promise<ImageIn[]> {
	const read: ImageIn[] = [];
	for (const image of images) {
		const { name, label, optional } = image;
		const kind = readChoice(
			item.parameters.get(`${name}Input`, optional ? 'none' : 'url'),
			`${label} Input`,
			optional ? ['url', 'binary', 'none'] : ['url', 'binary'],
		);
		const input = { ...image, ...item, context };
		if (kind === 'url') read.push(readImageUrl(input));
		if (kind === 'binary') read.push(await readBinaryFile(input));
	}
	return read;
}
