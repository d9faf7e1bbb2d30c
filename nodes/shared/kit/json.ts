import type { IDataObject } from 'n8n-workflow';

/** Whether a value is an object, as JSON has them: no list and not null. */
export const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
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
