import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { badInput, ItemProblem } from '../problems/problems';
import { isRequestId } from '../answers/tickets';
import type { Parameter, SegmindModel } from '../model';
import { parseHttpUrl } from '../kit/urls';
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
export const isNothing = (value: unknown): boolean =>
	value === undefined ||
	value === null ||
	(typeof value === 'string' && trimInvisible(value) === '');

/** A wrong value, as a person reads it behind "but". */
function butItIs(value: unknown): string {
	if (value === undefined || value === null) return 'but its expression gives nothing';
	if (isNothing(value)) return 'but it is empty';
	if (Array.isArray(value)) return `but it is a list of ${value.length}`;
	if (typeof value === 'object') return 'but it is an object';
	return `but it is ${typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value)}`;
}

/** The parameters inside a collection: those that were added to it. */
export function inCollection(parameters: ItemParameters, name: string): ItemParameters {
	const value = parameters.get(name);
	const added = isObject(value) ? value : {};
	return { get: (inner, absent) => (inner in added ? added[inner] : absent) };
}

/** A parameter, checked; undefined where it is absent, or where its expression gives nothing. */
export function readGiven<Value>(
	{ property, read }: Parameter<Value>,
	from: ItemParameters,
): Value | undefined {
	const value = from.get(property.name);
	return isNothing(value) ? undefined : read(value);
}

/** The same with its default: not for what decides what is bought or where a file goes. */
export const readOrDefault = <Value>(parameter: Parameter<Value>, from: ItemParameters): Value =>
	readGiven(parameter, from) ?? parameter.read(parameter.property.default);

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

/** What a number may be, and what messages call it. */
export interface NumberRange {
	label: string;
	min?: number;
	max?: number;
	/** Only whole numbers. */
	integer?: boolean;
}

/** A number within its range; a text that is a number counts, as expressions often give one. */
export function readNumber(value: unknown, { label, min, max, integer }: NumberRange): number {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	const isKind = integer ? Number.isInteger : Number.isFinite;
	const isWithin = (given: number) => given >= (min ?? given) && given <= (max ?? given);
	if (typeof number === 'number' && isKind(number) && isWithin(number)) return number;
	const kind = integer ? 'a whole number' : 'a number';
	const atLeast = min === undefined ? '' : ` of at least ${min}`;
	const bounds = atLeast && max !== undefined ? ` from ${min} to ${max}` : atLeast;
	return refuse(`${label} must be ${kind}${bounds}, ${butItIs(value)}`, `Correct ${label}.`);
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

/**
 * The fields of the request body besides the images, checked. What the user did not add, and what is nothing, is not
 * sent.
 */
export function readFields(
	{ fields, additionalFields }: SegmindModel,
	parameters: ItemParameters,
): IDataObject {
	const added = inCollection(parameters, 'additionalFields');
	const body: IDataObject = {};
	for (const [field, { property, read }] of Object.entries({ ...fields, ...additionalFields })) {
		const { name, default: usual } = property;
		const value = field in fields ? parameters.get(name, usual) : added.get(name);
		if (!isNothing(value)) body[field] = read(value);
	}
	return body;
}

/** The request ID of an earlier run: in a resource locator, or plain, as older workflows and expressions have it. */
export function readRequestIdParameter(parameters: ItemParameters): string {
	const given = parameters.get('requestId');
	const isLocator = isObject(given) && ('value' in given || 'mode' in given);
	const requestId = readText(isLocator ? given.value : given, 'Request ID');
	if (requestId === '') {
		return refuse(
			'Request ID is empty',
			'Enter the requestId from an earlier run of this node, e.g. {{ $json.requestId }}.',
		);
	}
	if (parseHttpUrl(requestId) || !isRequestId(requestId)) {
		return refuse(
			`"${requestId.slice(0, 60)}" is not a request ID`,
			'A request ID is not a URL, has no spaces and no "..", and at most 200 characters. Copy it from the output of an earlier run.',
		);
	}
	return requestId;
}
