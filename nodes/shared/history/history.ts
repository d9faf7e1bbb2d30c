import {
	readHistoryEntry,
	readHistoryPage,
	type HistoryRow,
	type HistoryState,
} from '../answers/history';
import { apiWords } from '../answers/apiWords';
import { parseBody, plainId } from '../answers/answers';
import type { Account } from '../http/account';
import type { Sent } from '../http/api';
import { exchange, type Line } from '../http/exchange';
import { discard, readAll } from '../kit/streams';
import { joinUrl } from '../kit/urls';
import type { SegmindModel } from '../model';
import type { Window } from './days';

/** Where the history lies below its base URL [docs]. */
const PATH = '/inference-request/request-history';

/** Longest answer that is read; bytes. Inputs may be inside it as Base64. */
const LONGEST_ANSWER = 128 * 1024 * 1024;

/** Most rows that a page may have [docs]. */
export const LONGEST_PAGE = 100;

/** What a list is asked for with. A window has at most 31 days [docs]. */
export interface PageQuery extends Window {
	page: number;
	perPage: number;
	state?: HistoryState;
}

/** How an answer is waited for. */
export interface Patience {
	/** Ends the question. */
	signal: AbortSignal;
	/** For the turn, and for the answer; milliseconds. */
	turn: number;
	answer: number;
}

/** Why the history did not tell. */
export interface Trouble {
	kind: 'trouble';
	why: string;
	/** HTTP status, where one was answered. */
	status?: number;
	/** Segmind's own words. */
	words?: string;
}

/** A page of the history. */
export interface Page {
	kind: 'page';
	rows: HistoryRow[];
	/** Entries of the page, also those of other models. */
	count: number;
	/** Entries of all pages, where the answer tells. */
	total?: number;
	/** How far the server's clock is ahead of the machine's, where the answer tells; milliseconds. */
	ahead?: number;
}

/** The smallest page that is asked for: a server may have no larger ones. */
export const SHORTEST_PAGE = 20;

/**
 * Whether no page follows one: the server may have shorter ones than it is asked for.
 *
 * @param told entries that were told so far, with those of the page, as far as that is known
 */
export function isLastPage({ count, total }: Page, perPage: number, told: number): boolean {
	if (count === 0 || count >= perPage) return count === 0;
	return total === undefined ? count < SHORTEST_PAGE : told >= total;
}

/** What the history knows of one request: `row` is undefined when it isn't there, which proves nothing. */
export interface Found {
	kind: 'found';
	row?: HistoryRow;
}

/** A request ID as it was given, and as the history may write it: 32 hexadecimal digits, with dashes or without. */
function spellingsOf(requestId: string): string[] {
	const plain = plainId(requestId);
	if (!/^[0-9a-f]{32}$/.test(plain)) return [requestId];
	const dashed = plain.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	return [...new Set([requestId, requestId === plain ? dashed : plain])];
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
 */
export class History {
	private readonly base: string | undefined;

	constructor(
		private readonly line: Line,
		account: Account,
		private readonly model: SegmindModel,
	) {
		const { historyUrl } = account;
		const isTold = historyUrl !== undefined && model.historyName !== undefined;
		this.base = isTold ? joinUrl(historyUrl, PATH) : undefined;
	}

	/** Whether there is one for this service and credential. */
	get isThere(): boolean {
		return this.base !== undefined;
	}

	/** One page of this model's requests, newest first. */
	async page(query: PageQuery, patience: Patience): Promise<Page | Trouble> {
		const { page, perPage, from, to, state } = query;
		const parts = {
			page,
			per_page: perPage,
			from_date: from,
			...(to === undefined ? {} : { to_date: to }),
			model_name: this.model.historyName,
			sort_by: 'model_created',
			sort_order: 'desc',
			...(state === undefined ? {} : { status: state === 'PROCESSING' ? 'PENDING' : state }),
		};
		const text = Object.entries(parts)
			.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
			.join('&');
		return await this.ask<Page>(`?${text}`, patience, (body, { url, ahead }) => {
			const read = readHistoryPage(body, url);
			if (!read) return undefined;
			const rows = read.rows.filter((row) => this.isOwn(row));
			return { kind: 'page', rows, count: read.count, total: read.total, ahead };
		});
	}

	/** What is known of one request, of any age. Its ID may be written with dashes there, or without. */
	async find(requestId: string, patience: Patience): Promise<Found | Trouble> {
		let found: Found | Trouble = { kind: 'found' };
		for (const spelling of spellingsOf(requestId)) {
			found = await this.findAs(spelling, patience);
			if (found.kind === 'trouble' || found.row) break;
		}
		return found;
	}

	private async findAs(requestId: string, patience: Patience): Promise<Found | Trouble> {
		const path = `/${encodeURIComponent(requestId)}`;
		const answer = await this.ask<Found>(path, patience, (body, { url }) => {
			const row = readHistoryEntry(body, requestId, url);
			return row ? { kind: 'found', row: this.isOwn(row) ? row : undefined } : undefined;
		});
		return answer.kind === 'trouble' && answer.status === 404 ? { kind: 'found' } : answer;
	}

	/** Whether a row is of this model: the API finds the name as a part of others, too. */
	private isOwn({ model }: HistoryRow): boolean {
		const { historyName = '' } = this.model;
		return model === undefined || plainName(model) === plainName(historyName);
	}

	private async ask<T>(
		rest: string,
		{ signal, turn, answer }: Patience,
		read: (body: unknown, from: Source) => T | undefined,
	): Promise<T | Trouble> {
		const url = `${this.base}${rest}`;
		const asked = await exchange(
			this.line,
			{
				method: 'get',
				signal,
				turn: { signal, patienceMs: turn },
				depart: () => ({ url, deadline: answer }),
			},
			async (sent) => await readSent(sent, read, this.line.clock.date()),
		);
		return asked ?? { kind: 'trouble', why: 'a rate limit holds it up' };
	}
}

/** Where an answer comes from. */
interface Source {
	url: string;
	ahead?: number;
}

/** @param now the machine's time when the answer began; milliseconds since 1970 */
async function readSent<T>(
	sent: Sent,
	read: (body: unknown, from: Source) => T | undefined,
	now: number,
): Promise<T | Trouble> {
	if (sent.kind === 'noReply') return { kind: 'trouble', why: sent.detail };
	const { status, headers, url } = sent;
	if (sent.foreign) {
		discard(sent.body);
		return { kind: 'trouble', why: 'it answers with a redirect to another address' };
	}
	const text = (await readAll(sent.body, LONGEST_ANSWER))?.toString('utf8');
	if (text === undefined) return { kind: 'trouble', why: 'the transfer was cut off' };
	const body = parseBody(text);
	if (status >= 300) {
		return { kind: 'trouble', why: `HTTP ${status}`, status, words: apiWords(body ?? text) };
	}
	const date = Date.parse(headers.date ?? '');
	const answer = read(body, { url, ahead: Number.isNaN(date) ? undefined : date - now });
	return (
		answer ?? {
			kind: 'trouble',
			why: 'its answer could not be read',
			words: apiWords(body ?? text),
		}
	);
}

/** Identifies an output of a request: one that is told twice is the same. */
export const outputKey = ({ requestId, outputs }: HistoryRow): string =>
	`${plainId(requestId)} ${JSON.stringify(outputs.images)}`;
