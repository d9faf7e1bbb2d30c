/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'flatted';
import type {
	ExecutionStatus,
	IBinaryData,
	IConnections,
	IDataObject,
	INode,
	INodeExecutionData,
	IRunExecutionData,
} from 'n8n-workflow';
import { root } from './installation';
import type { RestClient } from './rest';

/** A workflow file, as the editor downloads it. */
export interface WorkflowFile {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: object;
}

interface Credential {
	id: string;
	name: string;
	type: string;
}

/** The type of the credential that a node of the examples needs, by the beginning of the node's type. */
const CREDENTIALS = {
	'n8n-nodes-segmind.': 'segmindApi',
	'n8n-nodes-base.s3': 's3',
	'n8n-nodes-base.emailSend': 'smtp',
	'@n8n/n8n-nodes-langchain.lmChatOpenAi': 'openAiApi',
};

/** What kind of credential a node needs, if any. */
export const credentialTypeOf = ({ type }: INode): string | undefined =>
	Object.entries(CREDENTIALS).find(([start]) => type.startsWith(start))?.[1];

function withCredential(node: INode, credentials: Credential[]): INode {
	const wanted = credentialTypeOf(node);
	const [found, ...others] = credentials.filter(({ type }) => type === wanted);
	if (wanted === undefined || !found || others.length > 0 || node.credentials) return node;
	return { ...node, credentials: { [wanted]: { id: found.id, name: found.name } } };
}

/** An execution as n8n keeps it. */
export interface Execution {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	/** What n8n has kept of it. */
	data: IRunExecutionData;
}

const AT_REST: ReadonlySet<string> = new Set(['success', 'error', 'crashed', 'canceled']);

/** The workflow of `examples/<name>.json`, as n8n's editor takes it: it gives each import an ID of its own. */
export function readExample(name: string): WorkflowFile {
	const text = readFileSync(join(root, 'examples', `${name}.json`), 'utf8');
	const { name: title, nodes, connections, settings } = JSON.parse(text) as WorkflowFile;
	return { name: title, nodes, connections, settings };
}

/** A field of the node "Settings". */
interface Setting {
	name: string;
	value: unknown;
}

/** The fields of the node "Settings", as they are in the workflow itself. */
export function settingsOf({ nodes }: WorkflowFile): Setting[] {
	const settings = nodes.find(({ name }) => name === 'Settings');
	const fields = settings?.parameters.assignments as { assignments: Setting[] } | undefined;
	return fields?.assignments ?? [];
}

/**
 * Fills in the node "Settings" as a user does, by the names of its fields. Throws when a name isn't there.
 */
export function fillIn(workflow: WorkflowFile, values: Record<string, unknown>): WorkflowFile {
	const filled = structuredClone(workflow);
	const settings = settingsOf(filled);
	for (const [name, value] of Object.entries(values)) {
		const field = settings.find((setting) => setting.name === name);
		if (!field) throw new Error(`The workflow's Settings have no field "${name}"`);
		field.value = value;
	}
	return filled;
}

/** Workflows and executions of one n8n. */
export class Workflows {
	constructor(private readonly rest: RestClient) {}

	/**
	 * Adds a workflow, and returns its ID. A node without a credential gets the only one that there is of its
	 * kind, as the editor does it.
	 */
	async add(workflow: WorkflowFile): Promise<string> {
		const credentials = await this.rest.call<Credential[]>('GET', '/credentials');
		const nodes = workflow.nodes.map((node) => withCredential(node, credentials));
		return await this.import({ ...workflow, nodes });
	}

	/** Imports a workflow file as it is, and returns the workflow's ID. */
	async import(workflow: WorkflowFile): Promise<string> {
		const { id } = await this.rest.call<{ id: string }>('POST', '/workflows', workflow);
		return id;
	}

