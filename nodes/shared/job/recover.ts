import { toldByHistory, type HistoryRow } from '../answers/history';
import { windowsOf } from '../history/days';
import { LONGEST_PAGE, type Page, type Trouble } from '../history/history';
import { findRow, type Asked } from '../history/match';
import { HISTORY } from '../limits';
import { ItemProblem, type Problem } from '../problems/problems';
import { notInHistory, withoutHistory } from '../problems/problemTable';
import { mayPass, patienceOf } from './askHistory';
import type { Swap } from './item';
import type { Facts } from './job';
import { identityOf } from './ledger';
import { readCheck } from './readCheck';
import { pause, throwIfStopping, type Run } from './run';

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

/** How far Segmind's clock is ahead, where that is more than a `Date` header rounds. */
const skewOf = (date: number | undefined, now: number): number =>
	date === undefined || Math.abs(date - now) < HISTORY.clockRoom ? 0 : date - now;

/** Looks once: the row, nothing as yet, or why nothing will come. */
async function look(
	run: Run,
	search: Search,
	left: number,
): Promise<HistoryRow | Trouble | undefined> {
	const { history, clock, ledger } = run;
	const patience = patienceOf(run, left);
	if (search.requestId !== undefined) {
		const found = await history.find(search.requestId, patience);
		return found.kind === 'found' ? found.row : final(found);
	}
	const { asked } = search;
	const [window = { from: '', to: '' }] = windowsOf(
		asked.sentAt,
		asked.sentAt + HISTORY.latest,
		clock.date(),
	);
	const rows: HistoryRow[] = [];
	for (let page = 1; ; page++) {
		const answer = await history.page({ page, perPage: LONGEST_PAGE, ...window }, patience);
		if (answer.kind === 'trouble') return final(answer);
		rows.push(...answer.rows);
		const skew = skewOf(answer.date, clock.date());
		if (goesOn(answer, asked.sentAt + skew) && page < HISTORY.pages) continue;
		return findRow(asked, rows, {
			skew,
			taken: ledger.allRequestIds(),
			equals: run.submitting.get(identityOf(asked.fields)) ?? 0,
		});
	}
}

/** Whether the next page may have rows from so long ago: the list begins with the newest. */
function goesOn({ rows, count }: Page, since: number): boolean {
	const oldest = Math.min(...rows.map(({ createdAt = Infinity }) => createdAt));
	return count === LONGEST_PAGE && oldest > since - HISTORY.clockRoom;
}

/** A trouble that will not pass. */
const final = (trouble: Trouble): Trouble | undefined => (mayPass(trouble) ? undefined : trouble);

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
	const { clock, history, ledger, progress, account } = run;
	if (!history.isThere) throw new ItemProblem(search.problem);
	const least = clock.now() + Math.min(HISTORY.leastTime, item.options.timeout);
	const end = Math.max(search.endsAt, least);
	let wait = HISTORY.firstPause;
	for (;;) {
		throwIfStopping(run);
		const row = await look(run, search, end - clock.now());
		throwIfStopping(run);
		if (row && 'why' in row) throw new ItemProblem(withoutHistory(search.problem, row.why));
		if (row) {
			ledger.accepted(item.question.key, { requestId: account.mask(row.requestId) });
			progress.warn(
				`Item ${item.index}: Segmind's answer to the submit was lost; the account's history shows that the job was accepted (request ID ${row.requestId}), and it was followed from there.`,
			);
			return factsOf(row);
		}
		if (clock.now() + wait > end) throw new ItemProblem(notInHistory(search.problem));
		await pause(run, wait);
		wait = Math.min(HISTORY.longestPause, wait * HISTORY.growth);
	}
}
