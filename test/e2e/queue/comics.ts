import type { INode } from 'n8n-workflow';
import { picture } from '../../support';
import { fillIn, readExample, type WorkflowFile } from '../workflows';
import type { Cluster } from './cluster';

/** One node of a workflow, in short. */
type Step = [name: string, type: string, parameters: object, more?: Partial<INode>];

const node = ([name, type, parameters, more]: Step, index: number): INode => ({
	id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
	name,
	type: type.includes('.') ? type : `n8n-nodes-base.${type}`,
	typeVersion: 1,
	position: [index * 224, 0],
	parameters: parameters as INode['parameters'],
	...more,
});

const faceSwapComic = (name: string, parameters: object, more?: Partial<INode>): Step => [
	name,
	'n8n-nodes-segmind.faceSwapComic',
	parameters,
	more,
];

/** The nodes in a row, behind a webhook of that path. */
function row(path: string, steps: Step[], settings: object = {}): WorkflowFile {
	const webhook: Step = [
		'Called',
		'webhook',
		{ httpMethod: 'POST', path, options: {} },
		{ typeVersion: 2, webhookId: path },
	];
	const nodes = [webhook, ...steps].map(node);
	const connections: WorkflowFile['connections'] = {};
	for (const [index, { name }] of nodes.entries()) {
		const next = nodes[index + 1]?.name;
		if (next) connections[name] = { main: [[{ node: next, type: 'main', index: 0 }]] };
	}
	return { name: path, nodes, connections, settings: { executionOrder: 'v1', ...settings } };
}

/** So many pages from this number on. */
export const pages = (first: number, count: number): number[] =>
	Array.from({ length: count }, (_, index) => first + index);

/** What the webhooks take. */
export const asItems = (numbers: number[]): object => ({
	pages: numbers.map((page) => ({ page })),
});

/** Comics of one face, by several workflows. A page is known by its number, which is the job's seed. */
export class Comics {
	private readonly faceUrl: string;
	private readonly page: object;

	constructor(private readonly cluster: Cluster) {
		const { emulator } = cluster;
		this.faceUrl = emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg');
		this.page = {
			sourceImageUrl: this.faceUrl,
			targetImageUrl: this.comicUrl('comic.png'),
			additionalFields: { seed: '={{ $json.page }}' },
		};
	}

	/** Swaps each page and waits for it. */
	plain(path: string): WorkflowFile {
		return row(path, [this.split(), faceSwapComic('Swap', this.page)]);
	}

	/** Submits each page, lets n8n save its progress, and waits for long. */
	withProgressSaved(path: string): WorkflowFile {
		const wait: Step = ['Doze', 'wait', { amount: 60, unit: 'seconds' }, { typeVersion: 1.1 }];
		const submit = faceSwapComic('Submit', { ...this.page, waitForCompletion: false });
		return row(path, [this.split(), submit, wait], { saveExecutionProgress: true });
	}

	/** `examples/scale-out.json` for two comics, whose names begin with `name`. */
	scaleOut(name: string, sleepSeconds: number): WorkflowFile {
		const comicUrls = JSON.stringify([0, 1].map((index) => this.comicUrl(`${name}-${index}.png`)));
		return fillIn(readExample('scale-out'), { faceUrl: this.faceUrl, comicUrls, sleepSeconds });
	}

	/** `examples/comic-table-submit.json` for so many comics, whose names begin with `name`. */
	submitFromTable(name: string, count: number): WorkflowFile {
		const comicUrls = JSON.stringify(
			Array.from({ length: count }, (_, index) => this.comicUrl(`${name}-${index}.png`)),
		);
		return fillIn(readExample('comic-table-submit'), { faceUrl: this.faceUrl, comicUrls });
	}

	/** Lists what the account has made since then, with the images. */
	getMany(path: string, createdAfter: string): WorkflowFile {
		const parameters = { operation: 'getMany', returnAll: true, filters: { createdAfter } };
		return row(path, [faceSwapComic('Get Many', { ...parameters, options: {} })]);
	}

	private comicUrl(name: string): string {
		return this.cluster.emulator.hostFile(name, picture('comic.png'), 'image/png');
	}

	private split(): Step {
		return ['Each Page', 'splitOut', { fieldToSplitOut: 'body.pages', options: {} }];
	}
}
