import type { IDataObject } from 'n8n-workflow';
import { stateKind } from '../answers/observe';
import { normalizeId, readRequestId } from '../answers/tickets';
import { apiWords } from '../answers/apiWords';
import { readOutputs, type Outputs } from '../answers/outputs';
import { isObject, isTooDeep, numberOf, parseJson } from '../kit/json';
import { elide } from '../kit/longText';
import { fileNameOfUrl } from '../kit/urls';
import { parseDate, timeOfNumber } from '../kit/dates';
import { mainFieldOf, type SegmindModel } from '../model';

/** A job's state in the history, as output items name it. */
export type HistoryState = 'COMPLETED' | 'FAILED' | 'PROCESSING';

/** One request of the account's history [docs: the SDK's; nobody here has seen a live answer]. */
export interface HistoryRow {
	requestId: string;
	/** The model's slug, as the history writes it. */
	model?: string;
	state: HistoryState;
	outputs: Outputs;
	/** By Segmind's clock; milliseconds since 1970. */
	createdAtMs?: number;
	/** How far Segmind's clock is ahead of the machine's, as far as its answer says. */
	aheadMs: number;
	costUsd?: number;
	latencySeconds?: number;
	/** What was asked for, under the names of the API; files inside it as their digests. */
	input?: IDataObject;
	/** Of a failed job: Segmind's words. */
	error?: string;
}

/** Where a row may say when it was made, best first: the SDK names only what it sorts by. */
const TIMES = ['model_created', 'created_at', 'createdAt', 'created', 'timestamp'];

/** A time as milliseconds since 1970: a date, in UTC unless it names a zone, or a number. */
function readTime(value: unknown): number | undefined {
	const number = numberOf(value);
	const time = number === undefined ? parseDate(trimmedOf(value) ?? '') : timeOfNumber(number);
	return Number.isNaN(time) ? undefined : time;
}

const trimmedOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

/** What was asked for. Files inside it are elided at once: a page may have a hundred of them. */
function inputOf(row: IDataObject): IDataObject | undefined {
	const given = row.request_body ?? row.requestBody ?? row.input;
	const body = typeof given === 'string' ? parseJson(given) : given;
	if (!isObject(body)) return undefined;
	return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, elide(value)]));
}

/** When a row was made; else whatever date it calls created. */
function createdAtOf(row: IDataObject): number | undefined {
	const others = Object.keys(row).filter((name) => /creat/i.test(name) && trimmedOf(row[name]));
	return [...TIMES, ...others].map((name) => readTime(row[name])).find(Boolean);
}

function stateOf(row: IDataObject, outputs: Outputs): HistoryState {
	const kind = stateKind(trimmedOf(row.model_status) ?? trimmedOf(row.status));
	if (kind === 'failed') return 'FAILED';
	if (kind === 'QUEUED' || kind === 'PROCESSING') return 'PROCESSING';
	if (kind === 'finished' || outputs.images.length > 0) return 'COMPLETED';
	return row.error ? 'FAILED' : 'PROCESSING';
}

/** Reads one row; undefined when it names no request, or is nested too deep. */
function readRow(value: unknown, url: string, aheadMs: number): HistoryRow | undefined {
	if (!isObject(value) || isTooDeep(value)) return undefined;
	const requestId = readRequestId(value.request_id) ?? readRequestId(value.requestId ?? value.id);
	if (requestId === undefined) return undefined;
	const outputs = readOutputs({ output: value.generation_url ?? value.output ?? '' }, url);
	const state = stateOf(value, outputs);
	const latencyMs = numberOf(value.latency_ms);
	return {
		requestId,
		model: trimmedOf(value.model_name),
		state,
		outputs,
		createdAtMs: createdAtOf(value),
		aheadMs,
		costUsd: numberOf(value.credits_deduction),
		latencySeconds: latencyMs === undefined ? undefined : latencyMs / 1000,
		input: inputOf(value),
		error: state === 'FAILED' ? apiWords(value.error) || undefined : undefined,
	};
}

/** The list in an answer, wherever a paginated object keeps it. */
function listIn(answer: unknown, depth = 0): unknown[] | undefined {
	if (Array.isArray(answer)) return answer as unknown[];
	if (!isObject(answer) || depth > 2) return undefined;
	return ['data', 'results', 'items', 'rows', 'requests']
		.map((name) => listIn(answer[name], depth + 1))
		.find((list) => list !== undefined);
}

/** A page of the history. */
export interface Page {
	rows: HistoryRow[];
	/** Entries that the page has, readable or not. */
	count: number;
	/** Entries of all pages, where the answer says so. */
	total?: number;
}

/**
 * Reads an answer: a list, or one row by itself. Undefined when nothing in it can be read.
 *
 * @param url where it comes from: it may name images without a host
 */
export function readPage(answer: unknown, url: string, aheadMs: number): Page | undefined {
	const { data = answer, total, total_count: totalCount } = isObject(answer) ? answer : {};
	const list = listIn(answer) ?? [data];
	const rows = list.flatMap((value) => readRow(value, url, aheadMs) ?? []);
	if (rows.length === 0 && list.length > 0) return undefined;
	return { rows, count: list.length, total: numberOf(total ?? totalCount) };
}

/**
 * Makes one row of all those of a request: it has one for each output (each with the whole cost), a page that has
 * shifted repeats some, and a job may have ended since it was first listed.
 *
 * @param known what was listed before, by plain request ID; it is completed in place
 * @returns the requests that were not listed before
 */
export function joinRows(rows: HistoryRow[], known: Map<string, HistoryRow>): HistoryRow[] {
	return rows.filter((row) => {
		const id = normalizeId(row.requestId);
		const earlier = known.get(id);
		if (!earlier) {
			known.set(id, row);
			return true;
		}
		const { outputs, state } = earlier;
		const seen = outputs.images.map((image) => JSON.stringify(image));
		const further = row.outputs.images.filter((image) => !seen.includes(JSON.stringify(image)));
		outputs.images.push(...further);
		Object.assign(outputs.untyped, row.outputs.untyped);
		if (state === 'PROCESSING') Object.assign(earlier, row, { outputs });
		return false;
	});
}

/** Name of the file of the image that a job was to change, as far as its URL says. */
export function changedFileOf({ input }: HistoryRow, model: SegmindModel): string | undefined {
	const url = input?.[mainFieldOf(model)];
	return typeof url === 'string' ? fileNameOfUrl(url) : undefined;
}
