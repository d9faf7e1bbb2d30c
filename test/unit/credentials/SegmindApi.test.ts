/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { SegmindApi, sign } from '../../../credentials/SegmindApi.credentials';
import { sampleKey as KEY } from '../../support/samples';

const API = 'https://api.segmind.com';
const HISTORY = 'https://api.spotprod.segmind.com';
const STORAGE = 'https://workflows-api.segmind.com';
const WORKFLOW = '/workflows/678aa4026426baad7e5392fb-v7';

const credentials = (change: ICredentialDataDecryptedObject = {}) => ({
	apiKey: KEY,
	baseUrl: API,
	storageUrl: STORAGE,
	...change,
});

async function headersOf(
	request: string | IHttpRequestOptions,
	change: ICredentialDataDecryptedObject = {},
): Promise<Record<string, unknown>> {
	const options = typeof request === 'string' ? { url: request } : request;
	return (await sign(credentials(change), options)).headers ?? {};
}

const xKey = { 'x-api-key': KEY };
const both = { ...xKey, Authorization: `Bearer ${KEY}` };

describe('signing', () => {
	it.each([
		['the queue', `${API}/v2/faceswap-comic`],
		['the synchronous call', `${API}/v1/faceswap-comic`],
		['a status', `${API}/v2/requests/r-1/status`],
		['the balance', `${API}/v1/get-user-credits`],
		['an upload', `${STORAGE}/upload-asset`],
		['the default port', 'https://api.segmind.com:443/v1/x'],
		['a path that only mentions workflows', `${API}/v1/workflows/x`],
		['a path that only starts like it', `${API}/workflowsx/y`],
		['a query that mentions it', `${API}/v1/x?next=/workflows/`],
		['a path that leaves it', `${API}/workflows/../v1/x`],
	])('sends x-api-key alone: %s', async (_, url) => {
		expect(await headersOf(url)).toEqual(xKey);
	});

	it.each([
		['a submit', `${API}${WORKFLOW}`],
		['a status', `${API}/workflows/request/r-1`],
		['the other host', `${STORAGE}/workflows/request/r-1`],
		['a path that leads there', `${API}/v1/../workflows/x`],
	])('sends both on the paths of workflows: %s', async (_, url) => {
		expect(await headersOf(url)).toEqual(both);
	});

	it.each([
		['another origin', 'https://cdn.segmind.com/a.png'],
		['another protocol', 'http://api.segmind.com/v1/x'],
		['another port', 'https://api.segmind.com:8443/v1/x'],
		['a longer name', 'https://api.segmind.com.evil.com/v1/x'],
		['a user named like the API', 'https://api.segmind.com@evil.com/v1/x'],
		['a user and a password', 'https://api.segmind.com:443@evil.com/v1/x'],
		['a backslash', 'https://evil.com\\@api.segmind.com/v1/x'],
		['a fragment', 'https://evil.com#@api.segmind.com/'],
		['another host with the path of a workflow', `https://evil.com${WORKFLOW}`],
		['white space before it', ' https://evil.com/v1/x'],
		['no URL', 'not a URL'],
		['nothing', ''],
	])('leaves a foreign address unsigned: %s', async (_, url) => {
		expect(await headersOf(url)).toEqual({});
		expect(await headersOf({ url, baseURL: 'https://evil.com' })).toEqual({});
	});

	it.each([
		['key', `${API}${WORKFLOW}`, xKey],
		['bearer', `${API}${WORKFLOW}`, { Authorization: `Bearer ${KEY}` }],
		['both', `${API}${WORKFLOW}`, both],
		['anything else', `${API}${WORKFLOW}`, both],
		['bearer', `${API}/v2/faceswap-comic`, xKey],
		['bearer', 'https://cdn.segmind.com/a.png', undefined],
	])('names the key as the node wants it, %s, and takes that off: %s', async (way, url, named) => {
		const headers = { 'x-segmind-signature': way, accept: '*/*' };
		const signed = await headersOf({ url, headers });
		expect(signed).toEqual(named ? { accept: '*/*', ...named } : headers);
	});

	it('keeps the other headers, and replaces an old key', async () => {
		const headers = { 'content-type': 'application/json', 'x-api-key': 'old' };
		expect(await headersOf({ url: `${API}/v1/x`, headers })).toEqual({
			'content-type': 'application/json',
			...xKey,
		});
	});

	it('trims the key', async () => {
		expect(await headersOf(`${API}/workflows/x`, { apiKey: ` ${KEY}\n` })).toEqual(both);
	});

	it('changes nothing else of the request', async () => {
		const signed = await sign(credentials(), {
			url: `${API}/v1/x`,
			method: 'POST',
			body: { a: 1 },
		});
		expect(signed).toEqual({ url: `${API}/v1/x`, method: 'POST', body: { a: 1 }, headers: xKey });
	});
});

