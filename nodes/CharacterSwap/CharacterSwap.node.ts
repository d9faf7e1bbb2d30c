import type { IExecuteFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { commonDescription } from '../shared/parameters/panel';
import { characterSwap } from './model';

export class CharacterSwap implements INodeType {
	description: INodeTypeDescription = {
		...commonDescription(characterSwap),
		name: 'characterSwap',
		icon: {
			light: 'file:../../icons/characterSwap.svg',
			dark: 'file:../../icons/characterSwap.dark.svg',
		},
		subtitle:
			'={{ ({ "swap": "swap character", "getResult": "get result", "getBalance": "get balance" })[$parameter["operation"]] }}',
		description: 'Replace the character in a picture with another one, using Segmind',
		usableAsTool: true,
	};

	/** What runs items is loaded by the first execution: n8n starts with the descriptions alone. */
	async execute(this: IExecuteFunctions) {
		const { runItems } = await import('../shared/items');
		return await runItems(this, characterSwap);
	}
}
