import type { INode } from 'n8n-workflow';
import { picture } from '../../support';
import { SEGMIND_CREDENTIAL } from '../support';
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
	{ credentials: { segmindApi: { id: null, name: SEGMIND_CREDENTIAL } }, ...more },
];

/** The nodes in a row, behind a webhook of that path. `loops` names a node that the last one goes back to. */
function row(path: string, steps: Step[], settings: object = {}, loops?: string): WorkflowFile {
	const webhook: Step = [
		'Called',
		'webhook',
		{ httpMethod: 'POST', path, options: {} },
		{ typeVersion: 2, webhookId: path },
	];
	const nodes = [webhook, ...steps].map(node);
	const connections: WorkflowFile['connections'] = {};
	for (const [index, { name, type }] of nodes.entries()) {
		const next = nodes[index + 1]?.name ?? loops;
		const ends = next ? [{ node: next, type: 'main' as const, index: 0 }] : [];
		// The loop itself is the second output of that node, the first is for when it is done.
		connections[name] = { main: type.endsWith('.splitInBatches') ? [[], ends] : [ends] };
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
	readonly table = 'comic pages';
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

	/** Submits the new pages of the table one by one, and notes before and after what it does. */
	submitFromTable(path: string): WorkflowFile {
		const loop: Step = [
			'Loop',
			'splitInBatches',
			{ batchSize: 1, options: {} },
			{ typeVersion: 3 },
		];
		const noted = { status: 'submitted', requestId: '={{ $json.requestId }}' };
		return row(
			path,
			[
				this.read('New Pages', 'new'),
				loop,
				this.update('Note Before', { status: 'submitting' }, '={{ $json.id }}'),
				faceSwapComic('Submit', { ...this.page, waitForCompletion: false }),
				this.update('Note After', noted, "={{ $('Loop').item.json.id }}"),
			],
			{},
			'Loop',
		);
	}

	/** Gets the images of the submitted pages, and notes in the table which ones it has. */
	fetchFromTable(path: string): WorkflowFile {
		const get = { operation: 'getResult', requestId: '={{ $json.requestId }}' };
		const id = "={{ $('Submitted Pages').item.json.id }}";
		return row(path, [
			this.read('Submitted Pages', 'submitted'),
			faceSwapComic('Get the Images', get),
			this.update('Note', { status: 'done' }, id),
		]);
	}

	private comicUrl(name: string): string {
		return this.cluster.emulator.hostFile(name, picture('comic.png'), 'image/png');
	}

	private split(): Step {
		return ['Each Page', 'splitOut', { fieldToSplitOut: 'body.pages', options: {} }];
	}

	private read(name: string, status: string): Step {
		return this.inTable(name, 'get', 'status', status, { returnAll: true });
	}

	private update(name: string, value: object, id: string): Step {
		const columns = { mappingMode: 'defineBelow', value, schema: [] };
		return this.inTable(name, 'update', 'id', id, { columns });
	}

	private inTable(
		name: string,
		operation: string,
		keyName: string,
		keyValue: string,
		more: object,
	): Step {
		const filters = { conditions: [{ keyName, condition: 'eq', keyValue }] };
		const dataTableId = { mode: 'name', value: this.table };
		const parameters = { resource: 'row', operation, dataTableId, filters, ...more };
		return [name, 'dataTable', parameters, { typeVersion: 1.1 }];
	}
}
