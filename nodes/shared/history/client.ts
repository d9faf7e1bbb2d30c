import { normalizeId } from '../answers/tickets';
import { parseBody } from '../kit/json';
import { apiWords } from '../answers/apiWords';
import type { Account } from '../http/account';
import type { HttpClient, Sent } from '../http/client';
import { discard, readAll } from '../kit/streams';
import { joinUrl } from '../kit/urls';
import { isTransient, requestTimeoutMs } from '../limits';
import type { SegmindModel } from '../model';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import { joinRows, readPage, type HistoryRow, type HistoryState, type Page } from './rows';

/** Where the history lies below its base URL [docs]. */
const PATH = '/inference-request/request-history';

/** Longest answer that is read: inputs may be inside it as Base64. */
const LONGEST_PAGE_BYTES = 128 * 1024 * 1024;

/** Most rows that a page may have [docs], and the fewest that are asked for: a server may have no larger pages. */
const MOST_ROWS = 100;
const FEWEST_ROWS = 20;

const DAY_MS = 86_400_000;

/** Days that a window may span [docs: 31, both ends counted], but for some that another zone or clock may add. */
const LONGEST_SPAN_DAYS = 28;

/** Pauses before a question that failed goes out again: they double, and leave time for another one. */
const FIRST_ASK_PAUSE_MS = 1_000;
const LONGEST_ASK_PAUSE_MS = 10_000;
const SHORTEST_ASK_PAUSE_MS = 100;

/** How often the same is asked where it doesn't look as if it would pass: something else answers, say. */
const DOUBTFUL_TRIES = 3;

/** Why the history did not answer a question; one that ends like this is asked `mostTries` times in all. */
export class HistoryError extends ItemProblem {
	constructor(
		readonly why: string,
		readonly mostTries: number,
		more: Pick<Problem, 'httpStatus' | 'words'> = {},
	) {
		super({ code: 'historyUnreadable', why, ...more });
	}
}

/** How long the history is waited for. */
export interface TimeLimit {
	/** Milliseconds on the run's clock. */
	endsAtMs: number;
	/** Ends it at once. */
	signal: AbortSignal;
}

/** Which rows are wanted, by when they were made: milliseconds since 1970. Days are asked for, so more may come. */
export interface HistoryWindow {
	after: number;
	/** Without it, nothing is too new. */
	before?: number;
	state?: HistoryState;
	/** How many will be read. */
	limit?: number;
}

const dayOf = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** A window as spans of days, newest first: one more at both ends, and none after today, for Segmind's may be others. */
export function spansOf({ after, before = Infinity }: HistoryWindow, now: number) {
	const today = Math.floor(now / DAY_MS);
	const first = Math.floor(after / DAY_MS) - 1;
	const spans: Array<{ from_date: string; to_date?: string }> = [];
	let last = Math.min(Math.floor(before / DAY_MS) + 1, today);
	for (; last >= first; last -= LONGEST_SPAN_DAYS) {
		const from = dayOf(Math.max(first, last - LONGEST_SPAN_DAYS + 1));
		spans.push({ from_date: from, ...(last < today && { to_date: dayOf(last) }) });
	}
	return spans;
}

/** Whether a page reaches back before a time, by whichever clock: the list begins with the newest. */
function reachesBefore(time: number, { rows }: Page): boolean {
	const times = rows.map(({ createdAtMs: at = NaN, aheadMs }) => Math.max(at, at - aheadMs));
	return (times.at(-1) ?? NaN) < Math.min(time, times[0] ?? NaN);
}

/** Whether a row is of a model: the API finds its name as a part of others, too, and rows may write it otherwise. */
const isOf = (slug = '', { model }: HistoryRow): boolean =>
	model === undefined ||
	new RegExp(`^(.*/)?(v\\d+\\W)?${slug.replaceAll('-', '[\\W_]+')}(\\Wv\\d+)?$`, 'i').test(model);

/**
 * The account's request history, as far as a service's jobs appear there: what was asked for, what it cost, what
 * became of it [docs: the SDK's]. Asking costs nothing. Found is knowledge; not found is no proof of anything.
 * Every question goes on for the time that it is given, and throws a `HistoryError` afterwards, `Stopped` at a stop.
 */
export class History {
	/** Whether there is one for this service and credential. */
	readonly isAvailable: boolean;

	private readonly base: string;

	/** How often an answer has not come in time: each further one gets twice as long. */
	private timeouts = 0;

	constructor(
		private readonly http: HttpClient,
		{ historyUrl }: Account,
		private readonly model: SegmindModel,
	) {
		this.isAvailable = historyUrl !== undefined && model.historyName !== undefined;
		this.base = joinUrl(historyUrl ?? '', PATH);
	}

