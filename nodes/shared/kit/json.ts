import type { IDataObject } from 'n8n-workflow';

/** Whether a value is an object, as JSON has them: no list and not null. */
export const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Facts without those that are not known. */
export const known = (facts: IDataObject): IDataObject =>
	Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));

/** A number, or a text that is one; undefined for anything else, and what is not finite. */
export function numberOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Deeper JSON is no answer of anybody's, and would be too much for whoever goes through it. */
const MAX_DEPTH = 100;

/** Whether a value nests so deep that functions which call themselves would run out of stack. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((entry) => isTooDeep(entry, levels - 1));
}

/** A text as JSON; undefined when it is none, or, unless any depth will do, nests too deep. */
export function parseJson(text: string, anyDepth = false): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return !anyDepth && isTooDeep(value) ? undefined : value;
	} catch {
		return undefined;
	}
}

/**
 * Where in a value something passes a test, as an expression goes on to it: `[0]`, `.photo.url`. Not deeper than
 * four steps.
 */
export function pathsTo(
	test: (value: unknown) => boolean,
	value: unknown,
	path: string[] = [],
): string[] {
	if (test(value)) return [path.join('')];
	if (typeof value !== 'object' || value === null || path.length === 4) return [];
	return Object.entries(value).flatMap(([key, inner]) =>
		pathsTo(test, inner, [...path, stepTo(key, Array.isArray(value))]),
	);
}

function stepTo(key: string, isIndex: boolean): string {
	if (isIndex) return `[${key}]`;
	return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
/** Plain answers are shorter; mending a longer one is not worth the time. Characters. */
const LONGEST_MENDED = 1024 * 1024;

/**
 * The body of an answer as JSON; undefined when it is none. A byte order mark before it, and numbers that JSON
 * doesn't have (NaN, Infinity: Python writes them), don't matter.
 */
export function parseBody(body: string, anyDepth = false): unknown {
	const text = body.replace(/^\uFEFF/, '');
	const parsed = parseJson(text, anyDepth);
	if (parsed !== undefined || text.length > LONGEST_MENDED) return parsed;
	// A string that breaks off ends with the text: no place in it is read twice.
	return parseJson(
		text.replace(/"(?:[^"\\]|\\[\s\S]?)*"?|-?\b(?:NaN|Infinity)\b/g, (part) =>
			part.startsWith('"') ? part : 'null',
		),
	);
}

/** Whether a parsed body is one of an API: an object, a list or a text. */
export const isJsonBody = (parsed: unknown): boolean =>
	typeof parsed === 'string' || (typeof parsed === 'object' && parsed !== null);
