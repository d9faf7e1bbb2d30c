/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support';

const { scripts, devDependencies } = JSON.parse(
	readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'scripts' | 'devDependencies', Record<string, string>>;

/** What makes each command right as the first one on a fresh clone; scripts/run.mjs says why. */
describe.each(Object.entries(scripts))('npm run %s', (_name, script) => {
	it('begins with the launcher', () => {
		expect(script).toMatch(/^exec node scripts\/run\.mjs( |$)/);
	});

	it('leaves nothing to the shell', () => {
		expect(script.match(/[^\w:=./ -]/g) ?? []).toEqual([]);
	});

	it('takes only the steps of scripts that exist', () => {
		const others = [...script.matchAll(/ npm (\S+) (\S+)/g)];
		for (const [, verb, name = ''] of others) {
			expect(verb).toBe('run');
			expect(scripts).toHaveProperty([name]);
		}
	});
});

it('runs the tests on the Node.js that the lockfile names', () => {
	expect(process.versions.node).toBe(devDependencies.node);
});
