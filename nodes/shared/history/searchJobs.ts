import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
} from 'n8n-workflow';
import { normalizeId } from '../answers/tickets';
import { readAccount } from '../http/account';
import { HttpClient } from '../http/client';
import { systemClock } from '../kit/clock';
import type { SegmindModel } from '../model';
import { ItemProblem, summaryOf } from '../problems/problems';
import { rowOf } from '../problems/problemTable';
import { History } from './client';
import { changedFileOf, type HistoryRow } from './rows';

/** How far back the list goes. */
const SPAN_MS = 26 * 86_400_000;

/** Jobs that the list shows at once, and that a search for a text goes through. */
const LISTED_JOBS = 50;
const SEARCHED_JOBS = 200;

/** The list may take so long. */
const PATIENCE_MS = 30_000;

const STATE_WORDS = { COMPLETED: 'completed', FAILED: 'failed', PROCESSING: 'running' };

/** A job as a person knows it again: the name of the image that was changed, when, how it ended, what it cost. */
function labelOf(row: HistoryRow, model: SegmindModel, timeZone: string): string {
	const { createdAtMs, costUsd, state, requestId } = row;
	const date = createdAtMs === undefined ? undefined : new Date(createdAtMs);
	return [
		changedFileOf(row, model) ?? requestId.slice(0, 8),
		date?.toLocaleString('sv-SE', { timeZone }).slice(0, 16),
		STATE_WORDS[state],
		costUsd === undefined ? undefined : `${costUsd} USD`,
	]
		.filter(Boolean)
		.join(' · ');
}

/**
 * The account's recent jobs of a model, for the editor's list of request IDs: newest first, searched by what the
 * list shows and by request ID. The token for more is how many jobs have been gone through.
 *
 * @param asked what n8n hands to the method behind a resource locator
 * @throws NodeOperationError where there is no history, or where it doesn't answer
 */
export async function searchJobs(
	context: ILoadOptionsFunctions,
	model: SegmindModel,
	{ filter = '', paginationToken }: { filter?: string; paginationToken?: unknown },
): Promise<INodeListSearchResult> {
	const node = context.getNode();
	const account = await readAccount(context);
	const history = new History(new HttpClient(context, account, systemClock), account, model);
	const wanted = filter.trim().toLowerCase();
	const start = Number(paginationToken ?? 0);
	const end = start + (wanted === '' ? LISTED_JOBS : SEARCHED_JOBS);
	const { signal } = new AbortController();
	const time = { endsAtMs: systemClock.now() + PATIENCE_MS, signal };
	const results: INodeListSearchResult['results'] = [];
	let count = 0;
	try {
		for await (const row of history.rows({ after: systemClock.date() - SPAN_MS }, time)) {
			if (count === end) return { results, paginationToken: String(end) };
			if (count++ < start) continue;
			const name = account.mask(labelOf(row, model, context.getTimezone()));
			const isWanted =
				name.toLowerCase().includes(wanted) ||
				normalizeId(row.requestId).includes(normalizeId(wanted));
			if (isWanted) results.push({ name, value: row.requestId });
		}
		return { results };
	} catch (error) {
		if (!(error instanceof ItemProblem)) throw new NodeOperationError(node, error as Error);
		const message = account.mask(`${summaryOf(error.problem)}.`);
		throw new NodeOperationError(node, message, { description: rowOf(error.problem).hint });
	}
}
