/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..');

/** The file that Node.js runs to run n8n, which is installed into a folder with a lockfile of its own. */
export const n8nBin = join(__dirname, 'n8n', 'node_modules', 'n8n', 'bin', 'n8n');

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
