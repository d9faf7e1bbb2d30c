/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..');

/** The folder with n8n's own nodes, installed on first use. */
export const coreNodesFolder = join(__dirname, 'core-nodes');

/** The package as it was built when the benchmark began: a build meanwhile changes nothing. */
export const builtCopy = join(root, 'node_modules', '.cache', 'benchmark', 'package');

/** Copies the built package to where every process of the benchmark loads it from. */
export function copyBuild(): void {
	rmSync(builtCopy, { recursive: true, force: true });
	mkdirSync(builtCopy, { recursive: true });
	cpSync(join(root, 'dist'), join(builtCopy, 'dist'), { recursive: true });
	cpSync(join(root, 'package.json'), join(builtCopy, 'package.json'));
}

/** Brings n8n's own nodes up to date with their lockfile. */
export function installCoreNodes(): void {
	const stamp = join(coreNodesFolder, 'node_modules', '.lockfile-sha256');
	const lockfile = readFileSync(join(coreNodesFolder, 'package-lock.json'));
	const wanted = createHash('sha256').update(lockfile).digest('hex');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	process.stderr.write("Installing n8n's own nodes (about a minute, once) …\n");
	const path = (process.env.PATH ?? '')
		.split(delimiter)
		.filter((folder) => !folder.replaceAll('\\', '/').includes('node_modules/.bin'))
		.join(delimiter);
	const flags = ['ci', '--legacy-peer-deps', '--ignore-scripts', '--loglevel=error'];
	const { status } = spawnSync('npm', flags, {
		cwd: coreNodesFolder,
		stdio: 'inherit',
		shell: process.platform === 'win32',
		env: { ...process.env, PATH: path },
	});
	if (status !== 0) throw new Error("n8n's own nodes could not be installed");
	writeFileSync(stamp, wanted);
}