describe('the history', () => {
	it.each<[string, ICredentialDataDecryptedObject, object]>([
		["Segmind's own, with its own API", { historyUrl: HISTORY }, xKey],
		['in a credential that was saved without it', {}, xKey],
		['in one that has it empty', { historyUrl: '' }, xKey],
		// n8n fills the default into a credential that was saved without it.
		["Segmind's own, with another API", { historyUrl: HISTORY, baseUrl: 'https://proxy.test' }, {}],
		['none, with another API', { baseUrl: 'https://proxy.test' }, {}],
	])('%s', async (_, change, headers) => {
		expect(await headersOf(`${HISTORY}/inference-request/request-history`, change)).toEqual(
			headers,
		);
	});

	it('of a proxy gets the key, and no other then', async () => {
		const change = { historyUrl: 'https://proxy.test/history/' };
		expect(await headersOf('https://proxy.test/history/inference-request', change)).toEqual(xKey);
		expect(await headersOf(`${HISTORY}/inference-request`, change)).toEqual({});
	});
});

describe('base URLs of another form', () => {
	const prefixed = { baseUrl: 'https://proxy.test/segmind/', storageUrl: 'https://proxy.test' };

	it.each([
		['https://proxy.test/segmind/v1/x', xKey],
		[`https://proxy.test/segmind${WORKFLOW}`, both],
		['https://proxy.test/upload-asset', xKey],
		['https://other.test/segmind/v1/x', {}],
		[`${API}/v1/x`, {}],
	])('take a path prefix: %s', async (url, headers) => {
		expect(await headersOf(url, prefixed)).toEqual(headers);
	});

	it('take a prefix that is itself called workflows', async () => {
		const change = { baseUrl: 'https://proxy.test/workflows', storageUrl: STORAGE };
		expect(await headersOf('https://proxy.test/workflows/v1/x', change)).toEqual(xKey);
		expect(await headersOf('https://proxy.test/workflows/workflows/x', change)).toEqual(both);
	});

	it.each([`${API}/`, `${API}//`, ` ${API} `])('take %j', async (baseUrl) => {
		expect(await headersOf(`${API}${WORKFLOW}`, { baseUrl })).toEqual(both);
	});

	it('take a machine of the house', async () => {
		const change = { baseUrl: 'http://127.0.0.1:3000', storageUrl: 'http://127.0.0.1:3000' };
		expect(await headersOf(`http://127.0.0.1:3000${WORKFLOW}`, change)).toEqual(both);
		expect(await headersOf('http://127.0.0.1:3001/v1/x', change)).toEqual({});
	});

	it('sign nothing when they are none', async () => {
		const change = { baseUrl: 'nonsense', storageUrl: 'also nonsense' };
		expect(await headersOf(`${API}/v1/x`, change)).toEqual({});
		expect(await headersOf('', change)).toEqual({});
	});

	it("stand for Segmind's own when they are empty", async () => {
		const change = { baseUrl: '', storageUrl: '' };
		expect(await headersOf(`${API}/v1/x`, change)).toEqual(xKey);
		expect(await headersOf(`${STORAGE}/upload-asset`, change)).toEqual(xKey);
		expect(await headersOf('https://proxy.test/v1/x', change)).toEqual({});
	});
});

describe('a request that names its address in other ways', () => {
	it.each([
		['/v1/x', API, xKey],
		['/v1/x', `${API}/`, xKey],
		[WORKFLOW, API, both],
		['/v1/x', 'https://evil.com', {}],
		['https://evil.com/x', API, {}],
		[`${API}/v1/x`, 'https://evil.com', xKey],
		['@evil.com/x', API, {}],
		['.evil.com/x', API, {}],
		['//evil.com/x', API, {}],
	])('is signed by where it goes: %s at %s', async (url, baseURL, headers) => {
		expect(await headersOf({ url, baseURL })).toEqual(headers);
	});

	it.each([
		[`${API}/v1/x`, xKey],
		[`${API}${WORKFLOW}`, both],
		['https://evil.com/v1/x', {}],
	])("is signed when it comes from n8n's HTTP Request node: %s", async (uri, headers) => {
		const options = { uri, method: 'GET' } as unknown as IHttpRequestOptions;
		expect(await headersOf(options)).toEqual(headers);
	});
});

