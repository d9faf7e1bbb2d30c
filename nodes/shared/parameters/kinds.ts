import type { INodeProperties, NodePropertyTypes } from 'n8n-workflow';
import type { Parameter } from '../model';
import { readBoolean, readChoice, readNumber, readText, type NumberRange } from './read';

/** What the editor shows of any parameter. */
type Shown<Value> = Partial<INodeProperties> & { name: string; label: string; default?: Value };

const parameter = <Value>(
	type: NodePropertyTypes,
	{ label, ...shown }: Shown<Value>,
	read: (value: unknown) => Value,
): Parameter<Value> => ({
	label,
	property: { displayName: label, type, default: '', ...shown },
	read,
});

/** A text, or a date as n8n has it. Empty unless it has a default. */
export const text = (spec: Shown<string>, description: string): Parameter<string> =>
	parameter('string', { description, ...spec }, (value) => readText(value, spec.label));

export const boolean = (
	spec: Shown<boolean> & { default: boolean },
	description: string,
): Parameter<boolean> =>
	parameter('boolean', { description, ...spec }, (value) => readBoolean(value, spec.label));

/**
 * A number, not set unless it has a default. The editor shows its unit behind the label, and takes two digits behind
 * the point, or none where it has to be whole.
 */
export function number(
	spec: Shown<number> & NumberRange & { unit?: string; digits?: number },
	description: string,
): Parameter<number> {
	const { min: minValue, max: maxValue, integer, unit, digits, ...shown } = spec;
	const displayName = unit === undefined ? spec.label : `${spec.label} (${unit})`;
	const numberPrecision = digits ?? (integer ? 0 : 2);
	const typeOptions = { minValue, maxValue, numberPrecision };
	const read = (value: unknown) => readNumber(value, spec);
	return parameter('number', { displayName, typeOptions, description, ...shown }, read);
}

/**
 * One of several values, the first unless it has a default. Messages list them in this order, the editor in the
 * alphabet's.
 *
 * @param choices name and tooltip of each
 */
export function choice<Value extends string>(
	spec: Shown<Value>,
	choices: Record<Value, [name: string, tooltip?: string]>,
	description: string,
): Parameter<Value> {
	const values = Object.keys(choices).filter((value): value is Value => value in choices);
	const options = values.map((value) => {
		const [name, tooltip] = choices[value];
		return { name, value, description: tooltip };
	});
	options.sort((a, b) => a.name.localeCompare(b.name));
	const read = (value: unknown) => readChoice(value, spec.label, values);
	return parameter('options', { options, default: values[0], description, ...spec }, read);
}
