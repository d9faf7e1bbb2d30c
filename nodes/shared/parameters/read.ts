import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { badInput, ItemProblem } from '../problems/problems';
import { isRequestId } from '../answers/answers';
import type { HistoryState } from '../answers/history';
import type { Field, NumberRange, SegmindModel } from '../model';
import { parseHttpUrl } from '../kit/urls';
import { parseDate } from '../kit/zones';
import { isObject } from '../kit/json';

/** The node's parameters, with the expressions of one item filled in. */
export interface ItemParameters {
	get(name: string): unknown;
}

/** What the `options` collection says; times in milliseconds. */
export interface Options {
	outputBinaryField: string;
	fileName?: string;
	imageDelivery: 'upload' | 'inline';
	timeout: number;
	/** Undefined: the node paces itself. */
	pollInterval?: number;
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
	return { get: (name) => context.getNodeParameter(name, itemIndex, null) as unknown };
}

/** A collection parameter; empty when nothing was added to it. */
export function readCollection(parameters: ItemParameters, name: string): IDataObject {
	const value = parameters.get(name);
	return isObject(value) ? value : {};
}

/** A text; expressions may also give a number. Never null. */
export function readText(value: unknown): string {
	return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
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
		const given = typeof value === 'string' ? `"${value}"` : String(value);
		return refuse(`${label} must be ${kind}${bounds}, but it is ${given}`, `Correct ${label}.`);
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
		refuse(
			`${label} must be one of ${choices.join(', ')}, but it is "${String(value)}"`,
			`Correct ${label}.`,
		)
	);
}

/** A boolean; expressions often give it as a text. */
export function readBoolean(value: unknown, label: string): boolean {
	if (typeof value === 'boolean') return value;
	if (value === 'true' || value === 'false') return value === 'true';
	return refuse(
		`${label} must be true or false, but it is "${String(value)}"`,
		`Correct ${label}.`,
	);
}

function readField(field: Field, value: unknown): unknown {
	const { label } = field;
	switch (field.type) {
		case 'number':
			return readNumber(value, field);
		case 'text':
			return readText(value) || undefined;
		case 'choice':
			return readChoice(
				value,
				label,
				field.choices.map((choice) => choice.value),
			);
		case 'boolean':
			return readBoolean(value ?? field.default, label);
	}
}

/**
 * The fields of the request body besides the images, checked. What the user did not add, and what is empty, is not
 * sent.
 */
export function readFields({ fields }: SegmindModel, parameters: ItemParameters): IDataObject {
	const added = readCollection(parameters, 'additionalFields');
	const read: IDataObject = {};
	for (const field of fields) {
		if (field.optional && added[field.name] === undefined) continue;
		const usual = field.type === 'text' ? '' : field.default;
		const given = field.optional ? added[field.name] : (parameters.get(field.name) ?? usual);
		const value = readField(field, given);
		if (value !== undefined) read[field.field] = value as IDataObject[string];
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
	readNumber(parameters.get('limit') ?? LIMIT_RANGE.default, LIMIT_RANGE);

/** Which jobs *Get Many* lists; milliseconds since 1970. */
export interface Filters {
	state?: HistoryState;
	after: number;
	before: number;
}

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
	if (value === undefined || value === null || value === '') return undefined;
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
export function readFilters(parameters: ItemParameters, now: number, timeZone: string): Filters {
	const given = readCollection(parameters, 'filters');
	const givenBefore = readDate(given.createdBefore, 'Created Before', timeZone);
	const before = givenBefore ?? now;
	const after =
		readDate(given.createdAfter, 'Created After', timeZone) ?? Math.min(now, before) - WEEK;
	// A day that is still to come is none of the user's mistakes: nothing has been made since.
	if (givenBefore !== undefined && after > givenBefore) {
		refuse('Created After is later than Created Before', 'Correct one of the two dates.');
	}
	const isAny = (given.status ?? '') === '';
	return {
		state: isAny ? undefined : STATES[readChoice(given.status, 'Status', Object.keys(STATES))],
		after: Math.max(after, BEGINNING),
		before,
	};
}

/** The value of a resource locator, or a plain value as older workflows and expressions have it. */
const locatedValue = (value: unknown): unknown =>
	isObject(value) && 'value' in value ? value.value : value;

/** The request ID of an earlier run. */
export function readRequestId(parameters: ItemParameters): string {
	const requestId = readText(locatedValue(parameters.get('requestId')));
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

/** The `options` collection, checked. */
export function readOptions(parameters: ItemParameters): Options {
	const given = readCollection(parameters, 'options');
	const number = (name: keyof typeof OPTION_RANGES) =>
		readNumber(given[name] ?? OPTION_RANGES[name].default, OPTION_RANGES[name]);
	const outputBinaryField = readText(given.outputBinaryField ?? 'data');
	if (outputBinaryField === '') {
		refuse('Put Output File in Field is empty', 'Give the output field a name, e.g. data.');
	}
	// n8n copies items, and would lose a field of this name.
	if (outputBinaryField === '__proto__') {
		refuse(
			'Put Output File in Field cannot be "__proto__"',
			'Give the output field another name, e.g. data.',
		);
	}
	return {
		outputBinaryField,
		fileName: readText(given.fileName) || undefined,
		imageDelivery: readChoice(given.imageDelivery ?? 'upload', 'Image Delivery', [
			'upload',
			'inline',
		]),
		timeout: number('timeout') * 1000,
		pollInterval: (given.pollInterval ?? '') === '' ? undefined : number('pollInterval') * 1000,
		processingMode: readChoice(given.processingMode ?? 'queue', 'Processing Mode', [
			'queue',
			'sync',
		]),
		maxConcurrency: number('maxConcurrency'),
	};
}
