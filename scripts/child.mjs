/** Runs commands one after the other, as a shell does, and lets signals and exit codes through. */
import { spawn } from 'node:child_process';
import { isWindows } from './machine.mjs';

/**
 * Milliseconds before a signal is passed on. Ctrl+C reaches all processes of a terminal at once, a supervisor may
 * tell only this one: what ends by itself needs no second signal.
 */
const GRACE = 500;

/** Tells the command that is running. */
let tell = () => {};
let received;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	let timer;
	process.on(signal, () => {
		received ??= signal;
		// Windows tells every process of a console, and there `kill` would end the command without a word.
		if (isWindows) return;
		timer ??= setTimeout(() => {
			timer = undefined;
			tell(signal);
		}, GRACE);
	});
}

/** Ends this process by a signal, so that whoever started it sees why. */
function endBy(signal) {
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
}

/**
 * Resolves when the command has ended well; otherwise this process ends as the command did. With `wholly`, signals
 * reach all that the command has started, too, which npm doesn't see to itself.
 */
export async function runToEnd(command, args, { wholly = false, ...options }) {
	if (received) endBy(received);
	// Where it has a process group of its own, that can be told as a whole.
	const detached = wholly && !isWindows;
	const child = spawn(command, args, { stdio: 'inherit', detached, ...options });
	tell = (signal) => process.kill(detached ? -child.pid : child.pid, signal);
	const { code, signal } = await new Promise((resolve) => {
		child.once('error', (error) => {
			console.error(error.message);
			resolve({ code: 127 });
		});
		child.once('exit', (code, signal) => resolve({ code, signal }));
	});
	tell = () => {};
	if (signal) endBy(signal);
	if (code !== 0) process.exit(code);
}
