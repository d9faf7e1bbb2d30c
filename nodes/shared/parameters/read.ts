import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { badInput, ItemProblem } from '../problems/problems';
import { isRequestId } from '../answers/tickets';
import type { HistoryWindow } from '../history/client';
import type { HistoryState } from '../history/rows';
import type { Field, NumberRange, SegmindModel } from '../model';
import { parseHttpUrl } from '../kit/urls';
import { parseDate } from '../kit/zones';
import { trimInvisible } from '../kit/invisible';
import { isObject } from '../kit/json';

/** The node's parameters, with the expressions of one item filled in. */
export interface ItemParameters {
	/**
	 * Undefined or null where the parameter's expression gives nothing for this item.
	 *
	 * @param absent what counts where the saved workflow lacks the parameter
	 */
	get(name: string, absent?: unknown): unknown;
}

/** What the `options` collection says. */
export interface Options {
	outputBinaryField: string;
	fileName?: string;
	imageDelivery: 'upload' | 'inline';
	timeoutMs: number;
	/** Undefined: the node paces itself. */
	pollIntervalMs?: number;
	processingMode: 'queue' | 'sync';
	/** Jobs of the run in flight at once; the first item's counts. */
	maxConcurrency: number;
}

/** What the `options` collection may say in numbers. */
export const OPTION_RANGES = {
	timeout: { label: 'Timeout', min: 1, default: 600 },
	pollInterval: { label: 'Poll Interval', min: 0.1, default: '' },
	maxConcurrency: { label: 'Max Concurrency', min: 1, max: 50, integer: true, default: 5 },
} satisfies Record<string, NumberRange>;

/** Refuses the item's input. */
export function refuse(what: string, hint: string): never {
	throw new ItemProblem(badInput(what, hint));
}

/** The parameters of one item. */
export function itemParameters(context: IExecuteFunctions, itemIndex: number): ItemParameters {
	return {
		get: (name, absent = null) => context.getNodeParameter(name, itemIndex, absent) as unknown,
	};
}

/** Whether a value is nothing: what an empty cell of a sheet, or a column that isn't there, gives. */
const isNothing = (value: unknown): boolean =>
	value === undefined ||
	value === null ||
	(typeof value === 'string' && trimInvisible(value) === '');

/** A value that decides neither what is bought nor where a file goes: where it is nothing, the usual one counts. */
export const orUsual = (value: unknown, usual: unknown): unknown =>
	isNothing(value) ? usual : value;

/** A wrong value, as a person reads it behind "but". */
function butItIs(value: unknown): string {
	if (value === undefined || value === null) return 'but its expression gives nothing';
	if (isNothing(value)) return 'but it is empty';
	if (Array.isArray(value)) return `but it is a list of ${value.length}`;
	if (typeof value === 'object') return 'but it is an object';
	return `but it is ${typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value)}`;
}

/** A collection parameter; empty when nothing was added to it. */
export function readCollection(parameters: ItemParameters, name: string): IDataObject {
	const value = parameters.get(name);
	return isObject(value) ? value : {};
}

/** What JavaScript writes for an object inside a text. */
const LOST_OBJECT = '[object Object]';

/** A text without what nobody sees at its ends; expressions may also give a number. Empty for nothing. */
export function readText(
	value: unknown,
	label: string,
	hint = `Correct ${label}: it takes text.`,
): string {
	if (isNothing(value)) return '';
	if (typeof value === 'number') return String(value);
	if (typeof value === 'string' && !value.includes(LOST_OBJECT)) return trimInvisible(value);
	return refuse(`${label} must be text, ${butItIs(value)}`, hint);
}

/** A number within its range; a text that is a number counts, as expressions often give one. */
export function readNumber(value: unknown, range: NumberRange): number {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	const { label, min = -Infinity, max = Infinity, integer } = range;
	const kind = integer ? 'a whole number' : 'a number';
	const bounds =
		range.min !== undefined && range.max !== undefined
			? ` from ${min} to ${max}`
			: range.min !== undefined
				? ` of at least ${min}`
				: '';
	if (
		typeof number !== 'number' ||
		!Number.isFinite(number) ||
		number < min ||
		number > max ||
		(integer && !Number.isInteger(number))
	) {
		return refuse(`${label} must be ${kind}${bounds}, ${butItIs(value)}`, `Correct ${label}.`);
	}
	return number;
}

/** One of a list of values. */
export function readChoice<T extends string>(
	value: unknown,
	label: string,
	choices: readonly T[],
): T {
	const choice = choices.find((candidate) => candidate === value);
	return (
		choice ??
		refuse(`${label} must be one of ${choices.join(', ')}, ${butItIs(value)}`, `Correct ${label}.`)
	);
}

/** A boolean; expressions often give it as a text. */
export function readBoolean(value: unknown, label: string): boolean {
	if (typeof value === 'boolean') return value;
	if (value === 'true' || value === 'false') return value === 'true';
	return refuse(`${label} must be true or false, ${butItIs(value)}`, `Correct ${label}.`);
}

function readField(field: Field, value: unknown): IDataObject[string] {
	const { label } = field;
	switch (field.type) {
		case 'number':
			return readNumber(value, field);
		case 'text':
			return readText(value, label);
		case 'choice':
			return readChoice(
				value,
				label,
				field.choices.map((choice) => choice.value),
			);
		case 'boolean':
			return readBoolean(value, label);
	}
}

