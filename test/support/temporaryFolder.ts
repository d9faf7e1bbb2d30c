/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vm from 'node:vm';

/**
 * Before all tests: one folder for what n8n stores in them, which the test processes find in their environment, and
 * one for jest's report.
 */
export default function createTemporaryFolder({ runInBand }: { runInBand: boolean }): void {
	if (runInBand && !('SourceTextModule' in vm)) {
		throw new Error(
			'--runInBand needs "node --experimental-vm-modules", as in .vscode/launch.json.',
		);
	}
	mkdirSync('coverage', { recursive: true });
	process.env.N8N_SEGMIND_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-segmind-'));
}

/** After all tests. */
export function removeTemporaryFolder(): void {
	const folder = process.env.N8N_SEGMIND_FOLDER;
	if (folder) rmSync(folder, { recursive: true, force: true });
}
