/**
 * Checks the package as it would be published: the files in it, that nothing of this machine is in them, its
 * size, that a second build gives the same bytes, and what loading it costs n8n. Builds the package.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of the packed tarball; its few icons count too. */
const LARGEST = 82 * 1024;

/** How long loading the package may take over loading an empty one: as long as loading this package, beside it. */
const YARDSTICK = 'fastify';

const ALLOWED = [
	/^package\.json$/,
	/^(README|CHANGELOG|LICENSE)\.md$/,
	/^dist\/(nodes|credentials)\/[\w/.]+\.js$/,
	/^dist\/nodes\/\w+\/\w+\.node\.json$/,
	/^dist\/icons\/[\w.]+\.svg$/,
];

const problems = [];

const npm = (...args) =>
	execFileSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });

/** Builds the package and tells what would be packed. */
function buildAndPack() {
	npm('run', '--silent', 'build');
	return JSON.parse(npm('pack', '--dry-run', '--json', '--loglevel=error'))[0];
}

const first = buildAndPack();
const packed = buildAndPack();
if (first.integrity !== packed.integrity) problems.push('two builds differ in their bytes');
else console.log(`two builds gave the same bytes: ${packed.integrity}`);

// Nobody's audit finds anything in what has nothing.
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
	if (Object.keys(manifest[field] ?? {}).length > 0) problems.push(`it has ${field}`);
}

/** What tells of the machine that built it, or is a secret by its looks. */
const TELLTALES = [
	root.replace(/[\\/]$/, ''),
	...(homedir().length > 6 ? [homedir()] : []),
	...(hostname().length > 6 ? [hostname()] : []),
	tmpdir() + '/',
	...(process.env.SEGMIND_API_KEY ? [process.env.SEGMIND_API_KEY] : []),
];
const SECRETS =
	/-----BEGIN [A-Z ]*PRIVATE KEY|\bSG_(?!0123456789abcdef)[0-9a-f]{16}|\bnpm_[A-Za-z0-9]{36}|\bgh[pousr]_[A-Za-z0-9]{36}|sourceMappingURL/;
for (const { path } of packed.files) {
	const text = readFileSync(join(root, path), 'utf8');
	for (const telltale of TELLTALES) {
		if (text.includes(telltale)) problems.push(`${path} contains ${telltale}`);
	}
	if (SECRETS.test(text))
		problems.push(`${path} contains ${SECRETS.exec(text)?.[0].slice(0, 12)}…`);
}
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
		const times = { empty: await time(empty), full: await time(full) };
		const from = performance.now();
		require('${YARDSTICK}');
		console.log(JSON.stringify({ ...times, yardstick: performance.now() - from }));
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
const shares = [];
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
	shares.push((times.full - times.empty) / times.yardstick);
}
rmSync(folder, { recursive: true, force: true });
const middle = (values) => [...values].sort((a, b) => a - b)[2];
const [median, share] = [middle(costs), middle(shares)];
console.log(
	`loading it takes ${median.toFixed(1)} ms over an empty package ` +
		`(median of five processes: ${costs.map((cost) => cost.toFixed(1)).join(', ')})`,
);
console.log(
	`that is ${share.toFixed(2)} times what loading ${YARDSTICK} takes in the same processes`,
);
if (share > 1) problems.push(`loading takes longer than loading ${YARDSTICK}`);

for (const problem of problems) console.error(`Problem: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
