import type { IDataObject } from 'n8n-workflow';
import { isObject, parseJson } from '../kit/json';
import { shortened } from '../kit/longText';
import { fileNameOfUrl } from '../kit/urls';
import { parseUtc } from '../kit/zones';
import { mainFieldOf, type SegmindModel } from '../model';
import { plainId, requestIdOf, stateKind, type Told } from './answers';
import { apiWords } from './apiWords';
import { readOutputs, type Outputs } from './outputs';

/** A job's state in the history, as output items name it. */
export type HistoryState = 'COMPLETED' | 'FAILED' | 'PROCESSING';

/**
 * One row of the account's request history [docs: the SDK's; nobody here has seen a live answer]. A request with
 * several outputs has a row for each, each with the whole cost.
 */
export interface HistoryRow {
	requestId: string;
	/** The model's slug, as the row writes it. */
	model?: string;
	state: HistoryState;
	outputs: Outputs;
	/** Milliseconds since 1970. */
	createdAt?: number;
	/** USD. */
	cost?: number;
	latencySeconds?: number;
	/** What was asked for, under the names of the API; images inside it shortened. */
	input?: IDataObject;
	/** Of a failed job: Segmind's words. */
	error?: string;
}

/** Times before this are no times; milliseconds since 1970 (2001). */
const EARLIEST = 1e12;

/** Where a row may keep when it was made, most telling first: the SDK names none but what it sorts by. */
const TIMES = ['model_created', 'created_at', 'createdAt', 'created', 'timestamp'];

/** A time as milliseconds since 1970: ISO 8601, with a blank and without a zone too (UTC), or seconds. */
function readTime(value: unknown): number | undefined {
	const text = typeof value === 'string' ? value.trim() : '';
	const number =
		typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
	if (!Number.isNaN(number)) {
		const time = number < EARLIEST ? number * 1000 : number;
		return time >= EARLIEST ? time : undefined;
	}
	if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
	const time = parseUtc(text);
	return Number.isNaN(time) ? undefined : time;
}

const numberOf = (value: unknown): number | undefined => {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

const textOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

/** What was asked for. Images inside it are shortened at once: a page may have a hundred of them. */
function inputOf(row: IDataObject): IDataObject | undefined {
	const given = row.request_body ?? row.requestBody ?? row.input;
	const body = typeof given === 'string' ? parseJson(given) : given;
	if (!isObject(body)) return undefined;
	const entries = Object.entries(body).map(([name, value]) => [
		name,
		typeof value === 'string' ? shortened(value) : value,
	]);
	return Object.fromEntries(entries) as IDataObject;
}

/** When a row was made; else whatever date it calls created. */
function createdAtOf(row: IDataObject): number | undefined {
	const others = Object.keys(row).filter(
		(name) => /creat/i.test(name) && typeof row[name] === 'string',
	);
	return [...TIMES, ...others]
		.map((name) => readTime(row[name]))
		.find((time) => time !== undefined);
}

function stateOf(row: IDataObject, outputs: Outputs): HistoryState {
	const kind = stateKind(textOf(row.model_status) ?? textOf(row.status));
	if (kind === 'failed') return 'FAILED';
	if (kind === 'running') return 'PROCESSING';
	if (kind === 'finished' || outputs.images.length > 0) return 'COMPLETED';
	return row.error ? 'FAILED' : 'PROCESSING';
}

/**
 * Reads one row; undefined when it names no request.
 *
 * @param url where it comes from: it may name images without a host
 */
function readHistoryRow(value: unknown, url?: string): HistoryRow | undefined {
	if (!isObject(value)) return undefined;
	const requestId = requestIdOf(value.request_id) ?? requestIdOf(value.requestId ?? value.id);
	if (requestId === undefined) return undefined;
	const outputs = readOutputs({ output: value.generation_url ?? value.output ?? '' }, url);
	const state = stateOf(value, outputs);
	const latency = numberOf(value.latency_ms);
	return {
		requestId,
		model: textOf(value.model_name),
		state,
		outputs,
		createdAt: createdAtOf(value),
		cost: numberOf(value.credits_deduction),
		latencySeconds: latency === undefined ? undefined : latency / 1000,
		input: inputOf(value),
		error: state === 'FAILED' ? apiWords(value.error) || undefined : undefined,
	};
}

/** The list in an answer, wherever a paginated object keeps it. */
function listIn(answer: unknown, depth = 0): unknown[] | undefined {
	if (Array.isArray(answer)) return answer as unknown[];
	if (!isObject(answer) || depth > 2) return undefined;
	for (const name of ['data', 'results', 'items', 'rows', 'requests']) {
		const list = listIn(answer[name], depth + 1);
		if (list) return list;
	}
	return undefined;
}

/** A page of the history. */
export interface HistoryPage {
	rows: HistoryRow[];
	/** Entries that the page has, readable or not. */
	count: number;
	/** Entries of all pages, where the answer tells. */
	total?: number;
}

/** Reads a page; undefined when the answer is none, or has nothing in it that can be read. */
export function readHistoryPage(answer: unknown, url?: string): HistoryPage | undefined {
	const list = listIn(answer);
	const rows = (list ?? []).flatMap((row) => readHistoryRow(row, url) ?? []);
	if (!list || (rows.length === 0 && list.length > 0)) return undefined;
	const { total, total_count: totalCount } = isObject(answer) ? answer : {};
	return { rows, count: list.length, total: numberOf(total ?? totalCount) };
}

/** Reads the answer to the question for one request: the row itself, or in `data`, alone or in a list. */
export function readHistoryEntry(
	answer: unknown,
	requestId: string,
	url?: string,
): HistoryRow | undefined {
	const list = listIn(answer) ?? [isObject(answer) ? (answer.data ?? answer) : answer];
	const rows = list.flatMap((row) => readHistoryRow(row, url) ?? []);
	const own = rows.filter((row) => plainId(row.requestId) === plainId(requestId));
	return own.length < 2 ? own[0] : merged(own);
}

/** The rows of one request as one: several outputs are several rows. */
function merged(rows: HistoryRow[]): HistoryRow {
	const first = rows[0] as HistoryRow;
	const images = rows.flatMap(({ outputs }) => outputs.images);
	const untyped = Object.assign(
		{},
		...rows.map(({ outputs }) => outputs.untyped),
	) as Outputs['untyped'];
	return { ...first, outputs: { ...first.outputs, images, untyped } };
}

/** Name of the file of the image that a job was to change, as far as its URL tells. */
export function changedFileOf({ input }: HistoryRow, model: SegmindModel): string | undefined {
	const url = input?.[mainFieldOf(model)];
	return typeof url === 'string' ? fileNameOfUrl(url) : undefined;
}

/** A row as an answer to a status check. */
export function toldByHistory({ requestId, state, outputs, cost, error }: HistoryRow): Told {
	const metrics = cost === undefined ? {} : { cost };
	const common = { about: requestId, metrics };
	if (state === 'FAILED') {
		return { kind: 'failed', state, words: error ?? '', known: true, ...common };
	}
	if (state === 'PROCESSING') return { kind: 'running', state, ...common };
	return { kind: 'finished', outputs, words: '', ...common };
}
