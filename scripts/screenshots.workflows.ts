import type { INode, INodeParameters } from 'n8n-workflow';
import type { WorkflowFile } from '../test/e2e/workflows';

function node(
	name: string,
	type: string,
	position: [number, number],
	parameters: INodeParameters,
): INode {
	const id = name.toLowerCase().replaceAll(' ', '-');
	return {
		id,
		name,
		type,
		typeVersion: type.endsWith('.set') ? 3.4 : 1,
		position,
		parameters,
	};
}

/** Lets nodes follow each other. */
function workflow(name: string, nodes: INode[]): WorkflowFile {
	const links = nodes
		.slice(1)
		.map(({ name: next }, index) => [
			nodes[index]?.name,
			{ main: [[{ node: next, type: 'main', index: 0 }]] },
		]);
	return { name, nodes, connections: Object.fromEntries(links), settings: {} };
}

/** Both nodes, filled in as a user would. */
export const panelWorkflow = workflow('Both nodes', [
	node('Start', 'n8n-nodes-base.manualTrigger', [0, 0], {}),
	node('FaceSwap Comic', 'n8n-nodes-segmind.faceSwapComic', [224, 0], {
		sourceImageUrl: 'https://example.com/portrait.jpg',
		targetImageInput: 'binary',
		prompt: 'happy, eyes closed',
		additionalFields: { outputFormat: 'png', seed: 63255 },
		options: { fileName: 'page-07' },
	}),
	node('Character Swap', 'n8n-nodes-segmind.characterSwap', [448, 0], {
		referenceCharacterImageUrl: 'https://example.com/captain-fox.png',
		characterImageInput: 'binary',
		options: { maxConcurrency: 10, timeout: 900 },
	}),
]);

const start = node('Start', 'n8n-nodes-base.manualTrigger', [0, 0], {});

/** One that only begins. */
export const startWorkflow = workflow('My first comic', [start]);

/** One that can be run, with the addresses of two pictures. */
export const runWorkflow = (pictures: Record<'face' | 'comic', string>): WorkflowFile =>
	workflow('My comic', [
		start,
		node('Pictures', 'n8n-nodes-base.set', [224, 0], {
			assignments: {
				assignments: Object.entries(pictures).map(([name, value]) => ({
					id: name,
					name,
					value,
					type: 'string',
				})),
			},
		}),
		node('FaceSwap Comic', 'n8n-nodes-segmind.faceSwapComic', [448, 0], {
			sourceImageUrl: '={{ $json.face }}',
			targetImageUrl: '={{ $json.comic }}',
			prompt: 'happy',
		}),
	]);
