/* eslint-disable no-console, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
/**
 * Runs the tests that go through n8n's engine on the packages of earlier n8n lines, each on the Node.js that
 * it names, and says what passed.
 *
 *     npm run compatibility                     every line, all tests
 *     npm run compatibility -- 1.100 2.20       some lines
 *     npm run compatibility -- --quick          without the three longest test files, with fewer random faults
 *     npm run compatibility -- --quick --write  the same, and puts the results into docs/compatibility.md
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { installOnce } from '../../../scripts/installOnce';
import { table } from '../benchmark/tables';
import { allLines, root, versionOf, type Line } from './lines';

interface JestReport {
	numPassedTests: number;
	numFailedTests: number;
	/** Files that could not even be loaded. */
	numRuntimeErrorTestSuites: number;
	testResults: Array<{ assertionResults: Array<{ status: string; fullName: string }> }>;
}

interface Result {
	line: Line;
	report: JestReport | undefined;
	node: string;
	seconds: number;
}

const words = process.argv.slice(2);
const isQuick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('--'));

/** The longest test files: every fault at every step, with and without retries. */
const LONG_TESTS = 'test/runs/(history\\.table|table|retry|simulation/)';

/** Sequences of faults in quick runs; a tenth of the usual. */
const FEW_SEQUENCES = '24';

function run(line: Line): Result {
	if (line.isOwn) installOnce(relative(root, line.folder));
	const output = join(root, 'coverage', `compatibility-${line.name}.json`);
	mkdirSync(dirname(output), { recursive: true });
	rmSync(output, { force: true });
	const node = join(line.folder, 'node_modules', 'node', 'bin', 'node');
	console.log(`\n=== n8n ${line.n8n}`);
	const startedAt = Date.now();
	spawnSync(
		node,
		[
			join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
			...['--config', join(__dirname, 'jest.config.js')],
			...['--json', '--outputFile', output],
			// Earlier lines keep timers of their own, so that jest would wait for ever.
			'--forceExit',
			...(isQuick ? ['--testPathIgnorePatterns', '/node_modules/', LONG_TESTS] : []),
		],
		{
			cwd: root,
			stdio: ['ignore', 'ignore', 'inherit'],
			env: {
				...process.env,
				COMPATIBILITY_FOLDER: line.folder,
				...(isQuick ? { FAULT_RUNS: FEW_SEQUENCES } : {}),
			},
		},
	);
	const seconds = Math.round((Date.now() - startedAt) / 1000);
	return { line, report: read(output), node: versionOf(line, 'node'), seconds };
}

function read(file: string): JestReport | undefined {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
	} catch {
		return undefined;
	}
}

const holds = ({ report }: Result): boolean =>
	report !== undefined &&
	report.numPassedTests > 0 &&
	report.numFailedTests + report.numRuntimeErrorTestSuites === 0;

const skippedIn = (report: JestReport | undefined): string[] =>
	(report?.testResults ?? [])
		.flatMap(({ assertionResults }) => assertionResults)
		.filter(({ status }) => status === 'pending')
		.map(({ fullName }) => fullName);

function row({ line, report, node }: Result) {
	return {
		n8n: line.n8n,
		'n8n-core': versionOf(line, 'n8n-core'),
		'n8n-workflow': versionOf(line, 'n8n-workflow'),
		'Node.js': node,
		passed: report?.numPassedTests ?? 'did not run',
		failed: report && report.numFailedTests + report.numRuntimeErrorTestSuites,
		skipped: skippedIn(report).length,
	};
}

const PAGE = join(root, 'docs', 'compatibility.md');

/** Puts the results into the page, in place of the last ones. */
async function writePage(rows: Array<ReturnType<typeof row>>): Promise<void> {
	const results = table(
		Object.keys(rows[0] ?? {}),
		rows.map((one) => Object.values(one).map(String)),
	);
	const page = readFileSync(PAGE, 'utf8').replace(
		/(<!-- results -->)[^]*(<!-- end of the results -->)/,
		(_all, start: string, end: string) => `${start}\n\n${results}\n\n${end}`,
	);
	const style = await resolveConfig(PAGE);
	writeFileSync(PAGE, await format(page, { ...style, parser: 'markdown' }));
}

const unknown = wanted.filter((name) => !allLines().some((line) => line.name === name));
if (unknown.length > 0) {
	const names = allLines().map(({ name }) => name);
	console.error(`No such line: ${unknown.join(', ')}. There are ${names.join(', ')}.`);
	process.exit(1);
}
const results = allLines()
	.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
	.map(run);
console.log(`\nTests in n8n's engine${isQuick ? ' (without the three longest files)' : ''}:`);
console.table(results.map((result) => ({ ...row(result), seconds: result.seconds })));
if (words.includes('--write') && wanted.length === 0) void writePage(results.map(row));
for (const { line, report } of results)
	for (const name of skippedIn(report))
		console.log(`Skipped, because n8n ${line.n8n} has no such feature: ${name}`);
if (!results.every(holds)) process.exitCode = 1;
