import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
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

	methods = {
		listSearch: {
			async searchJobs(
				this: ILoadOptionsFunctions,
				filter?: string,
				paginationToken?: unknown,
			): Promise<INodeListSearchResult> {
				const { searchJobs } = await import('../shared/history/searchJobs');
				return await searchJobs(this, faceSwapComic, { filter, paginationToken });
			},
		},
	};

	/** What runs items is loaded by the first execution: n8n starts with the descriptions alone. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { runItems } = await import('../shared/items');
		return await runItems(this, faceSwapComic);
	}
}
