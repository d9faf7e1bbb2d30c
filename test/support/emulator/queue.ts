import { FAILED_STATUS, failedAnswer, notFound, type Answer } from './answers';
import type { Call, Route } from './layer';
import type { Entry } from './ledger';
import type { EmulatedModel, QueueModel } from './models';
import { accept } from './submission';
import type { World } from './world';

const INVALID_IMAGE_STATUS = 400;

/** The paths of all models on the queue. */
export const queueRoutes = (models: EmulatedModel[]): Route[] => [
	...models.filter((model) => model.kind === 'queue').flatMap(runRoutes),
	{ method: 'GET', path: '/v2/requests/:id/status', kind: 'status', access: 'key', handle: status },
	{ method: 'GET', path: '/v2/requests/:id', kind: 'result', access: 'key', handle: result },
	// The ticket's poll_url: status while it runs, then the result in one.
	{ method: 'GET', path: '/v1/requests/:id', kind: 'status', access: 'key', handle: result },
];

function runRoutes(model: QueueModel): Route[] {
	const { submitPath, syncPath } = model;
	const route = { method: 'POST', access: 'key' } as const;
	const inQueue: Route['handle'] = (world, call) =>
		submit(call, accept(world, call, model, 'queue'));
	const heldOpen: Route['handle'] = async (world, call) =>
		await sync(world, call, accept(world, call, model, 'sync'));
	return [
		{ ...route, path: submitPath, kind: 'submit', handle: inQueue },
		...(syncPath === undefined
			? []
			: [{ ...route, path: syncPath, kind: 'sync' as const, handle: heldOpen }]),
	];
}

function submit(call: Call, entry: Entry): Answer {
	const { requestId } = entry.job;
	const segment = encodeURIComponent(requestId);
	const body = {
		request_id: requestId,
		status: 'QUEUED',
		poll_url: `${call.baseUrl}/v1/requests/${segment}`,
		status_url: `${call.baseUrl}/v2/requests/${segment}/status`,
		response_url: `${call.baseUrl}/v2/requests/${segment}`,
	};
	return { status: 200, body, entry };
}

async function sync(world: World, call: Call, entry: Entry): Promise<Answer> {
	call.request.record.requestId = entry.job.requestId;
	await entry.outcome;
	const { failure } = entry;
	if (failure) {
		const headers = { 'x-request-id': entry.job.requestId };
		const invalidImage = failure !== call.failure;
		const status = failure.status ?? (invalidImage ? INVALID_IMAGE_STATUS : FAILED_STATUS.v1);
		return { status, body: { [failure.field ?? 'error']: failure.error }, headers, entry };
	}
	const headers = world.book.headers(entry);
	const { bytes, contentType } = await entry.picture;
	if (entry.job.body.base64 === true) {
		return { status: 200, body: { image: bytes.toString('base64') }, headers, entry };
	}
	return { status: 200, body: bytes, headers: { ...headers, 'content-type': contentType }, entry };
}

async function status(world: World, { id }: Call): Promise<Answer> {
	const entry = find(world, id);
	const stage = await world.book.stage(entry);
	if (stage === 'FAILED') return failed(entry);
	const metrics = stage === 'COMPLETED' ? world.book.metrics(entry) : {};
	return { status: 200, body: { status: stage, request_id: id, metrics }, entry };
}

async function result(world: World, { id }: Call): Promise<Answer> {
	const entry = find(world, id);
	const stage = await world.book.stage(entry);
	if (stage === 'FAILED') return failed(entry);
	if (stage !== 'COMPLETED') {
		return { status: 200, body: { status: stage, request_id: id, metrics: {} }, entry };
	}
	const { bytes, contentType } = await entry.picture;
	const path = world.gallery.path(entry);
	const inline = entry.job.body.base64 === true;
	const output = inline ? bytes.toString('base64') : world.filesUrl + path;
	const image = {
		...(inline ? { base64: output } : { url: output }),
		content_type: contentType,
		file_name: path.split('/').pop(),
		file_size: bytes.length,
	};
	const metrics = world.book.metrics(entry);
	const body = { status: stage, request_id: id, images: [image], output, metrics };
	return { status: 200, body, entry };
}

function find(world: World, id: string): Entry {
	const entry = world.book.remembered(id, 'queue');
	if (!entry) throw notFound('Request');
	return entry;
}

function failed(entry: Entry): Answer {
	const { requestId } = entry.job;
	const failure = entry.failure ?? { error: 'Generation failed' };
	return { ...failedAnswer(failure, 'v2', { request_id: requestId, metrics: {} }), entry };
}
