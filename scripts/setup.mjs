/**
 * Brings `node_modules` up to date with the lockfile, and does nothing when it is. It runs on whatever Node.js
 * the machine has.
 *
 * Besides the project's own, there are packages in folders below it, for instance the whole n8n in test/e2e/n8n.
 * Such a package has its flags for npm in an .npmrc of its own; its package.json tells in `setUp` what it is and
 * how long that takes, and may have a script `after-install`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './child.mjs';
import { isWindows, pathOfMachine, root } from './machine.mjs';

const DEVELOPMENT = { what: 'the development dependencies', time: 'one to three minutes' };

/** A package of the project, and what has to be done about it. */
function packageIn(name) {
	const folder = join(root, name);
	const stamp = join(folder, 'node_modules', '.lockfile-sha256');
	const wanted = createHash('sha256')
		.update(readFileSync(join(folder, 'package-lock.json')))
		.digest('hex');
	const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
	const { setUp = DEVELOPMENT } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	return { ...setUp, folder, stamp, wanted, isCurrent };
}

/** Sets up the project itself and the packages in these folders of it. First it says what that will be. */
export async function setUp(folders) {
	const missing = ['', ...new Set(folders)].map(packageIn).filter(({ isCurrent }) => !isCurrent);
	if (missing.length === 0) return;
	const { npm_lifecycle_event: script } = process.env;
	const command = script ? `npm run ${script}` : 'this';
	console.error(`Before it starts, ${command} has to install, this once:`);
	for (const { what, time } of missing) console.error(`  - ${what} (${time})`);
	for (const { what, folder, stamp, wanted } of missing) {
		console.error(`Installing ${what} …`);
		rmSync(stamp, { force: true });
		await npm(folder, 'ci', '--no-audit', '--no-fund', '--loglevel=error');
		await npm(folder, 'run', '--silent', '--if-present', 'after-install');
		writeFileSync(stamp, wanted);
	}
}

async function npm(folder, ...args) {
	await runToEnd('npm', args, {
		cwd: folder,
		shell: isWindows,
		wholly: true,
		// npm itself must not run on the Node.js inside the folder that it replaces.
		env: { ...process.env, PATH: pathOfMachine() },
	});
}
