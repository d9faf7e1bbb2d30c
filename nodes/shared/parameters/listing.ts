import type { HistoryWindow } from '../history/client';
import { parseDate, timeOfNumber } from '../kit/dates';
import type { Parameter } from '../model';
import { boolean, choice, number, text } from './kinds';
import {
	inCollection,
	isNothing,
	readGiven,
	readOrDefault,
	refuse,
	type ItemParameters,
} from './read';

const onLimit = { show: { operation: ['getMany'], returnAll: [false] } };

/** What *Get Many* lists, by n8n's usual names. */
export const LISTING = {
	returnAll: boolean(
		{ name: 'returnAll', label: 'Return All', default: false },
		'Whether to return all results or only up to a given limit',
	),
	limit: number(
		{ name: 'limit', label: 'Limit', min: 1, integer: true, default: 50, displayOptions: onLimit },
		'Max number of results to return',
	),
	downloadImages: boolean(
		{ name: 'downloadImages', label: 'Download Images', default: true },
		"Whether to fetch each finished job's image. Segmind keeps files for about seven days; if an image is gone, only that item lacks it.",
	),
};

/** Which jobs it lists: the collection `filters`. */
export const FILTERS = {
	createdAfter: text(
		{ name: 'createdAfter', label: 'Created After', type: 'dateTime' },
		'Only jobs from this time on. If empty, the list goes back seven days from Created Before, or from now.',
	),
	createdBefore: text(
		{ name: 'createdBefore', label: 'Created Before', type: 'dateTime' },
		'Only jobs up to this time',
	),
	status: choice(
		{ name: 'status', label: 'Status' },
		{ COMPLETED: ['Completed'], FAILED: ['Failed'], PENDING: ['Pending'] },
		'Only jobs in this state',
	),
};

const WEEK_MS = 7 * 86_400_000;

/** Nothing was made before; milliseconds since 1970. */
const BEGINNING_MS = Date.UTC(2020, 0, 1);

/** What a person or an expression gives as a date, as milliseconds since 1970; NaN when it is none. */
function timeOf(value: unknown, timeZone: string): number {
	if (Array.isArray(value)) return NaN;
	// JavaScript's dates and n8n's count as their milliseconds.
	if (typeof value === 'object') return Number(value);
	const text = String(value).trim();
	const isNumber = typeof value === 'number' || /^\d{10}(\d{3})?$/.test(text);
	return isNumber ? timeOfNumber(Number(text)) : parseDate(text, timeZone);
}

function readDate(
	{ label, property }: Parameter,
	given: ItemParameters,
	timeZone: string,
): number | undefined {
	const value = given.get(property.name);
	if (isNothing(value)) return undefined;
	const time = timeOf(value, timeZone);
	if (!Number.isNaN(time)) return time;
	const hint = `Correct ${label}: a date like 2026-11-26 or 2026-11-26T10:00:00, or a time in milliseconds.`;
	return refuse(`${label} is not a date: "${String(value)}"`, hint);
}

/**
 * What *Get Many* is asked for, checked. Without dates it is about the last seven days. As an AI agent's tool, the list
 * is short, and without files.
 *
 * @param now milliseconds since 1970
 * @param timeZone of dates that name none: the workflow's
 */
export function readListing(
	parameters: ItemParameters,
	{ isAgents, now, timeZone }: { isAgents: boolean; now: number; timeZone: string },
) {
	const returnAll = readOrDefault(LISTING.returnAll, parameters);
	const downloads = readOrDefault(LISTING.downloadImages, parameters);
	const limit = returnAll && !isAgents ? Infinity : readOrDefault(LISTING.limit, parameters);
	const given = inCollection(parameters, 'filters');
	const before = readDate(FILTERS.createdBefore, given, timeZone);
	const after =
		readDate(FILTERS.createdAfter, given, timeZone) ?? Math.min(now, before ?? now) - WEEK_MS;
	// A day that is still to come is none of the user's mistakes: nothing has been made since.
	if (before !== undefined && after > before) {
		refuse('Created After is later than Created Before', 'Correct one of the two dates.');
	}
	const status = readGiven(FILTERS.status, given);
	const state = status === 'PENDING' ? 'PROCESSING' : status;
	const filters: HistoryWindow = { state, after: Math.max(after, BEGINNING_MS), before };
	return { limit, downloads: downloads && !isAgents, filters };
}
