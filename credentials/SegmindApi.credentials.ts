import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import {
	API_BASE_URL,
	baseUrlsOf,
	HISTORY_BASE_URL,
	listOf,
	plainKey,
	STORAGE_BASE_URL,
} from '../nodes/shared/http/account';
import { SIGNATURE_HEADER } from '../nodes/shared/http/signature';
import {
	isOwnOrigin,
	KEYS_PAGE,
	parseHttpUrl,
	pathBelow,
	STATUS_HINT,
} from '../nodes/shared/kit/urls';
import { text } from '../nodes/shared/parameters/kinds';

/**
 * Signs a request: `x-api-key` everywhere, `Authorization: Bearer` too on `/workflows/` paths, where sources
 * differ about what the API reads; elsewhere the gateway refuses a bearer token [docs, field]. The node says in a header
 * of its own when it wants only one of them. A request to any other origin than the credential's own stays unsigned.
 */
export async function sign(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const key = plainKey(credentials.apiKey);
	const baseUrls = listOf(baseUrlsOf(credentials));
	const {
		baseURL = '',
		url: named,
		uri,
	} = requestOptions as IHttpRequestOptions & { uri?: string };
	const url = named ?? uri ?? '';
	if (/^[/\\]{2}/.test(url)) return requestOptions;
	const target = parseHttpUrl(url) ? url : `${baseURL.replace(/\/+$/, '')}${url}`;
	if (!isOwnOrigin(target, baseUrls)) return requestOptions;
	const path = pathBelow(target, baseUrls) ?? parseHttpUrl(target)?.pathname;
	const bearer = path?.startsWith('/workflows/');
	const { [SIGNATURE_HEADER]: signature, ...headers } = requestOptions.headers ?? {};
	requestOptions.headers = {
		...headers,
		...(bearer && signature === 'bearer' ? {} : { 'x-api-key': key }),
		...(bearer && signature !== 'key' ? { Authorization: `Bearer ${key}` } : {}),
	};
	return requestOptions;
}

const OWN_URL = `Enter ${API_BASE_URL}, unless you use a proxy or this package's emulator.`;

/**
 * What the credential's test says about statuses. Without these n8n says no more than "Unauthorized". For a host that
 * it can't reach n8n shows the bare code of Node.js, whatever a credential brings along.
 */
const ANSWERS = {
	'401': `Segmind did not accept the API key. Copy it again from ${KEYS_PAGE}.`,
	'403':
		"This API key may not ask for the balance. Check the key's plan and team rights in the Segmind console.",
	'301 302 303 307 308': `The API Base URL answers with a redirect to another address, which the key is not sent to. ${OWN_URL}`,
	'405': `There is no Segmind API at this API Base URL. ${OWN_URL}`,
	// n8n looks at no more than the status: an account that never had credits comes so, too [docs].
	'404': `There is no Segmind API at this API Base URL. ${OWN_URL} If the URL is right, the key is good: its account just has no credits yet.`,
	'407': "A proxy between your n8n and Segmind wants a login. Check your n8n's proxy settings.",
	'429': 'Segmind limits how often this key may call. Wait a minute, then test again.',
	'500 502 503 504 520 521 522 523 524 525 526 530': `Segmind, or something on the way to it, cannot answer right now. Test again later; if that does not help, check the API Base URL. ${STATUS_HINT}`,
};

/** The rules of the test. n8n takes both kinds in one list, though its types don't. */
const RULES = [
	...Object.entries(ANSWERS).flatMap(([statuses, message]) =>
		statuses.split(' ').map((status) => ({
			type: 'responseCode',
			properties: { value: Number(status), message },
		})),
	),
	// A web page with a success status arrives as a text: this is its first character.
	{
		type: 'responseSuccessBody',
		properties: {
			key: '0',
			value: '<',
			message: `A web page answers at this API Base URL, not the Segmind API. ${OWN_URL}`,
		},
	},
] as ICredentialTestRequest['rules'];

export class SegmindApi implements ICredentialType {
	name = 'segmindApi';

	displayName = 'Segmind API';

	icon = {
		light: 'file:../icons/segmind.svg',
		dark: 'file:../icons/segmind.dark.svg',
	} as const;

	documentationUrl =
		'https://github.com/n8n-nodes-segmind/n8n-nodes-segmind#credential-in-three-steps';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. SG_0123456789abcdef',
			description: `Create one in the Segmind console, under <a href="${KEYS_PAGE}">API Keys</a>`,
		},
		text(
			{ name: 'baseUrl', label: 'API Base URL', default: API_BASE_URL, required: true },
			"Leave as it is, unless you use a proxy or this package's emulator",
		).property,
		text(
			{ name: 'storageUrl', label: 'Storage Base URL', default: STORAGE_BASE_URL, required: true },
			"Where binary files are uploaded. Leave as it is, unless you use a proxy or this package's emulator.",
		).property,
		text(
			{ name: 'historyUrl', label: 'History Base URL', default: HISTORY_BASE_URL },
			"Where Segmind keeps the account's request history: Get Many lists it, and the node looks there for jobs whose answer was lost. Leave as it is, unless you use a proxy or this package's emulator: then enter that server's address, or there is no history.",
		).property,
	];

	authenticate: IAuthenticate = sign;

	test: ICredentialTestRequest = {
		request: {
			method: 'GET',
			url: '={{$credentials.baseUrl.trim().replace(/\\/+$/, "")}}/v1/get-user-credits',
			disableFollowRedirect: true,
		},
		rules: RULES,
	};
}
