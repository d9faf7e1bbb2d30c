/* eslint-disable @n8n/community-nodes/icon-validation */
import type { IExecuteFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { runItems } from '../../../nodes/shared/items';
import { commonDescription } from '../../../nodes/shared/parameters/panel';
import { restyle } from './model';

export class Restyle implements INodeType {
	description: INodeTypeDescription = {
		...commonDescription(restyle),
		name: 'restyle',
		icon: { light: 'file:restyle.svg', dark: 'file:restyle.dark.svg' },
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Draw a picture anew in another style',
		usableAsTool: true,
	};

	async execute(this: IExecuteFunctions) {
		return await runItems(this, restyle);
	}
}
