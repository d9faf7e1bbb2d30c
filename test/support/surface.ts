/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INodeProperties, INodePropertyOptions, INodeType } from 'n8n-workflow';

const root = join(__dirname, '../..');

type Named = { name: string };

const optionsOf = ({ options = [] }: INodeProperties) => options as Array<INodeProperties | Named>;

/** The property of that name. */
export function propertyOf(properties: unknown[], name: string): INodeProperties {
	const found = (properties as INodeProperties[]).filter((property) => property.name === name);
	expect(found).toHaveLength(1);
	return found[0] as INodeProperties;
}

/** What a saved workflow depends on: name, type, default. */
export const surfaceOf = (properties: unknown[]): unknown[] =>
	(properties as INodeProperties[]).map(({ name, type, default: value }) => [name, type, value]);

/** The names of those that the editor wants filled in. */
export const requiredOf = (properties: unknown[]): string[] =>
	(properties as INodeProperties[]).filter(({ required }) => required).map(({ name }) => name);

/** Name and the range that the editor holds a number to: least, most, decimals. */
export const rangesOf = (properties: unknown[]): unknown[] =>
	(properties as INodeProperties[])
		.filter(({ type }) => type === 'number')
		.map(({ name, typeOptions }) => [
			name,
			typeOptions?.minValue,
			typeOptions?.maxValue,
			typeOptions?.numberPrecision,
		]);

/** The values that a property offers. */
export const valuesOf = (property: INodeProperties): unknown[] =>
	(property.options as INodePropertyOptions[]).map(({ value }) => value);

/** Name and condition of each property that is not always shown. */
export const conditionsOf = (properties: unknown[]): unknown =>
	Object.fromEntries(
		(properties as INodeProperties[]).map(({ name, displayOptions }) => [
			name,
			displayOptions?.show,
		]),
	);

/** The labels of every list in a node's properties that a person searches: not those of the few operations. */
export function listsOf(properties: INodeProperties[]): string[][] {
	return properties
		.filter(
			({ type, name }) => (type === 'options' && name !== 'operation') || type === 'collection',
		)
		.flatMap((property) => {
			const entries = optionsOf(property);
			const labels = entries.map((entry) =>
				'displayName' in entry ? entry.displayName : entry.name,
			);
			const inner = property.type === 'collection' ? (entries as INodeProperties[]) : [];
			return [labels, ...listsOf(inner)];
		});
}

/** The codex file of a node. */
export const codexOf = (name: string): Record<string, unknown> =>
	JSON.parse(readFileSync(join(root, 'nodes', name, `${name}.node.json`), 'utf8')) as Record<
		string,
		unknown
	>;

/** Whether both icons of a node lie in `icons/`. */
export function hasIcons(node: INodeType, name: string): boolean {
	const { icon } = node.description;
	if (typeof icon !== 'object') return false;
	return [icon.light, icon.dark].every((file) => {
		const path = join(root, 'nodes', name, file.replace('file:', ''));
		return dirname(path) === join(root, 'icons') && existsSync(path);
	});
}

/** The package's own name. */
export const packageName = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Named)
	.name;
