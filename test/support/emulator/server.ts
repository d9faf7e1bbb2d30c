/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest, type HTTPMethods } from 'fastify';
import { Refusal, notFound, wrongMethod } from './answers';
import { deliver } from './delivery';
import { serve, type Route } from './layer';
import type { RecordedRequest, RequestKind } from './types';
import type { World } from './world';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const DEFAULT_BODY_LIMIT = 200 * 1024 * 1024;
/** A longer string without a space in a recorded body is image data. */
const LONGEST_RECORDED = 500;
const RECORDED_KINDS: ReadonlySet<RequestKind> = new Set(['submit', 'sync', 'upload']);

export interface Server {
	readonly url: string;
	/** Destroys open sockets, whatever they are doing. */
	close(): Promise<void>;
}

export interface ServerSetup {
	name: RecordedRequest['server'];
	routes: Route[];
	prefixes: string[];
	port: number;
	host: string;
}

export async function startServer(world: World, setup: ServerSetup): Promise<Server> {
	const app = Fastify({
		bodyLimit: world.options.bodyLimit ?? DEFAULT_BODY_LIMIT,
		forceCloseConnections: true,
		exposeHeadRoutes: false,
	});
	const sockets = new Set<Socket>();
	app.server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	readBodies(app);
	recordRequests(app, world, setup.name);
	for (const prefix of setup.prefixes) {
		for (const route of setup.routes) addRoute(app, world, prefix, route);
	}
	const nowhere = { access: 'none' as const, handle: () => notFound('Endpoint').answer() };
	app.setNotFoundHandler(async (request, reply) => await serve(world, nowhere, request, reply));
	app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
		const status = error instanceof Refusal ? error.status : (error.statusCode ?? 500);
		deliver(reply, new Refusal(status, error.message).answer(), { kind: 'whole' });
	});
	await app.listen({ port: setup.port, host: setup.host });
	const { port } = app.server.address() as AddressInfo;
	const host = setup.host === '0.0.0.0' ? '127.0.0.1' : setup.host;
	return {
		url: `http://${host}:${port}`,
		async close() {
			for (const socket of sockets) socket.destroy();
			await app.close();
		},
	};
}

function addRoute(app: FastifyInstance, world: World, prefix: string, route: Route): void {
	const url = prefix + route.path;
	app.route({
		method: route.method,
		url,
		config: { kind: route.kind },
		handler: async (request, reply) => await serve(world, route, request, reply),
	});
	const wrong = { access: 'none' as const, handle: () => wrongMethod(route.method) };
	app.route({
		method: METHODS.filter((method) => method !== route.method),
		url,
		handler: async (request, reply) => await serve(world, wrong, request, reply),
	});
}

/** Fastify's own JSON parser neither counts bytes nor answers like the API. */
function readBodies(app: FastifyInstance): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
		request.record.bytes = body.length;
		if (request.record.kind === 'other') return done(null, undefined);
		if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
			return done(new Refusal(400, 'The request body must be JSON'));
		}
		try {
			done(null, JSON.parse(body.toString()));
		} catch {
			done(new Refusal(400, 'The request body is not valid JSON'));
		}
	});
}

function recordRequests(app: FastifyInstance, world: World, server: Server['url']): void {
	app.addHook('onRequest', async (request) => {
		const record: RecordedRequest = {
			at: world.clock.now(),
			server: server === 'files' ? 'files' : 'api',
			kind: request.routeOptions.config.kind ?? 'other',
			method: request.method,
			path: request.url,
			headers: { ...request.headers },
			bytes: 0,
		};
		const { id } = request.params as { id?: string };
		if (id && (record.kind === 'status' || record.kind === 'result')) record.requestId = id;
		request.record = record;
		world.requests.push(record);
		if (record.server === 'files' && leaksKey(world, request)) world.leaks.push(record);
	});
	app.addHook('preHandler', async ({ record, body }) => {
		if (RECORDED_KINDS.has(record.kind)) record.body = abbreviated(body);
	});
	app.addHook('onResponse', async ({ record }) => {
		const status = record.status ?? 'no answer';
		const paid = record.kind === 'submit' || record.kind === 'sync';
		const job = paid && record.requestId ? `, accepted as ${record.requestId}` : '';
		world.options.log?.(`${record.kind} ${record.method} ${record.path} → ${status}${job}`);
	});
}

function leaksKey(world: World, { headers, url }: FastifyRequest): boolean {
	const named = 'x-api-key' in headers || 'authorization' in headers;
	return named || url.includes(world.apiKey) || Object.values(headers).includes(world.apiKey);
}

function abbreviated(value: unknown): unknown {
	if (typeof value === 'string') {
		const isData = value.length > LONGEST_RECORDED && !value.includes(' ');
		return isData ? `${value.length} characters` : value;
	}
	if (Array.isArray(value)) return value.map(abbreviated);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, abbreviated(part)]));
}
