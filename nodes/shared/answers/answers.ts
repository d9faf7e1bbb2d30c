import type { IBinaryData, IDataObject } from 'n8n-workflow';
import { apiWords } from './apiWords';
import { readOutputs, type Outputs } from './outputs';
import { decodeOrLeave, parseHttpUrl } from '../kit/urls';
import { isObject, parseJson } from '../kit/json';

/** The states of a job that still goes on, as the output item names them. */
export type RunningState = 'QUEUED' | 'PROCESSING';

/** What the API reported of a job: USD and seconds. */
export type Metrics = IDataObject;

/** A job that Segmind accepted, as its ticket describes it. */
export interface Ticket {
	requestId: string;
	/** Where the ticket says that state and result are found; only ever followed below the credential's own URLs. */
	statusUrl?: string;
	resultUrl?: string;
}

/** What every answer about a job may tell. */
interface AboutJob {
	ticket?: Ticket;
	/** The request ID that the answer itself says it is about. */
	about?: string;
	metrics: Metrics;
}

/** An image in n8n's binary store. */
export interface StoredImage {
	kind: 'image';
	binary: IBinaryData;
	fileName: string;
	mimeType: string;
	/** Bytes that arrived. */
	fileSize: number;
	/** The file stops without the end mark of its format: it may have been cut off. */
	endMissing: boolean;
}

/** What came is no answer of this API, or not all of it came. */
export interface Unreadable {
	kind: 'unreadable';
	why: string;
	/** What a person would read in it. */
	words: string;
	/** What came, where that is text. */
	text?: string;
	/** All of it came. */
	isWhole?: boolean;
}

/** What an answer means, whether to a submit, a status check, a request for a result or a download. */
export type Answer = StoredImage | Told | Unreadable;

/** What an answer with a JSON or text body tells. */
export type Told =
	| ({
			kind: 'running';
			state: RunningState;
			/** What a person should know of the state, where it is one that nobody has told of. */
			unknown?: string;
	  } & AboutJob)
	/** `words`: what the API says in the place of an image, when there is none. */
	| ({ kind: 'finished'; outputs: Outputs; words: string } & AboutJob)
	/**
	 * The job will never have a result. `state` is the API's own word for it: without one, it is only an error,
	 * which may pass.
	 */
	| ({ kind: 'failed'; state: string; words: string; known: boolean } & AboutJob)
	/** An HTTP error status: the request was refused, or could not be taken. A ticket comes with a job. */
	| {
			kind: 'refused';
			status: number;
			words: string;
			/** The body is JSON: Segmind's own word. Anything else comes from somebody on the way. */
			isJson: boolean;
			ticket?: Ticket;
			about?: string;
	  };

/** A success status around something that is not an answer of this API. */
type NotTold = Pick<Unreadable, 'kind' | 'words'>;

const QUEUED = ['QUEUED', 'IN_QUEUE', 'PENDING', 'CREATED', 'SUBMITTED', 'ACCEPTED', 'WAITING'];
const PROCESSING = ['PROCESSING', 'IN_PROGRESS', 'RUNNING', 'STARTED', 'STARTING'];
const FINISHED = ['COMPLETED', 'SUCCEEDED', 'SUCCESS', 'COMPLETE', 'DONE', 'OK'];
const FAILED = [
	'FAILED',
	'FAILURE',
	'ERROR',
	'CANCELLED',
	'CANCELED',
	'TIMED_OUT',
	'TIMEOUT',
	'EXPIRED',
	'REJECTED',
	'ABORTED',
	'TERMINATED',
];

/** A longer text is no request ID. */
const LONGEST_REQUEST_ID = 200;

/**
 * Whether a text can be a request ID: one that stays a segment of its own in a path, once it is encoded, and
 * that a person can copy. The documented ones are UUIDs; others may hold dots, slashes and the like.
 */
export const isRequestId = (text: string): boolean =>
	text !== '' && text.length <= LONGEST_REQUEST_ID && !/^\.$|\.\.|[\p{C}\s]/u.test(text);

const textOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value !== '' ? value : undefined;

/** Plain answers are shorter; mending a longer one is not worth the time. Characters. */
const LONGEST_MENDED = 1024 * 1024;

/**
 * The body as JSON; undefined when it is none. A byte order mark before it, and numbers that JSON doesn't have
 * (NaN, Infinity: Python writes them), don't matter.
 */
