import { Clock } from './clock';
import { Faults } from './faults';
import { Gallery } from './gallery';
import { historyRoutes } from './history';
import { InputReader } from './inputs';
import { Book, type Entry } from './ledger';
import { MODELS } from './models';
import { queueRoutes } from './queue';
import { RateLimit } from './rateLimit';
import { startServer } from './server';
import { filesRoutes, storageRoutes } from './storage';
import type { Emulator, EmulatorOptions } from './types';
import { workflowRoutes } from './workflow';
import type { World } from './world';

export type * from './types';

/** The shape of a real key (docs), but nobody's. */
// eslint-disable-next-line @n8n/community-nodes/no-hardcoded-secrets
export const DEFAULT_API_KEY = 'SG_0123456789abcdef';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_MAX_INPUT_BYTES = 200 * 1024 * 1024;

/**
 * Starts a stand-in for Segmind's image API on loopback: one server for the API and the storage
 * host, another for the files that they hand out.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	const world = createWorld(options);
	const models = [...MODELS, ...(options.models ?? [])];
	const host = options.host ?? DEFAULT_HOST;
	const files = await startServer(world, {
		name: 'files',
		routes: filesRoutes,
		prefixes: [''],
		port: options.filesPort ?? 0,
		host,
	});
	world.filesUrl = files.url;
	const api = await startServer(world, {
		name: 'api',
		routes: [...queueRoutes(models), ...workflowRoutes(models), ...storageRoutes, ...historyRoutes],
		prefixes: ['', '/gateway'],
		port: options.port ?? 0,
		host,
	}).catch(async (error: unknown) => {
		await files.close();
		throw error;
	});
	const emulator = createEmulator(world, api.url, async () => {
		world.clock.end('The emulator was closed');
		await Promise.all([api.close(), files.close(), world.inputs.close()]);
	});
	world.emulator = emulator;
	return emulator;
}

function createWorld(options: EmulatorOptions): World {
	const clock = new Clock(options.now);
	const inputs = new InputReader(options.bodyLimit ?? DEFAULT_MAX_INPUT_BYTES);
	return {
		options,
		apiKey: options.apiKey ?? DEFAULT_API_KEY,
		clock,
		book: new Book(clock, options),
		faults: new Faults(),
		rateLimit: new RateLimit(options.rateLimit),
		inputs,
		gallery: new Gallery(inputs, options.imageBytes),
		requests: [],
		leaks: [],
		uploads: [],
		files: new Map(),
		filesUrl: '',
	};
}

function createEmulator(world: World, url: string, close: () => Promise<void>): Emulator {
	const { book, clock, faults, files, gallery } = world;
	const find = (requestId: string): Entry => {
		const entry = book.entry(requestId);
		if (!entry) throw new Error(`The emulator knows no job ${requestId}`);
		return entry;
	};
	return {
		url,
		filesUrl: world.filesUrl,
		apiKey: world.apiKey,
		ledger: book.ledger,
		requests: world.requests,
		leaks: world.leaks,
		uploads: world.uploads,
		image: async (requestId, index) => (await gallery.image(find(requestId), index)).bytes,
		imageUrl: (requestId, index) => world.filesUrl + gallery.path(find(requestId), index),
		fault: (rule) => faults.add(rule),
		clearFaults: () => faults.clear(),
		reset() {
			clock.cancel('The emulator was reset');
			for (const list of [world.requests, world.leaks, world.uploads]) list.length = 0;
			for (const [path, file] of files) if (file.uploaded) files.delete(path);
			faults.clear();
			world.rateLimit.reset();
			book.reset();
		},
		advance: (ms) => clock.advance(ms),
		whenFinished: async (requestId) => await find(requestId).outcome,
		hostFile(name, body, contentType) {
			const path = `/hosted/${name.split('/').map(encodeURIComponent).join('/')}`;
			files.set(path, { bytes: body, contentType, uploaded: false });
			return world.filesUrl + path;
		},
		close,
	};
}
