import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
} from 'n8n-workflow';
import type { Clock } from '../kit/clock';
import { onAbort } from '../kit/signals';
import { discard, type Body } from '../kit/streams';
import { parseHttpUrl, resolveUrl } from '../kit/urls';
import { Stopped } from '../problems/problems';
import { RateLimiter, type Turn } from '../rateLimit/limiter';
import { CREDENTIAL, type Account } from './account';
import { readNetworkError, type NetworkError } from './networkErrors';
import { nextSignature, noteSignature, SIGNATURE_HEADER, type Signature } from './signature';

/** An HTTP answer whose body still flows. */
export interface Reply {
	kind: 'reply';
	status: number;
	/** Names in lower case. */
	headers: Record<string, string | undefined>;
	body: Body;
	/** Who answered, after redirects. */
	url: string;
	/** How the key was named, where that was refused and sources differ on it. */
	refusedSignature?: Signature;
	/** It comes from another origin than the credential's own, after a redirect. */
	foreign: boolean;
}

/** How a request ended. */
export type Sent = Reply | ({ kind: 'noReply' } & NetworkError);

/** What is sent, and how long sending it and reading the answer may take. */
interface Outgoing {
	url: string;
	/** Of a path where sources differ on how the key is named: which ways were refused just before. */
	refusedSignatures?: readonly Signature[];
	/** Of a POST: as JSON; a Buffer holds it ready-made. */
	body?: IDataObject | Buffer;
	timeoutMs: number;
}

/** One request and its answer. */
export interface HttpRequest {
	/** A POST is sent once. A GET follows redirects, to another origin without the key. */
	method: 'GET' | 'POST';
	/** It carries the key and waits for its turn. Without one it is a file's: no key, and nothing limits it. */
	turn?: Turn;
	/** Ends the transfer, as the deadline does; and the wait for the turn, unless that has a signal of its own. */
	signal: AbortSignal;
	/** Called when the turn has come, before anything leaves. What it throws ends the exchange. */
	beforeSend(): Outgoing;
}

/** Hops that a redirected request follows. */
const MOST_REDIRECTS = 5;

/** n8n's client gives up after 300 s without a byte; the node's own deadlines are to decide. */
const IDLE_LIMIT_MS = 3_600_000;

/** How often an idle limit is renewed while bytes come: so often within its time. */
const RENEWALS = 4;

/** The time that a transfer has, for whoever reads the answer. */
function openTransfer(clock: Clock, ending: AbortSignal) {
	const controller = new AbortController();
	const abort = () => controller.abort();
	const forgetEnding = onAbort(ending, abort);
	let limit: AbortSignal | undefined;
	let forgetLimit = () => {};
	let endsAtMs = 0;
	let longestIdleMs = Infinity;
	let renewedAtMs = 0;
	const renew = () => {
		forgetLimit();
		renewedAtMs = clock.now();
		limit = clock.deadline(Math.min(longestIdleMs, endsAtMs - renewedAtMs));
		forgetLimit = onAbort(limit, abort);
	};
	return {
		signal: controller.signal,
		release: () => {
			forgetEnding();
			forgetLimit();
		},
		/** Whether the deadline has passed. */
		get isLate() {
			return limit?.aborted === true;
		},
		/** From now on it may take so long, whatever its deadline was, but never go without bytes for longer than `idleMs`. */
		extend: (milliseconds: number, idleMs = Infinity) => {
			endsAtMs = clock.now() + milliseconds;
			longestIdleMs = idleMs;
			renew();
		},
		/** More bytes have come. */
		onBytes: () => {
			if (clock.now() - renewedAtMs > longestIdleMs / RENEWALS) renew();
		},
	};
}

type Transfer = ReturnType<typeof openTransfer>;

const notSent = (detail: string, isTransient = false): Sent => ({
	kind: 'noReply',
	neverSent: true,
	isTransient,
	detail,
});

