/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { generate } from 'selfsigned';
import type { PackedPackage } from './installation';

const REGISTRY = 'registry.npmjs.org';

/**
 * The internet as an n8n of the tests sees it: an HTTP proxy that lets it reach npm's registry, which holds
 * the package under test and nothing else, and refuses every other host.
 */
export interface Outside {
	/** What n8n, and the npm that it runs, need in their environment. */
	readonly env: Record<string, string>;
	/** Hosts that were refused, with their ports, in order. */
	readonly refused: string[];
	/** What was asked of the registry: method and path. */
	readonly asked: string[];
	close(): Promise<void>;
}

/** Starts it on loopback. The certificate that it is trusted by goes into the folder. */
export async function startOutside(published: PackedPackage, folder: string): Promise<Outside> {
	const names = [{ type: 2 as const, value: REGISTRY }];
	const { private: key, cert } = await generate([{ name: 'commonName', value: REGISTRY }], {
		keyType: 'ec',
		algorithm: 'sha256',
		extensions: [
			{ name: 'basicConstraints', cA: true },
			{ name: 'subjectAltName', altNames: names },
		],
	});
	const asked: string[] = [];
	const refused: string[] = [];
	const registry = createSecureServer({ key, cert }, (request, response) => {
		asked.push(`${request.method} ${request.url}`);
		answer(published, request, response);
	});
	const port = await listen(registry);
	const proxy = createServer((request, response) => {
		refused.push(new URL(request.url ?? '', 'http://nowhere').host);
		response.writeHead(403).end();
	});
	proxy.on('connect', ({ url }: IncomingMessage, client: Socket) => {
		client.on('error', () => client.destroy());
		if (url !== `${REGISTRY}:443`) {
			refused.push(String(url));
			client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			return;
		}
		const server = connect(port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			server.pipe(client).pipe(server);
		});
		server.on('error', () => client.destroy());
		client.on('close', () => server.destroy());
	});
	const closers = [registry, proxy].map(closer);
	const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
	const certificate = join(folder, 'registry.pem');
	writeFileSync(certificate, cert);
	return {
		env: {
			HTTP_PROXY: proxyUrl,
			HTTPS_PROXY: proxyUrl,
			NO_PROXY: 'localhost,127.0.0.1,::1',
			NODE_EXTRA_CA_CERTS: certificate,
		},
		asked,
		refused,
		async close() {
			await Promise.all(closers.map(async (close) => await close()));
		},
	};
}

/** Answers like the registry: the packument, one version of it, the tarball. */
function answer(
	{ name, version, tarball, integrity, shasum }: PackedPackage,
	{ url }: IncomingMessage,
	response: ServerResponse,
): void {
	const path = decodeURIComponent((url ?? '').split('?')[0] ?? '');
	const file = `/${name}/-/${basename(tarball)}`;
	if (path === file) {
		response.writeHead(200, { 'content-type': 'application/octet-stream' });
		response.end(readFileSync(tarball));
		return;
	}
	const dist = { tarball: `https://${REGISTRY}${file}`, integrity, shasum };
	const release = { name, version, dist };
	const answers: Record<string, unknown> = {
		[`/${name}`]: { name, 'dist-tags': { latest: version }, versions: { [version]: release } },
		[`/${name}/${version}`]: release,
		[`/${name}/latest`]: release,
	};
	const found = answers[path];
	response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
	response.end(JSON.stringify(found ?? { error: 'Not found' }));
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

/** Ends a server and its connections, those of a proxy too, which an HTTP server forgets. */
function closer(server: Server): () => Promise<void> {
	const sockets = new Set<Socket>();
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	return async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	};
}
