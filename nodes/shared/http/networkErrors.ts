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
	name?: string;
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
};

/**
 * Reads what kind of failure it was out of the error of an HTTP helper of n8n, which wraps the client's
 * error one or two times. In doubt the request counts as sent.
 */
export function readNetworkError(error: unknown): NetworkError {
	const traces = tracesOf(error);
	const code = traces.map((trace) => trace.code).find((found) => typeof found === 'string') ?? '';
	const words = WORDS[code];
	const has = (test: (trace: Trace) => unknown) => traces.some(test);
	const says = (text: string) => has(({ message }) => message?.includes(text));
	const notSent = (detail: string, isTransient: boolean): NetworkError => ({
		neverSent: true,
		isTransient,
		detail,
	});
	if (DNS.includes(code) || has(({ syscall }) => syscall === 'getaddrinfo'))
		return notSent('the address was not found', true);
	if (code === 'ECONNREFUSED' || has(({ syscall }) => syscall === 'connect'))
		return notSent(words ?? 'the connection was not made', true);
	if (says('before secure TLS connection'))
		return notSent('the secure connection was not made', true);
	// A proxy closed the tunnel before it stood, or the request never got a connection at all.
	if (says('before receiving CONNECT') || has(({ request }) => request?.socket === null))
		return notSent('the connection was not made', true);
	if (has((trace) => CERTIFICATE.test(trace.code ?? '')))
		return notSent('the server has no valid certificate', false);
	if (has(({ request }) => request?.socket?.secureConnecting))
		return notSent('the secure connection was not made', false);
	if (code === 'ERR_INVALID_URL') return notSent('the address is not a URL', false);
	if (has(({ name = '' }) => /ssrf|blocked/i.test(name)))
		return notSent('your n8n does not allow this address', false);
	return { neverSent: false, isTransient: true, detail: words ?? 'the connection was cut' };
}
