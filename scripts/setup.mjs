/**
 * Brings `node_modules` up to date with the lockfile, and does nothing when it is. Every command of the
 * package starts with it, so that each works on a fresh clone. It runs on whatever Node.js the machine has;
 * what follows it in an npm script runs on the Node.js that the lockfile names.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.lockfile-sha256');
const wanted = createHash('sha256')
	.update(readFileSync(join(root, 'package-lock.json')))
	.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
	console.log('Installing the development dependencies (about a minute, once) …');
	// npm itself must not run on the Node.js inside the folder that it replaces.
	const path = (process.env.PATH ?? '')
		.split(delimiter)
		.filter((folder) => !folder.replaceAll('\\', '/').includes('node_modules/.bin'))
		.join(delimiter);
	const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
		env: { ...process.env, PATH: path },
	});
	if (status !== 0) process.exit(status ?? 1);
	writeFileSync(stamp, wanted);
}
