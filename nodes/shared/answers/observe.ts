import type { IDataObject } from 'n8n-workflow';
import { isJsonBody, isObject, parseBody } from '../kit/json';
import { isTransient } from '../limits';
import { apiWords } from './apiWords';
import type { Facts, Observation, StoredImage, Ticket } from './observation';
import { readOutputs, type Outputs } from './outputs';
import { namedIdOf, normalizeId, readRequestId, salvageTicket, ticketOf } from './tickets';

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

/** A state as the lists above write it. */
const normalizeState = (state: unknown): string =>
	typeof state === 'string'
		? state
				.trim()
				.toUpperCase()
				.replace(/[\s-]+/g, '_')
		: '';

/** What a state means, in whatever spelling; undefined for one that is not known. */
export function stateKind(named: unknown): 'running' | 'finished' | 'failed' | undefined {
	const state = normalizeState(named);
	if (FINISHED.includes(state)) return 'finished';
	if (FAILED.includes(state)) return 'failed';
	return [...QUEUED, ...PROCESSING].includes(state) ? 'running' : undefined;
}

/** What was asked: to make a job, or how the job with this request ID is. `isSync`: the answer should be the image. */
export type Asked = { submit: true; isSync: boolean } | { requestId: string };

/** Who answered, and how. */
export interface AnswerHead {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string | undefined>;
	/** After redirects. */
	url: string;
}

/** The body of an answer: an image, stored already, or text. */
export type AnswerBody =
	| { image: StoredImage }
	/** `why`: what it is instead of an image, or why not all of it came, as part of a sentence. */
	| { text: string; isWhole: boolean; why: string };

/** What the account has left, when an answer says so; USD [docs]. */
function creditsIn({ headers }: AnswerHead): IDataObject {
	const text = headers['x-remaining-credits']?.trim();
	const credits = text ? Number(text) : NaN;
	return Number.isFinite(credits) ? { remaining_credits: credits } : {};
}

const METRICS = ['cost', 'inference_time', 'queue_time', 'total_time', 'remaining_credits'];

function metricsOf(answer: IDataObject): IDataObject {
	const found = METRICS.filter((name) => typeof answer[name] === 'number');
	return {
		...Object.fromEntries(found.map((name) => [name, answer[name]])),
		...(isObject(answer.metrics) ? answer.metrics : {}),
	};
}

/** What the API says in the place of an image: an error, or outputs that are words, of a safety filter say. */
function wordsForNoImage(answer: IDataObject, { images, texts }: Outputs): string {
	if (images.length > 0) return '';
	const { error, error_message: message } = answer;
	return apiWords([error, message]) || apiWords(Object.values(texts));
}

function unknownStateWords(answer: IDataObject): string {
	const words = apiWords(answer);
	return `Segmind reports the state "${normalizeState(answer.status)}"${words === '' ? '' : `: ${words}`}`;
}

const hasError = (answer: IDataObject): boolean =>
	['error', 'error_message'].some((name) => Boolean(answer[name]));

/** What an object under a success status says. */
function observeObject(answer: IDataObject, url: string): Observation {
	const state = normalizeState(answer.status);
	const facts: Facts = {
		ticket: ticketOf(answer),
		namedId: namedIdOf(answer),
		metrics: metricsOf(answer),
	};
	if (QUEUED.includes(state)) return { says: 'running', state: 'QUEUED', ...facts };
	if (PROCESSING.includes(state)) return { says: 'running', state: 'PROCESSING', ...facts };
	const words = apiWords(answer);
	if (FAILED.includes(state)) return { says: 'failed', state, isKnownState: true, words, ...facts };
	const outputs = readOutputs(answer, url);
	// Whatever the state is called: an image is an image.
	if (outputs.images.length > 0 || FINISHED.includes(state)) {
		return { says: 'finished', outputs, words: wordsForNoImage(answer, outputs), ...facts };
	}
	// Sometimes an error comes as JSON with status 200 [field].
	if (hasError(answer)) {
		if (state === '') return { says: 'error', words, ...facts };
		return { says: 'failed', state, isKnownState: false, words, ...facts };
	}
	// The sample code goes on until it reads COMPLETED or FAILED [seed].
	if (state !== '') {
		return { says: 'running', state: 'PROCESSING', words: unknownStateWords(answer), ...facts };
	}
	if (facts.ticket) return { says: 'running', state: 'QUEUED', ...facts };
	return { says: 'nothing', words: apiWords([answer, ...Object.values(outputs.texts)]) };
}

/** What a body under a success status says. */
function observeSuccess(text: string, url: string): Observation {
	const parsed = parseBody(text);
	if (isObject(parsed)) return observeObject(parsed, url);
	const outputs = parsed === undefined ? undefined : readOutputs(parsed, url);
	if (outputs && outputs.images.length > 0) return { says: 'finished', outputs };
	return { says: 'nothing', words: apiWords(parsed ?? text) };
}

/** Statuses with which a request was refused for good [seed, docs]. */
const isFinalRefusal = (status: number): boolean =>
	status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);

/** Whether the state in an error's body is a job's: `"status": "error"` stands in error bodies of any service. */
function isStateOfJob(named: unknown, status: number): boolean {
	const state = normalizeState(named);
	if (FAILED.includes(state)) return state !== 'ERROR' && !isFinalRefusal(status);
	return [...QUEUED, ...PROCESSING, ...FINISHED].includes(state);
}

