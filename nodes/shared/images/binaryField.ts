import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { isObject, pathsTo } from '../kit/json';
import type { ImageField } from '../model';
import { readText, refuse, type ItemParameters } from '../parameters/read';

/** An image that an item is asked for. */
export interface ImageInput extends ImageField {
	context: IExecuteFunctions;
	itemIndex: number;
	parameters: ItemParameters;
}

/** A file of an item, whose fields may hold anything. */
type BinaryData = Partial<Record<keyof IBinaryData, unknown>>;

const itemOf = ({ context, itemIndex }: ImageInput) => context.getInputData()[itemIndex];

/** Whether a value is what n8n has for a file, in a field or in the JSON of its combined mode. */
const isBinary = (value: unknown): boolean =>
	isObject(value) && 'mimeType' in value && ('data' in value || 'id' in value);

/** The file in a field, as n8n finds it: by the field's name, or by its path in the JSON in n8n's combined mode. */
function findByName(input: ImageInput, name: string): BinaryData | undefined {
	// Every object has a "constructor" and a "toString".
	if (name in {} && !Object.hasOwn(itemOf(input)?.binary ?? {}, name)) return undefined;
	try {
		return input.context.helpers.assertBinaryData(input.itemIndex, name) ?? undefined;
	} catch {
		return undefined;
	}
}

/**
 * The file of a binary object. Expressions leave out what a file in memory contains: it is the one of the item's
 * files that is described by the same words, if that can only be one.
 */
function findByObject(input: ImageInput, given: BinaryData): BinaryData | undefined {
	if (given.id || given.data) return given;
	const wordsOf = (binary: unknown) =>
		JSON.stringify(binary, (key, value: unknown) => (key === 'data' ? undefined : value));
	const alike = Object.values(itemOf(input)?.binary ?? {}).filter(
		(binary) => isObject(binary) && wordsOf(binary) === wordsOf(given),
	);
	const isOne = new Set(alike.map(({ data }) => data)).size === 1;
	return isOne ? alike[0] : undefined;
}

/** Names the item's files, by which each can be reached. */
function refuseMissing(input: ImageInput, named: string): never {
	const { binary, json } = itemOf(input) ?? {};
	const paths = pathsTo(isBinary, json).map((path) => path.replace(/^\./, ''));
	const names = [...new Set([...Object.keys(binary ?? {}), ...paths])]
		.filter((name) => findByName(input, name) !== undefined)
		.map((name) => `"${name}"`);
	return refuse(
		`${input.label}: the item has no file in ${named}`,
		names.length > 0
			? `The item has files in: ${names.slice(0, 20).join(', ')}. Enter one of these names.`
			: 'The item has no files at all. Connect a node that outputs a file, or switch Input to "URL".',
	);
}

/**
 * The file that an image's *Field* stands for, and how a message names it: the field holds a name, or the binary object
 * itself, as n8n's own nodes take it.
 */
export function readBinaryField(input: ImageInput): { binary: BinaryData; named: string } {
	const { name, label, parameters } = input;
	const given = parameters.get(`${name}BinaryField`, 'data');
	if (isObject(given) && 'mimeType' in given) {
		const named = 'the binary object given as its Field';
		return { binary: findByObject(input, given) ?? refuseMissing(input, named), named };
	}
	const hint = 'Enter the name of the field that holds the file, e.g. data.';
	const trimmed = readText(given, `${label} Field`, hint);
	if (trimmed === '') {
		refuse(
			`${label} has no input data field name`,
			'Name the field that holds the file, e.g. data.',
		);
	}
	const named = `the field "${trimmed}"`;
	// A name may have blanks at its ends, as a column of a form's author does.
	const binary = findByName(input, String(given)) ?? findByName(input, trimmed);
	return { binary: binary ?? refuseMissing(input, named), named };
}
