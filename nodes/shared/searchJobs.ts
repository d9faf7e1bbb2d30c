import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';
import { changedFileOf, type HistoryRow } from './answers/history';
import { plainId } from './answers/answers';
import { windowsOf } from './history/days';
import { History, isLastPage, type Page } from './history/history';
import { readAccount } from './http/account';
import { Api } from './http/api';
import { Gate } from './http/gate';
import { systemClock } from './kit/clock';
import { HISTORY } from './limits';
import type { SegmindModel } from './model';
import { happened, type Problem } from './problems/problems';
import { historyNotTold, noHistory } from './problems/problemTable';

/** How far back the list goes; milliseconds. */
const SPAN = 29 * 86_400_000;

const PER_PAGE = 50;

/** Pages that a search for a text goes through at once. */
const SEARCHED_PAGES = 4;

/** The whole list may take so long; milliseconds. */
const PATIENCE = 30_000;

const STATES = { COMPLETED: 'completed', FAILED: 'failed', PROCESSING: 'running' };

/** A job as a person knows it again: the name of the image that was changed, when, how it ended, what it cost. */
function labelOf(row: HistoryRow, model: SegmindModel, timeZone: string): string {
	const { createdAt, cost, state, requestId } = row;
	const time =
		createdAt === undefined
			? undefined
			: new Date(createdAt).toLocaleString('sv-SE', { timeZone }).slice(0, 16);
	return [
		changedFileOf(row, model) ?? requestId.slice(0, 8),
		time,
		STATES[state],
		cost === undefined ? undefined : `${cost} USD`,
	]
		.filter((part) => part !== undefined)
		.join(' · ');
}

/**
 * The account's recent jobs of a model, for the editor's list of request IDs: newest first, searched by what the
 * list shows and by request ID.
 *
 * @param asked what n8n hands to the method behind a resource locator
 * @throws NodeOperationError where there is no history, or where it doesn't answer
 */
export async function searchJobs(
	context: ILoadOptionsFunctions,
	model: SegmindModel,
	{ filter = '', paginationToken }: { filter?: string; paginationToken?: unknown },
): Promise<INodeListSearchResult> {
	const account = await readAccount(context);
	const gate = new Gate(systemClock);
	const line = { api: new Api(context, account, gate), gate, clock: systemClock };
	const history = new History(line, account, model);
	const fail = (problem: Problem): never => {
		const message = account.mask(`${happened(problem)}.`);
		throw new NodeOperationError(context.getNode(), message, { description: problem.hint });
	};
	if (!history.isThere) return fail(noHistory());
	const now = systemClock.date();
	const [window = { from: '' }] = windowsOf(now - SPAN, now, now);
	const results: INodeListSearchItems[] = [];
	const wanted = filter.trim().toLowerCase();
	const signal = systemClock.deadline(PATIENCE);
	let page = Number(paginationToken ?? 1);
	for (let count = 0; count < (wanted === '' ? 1 : SEARCHED_PAGES); count++, page++) {
		const answer = await history.page(
			{ page, perPage: PER_PAGE, ...window },
			{ signal, turn: PATIENCE, answer: HISTORY.answer },
		);
		if (answer.kind === 'trouble') return fail(historyNotTold(answer));
		results.push(
			...resultsOf(answer, wanted, (row) =>
				account.mask(labelOf(row, model, context.getTimezone())),
			),
		);
		const isLast = isLastPage(answer, PER_PAGE, answer.count * page);
		if (isLast) return { results: unique(results) };
	}
	return { results: unique(results), paginationToken: String(page) };
}

/** The jobs of a page whose label or request ID holds a text in lower case. */
function resultsOf(
	{ rows }: Page,
	wanted: string,
	label: (row: HistoryRow) => string,
): INodeListSearchItems[] {
	return rows
		.map((row) => ({ name: label(row), value: row.requestId }))
		.filter(
			({ name, value }) =>
				name.toLowerCase().includes(wanted) || plainId(value).includes(plainId(wanted)),
		);
}

/** Several outputs of a request are one job. */
const unique = (results: INodeListSearchItems[]): INodeListSearchItems[] =>
	results.filter(
		({ value }, index) =>
			results.findIndex((other) => plainId(String(other.value)) === plainId(String(value))) ===
			index,
	);
