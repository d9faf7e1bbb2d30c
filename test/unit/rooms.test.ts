/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '..', '..');

/** The rooms of nodes/shared/, lowest first: each may use itself and those before it. */
const ROOMS = [
	'kit',
	'limits',
	'model',
	'answers',
	'problems',
	'rateLimit',
	'http',
	'history',
	'parameters',
	'images',
	'job',
	'nodeErrors',
	'items',
];

const shared = join(root, 'nodes', 'shared');

/** All files of nodes/shared/ without their ending, e.g. `http/client`. */
const files = readdirSync(shared, { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.ts'))
	.map((file) => file.slice(0, -3).replaceAll('\\', '/'));

const sourceOf = (file: string) => readFileSync(join(shared, `${file}.ts`), 'utf8');

/** What a file imports from nodes/shared/. */
const importsOf = (file: string): string[] =>
	[...sourceOf(file).matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) =>
		relative(shared, join(shared, dirname(file), path)).replaceAll('\\', '/'),
	);

const roomOf = (file: string): string => file.split('/')[0] ?? '';

it('at most eight files stand outside of the rooms', () => {
	expect(files.filter((file) => !file.includes('/')).length).toBeLessThanOrEqual(8);
});

it('CONTRIBUTING names the rooms in their order', () => {
	const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
	const table = /^\| Room[^]*?\n\n/m.exec(text)?.[0] ?? '';
	const named = [...table.matchAll(/`([\w]+)(?:\/|\.ts)`/g)].map(([, name]) => name);
	expect(named).toEqual(ROOMS);
});

it.each(files)('%s uses its own room and lower ones', (file) => {
	const floor = ROOMS.indexOf(roomOf(file));
	expect(floor).toBeGreaterThanOrEqual(0);
	const higher = importsOf(file).filter((used) => ROOMS.indexOf(roomOf(used)) > floor);
	expect(higher).toEqual([]);
});

it('no import leads back to where it came from', () => {
	const circles: string[] = [];
	const visit = (file: string, way: string[]): void => {
		if (way.includes(file)) circles.push([...way, file].join(' > '));
		else importsOf(file).forEach((used) => visit(used, [...way, file]));
	};
	files.forEach((file) => visit(file, []));
	expect(circles).toEqual([]);
});

it('one place talks to servers', () => {
	const callers = files.filter((file) => /\bhttpRequest/.test(sourceOf(file)));
	expect(callers).toEqual(['http/client']);
});
