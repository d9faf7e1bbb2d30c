import type { SegmindModel } from '../model';
import { boolean } from './kinds';

/**
 * What a node can do. The editor offers the first one to whoever presses Enter: what the node is there for, not the
 * alphabet's.
 */
export function operationsOf({ words, historyName }: SegmindModel) {
	const getMany = {
		value: 'getMany' as const,
		name: 'Get Many',
		action: words.getMany ?? '',
		description: "List the jobs of this model from the account's history, without paying again",
	};
	return [
		{ value: 'swap' as const, ...words.swap },
		{
			value: 'getResult' as const,
			name: 'Get Result',
			action: words.getResult,
			description: 'Fetch the image of an earlier run by its request ID, without paying again',
		},
		...(historyName === undefined ? [] : [getMany]),
		{
			value: 'getBalance' as const,
			name: 'Get Balance',
			action: 'Get the credit balance',
			description: "Look up the account's credits, which costs nothing",
		},
	];
}

/** Whether the node waits for the image: what decides that is never left to a default. */
export const waitForCompletion = boolean(
	{ name: 'waitForCompletion', label: 'Wait for Completion', default: true },
	'Whether to wait until the image is ready. If off, the node outputs the request ID and the status right away, and "Get Result" fetches the image later.',
);
