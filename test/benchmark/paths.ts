/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

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
	const setup = join(root, 'scripts', 'setup.mjs');
	const args = [setup, relative(root, coreNodesFolder), "n8n's own nodes", 'about a minute'];
	const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
	if (status !== 0) throw new Error("n8n's own nodes could not be installed");
}
