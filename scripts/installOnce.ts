/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, no-console */
import { execSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

/**
 * Installs a package of the project that has a lockfile of its own, such as the whole n8n in test/e2e/n8n, unless
 * it is installed as that lockfile says. First it tells what that is and how long it takes, as `installs` in the
 * folder's package.json has it. Its flags for npm are in the folder's .npmrc.
 */
export function installOnce(folder: string): void {
	const path = join(root, folder);
	const lockfile = readFileSync(join(path, 'package-lock.json'), 'utf8');
	const installed = join(path, 'node_modules', '.installed-lockfile.json');
	if (existsSync(installed) && readFileSync(installed, 'utf8') === lockfile) return;
	const { installs } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
		installs: string;
	};
	console.error(`Installing ${installs} into ${folder}, this once …`);
	rmSync(installed, { force: true });
	for (const command of [
		'npm ci --loglevel=error',
		'npm run --silent --if-present after-install',
	]) {
		execSync(command, { cwd: path, stdio: 'inherit' });
	}
	writeFileSync(installed, lockfile);
}
