import type { IDataObject } from 'n8n-workflow';
import { apiWords } from './apiWords';
import { readOutputs, type Outputs } from './outputs';
import { parseHttpUrl } from './urls';

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

/** The job goes on. */
export interface RunningAnswer {
	kind: 'running';
	state: RunningState;
	/** What a person should know of the state, where it is one that nobody has told of. */
	unknown?: string;
	ticket?: Ticket;
	metrics: Metrics;
}

/** What an answer with a JSON or text body means. */
export type Answer =
	| RunningAnswer
	| { kind: 'finished'; outputs: Outputs; ticket?: Ticket; metrics: Metrics }
	/** Final: the job will never have a result. `state` is the API's own word for it, if it has one. */
	| {
			kind: 'failed';
			state: string;
			words: string;
			known: boolean;
			ticket?: Ticket;
			metrics: Metrics;
	  }
	/** An HTTP error status: the API refused the request, or could not take it. */
	| { kind: 'refused'; status: number; words: string }
	/** A success status around something that is not an answer of this API. */
	| { kind: 'unreadable'; words: string };

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

/** What the API documents as the form of a request ID, and what is safe inside a path. */
export const REQUEST_ID = /^[A-Za-z0-9_-]+$/;

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value !== '' ? value : undefined;

/** The body as JSON; undefined when it is none. */
export function parseBody(body: string): unknown {
	try {
		return JSON.parse(body) as unknown;
	} catch {
		return undefined;
	}
}

/** A request ID as the API writes it; some write numbers. */
function requestIdOf(value: unknown): string | undefined {
	const text = Number.isSafeInteger(value) ? String(value) : value;
	return typeof text === 'string' && REQUEST_ID.test(text) ? text : undefined;
}

/** The request ID that a ticket's URL ends with, before a `/status` where there is one. */
function requestIdInUrl(url: string | undefined): string | undefined {
	const segments = parseHttpUrl(url ?? '')
		?.pathname.replace(/(\/status)?\/*$/, '')
		.split('/');
	return requestIdOf(segments?.pop());
}

function ticketOf(answer: IDataObject): Ticket | undefined {
	const statusUrl = textOf(answer.status_url) ?? textOf(answer.poll_url);
	const resultUrl = textOf(answer.response_url);
	// The seed's sample reads nothing but `poll_url`.
	const requestId =
		requestIdOf(answer.request_id) ??
		requestIdOf(answer.requestId) ??
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

function readObject(answer: IDataObject): Answer {
	const state = textOf(answer.status)
		?.trim()
		.toUpperCase()
		.replace(/[\s-]+/g, '_');
	const ticket = ticketOf(answer);
	const metrics = metricsOf(answer);
	if (state !== undefined) {
		if (QUEUED.includes(state)) return { kind: 'running', state: 'QUEUED', ticket, metrics };
		if (PROCESSING.includes(state))
			return { kind: 'running', state: 'PROCESSING', ticket, metrics };
	}
	const failed = (known: boolean): Answer => ({
		kind: 'failed',
		state: state ?? '',
		words: apiWords(answer),
		known,
		ticket,
		metrics,
	});
	if (state !== undefined && FAILED.includes(state)) return failed(true);
	const outputs = readOutputs(answer);
	if (state !== undefined && FINISHED.includes(state)) {
		return { kind: 'finished', outputs, ticket, metrics };
	}
	// Whatever the state is called: an image is an image.
	if (outputs.images.length > 0) return { kind: 'finished', outputs, ticket, metrics };
	// Field: sometimes an error comes as JSON with status 200.
	if (hasError(answer)) return failed(state === undefined);
	// The sample code goes on until it reads COMPLETED or FAILED [seed].
	if (state !== undefined)
		return {
			kind: 'running',
			state: 'PROCESSING',
			unknown: unknownState(state, answer),
			ticket,
			metrics,
		};
	if (ticket) return { kind: 'running', state: 'QUEUED', ticket, metrics };
	return { kind: 'unreadable', words: apiWords(answer) };
}

/**
 * The request ID in an answer that is cut off or otherwise no JSON, when it stands there whole: the job behind
 * it is accepted and paid for.
 */
export function salvageRequestId(body: string): string | undefined {
	const named = /"request_id"\s*:\s*(?:"([A-Za-z0-9_-]+)"|(\d+)[,}\s])/.exec(body);
	const url = /"(?:poll|status|response)_url"\s*:\s*"([^"\\]+)"/.exec(body)?.[1];
	return named?.[1] ?? named?.[2] ?? requestIdInUrl(url);
}

/**
 * What a JSON or text answer means, whether to a submit, a status check or a request for the result.
 * A body of image bytes is recognised before, by those bytes.
 *
 * @param status HTTP status
 * @param body the body as text
 */
export function readAnswer(status: number, body: string): Answer {
	const parsed = parseBody(body);
	if (status >= 300 || status < 200) {
		// A failed job may come with any status [docs: 422]; it is the job's end, not the transport's.
		// `"status": "error"` alone does not say that: error bodies of any service look like that.
		if (isObject(parsed) && textOf(parsed.status) && !/^error$/i.test(String(parsed.status))) {
			const answer = readObject(parsed);
			if (answer.kind === 'failed' && answer.known) return answer;
		}
		return { kind: 'refused', status, words: apiWords(parsed ?? body) };
	}
	if (isObject(parsed)) return readObject(parsed);
	if (parsed !== undefined) {
		const outputs = readOutputs(parsed);
		if (outputs.images.length > 0) return { kind: 'finished', outputs, metrics: {} };
	}
	return { kind: 'unreadable', words: apiWords(parsed ?? body) };
}
