/**
 * Breaks each guard of the nodes on purpose, in a copy, and looks whether a test notices.
 *
 *     node scripts/break-guards.mjs [--list] [--skip-unbroken] [words of a guard's name or file …]
 *
 * The guards stand in test/machines/guards/*.txt:
 *
 *     file nodes/shared/job/submit.ts
 *     guard what would be lost without it
 *     tests runs/table unit/job/submit        paths below test/, the narrowest that notice
 *     only queue, submit                    regular expression for the names of the tests; optional
 *     - source text, which must occur exactly once; several lines are joined
 *     + what it is replaced by; may be missing
 *
 * More pairs of - and + break one guard in several places, `file` lines between them change the file.
 */
import { spawn } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tables = join(root, 'test', 'machines', 'guards');

/** What the tests need of the project. */
const COPIED = ['nodes', 'credentials', 'test', 'icons', 'examples', 'scripts'];
/** What they need not, and what is large. */
const NOT_COPIED = [
	['node_modules'],
	['test', 'e2e'],
	['test', 'machines', 'compatibility'],
	['test', 'machines', 'benchmark'],
];
const COPIED_FILES = ['package.json', 'jest.config.js', 'tsconfig.json', 'README.md'];

/** The project's own Node.js comes first. */
const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);

/** A break may make the tests hang: then it is noticed, too. Milliseconds. */
const LONGEST_RUN = 240_000;

/** Jest's own report is not written when it bails out. */
const REPORTER = `
const { writeFileSync } = require('node:fs');
const seen = [];
module.exports = class {
	onTestResult({ path }, { testExecError, failureMessage, testResults }) {
		const crash = testExecError ? [path, failureMessage, testExecError.stack].join('\\n') : '';
		seen.push({ crash, testResults });
		writeFileSync('report.json', JSON.stringify(seen));
	}
};
`;

/** Reads the guards of one table. */
function readTable(name) {
	const guards = [];
	let file = '';
	let guard;
	let before = '';
	const lines = readFileSync(join(tables, name), 'utf8').split('\n');
	for (const [index, line] of lines.entries()) {
		const [, word, , rest] = /^(\S+)( (.*))?$/s.exec(line) ?? [];
		const edits = guard?.edits;
		if (word === undefined) before = '';
		else if (word === 'file') file = rest;
		else if (word === 'guard') {
			guard = { name: rest, file, table: name, tests: [], only: '', edits: [] };
			guards.push(guard);
		} else if (word === 'tests') guard.tests = rest.split(' ');
		else if (word === 'only') guard.only = rest;
		else if (word === '-') {
			if (before === '-') edits.at(-1).find += `\n${rest ?? ''}`;
			else edits.push({ file, find: rest, replace: undefined });
		} else if (word === '+') {
			const edit = edits.at(-1);
			edit.replace = edit.replace === undefined ? (rest ?? '') : `${edit.replace}\n${rest ?? ''}`;
		} else if (word !== '#') throw new Error(`${name}:${index + 1} cannot be read: ${line}`);
		before = word ?? '';
	}
	return guards;
}

/** The source with a guard broken. Throws when the table has become out of date. */
function broken(source, { find, replace = '', file }, name) {
	const count = source.split(find).length - 1;
	if (count === 1) return source.replace(find, () => replace);
	throw new Error(`"${name}": its text stands ${count} times in ${file}, not once:\n${find}`);
}

/** The files of a guard's edits, broken. */
function breakIn(dir, guard) {
	const files = new Map();
	for (const edit of guard.edits) {
		const path = join(dir, edit.file);
		files.set(path, broken(files.get(path) ?? readFileSync(path, 'utf8'), edit, guard.name));
	}
	return files;
}

function copyProject() {
	const dir = mkdtempSync(join(tmpdir(), 'break-guards-'));
	for (const name of [...COPIED, ...COPIED_FILES]) {
		cpSync(join(root, name), join(dir, name), {
			recursive: true,
			filter: (from) => !NOT_COPIED.some((part) => from.endsWith(join(...part))),
		});
	}
	symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'dir');
	writeFileSync(join(dir, 'reporter.cjs'), REPORTER);
	return dir;
}

let running;

