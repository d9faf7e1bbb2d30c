/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { join } from 'node:path';
import type { BinaryDataService } from 'n8n-core';
import * as n8nWorkflow from 'n8n-workflow';
import type { IBinaryData, IExecuteData, IRunExecutionData } from 'n8n-workflow';

/*
 * What earlier n8n lines do otherwise, so that the same tests run on them (`npm run compatibility`). On the n8n
 * that the lockfile names, everything here is n8n's own.
 */
/** What an execution begins with; n8n 1.101 and earlier have no function for it. */
export function createRunData(nodeExecutionStack: IExecuteData[]): IRunExecutionData {
	const { createRunExecutionData } = n8nWorkflow as Partial<typeof n8nWorkflow>;
	const begin = { executionData: { nodeExecutionStack } };
	if (createRunExecutionData) return createRunExecutionData(begin);
	return {
		startData: {},
		resultData: { runData: {} },
		executionData: {
			contextData: {},
			metadata: {},
			nodeExecutionStack,
			waitingExecution: {},
			waitingExecutionSource: {},
		},
	} as unknown as IRunExecutionData;
}

/** The size that n8n has noted down with a stored file: before 2.11 only as text, which a test can't compare. */
export const notedSize = (stored: IBinaryData | undefined, bytes: number): { bytes?: number } =>
	stored && 'bytes' in stored ? { bytes } : {};

/** Whether n8n can keep binary data in the JSON of items: since 2.11. */
export const hasCombinedBinaryMode = 'BINARY_MODE_COMBINED' in n8nWorkflow;

type Old<T> = (...args: unknown[]) => Promise<T>;

/** Opens the binary store; early lines are told which one, later ones read it from the environment. */
export async function openBinaryStore(store: BinaryDataService): Promise<void> {
	const localStoragePath = join(process.env.N8N_USER_FOLDER ?? '', '.n8n', 'binaryData');
	const config = { mode: 'filesystem', availableModes: ['filesystem'], localStoragePath };
	await (store.init as Old<void>).call(store, ...(store.init.length > 0 ? [config] : []));
}

/** Stores a file of a workflow's execution; early lines take the two names one by one. */
export async function storeFile(
	store: BinaryDataService,
	file: Buffer,
	data: IBinaryData,
): Promise<IBinaryData> {
	const place = { type: 'execution' as const, workflowId: 'test', executionId: 'input' };
	return store.store.length > 3
		? await (store.store as Old<IBinaryData>).call(
				store,
				place.workflowId,
				place.executionId,
				file,
				data,
			)
		: await store.store(place, file, data);
}
