import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { properties } from '../shared/parameters/panel';
import { characterSwap } from './model';

export class CharacterSwap implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Character Swap',
		name: 'characterSwap',
		icon: {
			light: 'file:../../icons/characterSwap.svg',
			dark: 'file:../../icons/characterSwap.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "swap" ? "swap character" : "get result" }}',
		description: 'Replace the character in a picture with another one, using Segmind',
		defaults: { name: 'Character Swap' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: properties(characterSwap),
	};

	/** What runs items is loaded by the first execution: n8n starts with the descriptions alone. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { runItems } = await import('../shared/items');
		return await runItems(this, characterSwap);
	}
}
