/**
 * Checks the package as it would be published: the files in it, its size, and what loading it costs n8n.
 * Run it on a built package.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of the packed tarball; its few icons count too. */
const LARGEST = 60 * 1024;

/** Milliseconds that loading the package may take over loading an empty one. */
const LONGEST_LOAD = 20;

const ALLOWED = [
	/^package\.json$/,
	/^(README|CHANGELOG|LICENSE)\.md$/,
	/^dist\/(nodes|credentials)\/[\w/.]+\.js$/,
	/^dist\/nodes\/\w+\/\w+\.node\.json$/,
	/^dist\/icons\/[\w.]+\.svg$/,
];

const problems = [];

const [packed] = JSON.parse(
	execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
		cwd: root,
		encoding: 'utf8',
		shell: process.platform === 'win32',
	}),
);
for (const { path } of packed.files) {
	if (!ALLOWED.some((pattern) => pattern.test(path)))
		problems.push(`does not belong in it: ${path}`);
}
const icons = packed.files
	.filter(({ path }) => path.endsWith('.svg'))
	.reduce((sum, { size }) => sum + size, 0);
console.log(
	`${packed.filename}: ${packed.files.length} files, ${packed.size} bytes packed, ` +
		`${packed.unpackedSize} unpacked (${icons} of them icons)`,
);
if (packed.size > LARGEST) problems.push(`larger than ${LARGEST} bytes`);

const loader = `
	process.env.N8N_LOG_LEVEL = 'silent';
	require('reflect-metadata');
	const { PackageDirectoryLoader } = require('n8n-core');
	const [empty, full] = process.argv.slice(1);
	const time = async (folder) => {
		const from = performance.now();
		await new PackageDirectoryLoader(folder).loadAll();
		return performance.now() - from;
	};
	(async () => {
		await time(empty);
		console.log(JSON.stringify({ empty: await time(empty), full: await time(full) }));
	})();
`;
const folder = mkdtempSync(join(tmpdir(), 'n8n-segmind-'));
const empty = join(folder, 'empty');
mkdirSync(empty);
writeFileSync(
	join(empty, 'package.json'),
	JSON.stringify({
		name: 'n8n-nodes-empty',
		version: '0.0.0',
		n8n: { nodes: [], credentials: [] },
	}),
);
const costs = [];
for (let round = 0; round < 5; round++) {
	const times = JSON.parse(
		execFileSync(process.execPath, ['-e', loader, empty, root], {
			cwd: root,
			encoding: 'utf8',
			env: { ...process.env, N8N_USER_FOLDER: folder },
		})
			.trim()
			.split('\n')
			.pop(),
	);
	costs.push(times.full - times.empty);
}
rmSync(folder, { recursive: true, force: true });
const median = [...costs].sort((a, b) => a - b)[2];
console.log(
	`loading it takes ${median.toFixed(1)} ms over an empty package ` +
		`(median of five processes: ${costs.map((cost) => cost.toFixed(1)).join(', ')})`,
);
if (median > LONGEST_LOAD) problems.push(`loading takes longer than ${LONGEST_LOAD} ms`);

for (const problem of problems) console.error(`Problem: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
