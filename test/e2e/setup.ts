/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installOnce } from '../../scripts/installOnce';
import { RUN_FOLDER } from './seed';

/** Before all tests: the whole n8n, and folders for what they leave on disk and for jest's report. */
export default function setUp(): void {
	installOnce('test/e2e/n8n');
	mkdirSync('coverage', { recursive: true });
	process.env[RUN_FOLDER] = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
}

/** After all tests. */
export function tearDown(): void {
	const folder = process.env[RUN_FOLDER];
	if (folder) rmSync(folder, { recursive: true, force: true });
}