	/**
	 * The requests of this model, newest first, each one once. One that was given out already is completed in place
	 * when a later page has another output of it, or says that it has ended.
	 */
	async *rows(window: HistoryWindow, time: TimeLimit): AsyncGenerator<HistoryRow, void> {
		const { after, limit = Infinity, state } = window;
		const { historyName = '' } = this.model;
		const perPage = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, limit));
		const known = new Map<string, HistoryRow>();
		for (const days of spansOf(window, this.http.clock.date())) {
			let count = 0;
			let repeats = 0;
			for (let number = 1; ; number++) {
				const query = new URLSearchParams({
					page: String(number),
					per_page: String(perPage),
					model_name: historyName,
					sort_by: 'model_created',
					sort_order: 'desc',
					...days,
					...(state && { status: state === 'PROCESSING' ? 'PENDING' : state }),
				});
				const page = await this.ask(`?${query}`, time);
				const unknown = joinRows(page.rows, known);
				yield* unknown.filter((row) => isOf(historyName, row));
				count += page.count;
				// Newer rows may have pushed a page down to the next number. A list without pages repeats it for ever.
				repeats = unknown.length === 0 ? repeats + 1 : 0;
				if (reachesBefore(after, page)) return;
				// The server may have shorter pages than it is asked for.
				const isAll = page.total === undefined ? page.count < FEWEST_ROWS : count >= page.total;
				if (page.count === 0 || repeats === 2 || (page.count < perPage && isAll)) break;
			}
		}
	}

	/** One request, of any age, with dashes in its ID or without. Undefined when it isn't there, which proves nothing. */
	async find(requestId: string, time: TimeLimit): Promise<HistoryRow | undefined> {
		const plain = normalizeId(requestId);
		const dashed = plain.replace(/^(.{8})(.{4})(.{4})(.{4})(?=.{12}$)/, '$1-$2-$3-$4-');
		for (const spelling of new Set([requestId, plain, dashed])) {
			const path = `/${encodeURIComponent(spelling)}`;
			const page = await this.ask(path, time).catch((error: unknown) => {
				if (error instanceof HistoryError && error.problem.httpStatus === 404) return undefined;
				throw error;
			});
			const row = joinRows(page?.rows ?? [], new Map()).find(
				(other) => normalizeId(other.requestId) === plain,
			);
			if (row) return isOf(this.model.historyName, row) ? row : undefined;
		}
		return undefined;
	}

	/** Asks until there is an answer. */
	private async ask(path: string, { endsAtMs, signal }: TimeLimit): Promise<Page> {
		if (!this.isAvailable) throw new ItemProblem({ code: 'noHistory' });
		const { clock } = this.http;
		const url = `${this.base}${path}`;
		const leftMs = () => Math.max(1, endsAtMs - clock.now());
		for (let tries = 1; ; tries++) {
			const { timeouts } = this;
			const turn = { patienceMs: leftMs() };
			const beforeSend = () => ({ url, timeoutMs: requestTimeoutMs(leftMs(), timeouts, leftMs()) });
			const request = { method: 'GET', turn, signal, beforeSend } as const;
			const answer = await this.http.send(request, async (sent, transfer) => {
				const page = await pageIn(sent, clock.date());
				if (transfer.isLate) this.timeouts = Math.max(this.timeouts, timeouts + 1);
				return page;
			});
			if (signal.aborted) throw new Stopped();
			if (!(answer instanceof HistoryError)) return answer;
			const doubledMs = Math.min(LONGEST_ASK_PAUSE_MS, FIRST_ASK_PAUSE_MS * 2 ** (tries - 1));
			const pauseMs = Math.min(doubledMs, (endsAtMs - clock.now()) / 2);
			if (tries >= answer.mostTries || pauseMs < SHORTEST_ASK_PAUSE_MS) throw answer;
			await clock.wait(pauseMs, signal);
		}
	}
}

/** @param now the machine's time when the answer began; milliseconds since 1970 */
async function pageIn(sent: Sent, now: number): Promise<Page | HistoryError> {
	if (sent.kind === 'noReply') {
		return new HistoryError(sent.detail, sent.isTransient ? Infinity : DOUBTFUL_TRIES);
	}
	const { status, headers, url } = sent;
	if (sent.foreign) {
		discard(sent.body);
		return new HistoryError('it answers with a redirect to another address', DOUBTFUL_TRIES);
	}
	const text = (await readAll(sent.body, LONGEST_PAGE_BYTES))?.toString('utf8');
	if (text === undefined) return new HistoryError('the transfer was cut off', Infinity);
	// A row that nests too deep is left out, and the others are read.
	const body = parseBody(text, true);
	const aheadMs = Date.parse(headers.date ?? '') - now || 0;
	const page = status < 300 ? readPage(body, url, aheadMs) : undefined;
	if (page) return page;
	const words = apiWords(body ?? text);
	if (status < 300)
		return new HistoryError('its answer could not be read', DOUBTFUL_TRIES, { words });
	const tries = isTransient(status) ? Infinity : 1;
	return new HistoryError(`HTTP ${status}`, tries, { httpStatus: status, words });
}
