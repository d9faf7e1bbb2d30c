/** Where a person makes keys, and sees incidents [docs]. */
export const KEYS_PAGE = 'https://platform.segmind.com/api-keys';
export const STATUS_HINT = 'https://status.segmind.com shows whether Segmind has an incident.';

/**
 * Parses a text as an http(s) URL; anything else gives undefined.
 *
 * @param from the URL that one without protocol, host or folder is seen from
 */
export function parseHttpUrl(text: string, from?: string): URL | undefined {
	try {
		const url = new URL(text, from);
		return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
	} catch {
		return undefined;
	}
}

/** Appends an API path to a base URL that may have a path prefix and a trailing slash. */
export const joinUrl = (baseUrl: string, path: string): string =>
	`${baseUrl.trim().replace(/\/+$/, '')}${path}`;

/** Scheme, host and port of an http(s) URL; undefined for anything else. */
export const originOf = (url: string): string | undefined => parseHttpUrl(url)?.origin;

/** Whether `url` lies on the origin of one of the base URLs: the only places that may see the key. */
export function isOwnOrigin(url: string, baseUrls: string[]): boolean {
	const origin = originOf(url);
	return origin !== undefined && baseUrls.some((base) => originOf(base) === origin);
}

/**
 * The path of `url` seen from the base URL among `baseUrls` that it lies below, the longest one: without its prefix.
 * Undefined when it lies below none.
 */
export function pathBelow(url: string, baseUrls: string[]): string | undefined {
	const path = parseHttpUrl(url)?.pathname ?? '';
	return baseUrls
		.filter((base) => isOwnOrigin(url, [base]))
		.map((base) => parseHttpUrl(base)?.pathname.replace(/\/+$/, '') ?? '')
		.filter((prefix) => path.startsWith(`${prefix}/`))
		.map((prefix) => path.slice(prefix.length))
		.sort((a, b) => a.length - b.length)[0];
}

/** A URL that may leave out protocol, host or folder, seen from the URL of the answer that names it. */
export const resolveUrl = (named: string, from: string): string | undefined =>
	parseHttpUrl(named, from)?.href;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Nothing but a UUID or a hash, or several of them with a number behind: storages call files so, people don't. */
const BARE_ID = new RegExp(
	`^(${UUID}|[0-9a-f]{16,})([-_](${UUID}|[0-9a-f]{16,}|\\d{1,4}))*(\\.\\w+)?$`,
	'i',
);

/** The last segment of a URL's path, decoded: the file name that it suggests, if any. */
export function fileNameOfUrl(url: string): string | undefined {
	const segment = parseHttpUrl(url)?.pathname.split('/').pop();
	if (!segment || BARE_ID.test(segment)) return undefined;
	return decodeOrLeave(segment);
}

/** A part of a path, decoded; as it is when it is not encoded as it should be. */
export function decodeOrLeave(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}
