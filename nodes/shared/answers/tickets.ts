import type { IDataObject } from 'n8n-workflow';
import { parseJson } from '../kit/json';
import { decodeOrLeave, parseHttpUrl } from '../kit/urls';
import type { Ticket } from './observation';

/** A longer text is no request ID. */
const LONGEST_REQUEST_ID = 200;

/**
 * Whether a text can be a request ID: one that stays a segment of its own in a path, once it is encoded, and
 * that a person can copy. The documented ones are UUIDs; others may hold dots, slashes and the like.
 */
export const isRequestId = (text: string): boolean =>
	text !== '' && text.length <= LONGEST_REQUEST_ID && !/^\.$|\.\.|[\p{C}\s]/u.test(text);

/** A request ID as the API writes it; some write numbers. */
export function readRequestId(value: unknown): string | undefined {
	const text = Number.isSafeInteger(value) ? String(value) : value;
	return typeof text === 'string' && isRequestId(text.trim()) ? text.trim() : undefined;
}

/** A request ID for comparison: some places write it without dashes, or in other case [docs]. */
export const normalizeId = (requestId: string) => requestId.replaceAll('-', '').toLowerCase();

/** The request ID that an answer says it is about. */
export const namedIdOf = (answer: IDataObject): string | undefined =>
	readRequestId(answer.request_id) ?? readRequestId(answer.requestId);

/** The request ID that a ticket's URL ends with, before a `/status` where there is one. */
function requestIdInUrl(url: string | undefined): string | undefined {
	const segments = parseHttpUrl(url ?? '')
		?.pathname.replace(/(\/status)?\/{0,99}$/, '')
		.split('/');
	return readRequestId(decodeOrLeave(segments?.pop() ?? ''));
}

const filled = (value: unknown): string | undefined =>
	typeof value === 'string' && value !== '' ? value : undefined;

/** The ticket in an answer; the seed's sample reads nothing but `poll_url`. */
export function ticketOf(answer: IDataObject): Ticket | undefined {
	const statusUrl = filled(answer.status_url) ?? filled(answer.poll_url);
	const resultUrl = filled(answer.response_url);
	const requestId =
		namedIdOf(answer) ??
		readRequestId(filled(answer.id)) ??
		requestIdInUrl(statusUrl) ??
		requestIdInUrl(resultUrl);
	return requestId === undefined ? undefined : { requestId, statusUrl, resultUrl };
}

/** A field of a ticket, in text that need not be JSON. Each value is bounded: a foreign text may be of any length. */
const FIELD =
	/"(?:(request_id|(?:poll|status|response)_url|status)"\s{0,99}:\s{0,99}"((?:[^"\\]|\\.){1,4096})"|request_id"\s{0,99}:\s{0,99}(\d{1,99})[,}\s])/g;

/** The fields of a ticket that stand whole in an answer which is cut off or otherwise no JSON. */
export function salvageFields(text: string): IDataObject {
	const fields: IDataObject = {};
	for (const [, name = 'request_id', quoted, digits] of text.matchAll(FIELD)) {
		const value = fields[name] ?? parseJson(`"${quoted ?? digits}"`);
		if (typeof value === 'string') fields[name] = value;
	}
	return fields;
}
