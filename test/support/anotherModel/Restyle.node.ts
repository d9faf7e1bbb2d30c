/* eslint-disable @n8n/community-nodes/icon-validation */
import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { runItems } from '../../../nodes/shared/items';
import { properties } from '../../../nodes/shared/parameters/panel';
import { restyle } from './model';

export class Restyle implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Restyle',
		name: 'restyle',
		icon: { light: 'file:restyle.svg', dark: 'file:restyle.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Draw a picture anew in another style',
		defaults: { name: 'Restyle' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: properties(restyle),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, restyle);
	}
}
