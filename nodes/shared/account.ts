import type { IExecuteFunctions } from 'n8n-workflow';
import { originOf, pathBelow } from './urls';

/** Name of the credential type. */
export const CREDENTIAL = 'segmindApi';

/** What the node needs to know of the credential: where to call, and what must never be shown. */
export interface Account {
	baseUrl: string;
	storageUrl: string;
	/** Whether a URL may be called with the key. */
	isOwn(url: string): boolean;
	/** Whether a URL lies on the credential's own origins and below the path prefix that is given there. */
	isBelow(url: string): boolean;
	/** Replaces the key in a text, in every spelling in which an API may echo it. */
	mask(text: string): string;
}

/** Segmind's own addresses [seed, docs]. */
export const API_BASE_URL = 'https://api.segmind.com';
export const STORAGE_BASE_URL = 'https://workflows-api.segmind.com';

const MASK = '********';

/** Shorter "keys" are typing errors; masking them would eat ordinary text. */
const SHORTEST_KEY = 4;

/** The key without what people paste along and no header can carry: line breaks, invisible characters. */
export const plainKey = (apiKey: unknown): string =>
	String(apiKey ?? '')
		.replace(/[^ -~]/g, '')
		.trim();

/** Builds an account out of the credential's fields. */
export function createAccount(apiKey: string, baseUrl: string, storageUrl: string): Account {
	const key = plainKey(apiKey);
	const spellings =
		key.length < SHORTEST_KEY
			? []
			: [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')];
	const own = [baseUrl, storageUrl].map(originOf);
	return {
		baseUrl,
		storageUrl,
		isOwn: (url) => {
			const origin = originOf(url);
			return origin !== undefined && own.includes(origin);
		},
		isBelow: (url) => pathBelow(url, [baseUrl, storageUrl]) !== undefined,
		mask: (text) => spellings.reduce((masked, spelling) => masked.split(spelling).join(MASK), text),
	};
}

/** Reads the credential of the node; throws n8n's own error when none is set. */
export async function readAccount(context: IExecuteFunctions): Promise<Account> {
	const { apiKey, baseUrl, storageUrl } = await context.getCredentials(CREDENTIAL);
	return createAccount(
		String(apiKey ?? ''),
		String(baseUrl || API_BASE_URL),
		String(storageUrl || STORAGE_BASE_URL),
	);
}

/** The texts of a value of any shape, masked. */
export function maskDeep<T>(value: T, account: Account): T {
	if (typeof value === 'string') return account.mask(value) as T;
	if (Array.isArray(value)) return value.map((entry: unknown) => maskDeep(entry, account)) as T;
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [account.mask(name), maskDeep(entry, account)]),
	) as T;
}
