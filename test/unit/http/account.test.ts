import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { apiWords } from '../../../nodes/shared/answers/apiWords';
import {
	baseUrlsOf,
	createAccount,
	listOf,
	maskDeep,
	plainKey,
	readAccount,
} from '../../../nodes/shared/http/account';
import { sampleKey as KEY } from '../../support/samples';

const API = 'https://api.segmind.com';
const STORAGE = 'https://workflows-api.segmind.com';
const ODD_KEY = 'SG_01/23+45=67 89';

const account = createAccount(KEY, { baseUrl: API, storageUrl: STORAGE });

it.each([281, 285, 290])(
	'a key that a message cuts in the middle is masked: after %i',
	(length) => {
		// eslint-disable-next-line @n8n/community-nodes/no-hardcoded-secrets
		const key = 'SG_0f1e2d3c4b5a6978';
		const { mask } = createAccount(key, {
			baseUrl: 'https://a.test',
			storageUrl: 'https://a.test',
		});
		const error = `${'x'.repeat(length - 1)} ${key} is not a valid key`;
		expect(mask(`It says: "${apiWords({ error })}"`)).not.toContain(key.slice(0, 8));
		expect(mask(`"${key.slice(0, 12)}" is no URL`)).toBe('"********" is no URL');
		expect(mask(`${key.slice(0, 12)} goes on`)).toContain(key.slice(0, 12));
	},
);

describe('masking the key in a text', () => {
	const base64 = (key: string) => Buffer.from(key).toString('base64');
	const percent = (key: string) =>
		[...Buffer.from(key)].map((byte) => `%${byte.toString(16)}`).join('');

	it.each(['', ':', ':x', 'xyz'])('finds it in Base64 before %j', (after) => {
		for (const key of [KEY, ODD_KEY]) {
			const { mask } = createAccount(key, { baseUrl: API, storageUrl: STORAGE });
			for (const alphabet of ['base64', 'base64url'] as const) {
				const left = mask(Buffer.from(key + after).toString(alphabet));
				expect(left).toContain('********');
				// What is left is what follows, and at most one character that the key has a part in.
				const most = Math.ceil((after.length * 4) / 3) + 3;
				expect(left.replace('********', '').length).toBeLessThanOrEqual(most);
			}
		}
	});

	it.each([
		['as it is', KEY, KEY],
		['with white space around the credential', ` ${KEY}\n`, KEY],
		['encoded for a URL', ODD_KEY, encodeURIComponent(ODD_KEY)],
		['in Base64', KEY, base64(KEY)],
		['in Base64 without its padding', ODD_KEY, base64(ODD_KEY).replace(/=+$/, '')],
		['with odd characters', ODD_KEY, ODD_KEY],
		[
			'in Base64 without two signs of padding',
			'SG_0123456789',
			base64('SG_0123456789').slice(0, -3),
		],
		['as short as it can be', 'SG_123456789', 'SG_123456789'],
		['in a bearer header', KEY, `Bearer ${KEY}`],
		['with each character encoded for a URL', KEY, percent(KEY)],
		['with one character encoded for a URL', KEY, KEY.replace('_', '%5F')],
		['with one character encoded in lower case', KEY, KEY.replace('_', '%5f')],
		['encoded twice', KEY, KEY.replace('_', '%255F')],
		['in lower case', KEY, KEY.toLowerCase()],
		['as HTML writes it', KEY, KEY.replace('_', '&#95;')],
		['as HTML writes it in hexadecimal', KEY, KEY.replace('_', '&#x5F;')],
		['as JSON may write it', KEY, KEY.replace('_', '\\u005f')],
		['in Base64 with a colon after it', KEY, base64(`${KEY}:`)],
		['in Base64 for URLs', ODD_KEY, Buffer.from(`${ODD_KEY}:`).toString('base64url')],
		['in Base64, encoded for a URL', ODD_KEY, encodeURIComponent(base64(ODD_KEY))],
	])('finds it %s', (_, key, spelling) => {
		const masked = createAccount(key, { baseUrl: API, storageUrl: STORAGE }).mask(
			`Key ${spelling}: no. ${spelling}`,
		);
		expect(masked).toContain('********');
		expect(masked).not.toContain(spelling);
		expect(masked).not.toContain(key.trim());
		expect(masked.startsWith('Key ')).toBe(true);
	});

	it('leaves a text without it as it is', () => {
		expect(account.mask('Nothing to see: SG_')).toBe('Nothing to see: SG_');
	});

	it.each(['', ' ', 'a', 'abc', 'none', 'images', 'segmind', 'placeholder'])(
		'does not eat ordinary text for the key %j',
		(key) => {
			const text = `abc a cat, none of the images at segmind is a placeholder ${base64(key)}`;
			expect(createAccount(key, { baseUrl: API, storageUrl: STORAGE }).mask(text)).toBe(text);
		},
	);
});