/** Runs jest in the copy. */
async function jest(dir, tests, only, bail) {
	const report = join(dir, 'report.json');
	rmSync(report, { force: true });
	const flags = ['--forceExit', '--coverage=false', '--reporters=./reporter.cjs'];
	if (bail) flags.push('--bail');
	if (only) flags.push('-t', only);
	flags.push('--testPathPatterns', ...tests.map((path) => `/test/${path}(/|\\.test\\.ts$)`));
	const bin = join('node_modules', 'jest', 'bin', 'jest.js');
	const startedAt = Date.now();
	let hung = false;
	await new Promise((resolve) => {
		running = spawn('node', ['--experimental-vm-modules', bin, ...flags], {
			cwd: dir,
			env: { ...process.env, PATH: path, FAULT_SEED: '1' },
			stdio: 'ignore',
		});
		const timer = setTimeout(() => {
			hung = true;
			running.kill('SIGKILL');
		}, LONGEST_RUN);
		running.on('close', () => resolve(clearTimeout(timer)));
	});
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
	const suites = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : [];
	const results = suites.flatMap(({ testResults }) => testResults);
	const failed = results.filter(({ status }) => status === 'failed');
	return {
		failed: [...failed.map(({ fullName }) => fullName), ...(hung ? ['the tests hang'] : [])],
		ran: hung || results.some(({ status }) => status === 'passed' || status === 'failed'),
		crash: suites.map(({ crash }) => crash).join(''),
		seconds,
	};
}

/** All tests that the guards name have to pass as long as nothing is broken. */
async function runUnbroken(dir, guards) {
	for (const narrow of [false, true]) {
		const group = guards.filter(({ only }) => (only !== '') === narrow);
		if (group.length === 0) continue;
		const tests = [...new Set(group.flatMap((guard) => guard.tests))];
		const only = narrow ? [...new Set(group.map((guard) => guard.only))].join('|') : '';
		const { failed, crash, seconds } = await jest(dir, tests, only, false);
		if (failed.length > 0 || crash !== '') {
			throw new Error(`These fail although nothing is broken:\n${failed.join('\n')}\n${crash}`);
		}
		console.log(`unbroken: all pass (${seconds} s)`);
	}
}

/** Breaks one guard, and says which test noticed. */
async function tryGuard(dir, guard) {
	const files = breakIn(dir, guard);
	const whole = [...files.keys()].map((path) => [path, readFileSync(path, 'utf8')]);
	for (const [path, source] of files) writeFileSync(path, source);
	const { failed, ran, crash, seconds } = await jest(dir, guard.tests, guard.only, true);
	for (const [path, source] of whole) writeFileSync(path, source);
	// Once a test has failed, jest ends before every file is loaded.
	if (crash !== '' && failed.length === 0)
		throw new Error(`"${guard.name}": broken, it cannot be loaded:\n${crash}`);
	if (!ran) throw new Error(`"${guard.name}": no test has such a name or path`);
	const noticed = failed.length > 0;
	console.log(`${noticed ? 'noticed    ' : 'NOT NOTICED'}  ${seconds} s  ${guard.name}`);
	if (noticed) console.log(`             ${guard.tests.join(' ')} › ${failed[0]}`);
	return noticed;
}

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const wanted = words.filter((word) => !word.startsWith('--')).map((word) => word.toLowerCase());
const all = readdirSync(tables).filter((name) => name.endsWith('.txt'));
const guards = all.flatMap(readTable);
// The whole table is checked, whatever is asked for.
const outdated = guards.flatMap((guard) => {
	try {
		breakIn(root, guard);
		return [];
	} catch (error) {
		return [error.message];
	}
});
if (outdated.length > 0) throw new Error(`The table is out of date.\n\n${outdated.join('\n\n')}`);
const chosen = guards.filter(({ name, file, table }) =>
	wanted.every((word) => `${table} ${file} ${name}`.toLowerCase().includes(word)),
);
if (flags.includes('--list')) {
	for (const { name, file } of chosen) console.log(`${file}: ${name}`);
} else {
	const dir = copyProject();
	process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
	for (const signal of ['SIGINT', 'SIGTERM']) {
		process.on(signal, () => {
			running?.kill('SIGKILL');
			process.exit(130);
		});
	}
	if (!flags.includes('--skip-unbroken')) await runUnbroken(dir, chosen);
	const missed = [];
	for (const guard of chosen) if (!(await tryGuard(dir, guard))) missed.push(guard.name);
	console.log(`${chosen.length - missed.length} of ${chosen.length} guards are noticed`);
	if (missed.length > 0) console.log(`Not noticed:\n${missed.join('\n')}`);
	process.exitCode = missed.length > 0 || chosen.length === 0 ? 1 : 0;
}
