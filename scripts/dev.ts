/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, no-console */
/**
 * `npm run dev`: the real editor with the nodes of the current folder in it, built again on each change, the
 * emulator behind a ready credential, and the example workflows. With SEGMIND_API_KEY the credential is for
 * the real API. PORT is the editor's (5678, if free), JOB_SECONDS how long the emulator's jobs take.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { API_BASE_URL, STORAGE_BASE_URL } from '../nodes/shared/http/account';
import { startEmulator } from '../test/support/emulator';
import { freePort } from '../test/e2e/childProcess';
import { root } from '../test/e2e/installation';
import { N8n, OWNER } from '../test/e2e/n8n';
import { readExample, Workflows } from '../test/e2e/workflows';
import { buildLive } from './liveBuild';

const DEFAULT_PORT = 5678;
const { PORT, JOB_SECONDS = '3', SEGMIND_API_KEY } = process.env;

/** What is to be undone at the end, last things first. */
const undo: Array<() => unknown> = [];

/** Somebody has pressed Ctrl+C. */
let isEnding = false;

async function start(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-segmind-dev-'));
	undo.push(() => rmSync(folder, { recursive: true, force: true }));

	const installed = join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-segmind');
	undo.push(buildLive(process.cwd(), installed, (line) => console.log(line)));

	const segmind = await account();
	const port = Number(PORT) || (await editorPort());
	const temporary = join(folder, 'tmp');
	mkdirSync(temporary);
	const env = { N8N_DEV_RELOAD: 'true', TMPDIR: temporary };
	const n8n = await N8n.start({ folder, port, env });
	undo.push(async () => await n8n.stop());
	void n8n.process.ended.then(({ code }) => {
		if (isEnding) return;
		console.log(`n8n has ended by itself (${code}).`);
		process.emit('SIGTERM');
	});

	if (isEnding) return;
	await n8n.setUpOwner();
	await n8n.addCredential('segmindApi', 'Segmind account', segmind.data);
	const workflows = new Workflows(n8n.rest);
	const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'));
	for (const file of examples) await workflows.add(readExample(parse(file).name));

	console.log(`
  Editor     ${n8n.url}
  Sign in    ${OWNER.email}, password ${OWNER.password}
  Workflows  ${n8n.url}/home/workflows (the ${examples.length} of examples/)
  Costs      ${segmind.costs}
  n8n's log  ${n8n.process.logFile}

  Changes in nodes/, credentials/ and icons/ reach the editor by themselves; reload its page if it doesn't
  show them. Ctrl+C ends all of this and removes it.
`);
}

/** The data of the credential, and what a run costs with it. */
async function account(): Promise<{ data: object; costs: string }> {
	if (SEGMIND_API_KEY) {
		return {
			data: { apiKey: SEGMIND_API_KEY, baseUrl: API_BASE_URL, storageUrl: STORAGE_BASE_URL },
			costs: 'real money: each image of FaceSwap Comic about 0.065 USD, of Character Swap 0.15 USD',
		};
	}
	const emulator = await startEmulator({ jobSeconds: Number(JOB_SECONDS) });
	undo.push(async () => await emulator.close());
	const { apiKey, url } = emulator;
	return {
		data: { apiKey, baseUrl: url, storageUrl: url, historyUrl: url },
		costs: 'nothing: the emulator stands in for Segmind (with SEGMIND_API_KEY set, the real API)',
	};
}

/** n8n's usual port, or any other when that is taken. */
async function editorPort(): Promise<number> {
	const server = createServer();
	const isFree = await new Promise<boolean>((resolve) => {
		server.once('error', () => resolve(false));
		server.listen(DEFAULT_PORT, '127.0.0.1', () => server.close(() => resolve(true)));
	});
	return isFree ? DEFAULT_PORT : await freePort();
}

async function main(): Promise<void> {
	const interrupted = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => {
				isEnding = true;
				resolve();
			});
		}
	});
	console.log('Starting n8n, about 20 seconds …');
	const started = start();
	try {
		await Promise.race([interrupted, started]);
		await interrupted;
	} finally {
		console.log('Ending …');
		// What is still starting must be there before it can be ended.
		await started.catch(() => {});
		for (const step of undo.reverse()) await step();
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
