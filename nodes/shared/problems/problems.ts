/** Whether the user paid for what went wrong. */
export type Money = 'notSpent' | 'spent' | 'maybeSpent';

/**
 * What went wrong with one item, in terms a person can act on. It becomes an n8n error or an error item
 * where it leaves the node.
 */
export interface Problem {
	/** Which of n8n's error classes it becomes: the user's input, or the service's answer. */
	blame: 'input' | 'service';
	/** What happened: one sentence without a full stop. */
	what: string;
	/** The API's own words, where it has any. */
	words?: string;
	/** What the user can do next, besides fetching the image: sentences, or nothing. */
	hint: string;
	money: Money;
	/** HTTP status, where one was answered. */
	httpCode?: number;
	requestId?: string;
	/** Where the finished image can still be fetched. */
	imageUrl?: string;
	/** Segmind had not answered the submit: it may have been accepted. */
	unconfirmed?: boolean;
	/** The job will never have an image. */
	isFinal?: boolean;
	/** *Get Result* may bring the job's image. */
	fetchable?: boolean;
}

/** Carries a problem from where it is noticed to the item loop. */
export class ItemProblem extends Error {
	constructor(readonly problem: Problem) {
		super(problem.what);
	}
}

/** The run ends: the user pressed Stop, the execution timed out, or another item failed. */
export class Stopped extends Error {}

const MONEY: Record<Money, string> = {
	notSpent: 'Nothing was spent.',
	spent: 'This run was paid for.',
	maybeSpent: 'This run may have been paid for.',
};

/** The two sentences that a person reads: what happened, and what to do. */
export interface Sentences {
	/** What happened, in the API's own words too, what it cost, and for which item. */
	message: string;
	/** What the user can do. */
	description: string;
}

/** What happened, in the API's own words where it has any. */
export const happened = ({ what, words }: Problem): string =>
	words ? `${what}: "${words}"` : what;

/** Until when *Get Result* brings the image of an accepted job [docs]. */
export const fetchableUntil = (isInHistory: boolean): string =>
	isInHistory
		? "within an hour of the submit, or later out of the account's history"
		: 'within an hour of the submit';

/**
 * Puts a problem into words.
 *
 * @param isInHistory whether the account's history has this service's jobs
 */
export function describeProblem(
	problem: Problem,
	itemIndex: number,
	isInHistory = false,
): Sentences {
	const job = problem.requestId ? ` Request ID: ${problem.requestId}.` : '';
	const again = problem.fetchable
		? [
				`Fetch the image without paying again: operation "Get Result" with this request ID, ${fetchableUntil(isInHistory)}.`,
			]
		: [];
	const image = problem.imageUrl ? ` Image URL: ${problem.imageUrl}` : '';
	return {
		message: `${happened(problem)}. ${MONEY[problem.money]}${job}${image} [item ${itemIndex}]`,
		description: [problem.hint, ...again].filter((sentence) => sentence !== '').join(' '),
	};
}

/** Something in the node's parameters or its input that cannot work. */
export function badInput(what: string, hint: string): Problem {
	return { blame: 'input', what, hint, money: 'notSpent' };
}