/** A ticket may come under an error status: then the job is accepted all the same. A bare request ID is none. */
function ticketInError(answer: IDataObject, status: number): Ticket | undefined {
	const ticket = ticketOf(answer);
	const hasUrl = (ticket?.statusUrl ?? ticket?.resultUrl) !== undefined;
	return hasUrl || isStateOfJob(answer.status, status) ? ticket : undefined;
}

/** The request ID in an answer to a submit that breaks off, when it stands there whole: that job is accepted. */
function salvaged(text: string, status: number): Ticket | undefined {
	const { requestId, hasUrl, state } = salvageTicket(text);
	const isTicket = status < 300 || hasUrl || isStateOfJob(state, status);
	return isTicket && requestId !== undefined ? { requestId } : undefined;
}

/** Statuses of a gateway that could not deliver the submit: no service, connection, handshake or address. */
const NOT_DELIVERED = [503, 521, 522, 523, 525, 526, 530];

/** Segmind's own refusal, in JSON, queued nothing. A gateway's 5xx may come after it delivered the submit. */
function observeRefusedSubmit(status: number, facts: Facts): Observation {
	const isCertain = facts.isJson || status < 500 || NOT_DELIVERED.includes(status);
	if (status >= 400 && isCertain) return { says: 'notQueued', ...facts };
	const why = `something between n8n and Segmind answered HTTP ${status}`;
	return { says: 'nothing', ...facts, ...(status >= 500 ? { why } : {}) };
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** What an HTTP status that is no success says of a job that is asked for: 429, 5xx and the like pass [docs]. */
function observeRefusedCheck(status: number, facts: Facts): Observation {
	// 422 on a status check is a failed job [docs].
	if (status === 422 && facts.isJson) {
		return { says: 'failed', state: '', isKnownState: true, ...facts };
	}
	// A cache's 304 says nothing of the job either; a redirect that can't be followed leads away for good.
	const isCached = status >= 300 && status < 400 && !REDIRECTS.includes(status);
	if (!isTransient(status) && !isCached) return { says: 'refused', ...facts };
	const why = facts.words || `HTTP ${status}`;
	return { says: 'nothing', why, isHeldUp: status === 429 };
}

function observeError(asked: Asked, status: number, text: string, isWhole: boolean): Observation {
	const parsed = isWhole ? parseBody(text) : undefined;
	const body = isObject(parsed) ? parsed : {};
	const facts: Facts = {
		words: isWhole ? apiWords(parsed ?? text) : '',
		httpStatus: status,
		isJson: isJsonBody(parsed),
		namedId: namedIdOf(body),
	};
	// A failed job comes with 200 or 422 [docs]. Under any other status, "failed" is said of the request.
	const state = normalizeState(body.status);
	if (status === 422 && state !== 'ERROR' && FAILED.includes(state)) {
		const job = { ticket: ticketOf(body), metrics: metricsOf(body) };
		return { says: 'failed', state, isKnownState: true, ...facts, ...job };
	}
	if ('requestId' in asked) return observeRefusedCheck(status, facts);
	const ticket = isWhole ? ticketInError(body, status) : salvaged(text, status);
	if (ticket) return { says: 'running', state: 'QUEUED', ticket };
	return observeRefusedSubmit(status, facts);
}

/** What an answer to a submit says that could not be read. In doubt there may be a job. */
function observeUnreadableSubmit(
	head: AnswerHead,
	{ text, why, words }: { text: string; why: string; words?: string },
	isSync: boolean,
): Observation {
	const ticket = salvaged(text, head.status);
	if (ticket) return { says: 'running', state: 'QUEUED', ticket };
	const isImage = isSync && /^image\//i.test(head.headers['content-type'] ?? '');
	if (isImage) return { says: 'finished', why };
	const isWebPage = /^\s*</.test(text);
	return {
		says: 'nothing',
		words: words || why,
		why: isWebPage ? 'something between n8n and Segmind answered with a web page' : undefined,
	};
}

function observeText(
	asked: Asked,
	head: AnswerHead,
	body: Extract<AnswerBody, { text: string }>,
): Observation {
	const { status, url } = head;
	const { text, isWhole, why } = body;
	if (!isWhole && !('submit' in asked)) return { says: 'nothing', why, isWhole };
	if (status >= 300 || status < 200) return observeError(asked, status, text, isWhole);
	const seen: Observation = isWhole ? observeSuccess(text, url) : { says: 'nothing' };
	if (seen.says !== 'nothing') return seen;
	if (!('submit' in asked)) return { says: 'nothing', why, isWhole };
	return observeUnreadableSubmit(head, { text, why, words: seen.words }, asked.isSync);
}

/**
 * Says what an answer means for a job: the one reader of everything that Segmind, or somebody on the way, answers to a
 * submit, a status check or a question for a result [seed, docs, field]. An answer about another job says nothing.
 */
export function observe(asked: Asked, head: AnswerHead, body: AnswerBody): Observation {
	const credits = creditsIn(head);
	const isSubmit = 'submit' in asked;
	const requestId = isSubmit ? readRequestId(head.headers['x-request-id']) : undefined;
	if ('image' in body) {
		return { says: 'finished', image: body.image, namedId: requestId, metrics: credits };
	}
	const seen = observeText(asked, head, body);
	const { namedId } = seen;
	if (!isSubmit && namedId && normalizeId(namedId) !== normalizeId(asked.requestId)) {
		if (seen.says !== 'nothing' && seen.says !== 'refused') {
			return { says: 'nothing', why: `it answers about another job, ${namedId}` };
		}
	}
	const known = seen.says === 'notQueued' ? namedId : (namedId ?? requestId);
	return { ...seen, namedId: known, metrics: { ...credits, ...seen.metrics } };
}
