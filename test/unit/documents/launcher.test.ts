/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../../support';

interface Ending {
	code: number | null;
	signal: string | null;
	printed: string;
}

/** Runs the launcher as npm does on a fresh clone, when the shell finds the machine's commands only. */
async function launch(words: string[], whenReady?: (pid: number) => void): Promise<Ending> {
	const path = (process.env.PATH ?? '').split(delimiter);
	const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), ...words], {
		env: {
			...process.env,
			PATH: path.filter((entry) => !entry.includes('node_modules')).join(delimiter),
		},
		stdio: ['ignore', 'pipe', 'inherit'],
		// A group of its own, as in a terminal.
		detached: true,
	});
	let printed = '';
	child.stdout.on('data', (chunk) => {
		printed += String(chunk);
		if (String(chunk).includes('ready')) whenReady?.(Number(child.pid));
	});
	const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
	return { code, signal, printed };
}

const node = (code: string): string[] => ['node', '-e', code];
const then = '--then';

/** Waits for a signal, and ends in its own way. */
const tidy = (signal: string, code: number) =>
	node(`
		process.on('${signal}', () => {
			console.log('tidied up');
			process.exit(${code});
		});
		setInterval(() => {}, 1000);
		console.log('ready');
	`);

it('starts the steps one after the other, on the Node.js of the lockfile', async () => {
	const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
		devDependencies: Record<string, string>;
	};
	const version = ['node', '-p', 'process.version'];
	// What a step starts by itself, too.
	const nested = node("require('child_process').spawnSync('node', ['-v'], { stdio: 'inherit' })");
	const { code, printed } = await launch([...version, then, ...nested, then, 'tsc', '--version']);
	expect(printed.split('\n')).toEqual([
		`v${devDependencies.node}`,
		`v${devDependencies.node}`,
		`Version ${devDependencies.typescript}`,
		'',
	]);
	expect(code).toBe(0);
});

it('ends as the step did that fails', async () => {
	const steps = [...node('process.exit(7)'), then, ...node("console.log('too far')")];
	expect(await launch(steps)).toEqual({ code: 7, signal: null, printed: '' });
	const killed = node("process.kill(process.pid, 'SIGKILL')");
	expect(await launch(killed)).toEqual({ code: null, signal: 'SIGKILL', printed: '' });
});

it('passes a signal on that reached nobody else, and ends with what comes of it', async () => {
	expect(await launch(tidy('SIGTERM', 3), (pid) => process.kill(pid, 'SIGTERM'))).toEqual({
		code: 3,
		signal: null,
		printed: 'ready\ntidied up\n',
	});
});

it('waits until a step has tidied up after Ctrl+C, and starts no other', async () => {
	const interrupt = (pid: number) => process.kill(-pid, 'SIGINT');
	const printed = 'ready\ntidied up\n';
	const last = tidy('SIGINT', 0);
	expect(await launch(last, interrupt)).toEqual({ code: 0, signal: null, printed });
	const further = [...last, then, ...node("console.log('too far')")];
	expect(await launch(further, interrupt)).toEqual({ code: null, signal: 'SIGINT', printed });
});
