import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { commonDescription } from '../shared/parameters/panel';
import { faceSwapComic } from './model';

export class FaceSwapComic implements INodeType {
	description: INodeTypeDescription = {
		...commonDescription(faceSwapComic),
		name: 'faceSwapComic',
		icon: {
			light: 'file:../../icons/faceSwapComic.svg',
			dark: 'file:../../icons/faceSwapComic.dark.svg',
		},
		subtitle:
			'={{ ({ "swap": "swap face", "getResult": "get result", "getMany": "get many", "getBalance": "get balance" })[$parameter["operation"]] }}',
		description: 'Put a real face into a comic or an illustration, using Segmind',
		usableAsTool: true,
	};

	methods = {
		listSearch: {
			async searchJobs(this: ILoadOptionsFunctions, filter?: string, paginationToken?: unknown) {
				const { searchJobs } = await import('../shared/history/searchJobs');
				return await searchJobs(this, faceSwapComic, { filter, paginationToken });
			},
		},
	};

	/** What runs items is loaded by the first execution: n8n starts with the descriptions alone. */
	async execute(this: IExecuteFunctions) {
		const { runItems } = await import('../shared/items');
		return await runItems(this, faceSwapComic);
	}
}
