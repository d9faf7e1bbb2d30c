/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..', '..');

/** A line of n8n releases, such as 2.20, by the release of it that is tested. */
export interface Line {
	name: string;
	/** The release of n8n that has these packages. */
	n8n: string;
	/** Where its packages are. */
	folder: string;
	/** Whether it has packages of its own, or those of the project. */
	isOwn: boolean;
}

/** What a folder's package.json says. */
function manifestIn(folder: string): { version: string; description: string } {
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as never;
}

/** The version of a package that a line has. */
export const versionOf = ({ folder }: Line, name: string): string =>
	manifestIn(join(folder, 'node_modules', name)).version;

const order = (name: string): number =>
	name.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);

/** All lines, from the oldest to the one that the project itself is developed with. */
export function allLines(): Line[] {
	const earlier = readdirSync(__dirname)
		.filter((entry) => entry.startsWith('n8n-'))
		.map((entry): Line => {
			const folder = join(__dirname, entry);
			const n8n = manifestIn(folder).description.replace('n8n ', '');
			return { name: entry.slice('n8n-'.length), n8n, folder, isOwn: true };
		})
		.sort((a, b) => order(a.name) - order(b.name));
	// n8n and n8n-core have gone by the same number since n8n 2.
	const n8n = manifestIn(join(root, 'node_modules', 'n8n-core')).version;
	const name = n8n.split('.').slice(0, 2).join('.');
	return [...earlier, { name, n8n, folder: root, isOwn: false }];
}