function requestOptions(
	{ method, signal }: HttpRequest,
	{ url, body }: Outgoing,
): IHttpRequestOptions {
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
		timeout: IDLE_LIMIT_MS,
	};
	// n8n sets the execution's own signal here. Ours ends with that one and with the deadline: keep it.
	Object.defineProperty(options, 'abortSignal', {
		enumerable: true,
		get: () => signal,
		set: () => undefined,
	});
	return options;
}

/**
 * The only way to a server, and the only caller of n8n's HTTP helpers. Whatever happens on the way is an answer like any
 * other. The key travels only to the credential's own origins, whatever URL or redirect a response names.
 */
export class HttpClient {
	/** Hears how each request with the key ended; the hops of a redirect go with its turn. */
	readonly limiter: RateLimiter;

	constructor(
		private readonly context: IExecuteFunctions | ILoadOptionsFunctions,
		private readonly account: Account,
		readonly clock: Clock,
	) {
		this.limiter = new RateLimiter(clock);
	}

	/**
	 * Waits for the turn, sends, has the answer read within the deadline, and lets go of what it waited for.
	 *
	 * @param read reads the answer while its body flows
	 * @throws Stopped when the run ends before anything leaves
	 */
	async send<T>(
		request: HttpRequest,
		read: (sent: Sent, transfer: Transfer) => Promise<T> | T,
	): Promise<T> {
		const turn = request.turn && { signal: request.signal, ...request.turn };
		const transfer = openTransfer(this.clock, request.signal);
		try {
			const mayGo = turn === undefined || (await this.limiter.takeTurn(turn));
			if (turn?.signal.aborted) throw new Stopped();
			if (!mayGo) return await read(notSent('a rate limit holds it up', true), transfer);
			const outgoing = request.beforeSend();
			transfer.extend(outgoing.timeoutMs);
			const sent = await this.follow({ ...request, signal: transfer.signal }, outgoing);
			return await read(sent, transfer);
		} finally {
			transfer.release();
		}
	}

	private async follow(request: HttpRequest, outgoing: Outgoing, hops = 0): Promise<Sent> {
		const sent = await this.sendOnce(request, outgoing);
		if (request.method === 'POST' || sent.kind === 'noReply') return sent;
		const { status, headers, body } = sent;
		const { location } = headers;
		if (status < 300 || status >= 400 || !location || hops === MOST_REDIRECTS) return sent;
		const url = resolveUrl(location, outgoing.url);
		if (url === undefined) return sent;
		discard(body);
		return await this.follow(request, { ...outgoing, url }, hops + 1);
	}

	private async sendOnce(request: HttpRequest, outgoing: Outgoing): Promise<Sent> {
		const { context, account, limiter } = this;
		const { url, refusedSignatures } = outgoing;
		const signature = refusedSignatures && nextSignature(url, refusedSignatures);
		if (!parseHttpUrl(url)) return notSent('the address is not an http(s) URL');
		if (request.signal.aborted) return notSent('there was no time left for it');
		const foreign = !account.isOwn(url);
		if (foreign && account.mask(url) !== url) {
			return notSent('its address contains your API key, which no other server may see');
		}
		const signed = request.turn !== undefined && !foreign;
		const options = requestOptions(request, outgoing);
		if (signed && signature)
			options.headers = { ...options.headers, [SIGNATURE_HEADER]: signature };
		const { helpers } = context;
		try {
			const reply = (
				signed
					? await helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, options)
					: await helpers.httpRequest(options)
			) as { statusCode: number } & Pick<Reply, 'headers' | 'body'>;
			const { statusCode: status, headers, body } = reply;
			if (signed) limiter.noteAnswer(status, headers);
			if (signed && signature && status < 400) noteSignature(url, signature);
			const refusedSignature = status === 401 ? signature : undefined;
			return { kind: 'reply', status, headers, body, url, foreign, refusedSignature };
		} catch (error) {
			if (signed) limiter.noteNoAnswer();
			return { kind: 'noReply', ...readNetworkError(error) };
		}
	}
}
