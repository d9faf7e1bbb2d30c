/**
 * Runs n8n's verification scanner on the package before it is published: its own rules, with inline disables
 * ignored, over the sources and over the files of the packed tarball. It also counts warnings, which the
 * scanner itself lets pass. Run it on a built package.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'n8n-segmind-scan-'));

/** Lints the files of one leg; whether nothing was found. */
async function scan(leg, cwd, patterns) {
	const eslint = new ESLint({
		cwd,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
		errorOnUnmatchedPattern: false,
	});
	const results = await eslint.lintFiles(patterns);
	const findings = results.reduce((sum, { messages }) => sum + messages.length, 0);
	if (findings > 0) console.error((await eslint.loadFormatter('stylish')).format(results));
	console.log(`${leg}: ${results.length} files, ${findings} findings`);
	return results.length > 0 && findings === 0;
}

try {
	execFileSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error', '--silent'], {
		cwd: root,
		shell: process.platform === 'win32',
	});
	const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
	execFileSync('tar', ['-xzf', tarball], { cwd: folder });
	const legs = [
		await scan('source', root, SOURCE_FILE_PATTERNS),
		await scan('tarball', join(folder, 'package'), ['**/*.js', 'package.json']),
	];
	process.exitCode = legs.every(Boolean) ? 0 : 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}
