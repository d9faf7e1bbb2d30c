/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..');

/** The folder that the whole n8n is installed into, with a lockfile of its own. */
const n8nFolder = join(__dirname, 'n8n');

/** The file that Node.js runs to run n8n. */
export const n8nBin = join(n8nFolder, 'node_modules', 'n8n', 'bin', 'n8n');

/** Brings the whole n8n up to date with its lockfile; takes no time when it is. */
export function installN8n(): void {
	const setup = join(root, 'scripts', 'setup.mjs');
	const args = [setup, relative(root, n8nFolder), 'the whole n8n', 'about five minutes'];
	const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
	if (status !== 0) throw new Error('n8n could not be installed');
}

/** A package as `npm pack` makes it. */
export interface PackedPackage {
	name: string;
	version: string;
	/** The path of the tarball. */
	tarball: string;
	/** As npm's registry states them. */
	integrity: string;
	shasum: string;
}

/** Packs the package as it is built in `dist/`, as a release does. */
export function packPackage(
	folder = mkdtempSync(join(tmpdir(), 'n8n-segmind-pack-')),
): PackedPackage {
	mkdirSync(folder, { recursive: true });
	const answer = execFileSync(
		'npm',
		['pack', '--json', '--loglevel=error', '--pack-destination', folder],
		{ cwd: root, encoding: 'utf8', shell: process.platform === 'win32' },
	);
	const [packed] = JSON.parse(answer) as Array<PackedPackage & { filename: string }>;
	if (!packed) throw new Error(`npm packed nothing: ${answer}`);
	const { name, version, filename, integrity, shasum } = packed;
	return { name, version, integrity, shasum, tarball: join(folder, filename) };
}
