import { parseBody, plainId } from '../answers/answers';
import { apiWords } from '../answers/apiWords';
import type { Account } from '../http/account';
import type { Sent } from '../http/api';
import { exchange, type Line } from '../http/exchange';
import { discard, readAll } from '../kit/streams';
import { joinUrl } from '../kit/urls';
import { hangingAfter, isTransient } from '../limits';
import type { SegmindModel } from '../model';
import { ItemProblem, Stopped } from '../problems/problems';
import { historyNotTold } from '../problems/problemTable';
import {
	joinRows,
	readEntry,
	readPage,
	type HistoryRow,
	type HistoryState,
	type Page,
	type Source,
} from './rows';

/** Where the history lies below its base URL [docs]. */
const PATH = '/inference-request/request-history';

/** Longest answer that is read: inputs may be inside it as Base64. */
const LONGEST_ANSWER_BYTES = 128 * 1024 * 1024;

/** Most rows that a page may have [docs]. */
const LONGEST_PAGE = 100;

/** The smallest page that is asked for: a server may have no larger ones. */
const SHORTEST_PAGE = 20;

const DAY_MS = 86_400_000;

/** Days that a window may span [docs: 31, both ends counted], but for some that another zone or clock may add. */
const LONGEST_SPAN_DAYS = 28;

/** Pauses before a question that failed goes out again: they double, and leave time for another one. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const SHORTEST_PAUSE_MS = 100;

/** How often the same is asked where it doesn't look as if it would pass: something else answers, say. */
const DOUBTFUL_TRIES = 3;

/** Why the history did not answer a question. */
export class HistoryError extends ItemProblem {
	/**
	 * @param why in a few words
	 * @param mostTries how often a question that ends like this is asked in all
	 */
	constructor(
		readonly why: string,
		readonly mostTries: number,
		more: { status?: number; words?: string } = {},
	) {
		super(historyNotTold({ why, ...more }));
	}

	/** Asking again would bring the same. */
	get isFinal(): boolean {
		return this.mostTries === 1;
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

/** Days `YYYY-MM-DD`, both inclusive; without an end they reach to today, wherever Segmind is [docs]. */
interface Days {
	from: string;
	to?: string;
}

const dayOf = (dayNumber: number): string =>
	new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);

/** The days of a window in spans that may be asked for, newest first, and one more at both ends: for other zones. */
export function spansOf({ after, before = Infinity }: HistoryWindow, now: number): Days[] {
	const today = Math.floor(now / DAY_MS);
	const first = Math.floor(after / DAY_MS) - 1;
	const spans: Days[] = [];
	let last = Math.min(Math.floor(before / DAY_MS) + 1, today);
	for (; last >= first; last -= LONGEST_SPAN_DAYS) {
		const from = dayOf(Math.max(first, last - LONGEST_SPAN_DAYS + 1));
		spans.push(last === today ? { from } : { from, to: dayOf(last) });
	}
	return spans;
}

/** Whether no page follows one: the server may have shorter ones than it is asked for. */
function isLast({ count, total }: Page, perPage: number, countSoFar: number): boolean {
	if (count === 0 || count >= perPage) return count === 0;
	return total === undefined ? count < SHORTEST_PAGE : countSoFar >= total;
}

/** A request ID as it was given, and as the history may write it: 32 hexadecimal digits, with dashes or without. */
function spellingsOf(requestId: string): string[] {
	const plain = plainId(requestId);
	if (!/^[0-9a-f]{32}$/.test(plain)) return [requestId];
	const dashed = plain.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	return [requestId, requestId === plain ? dashed : plain];
}

/** Without version and folder, as a model is called in several places. */
const plainName = (name: string): string =>
	name
		.toLowerCase()
		.replace(/^.*\//, '')
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^v\d+-|-v\d+$/g, '');

/**
 * The account's request history, as far as a service's jobs appear there: what was asked for, what it cost, what
 * became of it [docs: the SDK's]. Asking costs nothing. Found is knowledge; not found is no proof of anything.
 * Every question goes on for the time that it is given, and throws a `HistoryError` afterwards, `Stopped` at a stop.
 */
export class History {
	private readonly base: string | undefined;

	/** An answer has taken longer than half of this; milliseconds. */
	private slowMs = 0;

	constructor(
		private readonly line: Line,
		{ historyUrl }: Account,
		private readonly model: SegmindModel,
	) {
		const isKnown = historyUrl !== undefined && model.historyName !== undefined;
		this.base = isKnown ? joinUrl(historyUrl, PATH) : undefined;
	}

	/** Whether there is one for this service and credential. */
	get isAvailable(): boolean {
		return this.base !== undefined;
	}

	/**
	 * The requests of this model, newest first, each one once. One that was given out already is completed in place
	 * when a later page has another output of it, or says that it has ended.
	 */
	async *rows(window: HistoryWindow, time: TimeLimit): AsyncGenerator<HistoryRow, void> {
		const { limit = Infinity, state } = window;
		const perPage = Math.min(LONGEST_PAGE, Math.max(SHORTEST_PAGE, limit));
		const known = new Map<string, HistoryRow>();
		for (const days of spansOf(window, this.line.clock.date())) {
			let count = 0;
			let repeats = 0;
			for (let number = 1; ; number++) {
				const page = await this.page({ number, perPage, days, state }, time);
				const unknown = joinRows(page.rows, known);
				yield* unknown.filter((row) => this.isOwn(row));
				count += page.count;
				// Newer rows may have pushed a page down to the next number. A list without pages repeats it for ever.
				repeats = unknown.length === 0 ? repeats + 1 : 0;
				if (repeats === 2 || isLast(page, perPage, count)) break;
			}
		}
	}

