import { toldByHistory, type HistoryRow } from '../answers/history';
import { windowsOf } from '../history/days';
import { isLastPage, LONGEST_PAGE, type Page, type Trouble } from '../history/history';
import { findRow, type Asked } from '../history/match';
import { HISTORY } from '../limits';
import { ItemProblem, type Problem } from '../problems/problems';
import { notInHistory, withoutHistory } from '../problems/problemTable';
import { mayPass, patienceOf } from './askHistory';
import type { Swap } from './item';
import type { Facts } from './job';
import { identityOf } from './ledger';
import { readCheck } from './readCheck';
import { enter, pause, throwIfStopping, type Run } from './run';

/** What is looked for: a submit that brought no usable answer. */
export interface Search {
	/** What an answer named, if one did. */
	requestId?: string;
	asked: Asked;
	/** When the item's time is up; milliseconds on the clock of the run. */
	endsAt: number;
	/** What is told of it when it isn't found. */
	problem: Problem;
}

/** How far Segmind's clock is ahead, where that is more than a `Date` header rounds and an answer travels. */
const skewOf = (ahead = 0): number => (Math.abs(ahead) < HISTORY.clockRoom ? 0 : ahead);

/** Looks once: the row, nothing as yet, or why the history did not tell. */
async function look(
	run: Run,
	{ requestId, asked }: Search,
	left: number,
): Promise<HistoryRow | Trouble | undefined> {
	const { history, clock, ledger } = run;
	const patience = patienceOf(run, left);
	if (requestId !== undefined) {
		const found = await history.find(requestId, patience);
		if (found.kind === 'trouble') return found;
		if (found.row) return found.row;
		// The name may be that of a gateway on the way.
	}
	const [window = { from: '' }] = windowsOf(
		asked.sentAt,
		asked.sentAt + HISTORY.latest,
		clock.date(),
	);
	const same = identityOf(asked.fields);
	const rows: HistoryRow[] = [];
	let told = 0;
	for (let page = 1; ; page++) {
		const answer = await history.page({ page, perPage: LONGEST_PAGE, ...window }, patience);
		if (answer.kind === 'trouble') return answer;
		rows.push(...answer.rows);
		const skew = skewOf(answer.ahead);
		told += answer.count;
		const isLast = isLastPage(answer, LONGEST_PAGE, told) || page === HISTORY.pages;
		if (!isLast && !reachesBack(answer, asked.sentAt + skew)) continue;
		return findRow(asked, rows, {
			skew,
			isTaken: (requestId) => ledger.knows(requestId),
			equals: run.submitting.get(same) ?? 0,
			lost: (run.lost.get(same) ?? 1) - 1,
		});
	}
}

/** Whether a page has rows from so long ago: the list begins with the newest. */
const reachesBack = ({ rows }: Page, since: number): boolean =>
	rows.some(({ createdAt = Infinity }) => createdAt <= since - HISTORY.clockRoom);

/** What a row tells of the job that was lost. Throws an `ItemProblem` when that has failed. */
function factsOf(row: HistoryRow): Facts {
	const { requestId, cost, outputs } = row;
	const seen = readCheck(toldByHistory(row), requestId);
	if (seen.kind === 'failed') throw new ItemProblem(seen.problem);
	return {
		ticket: { requestId },
		state: 'PROCESSING',
		metrics: cost === undefined ? {} : { cost },
		outputs: outputs.images.length > 0 ? outputs : undefined,
	};
}

/**
 * Looks a submit without a usable answer up in the account's history, by what it asked for and when, and ever more
 * seldom, as long as there is time. It never submits.
 *
 * @returns the job, to be followed like any other
 * @throws ItemProblem with what is known of the submit when it isn't found, Stopped when the run ends
 */
export async function recover(run: Run, item: Swap, search: Search): Promise<Facts> {
	if (!run.history.isThere) throw new ItemProblem(search.problem);
	const leave = enter(run.lost, identityOf(search.asked.fields));
	const facts = await lookUp(run, item, search);
	// One that isn't found may still be behind a row that shows up later.
	leave();
	return facts;
}

async function lookUp(run: Run, item: Swap, search: Search): Promise<Facts> {
	const { clock, ledger, progress, account } = run;
	const least = clock.now() + Math.min(HISTORY.leastTime, item.options.timeout);
	const end = Math.max(search.endsAt, least);
	let wait = HISTORY.firstPause;
	let trouble: string | undefined;
	let hasTold = false;
	for (;;) {
		throwIfStopping(run);
		const row = await look(run, search, end - clock.now());
		throwIfStopping(run);
		if (row && 'why' in row) {
			trouble = row.why;
			if (!mayPass(row)) throw new ItemProblem(withoutHistory(search.problem, trouble));
		} else if (row) {
			ledger.accepted(item.question.key, { requestId: account.mask(row.requestId) });
			progress.warn(
				`Item ${item.index}: Segmind's answer to the submit was lost; the account's history shows that the job was accepted (request ID ${row.requestId}), and it was followed from there.`,
			);
			return factsOf(row);
		} else hasTold = true;
		if (clock.now() + wait > end) {
			const { problem } = search;
			throw new ItemProblem(hasTold ? notInHistory(problem) : withoutHistory(problem, trouble));
		}
		await pause(run, wait);
		wait = Math.min(HISTORY.longestPause, wait * HISTORY.growth);
	}
}
