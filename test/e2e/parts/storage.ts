/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// eslint-disable-next-line @typescript-eslint/no-require-imports
import S3rver = require('@20minutes/s3rver');

/** An S3-compatible storage with one bucket, on loopback. */
export interface Storage {
	/** Without a slash at the end. */
	readonly url: string;
	/** What goes into n8n's S3 credential. */
	readonly credential: object;
	put(key: string, body: Buffer, type: string): Promise<void>;
	/** The bytes and the type of an object; fails when there is none. */
	get(key: string): Promise<{ body: Buffer; type: string | null }>;
	/** The keys of all objects, in order. */
	keys(): Promise<string[]>;
	close(): Promise<void>;
}

/** Starts it, with a folder of its own. It checks signatures. */
export async function startStorage(bucket: string): Promise<Storage> {
	const directory = mkdtempSync(join(tmpdir(), 'n8n-segmind-s3-'));
	const server = new S3rver({
		address: '127.0.0.1',
		port: 0,
		silent: true,
		directory,
		vhostBuckets: false,
		configureBuckets: [{ name: bucket, configs: [] }],
	});
	const { port } = (await server.run()) as AddressInfo;
	const endpoint = `http://127.0.0.1:${port}`;
	const call = async (path: string, init?: RequestInit) => {
		const response = await fetch(`${endpoint}/${bucket}${path}`, init);
		if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${await response.text()}`);
		return response;
	};
	return {
		url: endpoint,
		credential: {
			endpoint,
			region: 'us-east-1',
			accessKeyId: 'S3RVER',
			secretAccessKey: 'S3RVER',
			forcePathStyle: true,
		},
		async put(key, body, type) {
			const headers = { 'content-type': type };
			await call(`/${key}`, { method: 'PUT', headers, body: new Uint8Array(body) });
		},
		async get(key) {
			const response = await call(`/${key}`);
			return {
				body: Buffer.from(await response.arrayBuffer()),
				type: response.headers.get('content-type'),
			};
		},
		async keys() {
			const list = await (await call('?list-type=2')).text();
			return [...list.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => String(key));
		},
		async close() {
			await server.close();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