	/** Publishes a workflow, and waits until its triggers listen. */
	async activate(id: string, seconds = 90): Promise<void> {
		const { versionId } = await this.rest.call<{ versionId: string }>('GET', `/workflows/${id}`);
		await this.rest.call('POST', `/workflows/${id}/activate`, { versionId });
		const deadline = Date.now() + seconds * 1000;
		for (;;) {
			const answer = await this.rest.call<{ status: string }>(
				'GET',
				`/workflows/${id}/publication-status`,
			);
			if (answer.status === 'published') return;
			if (Date.now() > deadline) throw new Error(`Not published: ${JSON.stringify(answer)}`);
			await sleep(100);
		}
	}

	/**
	 * Runs a workflow from its trigger, as the button below the canvas does, until it comes to rest.
	 * `given` is the JSON that the trigger gets, when it doesn't fire by itself: a chat message, for instance.
	 */
	async run(
		id: string,
		trigger: string,
		{ seconds = 120, given }: { seconds?: number; given?: IDataObject } = {},
	): Promise<Execution> {
		return await this.rested(await this.start(id, trigger, given), { seconds });
	}

	/** Starts a workflow from its trigger, and returns the execution's ID. */
	async start(id: string, trigger: string, given?: IDataObject): Promise<string> {
		const data = given && {
			startTime: Date.now(),
			executionTime: 0,
			executionStatus: 'success',
			source: [null],
			data: { main: [[{ json: given }]] },
		};
		const { executionId } = await this.rest.call<{ executionId: string }>(
			'POST',
			`/workflows/${id}/run`,
			{ triggerToStartFrom: { name: trigger, data } },
		);
		return executionId;
	}

	/** The newest execution of a workflow, once it has come to rest. */
	async last(id: string, { seconds }: { seconds?: number } = {}): Promise<Execution> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
		const { results } = await this.rest.call<{ results: Array<{ id: string }> }>(
			'GET',
			`/executions?filter=${filter}&limit=1`,
		);
		if (!results[0]) throw new Error(`Workflow ${id} has not been executed`);
		return await this.rested(results[0].id, { seconds });
	}

	/**
	 * An execution, once it has come to rest; one that has gone to sleep in a Wait node counts as that only
	 * when `asleep` is set.
	 */
	async rested(id: string, { seconds = 120, asleep = false } = {}): Promise<Execution> {
		const deadline = Date.now() + seconds * 1000;
		for (;;) {
			const execution = await this.execution(id);
			if (AT_REST.has(execution.status)) return execution;
			if (asleep && execution.status === 'waiting') return execution;
			if (Date.now() > deadline) {
				throw new Error(`Execution ${id} is ${execution.status} after ${seconds} s`);
			}
			await sleep(100);
		}
	}

	/** An execution as it is now. */
	async execution(id: string): Promise<Execution> {
		const answer = await this.rest.call<Omit<Execution, 'data'> & { data: string }>(
			'GET',
			`/executions/${id}`,
		);
		return { ...answer, data: parse(answer.data) as IRunExecutionData };
	}

	/** The bytes of a file in n8n's binary store. */
	async file(binary: IBinaryData | undefined): Promise<Buffer> {
		if (!binary?.id) throw new Error('The item has no file in the binary store');
		return await this.rest.bytes(
			`/binary-data?action=download&id=${encodeURIComponent(binary.id)}`,
		);
	}
}

/** What a node put out: by default at its first output, in its last run. */
export function itemsOf(
	{ data, status }: Execution,
	node: string,
	{ output = 0, run = -1 } = {},
): INodeExecutionData[] {
	const runs = data.resultData.runData[node];
	if (!runs) {
		const { message = 'no error' } = data.resultData.error ?? {};
		throw new Error(`"${node}" did not run; the execution ended with ${status}, ${message}`);
	}
	return runs.at(run)?.data?.main?.[output] ?? [];
}

/** How often a node ran. */
export const runsOf = ({ data }: Execution, node: string): number =>
	data.resultData.runData[node]?.length ?? 0;
