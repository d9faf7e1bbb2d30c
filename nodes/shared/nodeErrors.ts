import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import type { Account } from './http/account';
import type { PurchasesWithoutId } from './job/ledger';
import { rowOf } from './problems/problemTable';
import { describeProblem, fetchableUntil, type Problem, type Sentences } from './problems/problems';

/** What is known of the other items when one of them ends the run. */
export interface Others {
	/** Request IDs of jobs that Segmind accepted. */
	accepted: string[];
	/** What was bought without one. */
	withoutId: PurchasesWithoutId;
	/** Whether *Retry On Fail* is on, which picks those jobs up. */
	retries: boolean;
}

/** More request IDs than this stand in the description only, more URLs in the context. */
const IDS_IN_MESSAGE = 5;

/**
 * What was bought without a request ID, as a person reads it.
 *
 * @param whose to be put behind "submit(s)" and "image(s)"
 * @param retries whether *Retry On Fail* will hand the images out
 */
export function describeWithoutId(
	withoutId: PurchasesWithoutId,
	whose: string,
	retries: boolean,
): string[] {
	const { unconfirmed, finished, imageUrls } = withoutId;
	const few = imageUrls.slice(0, IDS_IN_MESSAGE).join(' , ');
	const more = imageUrls.length > IDS_IN_MESSAGE ? ' , …' : '';
	const where = imageUrls.length === 0 ? '' : ` Image URLs: ${few}${more}`;
	const handed = retries
		? 'A further try of Retry On Fail hands them out; else they end with this run.'
		: 'They end with this run.';
	const told: string[] = [];
	if (unconfirmed > 0) {
		told.push(
			`${unconfirmed} submit(s)${whose} brought neither an image nor a request ID and may have been paid for.`,
		);
	}
	if (finished > 0) {
		told.push(
			`${finished} finished image(s)${whose} without a request ID were paid for. ${handed}${where}`,
		);
	}
	return told;
}

function withOthers(sentences: Sentences, others: Others, isInHistory: boolean): Sentences {
	const { accepted, withoutId, retries } = others;
	const told = accepted.length === 0 ? sentences : withAccepted(sentences, others, isInHistory);
	const more = describeWithoutId(withoutId, ' of other items', retries);
	if (more.length === 0) return told;
	const message = [`${told.message}${accepted.length === 0 ? '' : '.'}`, ...more].join(' ');
	return { ...told, message };
}

function withAccepted(
	sentences: Sentences,
	{ accepted, retries }: Others,
	isInHistory: boolean,
): Sentences {
	const few = accepted.slice(0, IDS_IN_MESSAGE).join(', ');
	const more = accepted.length > IDS_IN_MESSAGE ? ', …' : '';
	const pickedUp = retries
		? 'Retry On Fail picks them up without paying again.'
		: `Fetch their images without paying again with the operation "Get Result", ${fetchableUntil(isInHistory)}.`;
	return {
		message: `${sentences.message} Jobs of other items that Segmind has already accepted: ${few}${more}`,
		description: `${sentences.description} Accepted jobs: ${accepted.join(', ')}. ${pickedUp}`,
	};
}

/** What a problem is told in. */
export interface Surroundings {
	node: INode;
	account: Account;
	/** Whether the account's history has this service's jobs. */
	isInHistory: boolean;
	/** Where the problem ends the run. */
	others?: Others;
}

function sentencesOf(
	problem: Problem,
	itemIndex: number,
	{ account, others, isInHistory }: Surroundings,
): Sentences {
	const plain = describeProblem(problem, itemIndex, isInHistory);
	const { message, description } = others ? withOthers(plain, others, isInHistory) : plain;
	return { message: account.mask(message), description: account.mask(description) };
}

/**
 * n8n's error for a problem: `NodeOperationError` for the user's input, `NodeApiError` for what the service
 * did. Its context carries `itemIndex`, `requestId`, `imageUrl`, and of other items the request IDs of accepted
 * jobs and the URLs of images.
 */
export function toNodeError(
	problem: Problem,
	itemIndex: number,
	surroundings: Surroundings,
): NodeApiError | NodeOperationError {
	const { node } = surroundings;
	const { message, description } = sentencesOf(problem, itemIndex, surroundings);
	const httpCode = problem.httpStatus === undefined ? undefined : String(problem.httpStatus);
	const options = { message, description, itemIndex };
	const error = rowOf(problem).isInput
		? new NodeOperationError(node, message, options)
		: new NodeApiError(node, httpCode === undefined ? {} : { httpCode }, {
				...options,
				httpCode,
			});
	// n8n puts its own sentence in the place of a message that mentions an error code of Node.js.
	error.message = message;
	error.description = description;
	Object.assign(error.context, contextOf(problem, surroundings));
	return error;
}

function contextOf(problem: Problem, { account, others }: Surroundings): IDataObject {
	const { requestId, imageUrl } = problem;
	const { isUnconfirmed } = rowOf(problem);
	return {
		...(requestId === undefined ? {} : { requestId: account.mask(requestId) }),
		...(imageUrl === undefined ? {} : { imageUrl: account.mask(imageUrl) }),
		...(isUnconfirmed ? { unconfirmed: true } : {}),
		...(others && others.accepted.length > 0
			? { requestIds: others.accepted.map((id) => account.mask(id)) }
			: {}),
		...(others && others.withoutId.imageUrls.length > 0
			? { imageUrls: others.withoutId.imageUrls.map((url) => account.mask(url)) }
			: {}),
	};
}

/**
 * The item that stands for a failed one under *On Error: Continue*: `{ error, requestId?, httpCode? }`.
 *
 * @param surroundings with `toErrorOutput`: whether the node has an error output, to which the item is to go
 */
export function toErrorItem(
	problem: Problem,
	itemIndex: number,
	{ toErrorOutput, ...surroundings }: Surroundings & { toErrorOutput: boolean },
): INodeExecutionData {
	const { account } = surroundings;
	const { message, description } = sentencesOf(problem, itemIndex, surroundings);
	const { requestId, httpStatus: httpCode } = problem;
	const json: IDataObject = {
		error: `${message} ${description}`,
		...(requestId === undefined ? {} : { requestId: account.mask(requestId) }),
		...(httpCode === undefined ? {} : { httpCode: String(httpCode) }),
	};
	const item: INodeExecutionData = { json, pairedItem: { item: itemIndex } };
	if (!toErrorOutput) return item;
	// n8n sends an item to the error output when it has an `error`, and later cuts the JSON of every item that
	// still has one down to `{ error }`. The property that n8n's copy of the item does not take along, and
	// JSON that cannot be replaced where n8n makes no copy, keep the request ID. n8n 1 clears the `error` itself.
	const error = toNodeError(problem, itemIndex, surroundings);
	Object.defineProperty(item, 'error', { writable: true, value: error });
	Object.defineProperty(item, 'json', { enumerable: true, get: () => json, set: () => undefined });
	return item;
}
