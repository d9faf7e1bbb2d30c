/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support';

const { scripts, devDependencies } = JSON.parse(
	readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'scripts' | 'devDependencies', Record<string, string>>;

/** What makes each command right as the first one on a fresh clone; scripts/run.mjs says why. */
it.each(Object.entries(scripts))('npm run %s leaves all to the launcher', (_name, script) => {
	expect(script).toMatch(/^exec node scripts\/run\.mjs( |$)/);
	// Operators and quotes would be for the shell.
	expect(script.match(/[^\w:=./ -]/g) ?? []).toEqual([]);
	const borrowed = [...script.matchAll(/ npm (\S+) (\S+)/g)];
	for (const [, verb, name = ''] of borrowed) {
		expect(verb).toBe('run');
		expect(scripts).toHaveProperty([name]);
	}
});

it('runs the tests on the Node.js that the lockfile names', () => {
	expect(process.versions.node).toBe(devDependencies.node);
});
