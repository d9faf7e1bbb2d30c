/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../support';

/** What people read: every page of the project. */
const PAGES = [
	...readdirSync(root).filter((name) => name.endsWith('.md')),
	...readdirSync(join(root, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`),
];

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

/** The scripts that a text has people run: `npm test` and `npm run NAME`. */
const scriptsIn = (text: string): string[] => [
	...new Set(
		[...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test)\b)/g)].map(
			([, name, test]) => name ?? test ?? '',
		),
	),
];

/** The anchor that a heading gets. */
const anchorOf = (heading: string): string =>
	heading
		.toLowerCase()
		.replace(/[`*_]/g, '')
		.replace(/[^\p{L}\p{N}\s-]/gu, '')
		.trim()
		.replace(/\s/g, '-');

const anchorsOf = (page: string): string[] =>
	[...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

describe.each(PAGES)('%s', (page) => {
	it('names only commands that exist', () => {
		expect(scriptsIn(textOf(page)).filter((name) => !(name in scripts))).toEqual([]);
	});

	it('links only to what is there', () => {
		const places = /\]\(([^)\s]+)\)|<img src="([^"]+)"/g;
		const links = [...textOf(page).matchAll(places)].map(([, link, image]) => link ?? image ?? '');
		const dead = links
			.filter((link) => !/^(https?|mailto):/.test(link))
			.filter((link) => {
				const [path = '', anchor] = link.split('#');
				const target = path === '' ? page : join(dirname(page), path);
				if (!existsSync(join(root, target))) return true;
				return anchor !== undefined && !anchorsOf(target).includes(anchor);
			});
		expect(dead).toEqual([]);
	});
});

it('CI runs every command of the README on a fresh clone, or a test does', () => {
	const run = [
		'.ci/run',
		'test/unit/documents/emulatorCommand.test.ts',
		'test/e2e/development.test.ts',
	]
		.map(textOf)
		.join('\n');
	const known = scriptsIn(run);
	expect(scriptsIn(textOf('README.md')).filter((name) => !known.includes(name))).toEqual([]);
	expect(known).toContain('test');
});