it('an address that is none is never own, though the credential has none either', () => {
	expect(createAccount(KEY, { baseUrl: 'nonsense', storageUrl: '' }).isOwn('nothing')).toBe(false);
});

it("the credential's own addresses count, and Segmind's where it has none", async () => {
	const read = async (fields: object) => {
		const getCredentials = async () => fields;
		return await readAccount({ getCredentials } as unknown as IExecuteFunctions);
	};
	const own = { baseUrl: 'https://api.example.com', storageUrl: 'https://files.example.com' };
	expect(await read(own)).toMatchObject(own);
	const empty = await read({ baseUrl: '', storageUrl: '' });
	expect(empty).toMatchObject({ baseUrl: API, storageUrl: STORAGE });
	expect(empty.mask('Stryker was here!')).toBe('Stryker was here!');
});

describe('masking the key in a value', () => {
	it('goes through lists, objects and names', () => {
		const value = {
			text: `a ${KEY}`,
			list: [KEY, { deep: [`b ${KEY}`] }],
			[`x-${KEY}`]: 1,
			number: 1,
			yes: true,
			nothing: null,
		};
		expect(maskDeep(value, account)).toEqual({
			text: 'a ********',
			list: ['********', { deep: ['b ********'] }],
			'x-********': 1,
			number: 1,
			yes: true,
			nothing: null,
		});
	});

	it('leaves the value itself untouched', () => {
		const value = { text: KEY };
		maskDeep(value, account);
		expect(value.text).toBe(KEY);
	});

	it.each([KEY, undefined, null, 7])('takes %j alone', (value) => {
		expect(maskDeep(value, account)).toBe(value === KEY ? '********' : value);
	});
});

describe('the places that may see the key', () => {
	it.each([
		[`${API}/v1/x`, true],
		[`${STORAGE}/upload-asset`, true],
		['https://cdn.segmind.com/a.png', false],
		['https://api.segmind.com@evil.com/', false],
		['https://api.segmind.com.evil.com/', false],
		['https://api.segmind.com:8443/', false],
		['http://api.segmind.com/v1/x', false],
	])('%s: %j', (url, own) => {
		expect(account.isOwn(url)).toBe(own);
	});
});

describe('the account of a node', () => {
	const contextWith = (credentials: object) =>
		({ getCredentials: async () => credentials }) as unknown as IExecuteFunctions;

	it('comes from its credential', async () => {
		const read = await readAccount(contextWith({ apiKey: KEY, baseUrl: API, storageUrl: STORAGE }));
		expect(read).toMatchObject({ baseUrl: API, storageUrl: STORAGE });
		expect(read.mask(KEY)).toBe('********');
	});

	it("has Segmind's own places when the credential names none", async () => {
		const read = await readAccount(contextWith({}));
		expect(read.isOwn(`${API}/v1/x`)).toBe(true);
		expect(read.isOwn('https://example.com/v1/x')).toBe(false);
		expect(read.isOwn('')).toBe(false);
	});
});

it.each<[unknown, string]>([
	[` ${KEY}\n`, KEY],
	['SG_01\u200b23\r\n45\u00a0', 'SG_012345'],
	['a b~!', 'a b~!'],
	[undefined, ''],
	[null, ''],
	[12345, '12345'],
])('of %j the headers carry %j', (pasted, key) => {
	expect(plainKey(pasted)).toBe(key);
});

describe('the history of an account', () => {
	const HISTORY = 'https://api.spotprod.segmind.com';
	const PROXY = 'https://proxy.example.com';

	it.each<[string, IDataObject, string | undefined]>([
		['nothing is given', {}, HISTORY],
		['both are what n8n fills in', { baseUrl: API, historyUrl: HISTORY }, HISTORY],
		['it is empty', { baseUrl: ` ${API} `, historyUrl: ' ' }, HISTORY],
		['it has a path', { historyUrl: `${HISTORY}/x` }, `${HISTORY}/x`],
		['the API is a proxy', { baseUrl: PROXY }, undefined],
		['n8n has filled it in beside a proxy', { baseUrl: PROXY, historyUrl: HISTORY }, undefined],
		['a proxy has one too', { baseUrl: PROXY, historyUrl: ` ${PROXY}/h ` }, `${PROXY}/h`],
		['only it is a proxy', { baseUrl: API, historyUrl: PROXY }, PROXY],
	])('when %s', (_, credential, historyUrl) => {
		expect(baseUrlsOf(credential).historyUrl).toBe(historyUrl);
	});

	it('is one of the places that may see the key', () => {
		const urls = { baseUrl: API, storageUrl: STORAGE };
		expect(listOf({ ...urls, historyUrl: HISTORY })).toEqual([API, STORAGE, HISTORY]);
		expect(listOf(urls)).toEqual([API, STORAGE]);
		expect(createAccount(KEY, { ...urls, historyUrl: PROXY }).isOwn(`${PROXY}/x`)).toBe(true);
		expect(createAccount(KEY, urls).isOwn(`${PROXY}/x`)).toBe(false);
	});
});
