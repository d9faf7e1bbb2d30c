/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support';

const { scripts, devDependencies } = JSON.parse(
	readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'scripts' | 'devDependencies', Record<string, string>>;

/** What starts a step of a script, on any system: Node.js, npm, or a command of the development dependencies. */
function isCommand(word: string): boolean {
	return ['node', 'npm'].includes(word) || existsSync(join(root, 'node_modules', '.bin', word));
}

describe.each(Object.entries(scripts))('npm run %s', (_name, script) => {
	const steps = script.split(' && ').map((step) => step.split(' '));

	it('runs in the shell of any system', () => {
		// No quotes, variables, pipes or wildcards: cmd.exe has others than sh.
		expect(script.replaceAll(' && ', ' ').match(/[^\w:=./ -]/g) ?? []).toEqual([]);
		expect(steps.filter(([command = '']) => !isCommand(command))).toEqual([]);
	});

	it('starts what there is', () => {
		const files = script.match(/\b(scripts|test)\/\S+/g) ?? [];
		expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
		const others = steps.flatMap(([npm, verb, ...rest]) =>
			npm === 'npm' && verb === 'run' ? rest.filter((word) => !word.startsWith('-')) : [],
		);
		expect(others.filter((name) => !(name in scripts))).toEqual([]);
	});
});

it('runs the tests on the Node.js that the lockfile names', () => {
	expect(process.versions.node).toBe(devDependencies.node);
	const nvmrc = readFileSync(join(root, '.nvmrc'), 'utf8').trim();
	expect(devDependencies.node).toMatch(new RegExp(`^${nvmrc}\\.`));
});

it('mutation testing leaves out only files that there are', () => {
	const config = readFileSync(join(root, 'test/machines/mutation/stryker.config.mjs'), 'utf8');
	const files = [...config.matchAll(/'!(nodes\/.*?)'/g)].map(([, file = '']) => file);
	expect(files).not.toEqual([]);
	expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
