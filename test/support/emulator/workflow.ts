import { Refusal, failedAnswer, notFound, type Answer } from './answers';
import type { Call, Route } from './layer';
import type { EmulatedModel, WorkflowModel } from './models';
import { accept } from './submission';
import type { World } from './world';

/** An ID ends in a version: `-v6` was followed by `-v7` (field). */
const withoutVersion = (id: string): string => id.replace(/-v\d+$/, '');

/** The paths of all workflows. */
export const workflowRoutes = (models: EmulatedModel[]): Route[] => [
	{
		method: 'GET',
		path: '/workflows/request/:id',
		kind: 'status',
		access: 'keyOrBearer',
		handle: poll,
	},
	{
		method: 'POST',
		path: '/workflows/:id',
		kind: 'submit',
		access: 'keyOrBearer',
		handle: (world, call) => submit(world, call, find(world, models, call.id)),
	},
];

/** The workflow of an ID, in whatever version; an ID of which nothing else is known is the first one's. */
function find({ options }: World, models: EmulatedModel[], id: string): WorkflowModel {
	const workflows = models.filter((candidate) => candidate.kind === 'workflow');
	const model =
		workflows.find(({ workflowIds }) =>
			workflowIds.some((known) => withoutVersion(known) === withoutVersion(id)),
		) ?? (options.workflowIds?.includes(id) ? workflows[0] : undefined);
	if (!model) throw notFound('Workflow');
	return model;
}

function submit(world: World, call: Call, model: WorkflowModel): Answer {
	const { workflowIds = model.workflowIds } = world.options;
	if (!workflowIds.includes(call.id)) {
		throw new Refusal(410, 'This version is no longer available');
	}
	const entry = accept(world, call, model, 'queue');
	const { requestId } = entry.job;
	const ticket = {
		status: 'QUEUED',
		request_id: requestId,
		poll_url: `${call.baseUrl}/workflows/request/${encodeURIComponent(requestId)}`,
		message: 'Workflow request queued; poll the poll_url for its result',
	};
	return { status: 200, body: ticket, entry };
}

async function poll(world: World, { id }: Call): Promise<Answer> {
	const entry = world.book.remembered(id, 'workflow');
	if (entry?.model.kind !== 'workflow') throw notFound('Request');
	const status = await world.book.stage(entry);
	if (status === 'FAILED') {
		const failure = entry.failure ?? { error: 'Generation failed' };
		return { ...failedAnswer(failure, 'workflow'), entry };
	}
	if (status !== 'COMPLETED') return { status: 200, body: { status, output: '' }, entry };
	const data = world.filesUrl + world.gallery.path(entry);
	// A JSON string inside JSON (seed).
	const output = JSON.stringify([{ keyname: entry.model.keyname, value: { data, type: 'image' } }]);
	return { status: 200, body: { status, output }, entry };
}
