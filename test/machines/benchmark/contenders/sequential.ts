/* eslint-disable @n8n/community-nodes/node-usable-as-tool */
import {
	NodeConnectionTypes,
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { SegmindApi } from '../../../../credentials/SegmindApi.credentials';
import { Engine } from '../../../support/engine/engine';
import { bodyFor, imageUrlIn, PEER_INTERVAL, submitPath, type Answer } from '../api';
import type { Assignment, Harvest } from '../types';
import { harvestOf, itemsFor } from './items';

/**
 * The manner of peer nodes, without their mistakes: for each item in turn submit, ask at a fixed interval,
 * fetch the image into memory, store it. A file travels inside the request as Base64 text.
 */
class SequentialNode implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Sequential',
		name: 'sequential',
		group: ['transform'],
		version: 1,
		description: 'One item after the other',
		defaults: { name: 'Sequential' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: [],
	};

	constructor(private readonly assignment: Assignment) {}

	/** n8n runs the function of the type with a context of its own as `this`. */
	readonly execute = makeExecute(() => this.assignment);
}

function makeExecute(assignmentOf: () => Assignment): NonNullable<INodeType['execute']> {
	return async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const assignment = assignmentOf();
		const output: INodeExecutionData[] = [];
		let next = 0;
		const worker = async () => {
			while (next < assignment.jobs) {
				const index = next++;
				output[index] = await swap(this, assignment, index);
			}
		};
		const workers = assignment.contender === 'bare' ? assignment.concurrency : 1;
		await Promise.all(Array.from({ length: workers }, worker));
		return [output];
	};
}

async function swap(
	context: IExecuteFunctions,
	assignment: Assignment,
	index: number,
): Promise<INodeExecutionData> {
	const { api, service, inputs } = assignment;
	const interval = (assignment.interval ?? PEER_INTERVAL[service]) * 1000;
	const call = async (options: IHttpRequestOptions) =>
		(await context.helpers.httpRequestWithAuthentication.call(
			context,
			'segmindApi',
			options,
		)) as Answer;
	const image = inputs
		? (await context.helpers.getBinaryDataBuffer(index, 'data')).toString('base64')
		: undefined;
	const ticket = await call({
		method: 'POST',
		url: `${api}${submitPath(service)}`,
		body: bodyFor(assignment, image),
		json: true,
	});
	const status = String(ticket.status_url ?? ticket.poll_url);
	let answer: Answer;
	do {
		await sleep(interval);
		answer = await call({ method: 'GET', url: status, json: true });
	} while (answer.status !== 'COMPLETED');
	const { response_url: result } = ticket;
	if (result !== undefined) answer = await call({ method: 'GET', url: result, json: true });
	const bytes = (await context.helpers.httpRequest({
		method: 'GET',
		url: imageUrlIn(answer),
		encoding: 'arraybuffer',
	})) as Buffer;
	const binary = await context.helpers.prepareBinaryData(Buffer.from(bytes), 'image.jpg');
	return { json: answer as IDataObject, binary: { data: binary }, pairedItem: { item: index } };
}

/** One item after the other, in the same engine; as `bare` several at once. */
export async function prepareSequential(assignment: Assignment): Promise<() => Promise<Harvest>> {
	const engine = await Engine.start('', {
		nodes: { sequential: new SequentialNode(assignment) },
		credentials: { segmindApi: new SegmindApi() },
	});
	const { api, apiKey } = assignment;
	const credentials = { apiKey, baseUrl: api, storageUrl: api };
	const items = itemsFor(assignment);
	return async () => {
		const outcome = await engine.run({ type: 'sequential', credentials, items });
		return harvestOf(outcome.outputs[0] ?? [], outcome);
	};
}
