import type { IDataObject } from 'n8n-workflow';
import { isJsonBody, isObject, parseBody } from '../kit/json';
import { isTransient } from '../limits';
import { apiWords } from './apiWords';
import type { Observation, StoredImage, Ticket } from './observation';
import { readOutputs } from './outputs';
import { namedIdOf, normalizeId, readRequestId, salvageFields, ticketOf } from './tickets';

/** What the states of a job mean [seed, docs, field]. */
const JOB_STATES = [
	['QUEUED', /^(QUEUED|IN_QUEUE|PENDING|CREATED|SUBMITTED|ACCEPTED|WAITING)$/],
	['PROCESSING', /^(PROCESSING|IN_PROGRESS|RUNNING|STARTED|STARTING)$/],
	['finished', /^(COMPLETED?|FINISHED|SUCCEEDED|SUCCESS(FUL)?|DONE|OK)$/],
	['failed', /^(FAILED|FAILURE|ERROR(ED)?|CANCELL?ED|TIMED_OUT|TIMEOUT|EXPIRED)$/],
	['failed', /^(REJECTED|ABORTED|TERMINATED)$/],
] as const;

/** A state as the table above writes it. */
function normalizeState(state: unknown): string {
	const text = typeof state === 'string' ? state.trim() : '';
	return text.toUpperCase().replace(/[\s-]+/g, '_');
}

/** What a state means, in whatever spelling; undefined for one that is not known. */
export function stateKind(named: unknown): (typeof JOB_STATES)[number][0] | undefined {
	const state = normalizeState(named);
	return JOB_STATES.find(([, spellings]) => spellings.test(state))?.[0];
}

/** The body of an answer: an image, stored already, or text. */
export type AnswerBody =
	| { image: StoredImage }
	/** `why`: what it is instead of an image, or why not all of it came, as part of a sentence. */
	| { text: string; isWhole: boolean; why: string };

type TextBody = Extract<AnswerBody, { text: string }>;

const METRICS = ['cost', 'inference_time', 'queue_time', 'total_time', 'remaining_credits'];

function reportedMetrics(answer: IDataObject): IDataObject {
	const found = METRICS.filter((name) => typeof answer[name] === 'number');
	return {
		...Object.fromEntries(found.map((name) => [name, answer[name]])),
		...(isObject(answer.metrics) ? answer.metrics : {}),
	};
}

/** What a whole body under a success status says of a job. */
function observeJob(text: string, url: string): Observation {
	const parsed = parseBody(text);
	const answer = isObject(parsed) ? parsed : {};
	const ticket = ticketOf(answer);
	const facts = { ticket, namedId: namedIdOf(answer), metrics: reportedMetrics(answer) };
	const state = normalizeState(answer.status);
	const kind = stateKind(state);
	if (kind === 'QUEUED' || kind === 'PROCESSING') return { says: 'running', state: kind, ...facts };
	const words = apiWords(answer);
	if (kind === 'failed') return { says: 'failed', state, isKnownState: true, words, ...facts };
	const outputs = readOutputs(parsed, url);
	const { error, error_message: message } = answer;
	// Whatever the state is called: an image is an image.
	if (outputs.images.length > 0) return { says: 'finished', outputs, words: '', ...facts };
	if (kind === 'finished') {
		// In the place of an image: an error, or outputs that are words, of a safety filter say.
		const instead = apiWords([error, message]) || apiWords(Object.values(outputs.texts));
		return { says: 'finished', outputs, words: instead, ...facts };
	}
	// Sometimes an error comes as JSON with status 200 [field].
	if (error || message) {
		if (state === '') return { says: 'error', words, ...facts };
		return { says: 'failed', state, isKnownState: false, words, ...facts };
	}
	// The sample code goes on until it reads COMPLETED or FAILED [seed].
	if (state !== '') {
		const reported = `Segmind reports the state "${state}"${words === '' ? '' : `: ${words}`}`;
		return { says: 'running', state: 'PROCESSING', words: reported, ...facts };
	}
	if (ticket) return { says: 'running', state: 'QUEUED', ...facts };
	const unknown = isObject(parsed) ? [parsed, ...Object.values(outputs.texts)] : (parsed ?? text);
	return { says: 'nothing', words: apiWords(unknown) };
}

/** What text under a success status says. In doubt there may be a job behind an answer to a submit. */
function observeSuccess(isSubmit: boolean, url: string, body: TextBody): Observation {
	const { text, isWhole, why } = body;
	const seen = isWhole ? observeJob(text, url) : undefined;
	if (seen && seen.says !== 'nothing') return seen;
	if (!isSubmit) return { says: 'nothing', why, isWhole };
	const requestId = ticketOf(salvageFields(text))?.requestId;
	if (requestId !== undefined) return { says: 'running', state: 'QUEUED', ticket: { requestId } };
	const isWebPage = /^\s*</.test(text);
	return {
		says: 'nothing',
		words: seen?.words || why,
		why: isWebPage ? 'something between n8n and Segmind answered with a web page' : undefined,
	};
}

/**
 * The ticket in an answer to a submit under an error status: that job is accepted all the same. A bare request ID is
 * none: it takes a URL, or a state that is a job's.
 */
function ticketInError(answer: IDataObject, status: number): Ticket | undefined {
	const ticket = ticketOf(answer);
	const kind = stateKind(answer.status);
	// With these a request was refused for good [seed, docs]: "failed" is said of the request.
	const isFinalRefusal = status >= 400 && !isTransient(status) && status !== 409;
	// `"status": "error"` stands in error bodies of any service.
	const isOfJob = !isFinalRefusal && normalizeState(answer.status) !== 'ERROR';
	const hasState = kind === 'failed' ? isOfJob : kind !== undefined;
	const hasUrl = (ticket?.statusUrl ?? ticket?.resultUrl) !== undefined;
	return hasUrl || hasState ? ticket : undefined;
}

