/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { coreNodesFolder } from '../paths';

/** n8n's own nodes that the workflow needs: by the name they get here, their file and their class. */
const NODES: Record<string, [file: string, className: string]> = {
	splitInBatches: ['SplitInBatches/SplitInBatches.node', 'SplitInBatches'],
	httpRequest: ['HttpRequest/HttpRequest.node', 'HttpRequest'],
	wait: ['Wait/Wait.node', 'Wait'],
	if: ['If/If.node', 'If'],
	extractFromFile: ['Files/ExtractFromFile/ExtractFromFile.node', 'ExtractFromFile'],
};

/**
 * Loads n8n's own nodes. They get the project's copy of n8n-workflow, the one that the engine uses too: errors
 * of another copy would be strangers to it.
 */
export function loadCoreNodes(): Record<string, INodeType> {
	const ours = require.resolve('n8n-workflow');
	registerHooks({
		resolve: (specifier, context, nextResolve) =>
			nextResolve(specifier === 'n8n-workflow' ? ours : specifier, context),
	});
	const load = createRequire(join(coreNodesFolder, 'package.json'));
	return Object.fromEntries(
		Object.entries(NODES).map(([name, [file, className]]) => {
			const loaded = load(`n8n-nodes-base/dist/nodes/${file}.js`) as Record<
				string,
				new () => INodeType
			>;
			const NodeClass = loaded[className];
			if (!NodeClass) throw new Error(`n8n-nodes-base has no ${className}`);
			return [name, new NodeClass()];
		}),
	);
}
