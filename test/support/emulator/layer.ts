import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, failedAnswer, type Answer } from './answers';
import { deliver, resetConnection } from './delivery';
import type { Failure, Fault, RecordedRequest, RequestKind } from './types';
import type { World } from './world';

declare module 'fastify' {
	interface FastifyContextConfig {
		kind?: RequestKind;
	}
	interface FastifyRequest {
		record: RecordedRequest;
	}
}

/** What a route gets to see of a request. */
export interface Call {
	request: FastifyRequest;
	body: unknown;
	/** The `:id` of the path, or an empty string. */
	id: string;
	/** Origin and path prefix under which the client reached the API. */
	baseUrl: string;
	/** The job accepted by this request is to fail like this. */
	failure?: Failure;
}

/** `key`: x-api-key and nothing else; `keyOrBearer`: either; `none`: public. */
type Access = 'key' | 'keyOrBearer' | 'none';

export interface Route {
	method: 'GET' | 'POST';
	path: string;
	kind: RequestKind;
	access: Access;
	handle: (world: World, call: Call) => Answer | Promise<Answer>;
}

type AnyRoute = Pick<Route, 'access' | 'handle'>;

/** The one layer around all routes: credentials, pace, and the faults that were queued. */
export async function serve(
	world: World,
	route: AnyRoute,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const fault = world.faults.take(request.record.kind);
	const key = presentedKey(request);
	const perform = async () => await answer(world, route, request, fault);
	const send = (real: Answer, manner: Parameters<typeof deliver>[2] = { kind: 'whole' }) =>
		deliver(reply, fill(real, key), manner);

	switch (fault?.kind) {
		case undefined:
			send(await perform());
			break;
		case 'status': {
			const type = fault.contentType && { 'content-type': fault.contentType };
			const headers = { ...type, ...fault.headers };
			send({ status: fault.status, body: fault.body ?? '', headers });
			break;
		}
		case 'redirect': {
			const headers = { location: withKey(fault.location, key) };
			send({ status: fault.status, body: '', headers });
			break;
		}
		case 'hang':
			reply.hijack();
			if (fault.when === 'after') await perform();
			break;
		case 'reset': {
			if (fault.when === 'before') {
				resetConnection(reply);
				break;
			}
			const real = await perform();
			if (['download', 'input', 'result'].includes(request.record.kind)) {
				send(real, { kind: 'reset' });
			} else resetConnection(reply);
			break;
		}
		case 'body': {
			if (fault.effect !== false) await perform();
			const headers = { 'content-type': fault.contentType };
			const { bytesPerSecond, endless } = fault;
			const manner = endless
				? { kind: 'endless' as const }
				: bytesPerSecond === undefined
					? undefined
					: { kind: 'drip' as const, bytesPerSecond };
			send({ status: fault.status ?? 200, body: fault.body, headers }, manner);
			break;
		}
		case 'answer': {
			const real = await perform();
			if (!world.emulator) throw new Error('The emulator has not started');
			const { emulator } = world;
			const made = fault.make({
				job: real.entry?.job,
				real: { status: real.status, body: real.body },
				emulator,
			});
			const headers = { ...real.headers, ...made.headers };
			// An image turned into JSON is no image any more.
			if (!Buffer.isBuffer(made.body) && !made.headers?.['content-type']) {
				delete headers['content-type'];
			}
			send({ status: made.status ?? real.status, body: made.body, headers });
			break;
		}
		case 'fail':
			send(saysFailed(await perform(), request, fault));
			break;
		case 'drip':
		case 'endless':
		case 'truncate':
		case 'shorten':
			send(await perform(), fault);
			break;
	}
	return reply;
}

async function answer(
	world: World,
	route: AnyRoute,
	request: FastifyRequest,
	fault: Fault | undefined,
): Promise<Answer> {
	try {
		const told = admit(world, route, request);
		const { id = '' } = request.params as { id?: string };
		const prefix = request.url.startsWith('/gateway/') ? '/gateway' : '';
		const baseUrl = `http://${request.headers.host ?? request.hostname}${prefix}`;
		const failure = fault?.kind === 'fail' ? fault : undefined;
		const real = await route.handle(world, { request, body: request.body, id, baseUrl, failure });
		if (real.entry) request.record.requestId = real.entry.job.requestId;
		if (route.access === 'none') return real;
		return { ...real, headers: { ...world.book.accountHeaders(), ...told, ...real.headers } };
	} catch (error) {
		if (error instanceof Refusal) return error.answer();
		// eslint-disable-next-line @n8n/community-nodes/require-node-api-error -- no node here
		throw error;
	}
}

/** Lets a request in, and gives what the answer is to tell of the rate limit. */
function admit(
	world: World,
	{ access }: AnyRoute,
	request: FastifyRequest,
): Record<string, string> {
	if (access === 'none') return {};
	const { headers } = request;
	const direct = headers['x-api-key'];
	const bearer = access === 'keyOrBearer' ? headers.authorization : undefined;
	if (direct === undefined && bearer === undefined) {
		throw new Refusal(401, 'Missing Authorization or x-api-key in header');
	}
	const { workflowAuth = 'any' } = world.options;
	const isRefused =
		access === 'keyOrBearer' &&
		((workflowAuth === 'key' && bearer !== undefined) ||
			(workflowAuth === 'bearer' && direct !== undefined) ||
			(workflowAuth === 'notBoth' && direct !== undefined && bearer !== undefined));
	if (isRefused || (direct !== world.apiKey && bearer !== `Bearer ${world.apiKey}`)) {
		throw new Refusal(401, 'Invalid or expired API key');
	}
	const now = world.clock.now();
	const isUpload = request.record.kind === 'upload';
	const { wait, headers: told } = world.rateLimit.ask(world.apiKey, isUpload, now, now);
	if (wait !== undefined) throw new Refusal(429, 'Rate limit exceeded', told);
	return told;
}

/** A submit has made the failing job already; a check of a job that runs well lies about it. */
function saysFailed(real: Answer, { record, url }: FastifyRequest, failure: Failure): Answer {
	const aboutOneCheck = record.kind === 'status' || record.kind === 'result';
	if (!aboutOneCheck || !real.entry) return real;
	const family = url.includes('/workflows/') ? 'workflow' : 'v2';
	return { ...failedAnswer(failure, family, { request_id: record.requestId }), entry: real.entry };
}

function presentedKey({ headers }: FastifyRequest): string {
	const direct = headers['x-api-key'];
	if (typeof direct === 'string') return direct;
	return headers.authorization?.replace(/^Bearer /i, '') ?? '';
}

function fill(real: Answer, key: string): Answer {
	const { body } = real;
	if (Buffer.isBuffer(body) || body === undefined) return real;
	if (typeof body === 'string') return { ...real, body: withKey(body, key) };
	const json = JSON.stringify(body);
	if (!json.includes('{{key}}')) return real;
	return { ...real, body: JSON.parse(withKey(json, JSON.stringify(key).slice(1, -1))) as unknown };
}

function withKey(text: string, key: string): string {
	return text.replaceAll('{{key}}', () => key);
}
