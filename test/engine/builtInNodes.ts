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

/** Sends what it gets round a second time, then on: the way of a loop. */
const twice: INodeType = {
	description: description('twice', [NodeConnectionTypes.Main, NodeConnectionTypes.Main]),
	async execute() {
		const items = this.getInputData();
		const context = this.getContext('node');
		context.passes = Number(context.passes ?? 0) + 1;
		return Number(context.passes) < 3 ? [items, []] : [[], items];
	},
};

/** The few nodes that the tests' workflows have around the one under test. */
export const builtInNodes: Record<string, INodeType> = { 'test.pass': pass, 'test.twice': twice };
