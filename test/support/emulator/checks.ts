/** What a field of a request may hold: each check returns its complaint. */
export type Check = (value: unknown) => string | undefined;

export const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string');
export const flag: Check = (value) =>
	typeof value === 'boolean' ? undefined : 'must be a boolean';

export function range(from: number, to: number): Check {
	return (value) =>
		typeof value === 'number' && value >= from && value <= to
			? undefined
			: `must be a number from ${from} to ${to}`;
}

export function whole(from: number, to: number): Check {
	return (value) =>
		Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to
			? undefined
			: `must be an integer from ${from} to ${to}`;
}

export const seed: Check = (value) =>
	Number.isSafeInteger(value) ? undefined : 'must be an integer';

export function oneOf(...values: string[]): Check {
	return (value) =>
		typeof value === 'string' && values.includes(value)
			? undefined
			: `must be one of ${values.join(', ')}`;
}
