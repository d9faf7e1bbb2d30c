/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support';

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The pages of docs/, without their index. */
const PAGES = readdirSync(join(root, 'docs')).filter(
	(name) => name.endsWith('.md') && name !== 'README.md',
);

it('the README is short, and its tables are narrow', () => {
	const text = textOf('README.md');
	expect(text.split(/\s+/).length).toBeLessThanOrEqual(1_500);
	const rows = text.split('\n').filter((line) => line.startsWith('|'));
	const cells = rows.map((row) => row.split('|').slice(1, -1));
	expect(rows.length).toBeGreaterThan(0);
	expect(cells.filter(({ length }) => length > 4)).toEqual([]);
	expect(cells.flat().filter((cell) => cell.trim().length > 120)).toEqual([]);
});

it('CONTRIBUTING can be read in a quarter of an hour', () => {
	expect(Buffer.byteLength(textOf('CONTRIBUTING.md'))).toBeLessThanOrEqual(8_192);
});

it.each(PAGES)('docs/%s says at its top who needs it, and the index lists it', (name) => {
	const page = textOf(`docs/${name}`);
	expect(page).toMatch(/^(<!--[^\n]*-->\n\n)?# [^\n]+\n\n_For (anyone|whoever) /);
	expect(textOf('docs/README.md')).toMatch(new RegExp(`\\]\\(${name}\\): `));
});
