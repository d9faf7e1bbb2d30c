/**
 * Brings `node_modules` up to date with the lockfile, and does nothing when it is. Every command of the
 * package starts with it, so that each works on a fresh clone. It runs on whatever Node.js the machine has;
 * what follows it in an npm script runs on the Node.js that the lockfile names.
 *
 *     node scripts/setup.mjs                      the development dependencies
 *     node scripts/setup.mjs FOLDER WHAT TIME     a package of its own below the project, for instance
 *                                                 test/e2e/n8n "the whole n8n" "about five minutes"
 *
 * Such a package has its flags for npm in an .npmrc of its own, and may have a script `after-install`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = '', what = 'the development dependencies', time = 'about a minute'] =
	process.argv.slice(2);
const folder = join(root, name);
const stamp = join(folder, 'node_modules', '.lockfile-sha256');
const wanted = createHash('sha256')
	.update(readFileSync(join(folder, 'package-lock.json')))
	.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
	console.error(`Installing ${what} (${time}, once) …`);
	rmSync(stamp, { force: true });
	npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
	npm('run', '--silent', '--if-present', 'after-install');
	writeFileSync(stamp, wanted);
}

/** Runs npm in the folder, and ends this process when it fails. */
function npm(...args) {
	// npm itself must not run on the Node.js inside the folder that it replaces.
	const path = (process.env.PATH ?? '')
		.split(delimiter)
		.filter((entry) => !entry.replaceAll('\\', '/').includes('node_modules/.bin'))
		.join(delimiter);
	const { status } = spawnSync('npm', args, {
		cwd: folder,
		stdio: 'inherit',
		shell: process.platform === 'win32',
		env: { ...process.env, PATH: path },
	});
	if (status !== 0) process.exit(status ?? 1);
}