/**
 * The fields of the request body besides the images, checked. What the user did not add, and what is nothing, is not
 * sent.
 */
export function readFields({ fields }: SegmindModel, parameters: ItemParameters): IDataObject {
	const added = readCollection(parameters, 'additionalFields');
	const read: IDataObject = {};
	for (const field of fields) {
		const usual = field.type === 'text' ? '' : field.default;
		const given = field.optional ? added[field.name] : parameters.get(field.name, usual);
		if (!isNothing(given)) read[field.field] = readField(field, given);
	}
	return read;
}

/** The range of *Limit*. */
export const LIMIT_RANGE = {
	label: 'Limit',
	min: 1,
	integer: true,
	default: 50,
} satisfies NumberRange;

/** At most so many output items of *Get Many*. */
export const readLimit = (parameters: ItemParameters): number =>
	readNumber(orUsual(parameters.get('limit'), LIMIT_RANGE.default), LIMIT_RANGE);

const WEEK = 7 * 86_400_000;

/** What the editor calls the states of the history. */
const STATES: Record<string, HistoryState> = {
	COMPLETED: 'COMPLETED',
	FAILED: 'FAILED',
	PENDING: 'PROCESSING',
};

/** Nothing was made before; milliseconds since 1970. */
const BEGINNING = Date.UTC(2020, 0, 1);

/** A time in milliseconds since 1970, or in seconds, as some programs have it. */
const readTimestamp = (value: number): number =>
	Math.abs(value) < BEGINNING / 10 ? value * 1000 : value;

/** A date as n8n has it: ISO 8601, a time in milliseconds, or what an expression gives. */
function readDate(value: unknown, label: string, timeZone: string): number | undefined {
	if (isNothing(value)) return undefined;
	const time =
		typeof value === 'number' ? readTimestamp(value) : parseDate(String(value), timeZone);
	if (Number.isNaN(time)) {
		return refuse(`${label} is not a date: "${String(value)}"`, `Correct ${label}.`);
	}
	return time;
}

/**
 * The `filters` collection of *Get Many*, checked. Without dates it is about the last seven days.
 *
 * @param now milliseconds since 1970
 * @param timeZone of dates that name none: the workflow's
 */
export function readFilters(
	parameters: ItemParameters,
	now: number,
	timeZone: string,
): HistoryWindow {
	const given = readCollection(parameters, 'filters');
	const before = readDate(given.createdBefore, 'Created Before', timeZone);
	const after =
		readDate(given.createdAfter, 'Created After', timeZone) ?? Math.min(now, before ?? now) - WEEK;
	// A day that is still to come is none of the user's mistakes: nothing has been made since.
	if (before !== undefined && after > before) {
		refuse('Created After is later than Created Before', 'Correct one of the two dates.');
	}
	const isAny = isNothing(given.status);
	return {
		state: isAny ? undefined : STATES[readChoice(given.status, 'Status', Object.keys(STATES))],
		after: Math.max(after, BEGINNING),
		before,
	};
}

/** The value of a resource locator, or a plain value as older workflows and expressions have it. */
const locatedValue = (value: unknown): unknown =>
	isObject(value) && ('value' in value || 'mode' in value) ? value.value : value;

/** The request ID of an earlier run. */
export function readRequestId(parameters: ItemParameters): string {
	const requestId = readText(locatedValue(parameters.get('requestId')), 'Request ID');
	if (requestId === '') {
		return refuse(
			'Request ID is empty',
			'Put in the requestId that an earlier run of this node gave out, e.g. {{ $json.requestId }}.',
		);
	}
	if (parseHttpUrl(requestId) || !isRequestId(requestId)) {
		return refuse(
			`"${requestId.slice(0, 60)}" is not a request ID`,
			'A request ID is no URL, has no spaces and no "..", and at most 200 characters. Copy it from the output of an earlier run.',
		);
	}
	return requestId;
}

/**
 * The `options` collection, checked. One whose expression gives nothing keeps its default, except *Image Delivery*:
 * that decides whether a file is stored under a public URL, so it is refused.
 */
export function readOptions(parameters: ItemParameters): Options {
	const given = readCollection(parameters, 'options');
	const number = (name: keyof typeof OPTION_RANGES) =>
		readNumber(orUsual(given[name], OPTION_RANGES[name].default), OPTION_RANGES[name]);
	const outputBinaryField = readText(
		orUsual(given.outputBinaryField, 'data'),
		'Put Output File in Field',
	);
	// n8n copies items, and would lose a field of this name.
	if (outputBinaryField === '__proto__') {
		refuse(
			'Put Output File in Field cannot be "__proto__"',
			'Give the output field another name, e.g. data.',
		);
	}
	const delivery = 'imageDelivery' in given ? given.imageDelivery : 'upload';
	return {
		outputBinaryField,
		fileName: readText(given.fileName, 'File Name') || undefined,
		imageDelivery: readChoice(delivery, 'Image Delivery', ['upload', 'inline']),
		timeoutMs: number('timeout') * 1000,
		pollIntervalMs: isNothing(given.pollInterval) ? undefined : number('pollInterval') * 1000,
		processingMode: readChoice(orUsual(given.processingMode, 'queue'), 'Processing Mode', [
			'queue',
			'sync',
		]),
		maxConcurrency: number('maxConcurrency'),
	};
}
