import { rowOf, type Money, type Problem } from './problemTable';

export type { Money, Problem };

/** Carries a problem from where it is noticed to the item loop. */
export class ItemProblem extends Error {
	constructor(readonly problem: Problem) {
		super(rowOf(problem).summary);
	}
}

/** The run ends: the user pressed Stop, the execution timed out, or another item failed. */
export class Stopped extends Error {}

const MONEY: Record<Money, string> = {
	notSpent: 'Nothing was spent.',
	notForItem: 'Nothing was spent for this item.',
	spent: 'This run was paid for.',
	maybeSpent: 'This run may have been paid for.',
};

/** Whether money was spent on a problem. */
export const moneyOf = (problem: Problem): Money => problem.money ?? rowOf(problem).money;

/** What happened, in the API's own words where it has any. */
export function summaryOf(problem: Problem): string {
	const { summary } = rowOf(problem);
	return problem.words ? `${summary}: "${problem.words}"` : summary;
}

/** Until when *Get Result* brings the image of an accepted job [docs]. */
export const fetchableUntil = (isInHistory: boolean): string =>
	isInHistory
		? "within an hour of the submit, or later from the account's history"
		: 'within an hour of the submit';

function historySentence({ history, code }: Problem, isUnconfirmed = false): string {
	if (!history) return '';
	if ('notAsked' in history) {
		return `The account's request history could not be asked (${history.notAsked}).`;
	}
	return isUnconfirmed || code === 'syncNotFetched'
		? 'The account\'s request history does not show it yet: it may lag behind, so "Get Many" may list it later.'
		: "The account's request history does not show it either, or not yet: it may lag behind.";
}

/**
 * Puts a problem into words: what happened, in the API's own words too, what it cost, and for which item; and what
 * the user can do.
 *
 * @param isInHistory whether the account's history has this service's jobs
 */
export function describeProblem(
	problem: Problem,
	itemIndex: number,
	isInHistory = false,
): { message: string; description: string } {
	const { hint, isFetchable, isUnconfirmed } = rowOf(problem);
	const { requestId, imageUrl } = problem;
	const job = requestId ? ` Request ID: ${requestId}.` : '';
	const image = imageUrl ? ` Image URL: ${imageUrl}` : '';
	const fetching = `Fetch the image without paying again: operation "Get Result" with this request ID, ${fetchableUntil(isInHistory)}.`;
	const history = historySentence(problem, isUnconfirmed);
	return {
		message: `${summaryOf(problem)}. ${MONEY[moneyOf(problem)]}${job}${image} [item ${itemIndex}]`,
		description: [hint, history, isFetchable && requestId ? fetching : '']
			.filter((sentence) => sentence !== '')
			.join(' '),
	};
}

/** Something in the node's parameters or its input that cannot work. */
export const badInput = (summary: string, hint: string): Problem => ({
	code: 'input',
	summary,
	hint,
});
