import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { isObject, pathsTo } from '../kit/json';
import { readText, refuse } from '../parameters/read';

/** An input item, and the name of one of its images. */
export interface Place {
	context: IExecuteFunctions;
	itemIndex: number;
	label: string;
}

/** A binary field of an item, and how a message names it. */
export interface BinaryField {
	binary: Partial<IBinaryData>;
	named: string;
}

const itemOf = ({ context, itemIndex }: Place) => context.getInputData()[itemIndex];

/** Whether a value is what n8n has for a file, in a field or in the JSON of its combined mode. */
const isBinary = (value: unknown): boolean =>
	isObject(value) && 'mimeType' in value && ('data' in value || 'id' in value);

/** The file in a field, as n8n finds it: by the field's name, or by its path in the JSON in n8n's combined mode. */
function findByName(place: Place, name: string): Partial<IBinaryData> | undefined {
	const { context, itemIndex } = place;
	// Every object has a "constructor" and a "toString".
	if (name in {} && !Object.hasOwn(itemOf(place)?.binary ?? {}, name)) return undefined;
	try {
		return context.helpers.assertBinaryData(itemIndex, name) ?? undefined;
	} catch {
		return undefined;
	}
}

/** The names by which an item's files can be reached. */
function namesIn(place: Place): string[] {
	const { binary, json } = itemOf(place) ?? {};
	const paths = pathsTo(isBinary, json).map((path) => path.replace(/^\./, ''));
	return [...new Set([...Object.keys(binary ?? {}), ...paths])].filter(
		(name) => findByName(place, name) !== undefined,
	);
}

function missing(place: Place, named: string): never {
	const names = namesIn(place).map((name) => `"${name}"`);
	return refuse(
		`${place.label}: the item has no file in ${named}`,
		names.length > 0
			? `The item has files in: ${names.slice(0, 20).join(', ')}. Put one of these names in.`
			: 'The item has no files at all. Connect a node that outputs a file, or switch Input to "URL".',
	);
}

/**
 * The file of a binary object. Expressions leave out what a file in memory contains: it is the one of the item's
 * files that is described by the same words, if that can only be one.
 */
function findByObject(place: Place, given: Partial<IBinaryData>): Partial<IBinaryData> | undefined {
	if (given.id || given.data) return given;
	const wordsOf = (binary: unknown) =>
		JSON.stringify(binary, (key, value: unknown) => (key === 'data' ? undefined : value));
	const alike = Object.values(itemOf(place)?.binary ?? {}).filter(
		(binary) => isObject(binary) && wordsOf(binary) === wordsOf(given),
	);
	const isOne = new Set(alike.map(({ data }) => data)).size === 1;
	return isOne ? alike[0] : undefined;
}

/** Reads an image's *Field*: a name, or the binary object itself, as n8n's own nodes take it. */
export function readBinaryField(value: unknown, place: Place): BinaryField {
	if (isObject(value) && 'mimeType' in value) {
		const named = 'the binary object given as its Field';
		const binary = findByObject(place, value as Partial<IBinaryData>);
		return { binary: binary ?? missing(place, named), named };
	}
	const trimmed = readText(
		value,
		`${place.label} Field`,
		'Put in the name of the field that holds the file, e.g. data.',
	);
	if (trimmed === '') {
		refuse(
			`${place.label} has no input data field name`,
			'Name the field that holds the file, e.g. data.',
		);
	}
	const named = `the field "${trimmed}"`;
	// A name may have blanks at its ends, as a column of a form's author does.
	const binary = findByName(place, String(value)) ?? findByName(place, trimmed);
	return { binary: binary ?? missing(place, named), named };
}
