import {
	NodeApiError,
	NodeOperationError,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import { maskDeep, type Account } from './http/account';
import { known } from './kit/json';
import type { PurchasesWithoutId } from './job/ledger';
import { rowOf } from './problems/problemTable';
import { describeProblem, fetchableUntil, type Problem } from './problems/problems';

/** More request IDs, or URLs, than this are not in the message: they stand in the description or the context only. */
const MAX_LISTED = 5;

const few = (list: string[], separator: string): string =>
	[...list.slice(0, MAX_LISTED), ...(list.length > MAX_LISTED ? ['…'] : [])].join(separator);

/**
 * What was bought without a request ID, as a person reads it.
 *
 * @param whose to be put behind "submit(s)" and "image(s)"
 * @param retries whether *Retry On Fail* will hand the images out
 */
export function describeWithoutId(
	{ unconfirmed, finished, imageUrls }: PurchasesWithoutId,
	whose: string,
	retries: boolean,
): string[] {
	const where = imageUrls.length === 0 ? '' : ` Image URLs: ${few(imageUrls, ' , ')}`;
	const end = retries
		? 'Another try of Retry On Fail outputs them; otherwise they are lost with this run.'
		: 'They are lost with this run.';
	const lost = `${unconfirmed} submit(s)${whose} brought neither an image nor a request ID and may have been paid for.`;
	const paid = `${finished} finished image(s)${whose} without a request ID were paid for. ${end}${where}`;
	return [...(unconfirmed > 0 ? [lost] : []), ...(finished > 0 ? [paid] : [])];
}

/** What an error is made with. */
export interface ErrorContext {
	node: INode;
	account: Account;
	/** Whether the account's history has this service's jobs. */
	isInHistory: boolean;
	/** What is known of the other items, where the problem ends the run. */
	others?: {
		/** What has ended the purchases, if anything. */
		ending?: string;
		/** Request IDs of jobs that Segmind accepted. */
		accepted: string[];
		/** What was bought without one. */
		withoutId: PurchasesWithoutId;
		/** Whether *Retry On Fail* is on, which picks those jobs up. */
		retries: boolean;
	};
}

function sentencesOf(
	problem: Problem,
	itemIndex: number,
	{ others, isInHistory }: ErrorContext,
): { message: string; description: string } {
	const own = describeProblem(problem, itemIndex, isInHistory);
	if (!others) return own;
	const { accepted, withoutId, retries, ending } = others;
	if (ending) own.message += ` ${ending}`;
	const rest = describeWithoutId(withoutId, ' of other items', retries);
	if (accepted.length === 0) return { ...own, message: [own.message, ...rest].join(' ') };
	const jobs = `Jobs of other items that Segmind has already accepted: ${few(accepted, ', ')}`;
	const pickedUp = retries
		? 'Retry On Fail picks them up without paying again.'
		: `Fetch their images without paying again with the operation "Get Result", ${fetchableUntil(isInHistory)}.`;
	return {
		message: [own.message, rest.length > 0 ? `${jobs}.` : jobs, ...rest].join(' '),
		description: `${own.description} Accepted jobs: ${accepted.join(', ')}. ${pickedUp}`,
	};
}

/**
 * n8n's error for a problem: `NodeOperationError` for the user's input, `NodeApiError` for what the service
 * did. Its context carries `itemIndex`, `requestId`, `imageUrl`, and of other items the request IDs of accepted
 * jobs and the URLs of images.
 */
export function toNodeError(
	problem: Problem,
	itemIndex: number,
	errorContext: ErrorContext,
): NodeApiError | NodeOperationError {
	const { node, account, others } = errorContext;
	const sentences = sentencesOf(problem, itemIndex, errorContext);
	const { message, description } = maskDeep(sentences, account);
	const { isInput, isUnconfirmed } = rowOf(problem);
	const httpCode = problem.httpStatus?.toString();
	const response: Record<string, string> = httpCode === undefined ? {} : { httpCode };
	const options = { message, description, itemIndex };
	const error = isInput
		? new NodeOperationError(node, message, options)
		: new NodeApiError(node, response, { ...options, httpCode });
	// n8n puts its own sentence in the place of a message that mentions an error code of Node.js.
	Object.assign(error, { message, description });
	const facts = known({
		requestId: problem.requestId,
		imageUrl: problem.imageUrl,
		unconfirmed: isUnconfirmed,
		requestIds: others?.accepted.length ? others.accepted : undefined,
		imageUrls: others?.withoutId.imageUrls.length ? others.withoutId.imageUrls : undefined,
	});
	Object.assign(error.context, maskDeep(facts, account));
	return error;
}

/**
 * The item that stands for a failed one under *On Error: Continue*: `{ error, requestId?, httpCode? }`.
 *
 * @param errorContext with `toErrorOutput`: whether the node has an error output, to which the item is to go
 */
export function toErrorItem(
	problem: Problem,
	itemIndex: number,
	{ toErrorOutput, ...errorContext }: ErrorContext & { toErrorOutput: boolean },
): INodeExecutionData {
	const error = toNodeError(problem, itemIndex, errorContext);
	const json = known({
		error: `${error.message} ${error.description}`,
		requestId: error.context.requestId,
		httpCode: problem.httpStatus?.toString(),
	});
	const item: INodeExecutionData = { json, pairedItem: { item: itemIndex } };
	if (!toErrorOutput) return item;
	// n8n sends an item to the error output when it has an `error`, and later cuts the JSON of every item that
	// still has one down to `{ error }`. The property that n8n's copy of the item does not take along, and
	// JSON that cannot be replaced where n8n makes no copy, keep the request ID. n8n 1 clears the `error` itself.
	Object.defineProperty(item, 'error', { writable: true, value: error });
	Object.defineProperty(item, 'json', { enumerable: true, get: () => json, set: () => undefined });
	return item;
}