	/** What is known of one request, of any age. Undefined when it isn't there, which proves nothing. */
	async find(requestId: string, time: TimeLimit): Promise<HistoryRow | undefined> {
		for (const spelling of spellingsOf(requestId)) {
			const path = `/${encodeURIComponent(spelling)}`;
			const read = (body: unknown, source: Source) => readEntry(body, requestId, source);
			const row = await this.ask(path, time, read).catch((error: unknown) => {
				if (error instanceof HistoryError && error.problem.httpCode === 404) return undefined;
				throw error;
			});
			if (row) return this.isOwn(row) ? row : undefined;
		}
		return undefined;
	}

	private async page(
		asked: { number: number; perPage: number; days: Days; state?: HistoryState },
		time: TimeLimit,
	): Promise<Page> {
		const { number, perPage, days, state } = asked;
		const query = {
			page: number,
			per_page: perPage,
			from_date: days.from,
			to_date: days.to,
			model_name: this.model.historyName,
			sort_by: 'model_created',
			sort_order: 'desc',
			status: state === 'PROCESSING' ? 'PENDING' : state,
		};
		const text = Object.entries(query)
			.flatMap(([name, value]) =>
				value === undefined ? [] : `${name}=${encodeURIComponent(String(value))}`,
			)
			.join('&');
		return await this.ask(`?${text}`, time, readPage);
	}

	/** Whether a row is of this model: the API finds the name as a part of others, too. */
	private isOwn({ model }: HistoryRow): boolean {
		const { historyName = '' } = this.model;
		return model === undefined || plainName(model) === plainName(historyName);
	}

	/** Asks a question until it is answered. */
	private async ask<T>(
		path: string,
		{ endsAtMs, signal }: TimeLimit,
		read: (body: unknown, source: Source) => T | undefined,
	): Promise<T> {
		const { clock } = this.line;
		let pauseMs = FIRST_PAUSE_MS;
		for (let tries = 1; ; tries++) {
			const answer = await this.send(path, { endsAtMs, signal }, read);
			if (signal.aborted) throw new Stopped();
			if (!(answer instanceof HistoryError)) return answer;
			const wait = Math.min(pauseMs, (endsAtMs - clock.now()) / 2);
			if (tries >= answer.mostTries || wait < SHORTEST_PAUSE_MS) throw answer;
			await clock.wait(wait, signal);
			if (signal.aborted) throw new Stopped();
			pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
		}
	}

	/** Asks once. A server that is slow gets twice as long the next time. */
	private async send<T>(
		path: string,
		{ endsAtMs, signal }: TimeLimit,
		read: (body: unknown, source: Source) => T | undefined,
	): Promise<T | HistoryError> {
		const { clock } = this.line;
		const leftMs = () => Math.max(1, endsAtMs - clock.now());
		let deadline = 0;
		const depart = () => {
			const left = leftMs();
			deadline = Math.min(left, Math.max(this.slowMs, hangingAfter(left, 0, left)));
			return { url: `${this.base}${path}`, deadline };
		};
		const turn = { signal, patience: leftMs() };
		const answer = await exchange(
			this.line,
			{ method: 'get', signal, turn, depart },
			async (sent, transfer) => {
				const result = await readSent(sent, clock.date(), read);
				if (transfer.isLate) this.slowMs = Math.max(this.slowMs, 2 * deadline);
				return result;
			},
		);
		return answer ?? new HistoryError('a rate limit holds it up', Infinity);
	}
}

/** @param now the machine's time when the answer began; milliseconds since 1970 */
async function readSent<T>(
	sent: Sent,
	now: number,
	read: (body: unknown, source: Source) => T | undefined,
): Promise<T | HistoryError> {
	if (sent.kind === 'noReply') {
		return new HistoryError(sent.detail, sent.isTransient ? Infinity : DOUBTFUL_TRIES);
	}
	const { status, headers, url } = sent;
	if (sent.foreign) {
		discard(sent.body);
		return new HistoryError('it answers with a redirect to another address', DOUBTFUL_TRIES);
	}
	const text = (await readAll(sent.body, LONGEST_ANSWER_BYTES))?.toString('utf8');
	if (text === undefined) return new HistoryError('the transfer was cut off', Infinity);
	const body = parseBody(text);
	if (status >= 300) {
		const tries = isTransient(status) ? Infinity : 1;
		return new HistoryError(`HTTP ${status}`, tries, { status, words: apiWords(body ?? text) });
	}
	const date = Date.parse(headers.date ?? '');
	const answer = read(body, { url, aheadMs: Number.isNaN(date) ? 0 : date - now });
	if (answer !== undefined) return answer;
	const words = apiWords(body ?? text);
	return new HistoryError('its answer could not be read', DOUBTFUL_TRIES, { words });
}
