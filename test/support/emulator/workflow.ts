import { Refusal, failedAnswer, notFound, type Answer } from './answers';
import { describeImageField } from './images';
import type { Call, Route } from './layer';
import { workflowBody } from './validation';
import type { World } from './world';

const SERVICE = 'workflow';
/** AI Character Swap (seed). */
const DEFAULT_IDS = ['678aa4026426baad7e5392fb-v7'];
const KEYNAME = 'character_swap_image';

/** An ID ends in a version: `-v6` was followed by `-v7` (field). */
const withoutVersion = (id: string): string => id.replace(/-v\d+$/, '');

export const workflowRoutes: Route[] = [
	{
		method: 'GET',
		path: '/workflows/request/:id',
		kind: 'status',
		access: 'keyOrBearer',
		handle: poll,
	},
	{ method: 'POST', path: '/workflows/:id', kind: 'submit', access: 'keyOrBearer', handle: submit },
];

function submit(world: World, { id, body, failure, baseUrl }: Call): Answer {
	const ids = world.options.workflowIds ?? DEFAULT_IDS;
	if (!ids.includes(id)) {
		const isOfKnown = ids.some((known) => withoutVersion(known) === withoutVersion(id));
		throw isOfKnown
			? new Refusal(410, 'This version is no longer available')
			: notFound('Workflow');
	}
	const fields = workflowBody(body);
	const refusal = world.book.refusal(SERVICE);
	if (refusal) throw new Refusal(406, refusal);
	const described = Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [name, describeImageField(String(value))]),
	);
	const paint = world.gallery.workflow(fields);
	const entry = world.book.accept({
		service: SERVICE,
		mode: 'queue',
		body: described,
		failure,
		paint,
	});
	const { requestId } = entry.job;
	const ticket = {
		status: 'QUEUED',
		request_id: requestId,
		poll_url: `${baseUrl}/workflows/request/${encodeURIComponent(requestId)}`,
		message: 'Workflow request queued; poll the poll_url for its result',
	};
	return { status: 200, body: ticket, entry };
}

async function poll(world: World, { id }: Call): Promise<Answer> {
	const entry = world.book.remembered(id, SERVICE);
	if (!entry) throw notFound('Request');
	const status = await world.book.stage(entry);
	if (status === 'FAILED') {
		const failure = entry.failure ?? { error: 'Generation failed' };
		return { ...failedAnswer(failure, 'workflow'), entry };
	}
	if (status !== 'COMPLETED') return { status: 200, body: { status, output: '' }, entry };
	const data = world.filesUrl + world.gallery.path(entry.job);
	// A JSON string inside JSON (seed).
	const output = JSON.stringify([{ keyname: KEYNAME, value: { data, type: 'image' } }]);
	return { status: 200, body: { status, output }, entry };
}