/** Statuses of a gateway that could not deliver the submit: no service, connection, handshake or address. */
const NOT_DELIVERED = [503, 521, 522, 523, 525, 526, 530];

const REDIRECTS = [301, 302, 303, 307, 308];

/** What text under any other status says. */
function observeError(isSubmit: boolean, status: number, body: TextBody): Observation {
	const { text, isWhole, why } = body;
	if (!isWhole && !isSubmit) return { says: 'nothing', why, isWhole };
	const parsed = isWhole ? parseBody(text) : undefined;
	const answer = isObject(parsed) ? parsed : {};
	const words = isWhole ? apiWords(parsed ?? text) : '';
	const isJson = isJsonBody(parsed);
	const refusal = { words, httpStatus: status, isJson, namedId: namedIdOf(answer) };
	const failed = { says: 'failed', isKnownState: true, ...refusal } as const;
	// A failed job comes with 200 or 422 [docs]. Under any other status, "failed" is said of the request.
	const state = normalizeState(answer.status);
	if (status === 422 && stateKind(state) === 'failed' && state !== 'ERROR') {
		return { ...failed, state, ticket: ticketOf(answer), metrics: reportedMetrics(answer) };
	}
	if (isSubmit) {
		const ticket = ticketInError(isWhole ? answer : salvageFields(text), status);
		return ticket
			? {
					says: 'running',
					state: 'QUEUED',
					ticket: isWhole ? ticket : { requestId: ticket.requestId },
				}
			: observeRefusedSubmit(status, refusal);
	}
	// 422 on a status check is a failed job, whatever its body calls it [docs].
	if (status === 422 && isJson) return { ...failed, state: '' };
	// 429, 5xx and the like pass [docs]. A cache's 304 says nothing of the job either; a redirect that can't be
	// followed leads away for good.
	const isCached = status >= 300 && status < 400 && !REDIRECTS.includes(status);
	if (!isTransient(status) && !isCached) return { says: 'refused', ...refusal };
	return { says: 'nothing', why: words || `HTTP ${status}`, isHeldUp: status === 429 };
}

/** Segmind's own refusal, in JSON, queued nothing. A gateway's 5xx may come after it delivered the submit. */
function observeRefusedSubmit(
	status: number,
	refusal: Pick<Observation, 'words' | 'httpStatus' | 'isJson' | 'namedId'>,
): Observation {
	const isCertain = refusal.isJson || status < 500 || NOT_DELIVERED.includes(status);
	if (status >= 400 && isCertain) return { says: 'notQueued', ...refusal };
	const by = `something between n8n and Segmind answered HTTP ${status}`;
	return { says: 'nothing', why: status < 500 ? undefined : by, ...refusal };
}

/** Metrics in the headers of any answer, and of a synchronous one that succeeds; USD and seconds [docs]. */
const IN_ANY = { remaining_credits: 'x-remaining-credits' };
const IN_SYNCHRONOUS = {
	...IN_ANY,
	cost: 'x-cost',
	inference_time: 'x-generation-time',
	seed: 'x-seed-value',
};

/** What headers report of a job and its account, by the metrics' names. */
function metricsIn(
	headers: Record<string, string | undefined>,
	names: Record<string, string>,
): IDataObject {
	const metrics: IDataObject = {};
	for (const [metric, header] of Object.entries(names)) {
		const number = Number(headers[header]?.trim() || NaN);
		if (Number.isFinite(number)) metrics[metric] = number;
	}
	return metrics;
}

/**
 * Says what an answer means for a job: the one reader of everything that Segmind, or somebody on the way, answers to a
 * submit, a status check or a question for a result [seed, docs, field]. An answer about another job says nothing.
 *
 * @param asked to make a job, or how the job with this request ID is; `isSync`: the answer should be the image
 * @param head names of headers in lower case, the URL after redirects
 */
export function observe(
	asked: { submit: true; isSync: boolean } | { requestId: string },
	head: { status: number; headers: Record<string, string | undefined>; url: string },
	body: AnswerBody,
): Observation {
	const { status, headers, url } = head;
	const isSubmit = 'submit' in asked;
	const isSuccess = status >= 200 && status < 300;
	const isSyncAnswer = isSubmit && asked.isSync && isSuccess;
	const inHeaders = metricsIn(headers, isSyncAnswer ? IN_SYNCHRONOUS : IN_ANY);
	const requestId = isSubmit ? readRequestId(headers['x-request-id']) : undefined;
	if ('image' in body) {
		return { says: 'finished', image: body.image, namedId: requestId, metrics: inHeaders };
	}
	let seen = isSuccess ? observeSuccess(isSubmit, url, body) : observeError(isSubmit, status, body);
	const isBrokenImage = isSyncAnswer && /^image\//i.test(headers['content-type'] ?? '');
	if (isBrokenImage && seen.says === 'nothing') seen = { says: 'finished', why: body.why };
	const { namedId } = seen;
	const isOther =
		!isSubmit && namedId !== undefined && normalizeId(namedId) !== normalizeId(asked.requestId);
	if (isOther && seen.says !== 'nothing' && seen.says !== 'refused') {
		return { says: 'nothing', why: `it answers about another job, ${namedId}` };
	}
	const known = seen.says === 'notQueued' ? namedId : (namedId ?? requestId);
	return { ...seen, namedId: known, metrics: { ...inHeaders, ...seen.metrics } };
}
