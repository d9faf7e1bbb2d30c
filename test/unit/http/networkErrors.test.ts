import { NodeApiError, type INode, type JsonObject } from 'n8n-workflow';
import { readNetworkError } from '../../../nodes/shared/http/networkErrors';

interface Details {
	code?: string;
	syscall?: string;
	name?: string;
	cause?: unknown;
}

const failure = (message: string, details: Details = {}): Error =>
	Object.assign(new Error(message), details);

/** As axios wraps what the socket says: the code outside, all of it in `cause`. */
const axiosError = (message: string, details: Details): Error =>
	Object.assign(failure(message, { code: details.code, cause: failure(message, details) }), {
		name: 'AxiosError',
		isAxiosError: true,
		config: { url: 'https://api.segmind.com' },
	});

const node: INode = {
	id: '1',
	name: 'Segmind',
	type: 'x',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** As n8n wraps it, and, when `forgets` is set, as n8n 1.123 to 2.30 do: without the cause. */
function wrappedByN8n(inner: Error, forgets: boolean): NodeApiError {
	const wrapped = new NodeApiError(node, inner as unknown as JsonObject);
	return forgets ? Object.assign(wrapped, { cause: undefined }) : wrapped;
}

const nested = (depth: number, inner: unknown): unknown =>
	depth === 0 ? inner : failure('outer', { cause: nested(depth - 1, inner) });

type Case = [name: string, message: string, details: Details];

describe('a request that never went out', () => {
	const cases: Case[] = [
		['an unknown name', 'getaddrinfo ENOTFOUND x', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
		['a sleeping name server', 'getaddrinfo EAI_AGAIN x', { code: 'EAI_AGAIN' }],
		['a name look-up of another kind', 'getaddrinfo EX x', { code: 'EX', syscall: 'getaddrinfo' }],
		['a refused connection', 'connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' }],
		['a refusal without a syscall', 'ECONNREFUSED', { code: 'ECONNREFUSED' }],
		[
			'a connection that took too long',
			'connect ETIMEDOUT 10.0.0.1:443',
			{ code: 'ETIMEDOUT', syscall: 'connect' },
		],
		[
			'a host out of reach',
			'connect EHOSTUNREACH 10.0.0.1:443',
			{ code: 'EHOSTUNREACH', syscall: 'connect' },
		],
		[
			'a network out of reach',
			'connect ENETUNREACH ::1:443',
			{ code: 'ENETUNREACH', syscall: 'connect' },
		],
		[
			'a socket cut before TLS stood',
			'Client network socket disconnected before secure TLS connection was established',
			{ code: 'ECONNRESET' },
		],
	];

	it.each(cases)('may be sent again: %s', (_, message, details) => {
		const expected = { neverSent: true, isTransient: true };
		expect(readNetworkError(failure(message, details))).toMatchObject(expected);
		expect(readNetworkError(axiosError(message, details))).toMatchObject(expected);
	});

	it.each(cases)('is seen through what n8n wraps around it: %s', (_, message, details) => {
		const inner = axiosError(message, details);
		const expected = { neverSent: true, isTransient: true };
		expect(readNetworkError(wrappedByN8n(inner, false))).toMatchObject(expected);
		expect(readNetworkError(wrappedByN8n(inner, true))).toMatchObject(expected);
	});

	it('is seen in the gathered errors of several addresses', () => {
		const refused = failure('connect ECONNREFUSED ::1', {
			code: 'ECONNREFUSED',
			syscall: 'connect',
		});
		const late = failure('connect ETIMEDOUT', { code: 'ETIMEDOUT', syscall: 'connect' });
		const gathered = new AggregateError([refused, late], '');
		expect(readNetworkError(gathered)).toMatchObject({ neverSent: true, isTransient: true });
		const wrapped = failure('AggregateError', { code: 'ETIMEDOUT', cause: gathered });
		expect(readNetworkError(wrapped)).toMatchObject({ neverSent: true });
	});

	it.each<Case>([
		['an expired certificate', 'certificate has expired', { code: 'CERT_HAS_EXPIRED' }],
		['a certificate of its own', 'self-signed', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
		['a chain of its own', 'self-signed', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
		['an unknown issuer', 'unable', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
		['another name', "does not match certificate's", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
		['another host', 'Hostname mismatch', { code: 'HOSTNAME_MISMATCH' }],
		['an unusable issuer', 'invalid CA certificate', { code: 'INVALID_CA' }],
		['an address that is none', 'Invalid URL', { code: 'ERR_INVALID_URL' }],
		['an address that n8n forbids', 'no', { name: 'SSRFBlockedIpError' }],
	])('need not be sent again: %s', (_, message, details) => {
		const expected = { neverSent: true, isTransient: false };
		expect(readNetworkError(failure(message, details))).toMatchObject(expected);
		if (!details.code) return;
		const inner = axiosError(message, details);
		expect(readNetworkError(wrappedByN8n(inner, true))).toMatchObject(expected);
	});
});

describe('a request that may have gone out', () => {
	it.each<Case>([
		['a connection cut', 'socket hang up', { code: 'ECONNRESET' }],
		['a connection cut while reading', 'read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' }],
		['a connection cut while writing', 'write EPIPE', { code: 'EPIPE', syscall: 'write' }],
		['an answer that took too long', 'timeout of 1000ms exceeded', { code: 'ECONNABORTED' }],
		['a read that took too long', 'read ETIMEDOUT', { code: 'ETIMEDOUT', syscall: 'read' }],
		['an abort', 'canceled', { code: 'ERR_CANCELED' }],
		['a host lost meanwhile', 'read', { code: 'EHOSTUNREACH', syscall: 'read' }],
		['an answer that was no HTTP', 'Parse Error', { code: 'HPE_INVALID_CONSTANT' }],
		['a failure without a code', 'no idea', {}],
		[
			'a TLS record spoilt on a connection that stood',
			'decryption failed or bad record mac',
			{ code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' },
		],
	])('counts as sent: %s', (_, message, details) => {
		const expected = { neverSent: false, isTransient: true };
		const inner = axiosError(message, details);
		expect(readNetworkError(failure(message, details))).toMatchObject(expected);
		expect(readNetworkError(inner)).toMatchObject(expected);
		expect(readNetworkError(wrappedByN8n(inner, true))).toMatchObject(expected);
	});

	const AFTER_THE_HANDSHAKE = [
		'ERR_SSL_WRONG_VERSION_NUMBER',
		'ERR_SSL_BAD_RECORD_TYPE',
		'ERR_SSL_INVALID_AAD',
		'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
		'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
		'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
		'ERR_TLS_HANDSHAKE_TIMEOUT',
		'EPROTO',
	];

	it.each(AFTER_THE_HANDSHAKE)('counts as sent when TLS reports %s', (code) => {
		const inner = axiosError('TLS', { code });
		for (const request of [undefined, null, {}, { socket: {} }]) {
			const error = Object.assign(axiosError('TLS', { code }), { request });
			expect(readNetworkError(error)).toMatchObject({ neverSent: false });
		}
		expect(readNetworkError(wrappedByN8n(inner, true))).toMatchObject({ neverSent: false });
	});

	it.each(AFTER_THE_HANDSHAKE)('never went out when the handshake was still on: %s', (code) => {
		const inner = axiosError('TLS', { code });
		Object.assign(inner, { request: { socket: { secureConnecting: true } } });
		expect(readNetworkError(wrappedByN8n(inner, false))).toMatchObject({
			neverSent: true,
			isTransient: false,
			detail: 'the secure connection was not made',
		});
	});

	it('never went out when the request got no connection', () => {
		const inner = axiosError('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' });
		Object.assign(inner, { request: { socket: null } });
		expect(readNetworkError(wrappedByN8n(inner, false))).toMatchObject({
			neverSent: true,
			isTransient: true,
			detail: 'the connection was not made',
		});
	});

	it.each([undefined, null, 'text', 7, {}])('counts as sent when %j was thrown', (thrown) => {
		expect(readNetworkError(thrown)).toMatchObject({ neverSent: false, isTransient: true });
	});
});

it('never went out when a proxy closed the tunnel before it stood', () => {
	const inner = axiosError('Proxy connection ended before receiving CONNECT response', {});
	for (const error of [inner, wrappedByN8n(inner, false)]) {
		expect(readNetworkError(error)).toMatchObject({ neverSent: true, isTransient: true });
	}
});

describe('what n8n 1.123 to 2.30 keep of a cause', () => {
	it.each<[string, object, boolean]>([
		['its code', { httpCode: 'ECONNREFUSED' }, true],
		['its words', { httpCode: 'EX', messages: ['EX', 'getaddrinfo EX api'] }, true],
		[
			'words that are none',
			{ httpCode: 'ECONNRESET', messages: [7, null, 'read ECONNRESET'] },
			false,
		],
		['no list of words', { httpCode: 'ECONNRESET', messages: 'connect E' }, false],
		['a status', { httpCode: '502', messages: ['connect ECONNREFUSED'] }, false],
		['no code', { messages: ['connect ECONNREFUSED'] }, false],
		[
			'nothing that counts beside a cause',
			{ httpCode: 'ECONNREFUSED', cause: failure('read', { code: 'ECONNRESET', syscall: 'read' }) },
			false,
		],
	])('%s', (_, details, neverSent) => {
		expect(readNetworkError(Object.assign(new Error('x'), details)).neverSent).toBe(neverSent);
	});
});

describe('the search through the causes', () => {
	const refused = failure('x', { code: 'ECONNREFUSED', syscall: 'connect' });

	it('goes down six steps, and no further', () => {
		expect(readNetworkError(nested(6, refused))).toMatchObject({ neverSent: true });
		expect(readNetworkError(nested(7, refused))).toMatchObject({ neverSent: false });
	});

	it.each([1, 2, 3])('goes down %i steps', (depth) => {
		expect(readNetworkError(nested(depth, refused))).toMatchObject({ neverSent: true });
	});

	it('ends with an error that causes itself', () => {
		const error = failure('round');
		Object.assign(error, { cause: error, errors: [error] });
		expect(readNetworkError(error)).toMatchObject({ neverSent: false });
	});
});

describe('the words for a message', () => {
	it.each([
		['ENOTFOUND', 'the address was not found'],
		['ECONNREFUSED', 'the connection was refused'],
		['ECONNRESET', 'the connection was cut'],
		['ECONNABORTED', 'no answer in time'],
		['CERT_HAS_EXPIRED', 'the server has no valid certificate'],
		['ERR_INVALID_URL', 'the address is not a URL'],
		['EVERYTHING_ELSE', 'the connection was cut'],
	])('say what %s means', (code, detail) => {
		expect(readNetworkError(failure('x', { code })).detail).toBe(detail);
	});

	it.each<[string, Error]>([
		['the connection was not made', failure('x', { code: 'EX', syscall: 'connect' })],
		[
			'the secure connection was not made',
			failure('Client network socket disconnected before secure TLS connection was established'),
		],
		['your n8n does not allow this address', failure('x', { name: 'SsrfBlockedIpError' })],
	])('say "%s"', (detail, error) => {
		expect(readNetworkError(error).detail).toBe(detail);
	});
});