export function parseBody(body: string): unknown {
	const text = body.replace(/^\uFEFF/, '');
	const parsed = parseJson(text);
	if (parsed !== undefined || text.length > LONGEST_MENDED) return parsed;
	// A string that breaks off ends with the text: no place in it is read twice.
	return parseJson(
		text.replace(/"(?:[^"\\]|\\[\s\S]?)*"?|-?\b(?:NaN|Infinity)\b/g, (part) =>
			part.startsWith('"') ? part : 'null',
		),
	);
}

/** A request ID as the API writes it; some write numbers. */
export function requestIdOf(value: unknown): string | undefined {
	const text = Number.isSafeInteger(value) ? String(value) : value;
	return typeof text === 'string' && isRequestId(text.trim()) ? text.trim() : undefined;
}

/** A request ID for comparison: some places write it without dashes, or in other case [docs]. */
export const plainId = (requestId: string) => requestId.replaceAll('-', '').toLowerCase();

/** Whether an answer is about another job than the one that was asked for. */
export const isAboutAnother = (about: string | undefined, requestId: string): boolean =>
	about !== undefined && plainId(about) !== plainId(requestId);

/** The request ID that a ticket's URL ends with, before a `/status` where there is one. */
function requestIdInUrl(url: string | undefined): string | undefined {
	const segments = parseHttpUrl(url ?? '')
		?.pathname.replace(/(\/status)?\/*$/, '')
		.split('/');
	return requestIdOf(decodeOrLeave(segments?.pop() ?? ''));
}

const namedId = (answer: IDataObject): string | undefined =>
	requestIdOf(answer.request_id) ?? requestIdOf(answer.requestId);

function ticketOf(answer: IDataObject): Ticket | undefined {
	const statusUrl = textOf(answer.status_url) ?? textOf(answer.poll_url);
	const resultUrl = textOf(answer.response_url);
	// The seed's sample reads nothing but `poll_url`.
	const requestId =
		namedId(answer) ??
		requestIdOf(textOf(answer.id)) ??
		requestIdInUrl(statusUrl) ??
		requestIdInUrl(resultUrl);
	return requestId === undefined ? undefined : { requestId, statusUrl, resultUrl };
}

function metricsOf(answer: IDataObject): Metrics {
	const top = ['cost', 'inference_time', 'queue_time', 'total_time', 'remaining_credits'];
	const found = top.filter((name) => typeof answer[name] === 'number');
	return {
		...Object.fromEntries(found.map((name) => [name, answer[name]])),
		...(isObject(answer.metrics) ? answer.metrics : {}),
	};
}

const unknownState = (state: string, answer: IDataObject): string => {
	const words = apiWords(answer);
	return `Segmind reports the state "${state}"${words === '' ? '' : `: ${words}`}`;
};

const hasError = (answer: IDataObject): boolean =>
	['error', 'error_message'].some((name) => Boolean(answer[name]));

/** A state as the lists above write it. */
const plainState = (state: string): string =>
	state
		.trim()
		.toUpperCase()
		.replace(/[\s-]+/g, '_');

const stateOf = (answer: IDataObject): string | undefined => {
	const state = textOf(answer.status);
	return state === undefined ? undefined : plainState(state);
};

/** What a state means, in whatever spelling; undefined for one that nobody has told of. */
export function stateKind(
	named: string | undefined,
): 'running' | 'finished' | 'failed' | undefined {
	const state = plainState(named ?? '');
	if (FINISHED.includes(state)) return 'finished';
	if (FAILED.includes(state)) return 'failed';
	return [...QUEUED, ...PROCESSING].includes(state) ? 'running' : undefined;
}

/** What the API says in the place of an image: an error, or outputs that are words, of a safety filter say. */
function wordsForNoImage(answer: IDataObject, { images, texts }: Outputs): string {
	if (images.length > 0) return '';
	const { error, error_message: message } = answer;
	return apiWords([error, message]) || apiWords(Object.values(texts));
}

function readObject(answer: IDataObject, url?: string): Told | NotTold {
	const state = stateOf(answer);
	const common = { ticket: ticketOf(answer), about: namedId(answer), metrics: metricsOf(answer) };
	if (state !== undefined) {
		if (QUEUED.includes(state)) return { kind: 'running', state: 'QUEUED', ...common };
		if (PROCESSING.includes(state)) return { kind: 'running', state: 'PROCESSING', ...common };
	}
	const failed = (known: boolean): Told => ({
		kind: 'failed',
		state: state ?? '',
		words: apiWords(answer),
		known,
		...common,
	});
	if (state !== undefined && FAILED.includes(state)) return failed(true);
	const outputs = readOutputs(answer, url);
	// Whatever the state is called: an image is an image.
	if (outputs.images.length > 0 || (state !== undefined && FINISHED.includes(state))) {
		return { kind: 'finished', outputs, words: wordsForNoImage(answer, outputs), ...common };
	}
	// Field: sometimes an error comes as JSON with status 200.
	if (hasError(answer)) return failed(state === undefined);
	// The sample code goes on until it reads COMPLETED or FAILED [seed].
	if (state !== undefined)
		return {
			kind: 'running',
			state: 'PROCESSING',
			unknown: unknownState(state, answer),
			...common,
		};
	if (common.ticket) return { kind: 'running', state: 'QUEUED', ...common };
	return { kind: 'unreadable', words: apiWords([answer, ...Object.values(outputs.texts)]) };
}

/** The text between the quotes of a JSON string. */
const unquoted = (text: string | undefined): unknown => parseJson(`"${text ?? ''}"`);

/** What a ticket names, in text that need not be JSON. Each value is bounded: a foreign text may be of any length. */
const NAMED_ID = /"request_id"\s{0,99}:\s{0,99}"((?:[^"\\]|\\.){1,999})"/;
const NUMBERED_ID = /"request_id"\s{0,99}:\s{0,99}(\d{1,99})[,}\s]/;
const TICKET_URL = /"(?:poll|status|response)_url"\s{0,99}:\s{0,99}"((?:[^"\\]|\\.){1,4096})"/;
const STATE = /"status"\s{0,99}:\s{0,99}"([^"\\]{1,99})"/;

