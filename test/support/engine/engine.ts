/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Container } from '@n8n/di';
import {
	BinaryDataService,
	ExecutionLifecycleHooks,
	InstanceSettings,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import {
	NodeHelpers,
	Workflow,
	type IBinaryData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IRunExecutionData,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { TestCredentials } from './credentialsHelper';
import { builtInNodes } from './builtInNodes';
import { createRunData, openBinaryStore, storeFile } from './oldLines';

/** The node under test, as a workflow file has it. */
export interface NodeUnderTest {
	/** Such as `faceSwapComic`. */
	type: string;
	parameters?: INodeParameters;
	settings?: Partial<INode>;
}

/** One execution to make. */
export interface Execution extends NodeUnderTest {
	credentials: ICredentialDataDecryptedObject;
	/** Default: one empty item. */
	items?: INodeExecutionData[];
	/** Nodes after or around the node under test, which is called "Segmind"; the first one is "Start". */
	nodes?: INode[];
	connections?: IConnections;
	/** Called before the first node runs. */
	onStart?(running: RunningExecution): void;
	binaryMode?: 'separate' | 'combined';
	/** Begin with the node under test itself, so that n8n knows no source of its items. */
	startsAtNode?: boolean;
	/** A failed execution that a person retries, as with *Retry* in n8n's list of executions. */
	retryOf?: Outcome;
}

export interface RunningExecution {
	/** Presses Stop. */
	cancel(): void;
}

/** What an execution left behind. */
export interface Outcome {
	status: IRun['status'];
	/** The error that ended it; a plain object. */
	error?: {
		name?: string;
		message: string;
		description?: string;
		httpCode?: string;
		context?: IDataObject;
	};
	/** Items of the last try of the node under test, by output. */
	outputs: INodeExecutionData[][];
	run: IRunExecutionData;
	/** Messages that the editor's console shows. */
	consoleMessages: unknown[];
}

/** What n8n hands on when a person retries a failed execution: all of it but the error, with the nodes of today. */
function dataForRetry({ run }: Outcome, workflow: Workflow): IRunExecutionData {
	const data = JSON.parse(JSON.stringify(run)) as IRunExecutionData;
	delete data.resultData.error;
	data.resultData.runData.Segmind?.pop();
	for (const waiting of data.executionData?.nodeExecutionStack ?? []) {
		waiting.node = workflow.getNode(waiting.node.name) as INode;
	}
	return data;
}

/** The built package, as n8n loads it. */
export async function loadBuilt(packageDir: string): Promise<PackageDirectoryLoader> {
	if (!existsSync(join(packageDir, 'dist'))) {
		throw new Error(
			'The package is not built yet. Run this once, and then the test again: npm run build',
		);
	}
	const loader = new PackageDirectoryLoader(packageDir);
	await loader.loadAll();
	return loader;
}

/** n8n's real engine with the package loaded. */
export class Engine {
	private constructor(
		private readonly nodeTypes: Record<string, INodeType>,
		readonly credentialTypes: Record<string, ICredentialType>,
	) {}

	/**
	 * Starts the engine with the built package, as n8n loads it.
	 *
	 * @param packageDir folder of the package
	 * @param sources classes to put in the place of the built ones, for coverage
	 */
	static async start(
		packageDir: string,
		sources?: { nodes: Record<string, INodeType>; credentials: Record<string, ICredentialType> },
	): Promise<Engine> {
		Container.get(InstanceSettings);
		await openBinaryStore(Container.get(BinaryDataService));
		if (sources)
			return new Engine({ ...builtInNodes, ...prefixed(sources.nodes) }, sources.credentials);
		const loader = await loadBuilt(packageDir);
		const nodes = Object.entries(loader.nodeTypes).map(
			([name, { type }]) => [name, type as INodeType] as const,
		);
		const credentials = Object.entries(loader.credentialTypes).map(
			([name, { type }]) => [name, type] as const,
		);
		return new Engine(
			{ ...builtInNodes, ...prefixed(Object.fromEntries(nodes)) },
			Object.fromEntries(credentials),
		);
	}

	/** The description of a node of the package. */
	nodeType(name: string): INodeType {
		return this.nodeTypes[`n8n-nodes-segmind.${name}`] as INodeType;
	}

	/** Nodes and connections that send the items through the node under test `passes` times. */
	loop(passes: number): Pick<Execution, 'nodes' | 'connections'> {
		const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
		const again: INode = {
			id: 'again',
			name: 'Again',
			type: 'test.again',
			typeVersion: 1,
			position: [400, 0],
			parameters: { passes },
		};
		const end: INode = { ...again, id: 'end', name: 'End', type: 'test.pass', parameters: {} };
		return {
			nodes: [again, end],
			connections: {
				Start: { main: [to('Segmind')] },
				Segmind: { main: [to('Again')] },
				Again: { main: [to('Segmind'), to('End')] },
			},
		};
	}

	/** Puts a file into the binary store, as an earlier node would. */
	async binary(file: Buffer, fileName: string, mimeType: string): Promise<IBinaryData> {
		const data = { data: '', fileName, mimeType, fileExtension: fileName.split('.').pop() };
		return await storeFile(Container.get(BinaryDataService), file, data);
	}

	/** Reads a file of an output item. */
	async read(binary: IBinaryData | undefined): Promise<Buffer> {
		if (!binary) throw new Error('the item has no such binary field');
		return await Container.get(BinaryDataService).getAsBuffer(binary);
	}

	async run(execution: Execution): Promise<Outcome> {
		const { promise } = this.begin(execution);
		return await promise;
	}

	/** Starts an execution: Start → Segmind, unless the test brings connections of its own. */
	begin(execution: Execution): RunningExecution & { promise: Promise<Outcome> } {
		const workflow = this.workflow(execution);
		const start = workflow.getNode(execution.startsAtNode ? 'Segmind' : 'Start') as INode;
		const items = execution.items ?? [{ json: {} }];
		const runExecutionData = createRunData([
			{ node: start, data: { main: [items] }, source: null },
		]);
		const consoleMessages: unknown[] = [];
		const additionalData = this.additionalData(execution.credentials, workflow, consoleMessages);
		const engine = execution.retryOf
			? new WorkflowExecute(additionalData, 'retry', dataForRetry(execution.retryOf, workflow))
			: new WorkflowExecute(additionalData, 'manual', runExecutionData);
		const running = engine.processRunExecutionData(workflow);
		const cancel = () => running.cancel();
		execution.onStart?.({ cancel });
		const promise = running.then((run: IRun): Outcome => {
			const tries = run.data.resultData.runData.Segmind ?? [];
			const last = tries[tries.length - 1];
			return {
				status: run.status,
				error: (run.data.resultData.error ?? last?.error) as Outcome['error'],
				outputs: (last?.data?.main ?? []).map((output) => output ?? []),
				run: run.data,
				consoleMessages,
			};
		});
		return { promise, cancel };
	}

	private workflow({
		type,
		parameters = {},
		settings = {},
		nodes = [],
		connections,
		binaryMode,
	}: Execution): Workflow {
		const node: INode = {
			id: 'segmind',
			name: 'Segmind',
			type: `n8n-nodes-segmind.${type}`,
			typeVersion: 1,
			position: [200, 0],
			credentials: { segmindApi: { id: '1', name: 'Segmind' } },
			parameters,
			...settings,
		};
		const start: INode = {
			id: 'start',
			name: 'Start',
			type: 'test.pass',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		};
		return new Workflow({
			id: 'test',
			name: 'Test',
			nodes: [start, node, ...nodes],
			connections: connections ?? {
				Start: { main: [[{ node: 'Segmind', type: 'main', index: 0 }]] },
			},
			active: false,
			nodeTypes: this.types(),
			settings: binaryMode ? { binaryMode } : {},
		});
	}

	private types(): INodeTypes {
		const find = (type: string) => {
			// n8n makes a tool out of a node by giving it a type of its own.
			const found = this.nodeTypes[type] ?? this.nodeTypes[type.replace(/Tool$/, '')];
			if (!found) throw new Error(`unknown node type ${type}`);
			return found;
		};
		return {
			getByName: find,
			getByNameAndVersion: (type, version) => NodeHelpers.getVersionedNodeType(find(type), version),
			getKnownTypes: () => ({}),
		};
	}

	private additionalData(
		credentials: ICredentialDataDecryptedObject,
		workflow: Workflow,
		consoleMessages: unknown[],
	): IWorkflowExecuteAdditionalData {
		const executionId = randomUUID();
		const workflowData = {
			id: 'test',
			name: 'Test',
			active: false,
			isArchived: false,
			activeVersionId: null,
			createdAt: new Date(0),
			updatedAt: new Date(0),
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
		};
		const url = 'http://localhost/';
		return {
			credentialsHelper: new TestCredentials(this.credentialTypes, { segmindApi: credentials }),
			hooks: new ExecutionLifecycleHooks('manual', executionId, workflowData),
			executionId,
			executeWorkflow: async () => await Promise.reject(new Error('no sub-workflows here')),
			getRunExecutionData: async () => undefined,
			getRuntimeCredential: async () => undefined,
			currentNodeExecutionIndex: 0,
			restApiUrl: url,
			instanceBaseUrl: url,
			formBaseUrl: url,
			formWaitingBaseUrl: url,
			formTestBaseUrl: url,
			webhookBaseUrl: url,
			webhookWaitingBaseUrl: url,
			webhookTestBaseUrl: url,
			mcpBaseUrl: url,
			mcpTestBaseUrl: url,
			variables: {},
			logAiEvent: () => undefined,
			sendDataToUI: (_type: string, data: unknown) => consoleMessages.push(data),
			startRunnerTask: async () => await Promise.reject(new Error('no task runner here')),
		} as unknown as IWorkflowExecuteAdditionalData;
	}
}

const prefixed = (types: Record<string, INodeType>): Record<string, INodeType> =>
	Object.fromEntries(
		Object.entries(types).map(([name, type]) => [`n8n-nodes-segmind.${name}`, type]),
	);
