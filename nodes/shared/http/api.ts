import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
} from 'n8n-workflow';
import { CREDENTIAL, type Account } from './account';
import { discard, type Body } from '../kit/streams';
import { readNetworkError, type NetworkError } from './networkErrors';
import { parseHttpUrl, resolveUrl } from '../kit/urls';
import type { RateLimiter } from '../rateLimit/limiter';

/** An HTTP answer whose body still flows. */
export interface Reply {
	kind: 'reply';
	status: number;
	/** Names in lower case. */
	headers: Record<string, string | undefined>;
	body: Body;
	/** Who answered, after redirects. */
	url: string;
	/** It comes from another origin than the credential's own, after a redirect. */
	foreign: boolean;
}

/** How a request ended. */
export type Sent = Reply | ({ kind: 'noReply' } & NetworkError);

interface Request {
	method: 'GET' | 'POST';
	url: string;
	/** As JSON; a Buffer holds it ready-made. */
	body?: IDataObject | Buffer;
	signed: boolean;
	signal: AbortSignal;
}

/** Hops that a redirected request follows. */
const MOST_REDIRECTS = 5;

/** n8n's client gives up after 300 s without a byte; the node's own deadlines are to decide. */
const IDLE_MILLISECONDS = 3_600_000;

const notSent = (detail: string): Sent => ({
	kind: 'noReply',
	neverSent: true,
	isTransient: false,
	detail,
});

/**
 * The only caller of n8n's HTTP helpers. It never throws: how a request ended is an answer like any other.
 * The key travels only to the credential's own origins, whatever URL or redirect a response names.
 * Whoever sends a signed request takes its turn first (the hops of a redirect go with it); the limiter hears how it ended.
 */
export class Api {
	constructor(
		private readonly context: IExecuteFunctions | ILoadOptionsFunctions,
		private readonly account: Account,
		private readonly limiter: RateLimiter,
	) {}

	/** Sends a signed POST once. A redirect is not followed. */
	async post(url: string, body: IDataObject | Buffer, signal: AbortSignal): Promise<Sent> {
		return await this.sendOne({ method: 'POST', url, body, signed: true, signal });
	}

	/** A signed GET; across a redirect to another origin it goes on without the key. */
	async get(url: string, signal: AbortSignal): Promise<Sent> {
		return await this.follow({ method: 'GET', url, signed: true, signal });
	}

	/** A GET without the key, for files. */
	async download(url: string, signal: AbortSignal): Promise<Sent> {
		return await this.follow({ method: 'GET', url, signed: false, signal });
	}

	private async follow(first: Request): Promise<Sent> {
		let request = first;
		for (let hops = 0; ; hops++) {
			const sent = await this.sendOne(request);
			const location = sent.kind === 'reply' ? sent.headers.location : undefined;
			if (sent.kind !== 'reply' || sent.status < 300 || sent.status >= 400 || !location)
				return sent;
			const target = resolveUrl(location, request.url);
			if (hops === MOST_REDIRECTS || target === undefined) return sent;
			discard(sent.body);
			request = { ...request, url: target };
		}
	}

	private async sendOne(request: Request): Promise<Sent> {
		if (!parseHttpUrl(request.url)) {
			return notSent('the address is not an http(s) URL');
		}
		if (request.signal.aborted) return notSent('there was no time left for it');
		const isOwn = this.account.isOwn(request.url);
		const signed = request.signed && isOwn;
		if (!isOwn && this.account.mask(request.url) !== request.url) {
			return notSent('its address contains your API key, which no other server may see');
		}
		const sent = await this.send({ ...request, signed }, !isOwn);
		if (!signed) return sent;
		if (sent.kind === 'noReply') this.limiter.noteNoAnswer();
		else this.limiter.noteAnswer(sent.status, sent.headers);
		return sent;
	}

	private async send(request: Request, foreign: boolean): Promise<Sent> {
		const options = requestOptions(request);
		const { helpers } = this.context;
		try {
			const reply = (
				request.signed
					? await helpers.httpRequestWithAuthentication.call(this.context, CREDENTIAL, options)
					: await helpers.httpRequest(options)
			) as { statusCode: number; headers: Record<string, string | undefined>; body: Body };
			const { statusCode: status, headers, body } = reply;
			return { kind: 'reply', status, headers, body, url: request.url, foreign };
		} catch (error) {
			return { kind: 'noReply', ...readNetworkError(error) };
		}
	}
}

function requestOptions({ method, url, body, signal }: Request): IHttpRequestOptions {
	const options: IHttpRequestOptions = {
		method,
		url,
		body,
		headers: body === undefined ? {} : { 'content-type': 'application/json' },
		encoding: 'stream',
		returnFullResponse: true,
		// Without it n8n sends a request that was answered 401 a second time.
		ignoreHttpStatusErrors: true,
		// n8n would follow a redirect to another origin with the key.
		disableFollowRedirect: true,
		timeout: IDLE_MILLISECONDS,
	};
	// n8n sets the execution's own signal here. Ours ends with that one and with the deadline: keep it.
	Object.defineProperty(options, 'abortSignal', {
		enumerable: true,
		get: () => signal,
		set: () => undefined,
	});
	return options;
}
