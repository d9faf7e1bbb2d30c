import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { runItems } from '../shared/items';
import { properties } from '../shared/parameters/panel';
import { jobSearch } from '../shared/searchJobs';
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
		subtitle:
			'={{ ({ "swap": "swap face", "getResult": "get result", "getMany": "get many" })[$parameter["operation"]] }}',
		description: 'Put a real face into a comic or an illustration, using Segmind',
		defaults: { name: 'FaceSwap Comic' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: properties(faceSwapComic),
	};

	methods = { listSearch: { searchJobs: jobSearch(faceSwapComic) } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, faceSwapComic);
	}
}
