import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isOwnOrigin, originOf } from '../kit/urls';

/** Name of the credential type. */
export const CREDENTIAL = 'segmindApi';

/** The base URLs of a credential. */
export interface BaseUrls {
	baseUrl: string;
	storageUrl: string;
	/** Where the account's request history is found, if anywhere. */
	historyUrl?: string;
}

/** What the node needs to know of the credential: where to call, and what must never be shown. */
export interface Account extends BaseUrls {
	/** Whether a URL may be called with the key. */
	isOwn(url: string): boolean;
	/** Replaces the key in a text, in every spelling in which an API may echo it. */
	mask(text: string): string;
}

/** Segmind's own addresses [seed, docs]. */
export const API_BASE_URL = 'https://api.segmind.com';
export const STORAGE_BASE_URL = 'https://workflows-api.segmind.com';
export const HISTORY_BASE_URL = 'https://api.spotprod.segmind.com';

const MASK = '********';

/**
 * Shorter "keys" are placeholders ("none", for a proxy that has the real one) or typing errors. Masking them would
 * eat ordinary text, and keep image URLs from being called that happen to hold the word. A key of Segmind has 19
 * characters [docs].
 */
const SHORTEST_KEY = 12;

/** The key without what people paste along and no header can carry: line breaks, invisible characters. */
export const plainKey = (apiKey: unknown): string =>
	String(apiKey ?? '')
		.replace(/[^ -~]/g, '')
		.trim();

/** One of some characters as it is, or as URLs (encoded once or more often), HTML and JSON write it. */
function anySpelling(characters: string): string {
	const spellings = [...characters].map((character) => {
		const code = character.charCodeAt(0);
		const hex = code.toString(16).padStart(2, '0');
		return `\\x${hex}|%(?:25)*${hex}|&#0*${code};|&#x0*${hex};|\\\\u00${hex}`;
	});
	return `(?:${spellings.join('|')})`;
}

/** The characters in which the usual Base64 and the one for URLs differ. */
const BASE64_ALPHABETS: Record<string, string> = { '+': '+-', '/': '/_' };

/** As much of a key that a message has cut in the middle is masked; characters. */
const SHORTEST_CUT = 8;

/** Finds the key in every spelling in which an answer may repeat it, and its beginning where a text was cut. */
function keyPattern(key: string): RegExp | undefined {
	if (key.length < SHORTEST_KEY) return undefined;
	// As much of its Base64 as doesn't depend on what follows: nothing, or the colon of a basic login.
	const base64 = Buffer.from(key)
		.toString('base64')
		.slice(0, Math.floor((key.length * 4) / 3));
	const characters = [...base64].map((character) => BASE64_ALPHABETS[character] ?? character);
	const plain = [...key].map(anySpelling);
	const whole = [plain, characters.map(anySpelling)].map((text) => text.join(''));
	const rest = plain.slice(SHORTEST_CUT).reduceRight((after, one) => `(?:${one}${after})?`, '');
	const cut = `${plain.slice(0, SHORTEST_CUT).join('')}${rest}(?=…|"|$)`;
	// Hosts in URLs come in lower case.
	return new RegExp([...whole, cut].join('|'), 'gi');
}

/**
 * The base URLs that a credential names. One that was saved before it knew of the history gets the default from n8n:
 * that counts where the API is Segmind's own, too. Else there is no history, as a proxy's user has chosen no such
 * origin for the key.
 */
export function baseUrlsOf(credential: IDataObject): BaseUrls {
	const baseUrl = String(credential.baseUrl || API_BASE_URL);
	const isSegminds = originOf(baseUrl.trim()) === API_BASE_URL;
	const given = String(credential.historyUrl ?? '').trim() || HISTORY_BASE_URL;
	const historyUrl = isSegminds || originOf(given) !== HISTORY_BASE_URL ? given : undefined;
	return { baseUrl, storageUrl: String(credential.storageUrl || STORAGE_BASE_URL), historyUrl };
}

/** The base URLs as a list: the only places that may see the key. */
export const listOf = ({ baseUrl, storageUrl, historyUrl }: BaseUrls): string[] => [
	baseUrl,
	storageUrl,
	...(historyUrl === undefined ? [] : [historyUrl]),
];

/** Builds an account out of the credential's fields. */
export function createAccount(apiKey: string, urls: BaseUrls): Account {
	const pattern = keyPattern(plainKey(apiKey));
	const own = listOf(urls);
	return {
		...urls,
		isOwn: (url) => isOwnOrigin(url, own),
		mask: (text) => (pattern ? text.replace(pattern, MASK) : text),
	};
}

/** Reads the credential of the node; throws n8n's own error when none is set. */
export async function readAccount(
	context: Pick<IExecuteFunctions, 'getCredentials'>,
): Promise<Account> {
	const credential = await context.getCredentials(CREDENTIAL);
	return createAccount(String(credential.apiKey ?? ''), baseUrlsOf(credential));
}

/** The texts of a value of any shape, masked. */
export function maskDeep<T>(value: T, account: Pick<Account, 'mask'>): T {
	if (typeof value === 'string') return account.mask(value) as T;
	if (Array.isArray(value)) return value.map((entry: unknown) => maskDeep(entry, account)) as T;
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [account.mask(name), maskDeep(entry, account)]),
	) as T;
}