/**
 * The request ID in an answer that is cut off or otherwise no JSON, when it stands there whole: the job behind
 * it is accepted and paid for.
 *
 * @param status HTTP status: under an error status, a state or a URL must stand there too
 */
export function salvageRequestId(status: number, body: string): string | undefined {
	const [named, number, url, state] = [NAMED_ID, NUMBERED_ID, TICKET_URL, STATE].map(
		(pattern) => pattern.exec(body)?.[1],
	);
	if (status >= 300 && url === undefined && !tellsOfJob(status, { status: state }))
		return undefined;
	return (
		requestIdOf(unquoted(named)) ??
		requestIdOf(unquoted(number)) ??
		requestIdInUrl(String(unquoted(url)))
	);
}

/** Statuses with which a request was refused for good [seed, docs]. */
const isFinalRefusal = (status: number): boolean =>
	status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);

/** Whether the state in an error's body is a job's: `"status": "error"` stands in error bodies of any service. */
function tellsOfJob(status: number, answer: IDataObject): boolean {
	const state = stateOf(answer) ?? '';
	if (FAILED.includes(state)) return state !== 'ERROR' && !isFinalRefusal(status);
	return [...QUEUED, ...PROCESSING, ...FINISHED].includes(state);
}

/** A ticket may come under an error status: then the job is accepted all the same. A bare request ID is none. */
function ticketInError(status: number, answer: IDataObject): Ticket | undefined {
	const ticket = ticketOf(answer);
	const hasUrl = (ticket?.statusUrl ?? ticket?.resultUrl) !== undefined;
	return hasUrl || tellsOfJob(status, answer) ? ticket : undefined;
}

function readError(status: number, body: string): Told {
	const parsed = parseBody(body);
	if (!isObject(parsed)) {
		const isJson = Array.isArray(parsed) || typeof parsed === 'string';
		return { kind: 'refused', status, words: apiWords(parsed ?? body), isJson };
	}
	// A failed job comes with 200 or 422 [docs]. Under any other status, "failed" is said of the request.
	if (status === 422) {
		const answer = readObject(parsed);
		if (answer.kind === 'failed' && answer.known && !/^(ERROR)?$/.test(answer.state)) return answer;
	}
	const ticket = ticketInError(status, parsed);
	const words = apiWords(parsed);
	return { kind: 'refused', status, words, isJson: true, ticket, about: namedId(parsed) };
}

/**
 * What a JSON or text answer means. A body of image bytes is recognised before, by those bytes.
 *
 * @param status HTTP status
 * @param body the body as text
 * @param url where the answer comes from
 */
export function readAnswer(status: number, body: string, url?: string): Told | NotTold {
	if (status >= 300 || status < 200) return readError(status, body);
	const parsed = parseBody(body);
	if (isObject(parsed)) return readObject(parsed, url);
	if (parsed !== undefined) {
		const outputs = readOutputs(parsed, url);
		if (outputs.images.length > 0) return { kind: 'finished', outputs, words: '', metrics: {} };
	}
	return { kind: 'unreadable', words: apiWords(parsed ?? body) };
}
