/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..', '..');

/** The folder with n8n's own nodes, which `npm run benchmark` installs on its first run. */
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
