import type { IConnections, INode, INodeParameters } from 'n8n-workflow';
import { Engine, type Outcome } from '../../../support/engine/engine';
import { bodyFor, CORE_INTERVAL, submitPath } from '../api';
import type { Assignment, Harvest } from '../types';
import { loadCoreNodes } from './coreNodes';
import { harvestOf, itemsFor } from './items';

const LOOP = 'Loop Over Items';

const node = (
	name: string,
	type: string,
	typeVersion: number,
	parameters: INodeParameters,
): INode => ({
	id: name,
	name,
	type: `n8n-nodes-segmind.${type}`,
	typeVersion,
	position: [0, 0],
	parameters,
});

/** A request with the key in a header, as the HTTP Request node is filled in by hand. */
const http = (apiKey: string, more: INodeParameters): INodeParameters => ({
	sendHeaders: true,
	headerParameters: { parameters: [{ name: 'x-api-key', value: apiKey }] },
	...more,
});

/** The nodes of the workflow but the loop itself, in their order. */
function nodesFor(assignment: Assignment): INode[] {
	const { api, apiKey, service, inputs, interval = CORE_INTERVAL } = assignment;
	const body = JSON.stringify(bodyFor(assignment, inputs ? '{{ $json.image }}' : undefined));
	const imageUrl =
		service === 'workflow'
			? '={{ JSON.parse($json.output)[0].value.data }}'
			: '={{ $json.images[0].url }}';
	const extract = node('Extract from File', 'extractFromFile', 1, {
		operation: 'binaryToPropery',
		binaryPropertyName: 'data',
		destinationKey: 'image',
		options: {},
	});
	const completed = {
		options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
		combinator: 'and',
		conditions: [
			{
				id: 'completed',
				leftValue: '={{ $json.status }}',
				rightValue: 'COMPLETED',
				operator: { type: 'string', operation: 'equals' },
			},
		],
	};
	return [
		...(inputs ? [extract] : []),
		node(
			'Submit',
			'httpRequest',
			4.2,
			http(apiKey, {
				method: 'POST',
				url: `${api}${submitPath(service)}`,
				sendBody: true,
				contentType: 'json',
				specifyBody: 'json',
				jsonBody: `=${body}`,
				options: {},
			}),
		),
		node('Wait', 'wait', 1.1, { resume: 'timeInterval', amount: interval, unit: 'seconds' }),
		node(
			'Status',
			'httpRequest',
			4.2,
			http(apiKey, { method: 'GET', url: "={{ $('Submit').item.json.poll_url }}", options: {} }),
		),
		node('If', 'if', 2.2, { conditions: completed, options: {} }),
		node('Download', 'httpRequest', 4.2, {
			method: 'GET',
			url: imageUrl,
			options: {
				response: { response: { responseFormat: 'file', outputPropertyName: 'data' } },
			},
		}),
	];
}

/** Start → Loop → … → Submit → Wait → Status → If → Download → Loop; If's other way leads back to Wait. */
function connect(nodes: INode[]): IConnections {
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	const connections: IConnections = {
		Start: { main: [to(LOOP)] },
		[LOOP]: { main: [[], to(nodes[0]?.name ?? '')] },
	};
	for (const [index, { name }] of nodes.entries()) {
		connections[name] = { main: [to(nodes[index + 1]?.name ?? LOOP)] };
	}
	connections.If = { main: [to('Download'), to('Wait')] };
	return connections;
}

/** The items that leave the loop when it is through. */
const doneItems = ({ run }: Outcome) => run.resultData.runData[LOOP]?.at(-1)?.data?.main?.[0] ?? [];

/** What a user would build instead: the same job as a workflow of n8n's own nodes, in the same engine. */
export async function prepareCore(assignment: Assignment): Promise<() => Promise<Harvest>> {
	const engine = await Engine.start('', { nodes: loadCoreNodes(), credentials: {} });
	const nodes = nodesFor(assignment);
	const connections = connect(nodes);
	const items = itemsFor(assignment);
	return async () => {
		const outcome = await engine.run({
			type: 'splitInBatches',
			// The engine's place for the node under test becomes the loop.
			settings: {
				name: LOOP,
				type: 'n8n-nodes-segmind.splitInBatches',
				typeVersion: 3,
				credentials: undefined,
				parameters: { batchSize: 1, options: {} },
			},
			nodes,
			connections,
			credentials: {},
			items,
		});
		return harvestOf(doneItems(outcome), outcome);
	};
}
