/**
 * Does what a newcomer does, with the Node.js and npm of this machine: clones the last commit into an empty folder
 * and starts a command there, as the very first one. `npm test` has to run the tests on the project's own Node.js;
 * `npm run dev` has to come up, twice, to end when it is told to, and to leave nothing behind.
 *
 *     node scripts/first-command.mjs
 *
 * It takes the time and the space that the whole n8n takes. Its output is what was done, and how long that took.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOfMachine, root } from './machine.mjs';

const MINUTES = 60_000;

/** Everything is in here: the clones, and what their commands leave in the folder for temporary files. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'segmind-first-command-')));
const temporary = join(folder, 'tmp');
mkdirSync(temporary);

const env = { ...process.env, PATH: pathOfMachine(), TMPDIR: temporary };
for (const name of ['PORT', 'JOB_SECONDS', 'SEGMIND_API_KEY']) delete env[name];

/** A command in a clone, in a process group of its own, as in a terminal. */
class Command {
	constructor(clone, ...words) {
		this.logFile = join(folder, 'command.log');
		const log = openSync(this.logFile, 'w');
		const options = { cwd: clone, env, stdio: ['ignore', log, log], detached: true };
		this.child = spawn('npm', words, options);
		closeSync(log);
		this.ended = new Promise((resolve) => {
			this.child.once('exit', (code, signal) => {
				this.exit = signal ?? code;
				resolve(this.exit);
			});
		});
	}

	get log() {
		return readFileSync(this.logFile, 'utf8');
	}

	/** Waits until it has ended well: by itself, or by the signal that it was sent. */
	async ends(minutes, signal) {
		const end = await Promise.race([
			this.ended,
			sleep(minutes * MINUTES, `not within ${minutes} minutes`, { ref: false }),
		]);
		check(end === 0 || end === signal, `it ended: ${end}`);
	}

	/** Waits for a text in what the command prints, and returns what stands behind it. */
	async prints(pattern, minutes) {
		const deadline = Date.now() + minutes * MINUTES;
		for (;;) {
			const found = pattern.exec(this.log);
			if (found) return found[1];
			check(this.exit === undefined, `it ended (${this.exit}) before it printed ${pattern}`);
			check(Date.now() < deadline, `${minutes} minutes passed before it printed ${pattern}`);
			await sleep(200);
		}
	}
}

let running;

function check(holds, otherwise) {
	if (!holds) throw new Error(otherwise);
}

/** Does something and says how long it took. */
async function timed(what, action) {
	const from = Date.now();
	const result = await action();
	console.log(`${what}: ${Math.round((Date.now() - from) / 1000)} s`);
	return result;
}

async function inClone(action) {
	const clone = join(folder, 'clone');
	execFileSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' });
	await action(clone);
	rmSync(clone, { recursive: true, force: true });
}

/** The processes that work in the folder or have it in their environment or arguments. */
function processesLeft() {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((pid) => {
			try {
				const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
				const traces = [
					words,
					readFileSync(`/proc/${pid}/environ`),
					readlinkSync(`/proc/${pid}/cwd`),
				];
				return traces.some((trace) => trace.includes(folder)) ? [`${pid} ${words}`] : [];
			} catch {
				// It has ended, or is somebody else's.
				return [];
			}
		});
}

/** What tools keep for the next time isn't left behind by a command. */
const isCache = (name) => /^(tsx-|node-compile-cache|jest_|v8-compile-cache)/.test(name);

async function checkNothingIsLeft(clone, address) {
	if (existsSync('/proc/self/environ')) {
		const left = processesLeft();
		check(left.length === 0, `processes are left:\n${left.join('\n')}`);
	}
	const files = readdirSync(temporary).filter((name) => !isCache(name));
	check(files.length === 0, `left in the folder for temporary files: ${files.join(', ')}`);
	const answers = await fetch(address).then(
		() => true,
		() => false,
	);
	check(!answers, `${address} still answers`);
	const changes = execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' });
	check(changes === '', `left in the clone:\n${changes}`);
}

/** Starts `npm run dev`, and ends it by a signal to its whole group or to npm alone. */
async function checkDevelopment(clone, minutes, signal, group, whileStarting) {
	running = new Command(clone, 'run', 'dev');
	await whileStarting();
	await running.prints(/Sign in +(\S+)/, minutes);
	const workflows = await running.prints(/Workflows +(\S+)/, 1);
	check((await fetch(workflows)).ok, `${workflows} doesn't answer`);
	process.kill(group * running.child.pid, signal);
	// Some versions of npm end by the signal themselves, when what they ran has ended well.
	await running.ends(2, signal);
	await checkNothingIsLeft(clone, workflows);
	running = undefined;
}

async function main() {
	const version = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
	const commit = execFileSync('git', ['log', '-1', '--format=%h %s'], {
		cwd: root,
		encoding: 'utf8',
	});
	console.log(`Node.js ${version} of this machine, a clone of ${commit.trim()}`);
	await inClone(async (clone) => {
		await timed('npm test as the first command, with one test file', async () => {
			running = new Command(clone, 'test', '--', 'documents/commands');
			await running.ends(20);
			check(/Tests: +\d+ passed/.test(running.log), 'no test passed');
			running = undefined;
		});
	});
	await inClone(async (clone) => {
		await timed('npm run dev as the first command, until it has ended', async () => {
			await checkDevelopment(clone, 30, 'SIGINT', -1, async () => {
				await running.prints(/the development dependencies.*\n.*the whole n8n.*\n/, 0.5);
				check(!existsSync(join(clone, 'node_modules', 'n8n-core')), 'it began without a word');
			});
		});
		await timed('npm run dev again, until it has ended', async () => {
			await checkDevelopment(clone, 5, 'SIGTERM', 1, async () => {
				await running.prints(/about (20 seconds)/, 1);
				check(!running.log.includes('nstall'), 'it installed something again');
			});
		});
	});
	console.log('Nothing was left behind.');
}

/** Ends what may still be running, and removes everything. */
async function remove() {
	if (running) {
		running.child.kill('SIGTERM');
		await Promise.race([running.ended, sleep(MINUTES, undefined, { ref: false })]);
		try {
			process.kill(-running.child.pid, 'SIGKILL');
		} catch {
			// Nothing of it is left.
		}
	}
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.once(signal, () => void remove().finally(() => process.exit(1)));
}
try {
	await main();
} catch (error) {
	console.error(`${error.message}\n\n${running?.log ?? ''}`);
	process.exitCode = 1;
} finally {
	await remove();
}
