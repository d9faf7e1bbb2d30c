import { plainBase64 } from '../kit/base64Body';
import { hasInvisible } from '../kit/invisible';
import { pathsTo } from '../kit/json';
import { decodeOrLeave, parseHttpUrl } from '../kit/urls';
import { readText, refuse } from '../parameters/read';

/** What an image's *URL* names: an address, or the file itself as Base64 text. */
export type ImageUrl = { url: string } | { base64: string };

const looksLikeUrl = (value: unknown): boolean =>
	typeof value === 'string' && /^\s*(https?:\/\/|data:)/i.test(value);

/** The text of an image's *URL*; for a list or an object, the way to the URL inside it. */
function textOf(value: unknown, label: string): string {
	const [path] = typeof value === 'object' ? pathsTo(looksLikeUrl, value) : [];
	const hint =
		path === undefined
			? 'Use an expression that gives the URL itself as text.'
			: `Let the expression go on to the URL, e.g. {{ $json.images${path} }}.`;
	return readText(value, `${label} URL`, hint);
}

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
			'Give one URL for each item; "Split Out" makes items of a list. A comma that belongs to a single URL is written %2C.',
		);
	}
	if (hasInvisible(text) || /[^\S ]/.test(text)) {
		refuse(
			`${label} has a line break or an invisible character in its URL: ${shown}`,
			'Type the URL in anew, or copy it from where the image is.',
		);
	}
	const url = parseHttpUrl(text);
	if (!url || !/^https?:\/\/[^/\\]/i.test(text) || /^https?$/.test(url.hostname)) {
		refuse(
			`${label} is not a URL: ${shown}`,
			'A URL starts with https:// once, and goes on with the name of a server. For a file from an earlier node switch Input to "Binary File".',
		);
	}
}

/** Reads an image's *URL*; the text around it, and what is invisible there, is left out. */
export function readImageUrl(value: unknown, label: string): ImageUrl {
	const text = textOf(value, label);
	if (text === '') {
		refuse(
			`${label} has no URL`,
			'Put in the public URL of an image, or switch its Input to "Binary File".',
		);
	}
	if (/^data:/i.test(text)) return { base64: contentOf(text, label) };
	checkUrl(text, label);
	return { url: text };
}
