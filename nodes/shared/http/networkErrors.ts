/** What is known of a request that got no answer. */
export interface NetworkError {
	/** The connection was never made: the request certainly did not arrive. */
	neverSent: boolean;
	/** The same request may go through in a moment. */
	isTransient: boolean;
	/** In words, for a message. */
	detail: string;
}

interface Trace {
	code?: string;
	syscall?: string;
	message?: string;
	cause?: unknown;
	errors?: unknown;
	httpCode?: unknown;
	messages?: unknown;
	/** The client's request, where the error keeps it. */
	request?: { socket?: { secureConnecting?: boolean } | null } | null;
}

/** How Node.js begins the message of a failure that comes before anything is sent. */
const BEFORE_SENDING = /^(connect|getaddrinfo) E/;

/** n8n 1.123 to 2.30 lose the cause of an error that they wrap; its code and its words they keep. */
function keptOfCause({ cause, httpCode, messages }: Trace): Trace[] {
	if (cause !== undefined || typeof httpCode !== 'string' || !/^[A-Z]/.test(httpCode)) return [];
	const words = Array.isArray(messages) ? (messages as unknown[]) : [];
	return [
		{ code: httpCode },
		...words
			.filter((message) => typeof message === 'string')
			.map((message) => ({ message, syscall: BEFORE_SENDING.exec(message)?.[1] })),
	];
}

/** An error, what caused it and what it gathers, outermost first. */
function tracesOf(error: unknown, depth = 0): Trace[] {
	if (typeof error !== 'object' || error === null || depth > 6) return [];
	const trace = error as Trace;
	const gathered = Array.isArray(trace.errors) ? (trace.errors as unknown[]) : [];
	const inner = [trace.cause, ...gathered].flatMap((one) => tracesOf(one, depth + 1));
	return [trace, ...keptOfCause(trace), ...inner];
}

/** Failures of the name look-up. */
const DNS = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'];

/**
 * What the client itself finds wrong with the server's certificate: it looks at that before it sends anything. All
 * else that TLS reports, an alert of the server for instance, can come after the request too.
 */
const CERTIFICATE =
	/^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH|INVALID_CA)/;

const WORDS: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ECONNRESET: 'the connection was cut',
	EPIPE: 'the connection was cut',
	ECONNABORTED: 'no answer in time',
	ETIMEDOUT: 'no answer in time',
	ERR_CANCELED: 'no answer in time',
	EHOSTUNREACH: 'the server is out of reach',
	ENETUNREACH: 'the network is out of reach',
	ERR_INVALID_URL: 'the address is not a URL',
};

/**
 * Reads what kind of failure it was out of the error of an HTTP helper of n8n, which wraps the client's
 * error one or two times. In doubt the request counts as sent.
 */
export function readNetworkError(error: unknown): NetworkError {
	const traces = tracesOf(error);
	const code = traces.map((trace) => trace.code).find((found) => typeof found === 'string') ?? '';
	const has = (test: (trace: Trace) => boolean) => traces.some(test);
	if (DNS.includes(code) || has((trace) => trace.syscall === 'getaddrinfo')) {
		return { neverSent: true, isTransient: true, detail: 'the address was not found' };
	}
	if (code === 'ECONNREFUSED' || has((trace) => trace.syscall === 'connect')) {
		return {
			neverSent: true,
			isTransient: true,
			detail: WORDS[code] ?? 'the connection was not made',
		};
	}
	if (has((trace) => trace.message?.includes('before secure TLS connection') ?? false)) {
		return { neverSent: true, isTransient: true, detail: 'the secure connection was not made' };
	}
	// A proxy closed the tunnel before it stood, or the request never got a connection at all.
	const isTunnel = has(({ message }) => message?.includes('before receiving CONNECT') ?? false);
	if (isTunnel || has(({ request }) => request?.socket === null)) {
		return { neverSent: true, isTransient: true, detail: 'the connection was not made' };
	}
	if (has((trace) => CERTIFICATE.test(trace.code ?? ''))) {
		return { neverSent: true, isTransient: false, detail: 'the server has no valid certificate' };
	}
	if (has((trace) => trace.request?.socket?.secureConnecting === true)) {
		return { neverSent: true, isTransient: false, detail: 'the secure connection was not made' };
	}
	if (code === 'ERR_INVALID_URL') {
		return { neverSent: true, isTransient: false, detail: 'the address is not a URL' };
	}
	if (has((trace) => /ssrf|blocked/i.test((trace as Error).name ?? ''))) {
		return { neverSent: true, isTransient: false, detail: 'your n8n does not allow this address' };
	}
	return { neverSent: false, isTransient: true, detail: WORDS[code] ?? 'the connection was cut' };
}
