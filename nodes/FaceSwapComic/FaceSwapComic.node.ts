import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { runItems } from '../shared/items';
import { properties } from '../shared/parameters/panel';
import { faceSwapComic } from './model';

export class FaceSwapComic implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'FaceSwap Comic',
		name: 'faceSwapComic',
		icon: {
			light: 'file:../../icons/faceSwapComic.svg',
			dark: 'file:../../icons/faceSwapComic.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "swap" ? "swap face" : "get result" }}',
		description: 'Put a real face into a comic or an illustration, using Segmind',
		defaults: { name: 'FaceSwap Comic' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: properties(faceSwapComic),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, faceSwapComic);
	}
}
