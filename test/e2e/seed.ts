/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage, type PackedPackage } from './installation';
import { N8n } from './n8n';

/** Names the folder for everything that a run of the tests leaves on disk, from the set-up to its end. */
export const RUN_FOLDER = 'N8N_SEGMIND_E2E_FOLDER';

const runFolder = (): string =>
	(process.env[RUN_FOLDER] ??= mkdtempSync(join(tmpdir(), 'n8n-e2e-')));

/** The package as it is packed once in a run of the tests. */
export function packedOnce(): PackedPackage {
	const file = join(runFolder(), 'packed.json');
	if (!existsSync(file)) writeFileSync(file, JSON.stringify(packPackage(runFolder())));
	return JSON.parse(readFileSync(file, 'utf8')) as PackedPackage;
}

/**
 * A user folder of n8n with the package installed and the first user set up: a copy of one that is made once
 * in a run of the tests. That saves each test file n8n's hundreds of migrations.
 */
export async function seededFolder(): Promise<string> {
	const seed = join(runFolder(), 'seed');
	const ready = join(seed, 'ready');
	if (!existsSync(ready)) {
		rmSync(seed, { recursive: true, force: true });
		mkdirSync(seed);
		const n8n = await N8n.start({ folder: seed, published: packedOnce() });
		await n8n.setUpOwner();
		await n8n.install();
		await n8n.stop();
		writeFileSync(ready, '');
	}
	const folder = emptyFolder();
	cpSync(seed, folder, { recursive: true });
	return folder;
}

/** A new folder, which goes with the others at the end. */
export const emptyFolder = (): string => mkdtempSync(join(runFolder(), 'n8n-'));
