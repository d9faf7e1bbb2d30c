/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { createServer, type AddressInfo, type Server } from 'node:net';
import tls from 'node:tls';
import { version } from 'n8n-core/package.json';
import selfsigned from 'selfsigned';
import type { Outcome } from '../support/engine/engine';
import { DEFAULT_API_KEY } from '../support/emulator';
import { engine, quick, useEngine } from '../support';

let pems: { private: string; cert: string };

useEngine();

beforeAll(async () => {
	pems = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }]);
});

/** What breaks a connection: bytes that are no TLS, and a plain fatal alert (handshake failure). */
const SPOILT = {
	'a plain HTTP answer': Buffer.from('HTTP/1.1 408 Request Timeout\r\n\r\n'),
	'a fatal alert': Buffer.from([0x15, 3, 3, 0, 2, 2, 40]),
};

interface SpoilingServer {
	url: string;
	/** POSTs that arrived whole. */
	posts(): number;
	close(): void;
}

/** A server that spoils a connection: when the client greets it, or once it has read a whole POST. */
async function startSpoiling(
	bytes: Buffer,
	when: 'greeted' | 'posted',
	version: tls.SecureVersion = 'TLSv1.3',
): Promise<SpoilingServer> {
	let posts = 0;
	const server: Server = createServer((socket) => {
		socket.on('error', () => undefined);
		if (when === 'greeted') {
			socket.once('data', () => socket.write(bytes));
			return;
		}
		const secure = new tls.TLSSocket(socket, {
			isServer: true,
			key: pems.private,
			cert: pems.cert,
			minVersion: version,
			maxVersion: version,
		} as tls.TLSSocketOptions);
		secure.on('error', () => undefined);
		secure.on('data', (data: Buffer) => {
			if (!data.toString('latin1').includes('}')) return;
			posts++;
			socket.write(bytes);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const close = () => void server.close();
	return { url: `https://localhost:${port}`, posts: () => posts, close };
}

const [major = 0, minor = 0] = version.split('.').map(Number);

/** n8n 1.123 to 2.30 (n8n-core 1.122 and up) forget the cause of an error of the network: docs/compatibility.md. */
const forgetsCauses = (major === 1 && minor >= 122) || (major === 2 && minor <= 30);

/** Lets Node.js trust the server's certificate. */
function trust(): void {
	const { connect } = tls;
	jest
		.spyOn(tls, 'connect')
		.mockImplementation(((options: tls.ConnectionOptions, ...rest: []) =>
			connect({ ...options, ca: pems.cert }, ...rest)) as never);
}

afterEach(() => jest.restoreAllMocks());

const submit = async (url: string): Promise<Outcome> =>
	await engine.run({
		type: 'characterSwap',
		credentials: { apiKey: DEFAULT_API_KEY, baseUrl: url, storageUrl: url },
		parameters: { options: { ...quick, timeout: 3 } },
		settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
	});

describe.each(Object.entries(SPOILT))('a TLS connection that ends with %s', (_, bytes) => {
	it.each(['TLSv1.2', 'TLSv1.3'] as const)(
		'after a whole POST may have bought a job, which no retry buys again (%s)',
		async (version) => {
			trust();
			const server = await startSpoiling(bytes, 'posted', version);
			const { error } = await submit(server.url);
			server.close();
			expect(error?.message).toMatch(/may have been paid for/);
			expect(error?.message).not.toMatch(/Nothing was spent/);
			expect(server.posts()).toBe(1);
		},
	);

	it('in the handshake has bought nothing, where n8n keeps what tells it', async () => {
		const server = await startSpoiling(bytes, 'greeted');
		const { error } = await submit(server.url);
		server.close();
		if (forgetsCauses) {
			expect(error?.message).toMatch(/may have been paid for/);
			return;
		}
		expect(error?.message).toMatch(
			/could not be reached at localhost:\d+ \(the secure connection was not made\)\. Nothing was spent/,
		);
	});
});

it('a certificate that Node.js does not trust keeps the POST at home', async () => {
	const server = await startSpoiling(SPOILT['a fatal alert'], 'posted');
	const { error } = await submit(server.url);
	server.close();
	expect(error?.message).toMatch(/no valid certificate\)\. Nothing was spent/);
	expect(server.posts()).toBe(0);
});
