import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

const description = (
	name: string,
	outputs: INodeTypeDescription['outputs'],
): INodeTypeDescription => ({
	displayName: name,
	name,
	group: ['transform'],
	version: 1,
	description: name,
	defaults: { name },
	inputs: [NodeConnectionTypes.Main],
	outputs,
	properties: [],
});

/** Hands its items on. */
const pass: INodeType = {
	description: description('pass', [NodeConnectionTypes.Main]),
	async execute() {
		return [this.getInputData()];
	},
};

/** Sends what it gets round again until it has passed so many times, then on: the end of a loop. */
const again: INodeType = {
	description: {
		...description('again', [NodeConnectionTypes.Main, NodeConnectionTypes.Main]),
		properties: [{ displayName: 'Passes', name: 'passes', type: 'number', default: 1 }],
	},
	async execute() {
		const context = this.getContext('node');
		context.passed = Number(context.passed ?? 0) + 1;
		const items = this.getInputData();
		return Number(context.passed) < Number(this.getNodeParameter('passes', 0))
			? [items, []]
			: [[], items];
	},
};

/** The few nodes that the tests' workflows have around the one under test. */
export const builtInNodes: Record<string, INodeType> = { 'test.pass': pass, 'test.again': again };