describe('the credential', () => {
	const credential = new SegmindApi();

	it('has its name, which saved workflows depend on', () => {
		expect(credential.name).toBe('segmindApi');
		expect(credential.displayName).toBe('Segmind API');
		expect(credential.authenticate).toBe(sign);
	});

	it('has the fields and defaults of the interface', () => {
		const fields = credential.properties.map(
			({ name, displayName, type, required, default: value }) => [
				name,
				displayName,
				type,
				required,
				value,
			],
		);
		expect(fields).toEqual([
			['apiKey', 'API Key', 'string', true, ''],
			['baseUrl', 'API Base URL', 'string', true, API],
			['storageUrl', 'Storage Base URL', 'string', true, STORAGE],
			['historyUrl', 'History Base URL', 'string', undefined, HISTORY],
		]);
	});

	it('hides the key, and nothing but the key', () => {
		const hidden = credential.properties.filter(({ typeOptions }) => typeOptions?.password);
		expect(hidden.map(({ name }) => name)).toEqual(['apiKey']);
	});

	it('has icons that exist', () => {
		for (const icon of Object.values(credential.icon)) {
			const path = join(__dirname, '../../../credentials', icon.replace('file:', ''));
			expect(existsSync(path)).toBe(true);
		}
	});
});

describe('the test of the credential', () => {
	const { request } = new SegmindApi().test;

	/** Evaluates `={{…}}rest` as n8n would. */
	function urlFor(baseUrl: string): string {
		const [, expression = '', rest = ''] = /^=\{\{(.*)\}\}(.*)$/.exec(String(request.url)) ?? [];
		// eslint-disable-next-line @n8n/community-nodes/no-dangerous-functions
		const evaluate = new Function('$credentials', `return ${expression}`) as (
			values: object,
		) => string;
		return `${evaluate({ baseUrl })}${rest}`;
	}

	it.each([
		[API, `${API}/v1/get-user-credits`],
		[`${API}/`, `${API}/v1/get-user-credits`],
		[` ${API}// `, `${API}/v1/get-user-credits`],
		['https://proxy.test/segmind/', 'https://proxy.test/segmind/v1/get-user-credits'],
	])('asks for the free balance: %j', async (baseUrl, url) => {
		expect(urlFor(baseUrl)).toBe(url);
		expect(await headersOf(urlFor(baseUrl), { baseUrl })).toEqual(xKey);
	});

	/** What n8n says about an answer, by the credential's rules as its tester applies them. */
	function messageOn(status: number, body: unknown = {}): string | undefined {
		const { rules = [] } = new SegmindApi().test;
		const rule = rules.find(({ type, properties }) =>
			status < 300
				? type === 'responseSuccessBody' &&
					(body as Record<string, unknown>)[properties.key] === properties.value
				: type === 'responseCode' && properties.value === status,
		);
		return rule?.properties.message;
	}

	it.each([
		[
			401,
			'Segmind did not accept the API key. Copy it again from https://platform.segmind.com/api-keys',
		],
		[403, 'This API key may not ask for the balance.'],
		[302, 'The API Base URL answers with a redirect'],
		[308, 'The API Base URL answers with a redirect'],
		[404, 'There is no Segmind API at this API Base URL. Enter https://api.segmind.com, unless'],
		[404, 'If the URL is right, the key is good: its account just has no credits yet.'],
		[405, 'There is no Segmind API at this API Base URL.'],
		[407, 'A proxy between your n8n and Segmind wants a login.'],
		[429, 'Segmind limits how often this key may call.'],
		[401, 'https://platform.segmind.com/api-keys'],
		[502, 'Segmind, or something on the way to it, cannot answer right now.'],
		[502, 'https://status.segmind.com'],
		[523, 'Segmind, or something on the way to it, cannot answer right now.'],
	])('says what to do about the status %d', (status, words) => {
		expect(messageOn(status)).toContain(words);
	});

	it('says that a web page is no API, and nothing about a balance', () => {
		const words = 'A web page answers at this API Base URL, not the Segmind API.';
		expect(messageOn(200, '<!doctype html><title>Segmind')).toContain(words);
		expect(messageOn(200, { credits: 3 })).toBeUndefined();
		expect(messageOn(200, 'ok')).toBeUndefined();
	});

	it('follows no redirect, which would take the key along', () => {
		expect(request).toMatchObject({ method: 'GET', disableFollowRedirect: true });
	});
});
