/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, no-console */
/**
 * `npm run dev`: the real editor with the nodes of the current folder in it, built again on each change, and the
 * example workflows, filled in. Behind ready credentials are the emulator, a storage and a mail server. With
 * SEGMIND_API_KEY the credential of Segmind is for the real API. PORT is the editor's (5678, if free), JOB_SECONDS
 * how long the emulator's jobs take.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { API_BASE_URL, STORAGE_BASE_URL } from '../nodes/shared/http/account';
import { startEmulator } from '../test/support/emulator';
import { freePort } from '../test/e2e/childProcess';
import { root } from '../test/e2e/installation';
import { N8n, OWNER } from '../test/e2e/n8n';
import { startMailServer } from '../test/e2e/parts/mail';
import { startStorage } from '../test/e2e/parts/storage';
import { fillIn, readExample, settingsOf, Workflows } from '../test/e2e/workflows';
import { installOnce } from './installOnce';
import { buildLive } from './liveBuild';

const DEFAULT_PORT = 5678;
const { PORT, JOB_SECONDS = '3', SEGMIND_API_KEY } = process.env;

/**
 * What the emulator allows, and says so. Without that, the nodes take it for Segmind's smallest plan and save their
 * requests for the time when a job of Segmind is usually finished, after 20 seconds and more.
 */
const REQUESTS_PER_MINUTE = 500;

/** As the examples name it. */
const BUCKET = 'my-bucket';

/** What goes together into the node "Settings" of each example that has all of these fields. */
type Settings = Record<string, unknown>;

/** What is to be undone at the end, last things first. */
const undo: Array<() => unknown> = [];

/** Somebody has pressed Ctrl+C. */
let isEnding = false;

let n8n: N8n | undefined;

/** n8n is ended and started again, once or more often. */
let restarting = Promise.resolve();
let isRestarting = false;

async function start(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-segmind-dev-'));
	undo.push(() => rmSync(folder, { recursive: true, force: true }));

	const installed = join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-segmind');
	undo.push(
		buildLive(process.cwd(), installed, {
			say: (line) => console.log(line),
			registered: () => (restarting = restarting.then(restart).catch(giveUp)),
		}),
	);

	const segmind = await account();
	const storage = await startStorage(BUCKET);
	undo.push(async () => await storage.close());
	const mail = await startMailServer();
	undo.push(async () => await mail.close());
	mail.receive = ({ subject, attachments }) => {
		console.log(`Mail: "${subject}", with ${attachments.length} file(s)`);
		return 'take';
	};
	for (const name of ['beach', 'castle', 'forest']) {
		await storage.put(`pictures/${name}.jpg`, image('picture.jpg'), 'image/jpeg');
	}
	const port = Number(PORT) || (await editorPort());
	const temporary = join(folder, 'tmp');
	mkdirSync(temporary);
	const env = { N8N_DEV_RELOAD: 'true', TMPDIR: temporary };
	n8n = await N8n.start({ folder, port, env });
	undo.push(async () => await n8n?.stop());
	endWith(n8n.process);

	if (isEnding) return;
	await n8n.setUpOwner();
	await n8n.addCredential('segmindApi', 'Segmind account', segmind.data);
	await n8n.addCredential('s3', 'S3 account', storage.credential);
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
	const settings = [...segmind.settings, pagesIn(folder)];
	const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'));
	await addExamples(new Workflows(n8n.rest), examples, settings);

	console.log(`
  Editor     ${n8n.url}
  Sign in    ${OWNER.email}, password ${OWNER.password}
  Workflows  ${n8n.url}/home/workflows (the ${examples.length} of examples/, ready to run; the chat agent wants a model)
  Costs      ${segmind.costs}
  Segmind    ${segmind.where}
  Storage    ${storage.url} (S3, with the bucket ${BUCKET})
  Mails      are listed here as they come
  n8n's log  ${n8n.process.logFile}

  Changes in nodes/, credentials/ and icons/ show up in the editor; reload its page if it doesn't show them.
  For a new node in package.json, n8n restarts by itself; for a new model of the emulator, start this again.
  Ctrl+C ends all of this and removes it.
`);
}

/** Ends everything when n8n ends by itself. */
function endWith(running: N8n['process']): void {
	void running.ended.then(({ code }) => {
		if (!isRestarting) giveUp(`n8n has ended by itself (${code}).`);
	});
}

function giveUp(why: unknown): void {
	if (isEnding) return;
	console.log(why instanceof Error ? why.message : why);
	process.emit('SIGTERM');
}

/** n8n reads only when it starts which nodes a package has. */
async function restart(): Promise<void> {
	if (!n8n || isEnding) return;
	console.log('package.json registers other nodes: restarting n8n …');
	isRestarting = true;
	await n8n.restart();
	isRestarting = false;
	endWith(n8n.process);
	console.log('n8n is back; reload its page.');
}

const image = (name: string) => readFileSync(join(root, 'examples', 'images', name));

/** Adds the examples, filled in as far as the settings fit. */
async function addExamples(workflows: Workflows, files: string[], all: Settings[]): Promise<void> {
	for (const file of files) {
		const example = readExample(parse(file).name);
		const names = settingsOf(example).map(({ name }) => name);
		const own = all.filter((settings) =>
			Object.keys(settings).every((name) => names.includes(name)),
		);
		await workflows.add(fillIn(example, Object.assign({}, ...own) as Settings));
	}
}

/** Puts a face and two pages where n8n may read files, and room for results; the settings that name them. */
function pagesIn(folder: string): Settings {
	const files = join(folder, '.n8n-files');
	const [pagesFolder, resultsFolder] = [join(files, 'pages'), join(files, 'finished')];
	const faceFile = join(files, 'face.jpg');
	for (const path of [pagesFolder, resultsFolder]) mkdirSync(path, { recursive: true });
	cpSync(join(root, 'examples', 'images', 'face.jpg'), faceFile);
	for (const page of ['page-1.png', 'page-2.png']) {
		cpSync(join(root, 'examples', 'images', 'comic.png'), join(pagesFolder, page));
	}
	return { pagesFolder, resultsFolder, faceFile };
}

/** The Segmind that the credential leads to. */
interface Segmind {
	/** Of the credential. */
	data: object;
	costs: string;
	where: string;
	/** Images for the examples that it can fetch, and what is else to be known of it. */
	settings: Settings[];
}

async function account(): Promise<Segmind> {
	if (SEGMIND_API_KEY) {
		return {
			data: { apiKey: SEGMIND_API_KEY, baseUrl: API_BASE_URL, storageUrl: STORAGE_BASE_URL },
			costs: 'real money: each node says what an image costs',
			where: `${API_BASE_URL} (with your key; put public addresses into the node Settings of an example)`,
			settings: [],
		};
	}
	const emulator = await startEmulator({
		jobSeconds: Number(JOB_SECONDS),
		rateLimit: { perMinute: REQUESTS_PER_MINUTE, headers: true },
	});
	undo.push(async () => await emulator.close());
	const { apiKey, url } = emulator;
	const png = (file: string, name = file) => emulator.hostFile(name, image(file), 'image/png');
	const comicUrls = ['page-1.png', 'page-2.png'].map((page) => png('comic.png', page));
	const faceUrl = emulator.hostFile('face.jpg', image('face.jpg'), 'image/jpeg');
	return {
		data: { apiKey, baseUrl: url, storageUrl: url, historyUrl: url },
		costs: 'nothing: the emulator stands in for Segmind (with SEGMIND_API_KEY set, the real API)',
		where: `${url} (the emulator: jobs of ${JOB_SECONDS} s, ${REQUESTS_PER_MINUTE} requests a minute)`,
		settings: [
			{ comicUrl: png('comic.png') },
			{ comicUrls: JSON.stringify(comicUrls), faceUrl },
			{ characterUrl: png('reference-character.png') },
			// Jobs are quick here.
			{ sleepSeconds: 5 },
		],
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
	installOnce('test/e2e/n8n');
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
		await restarting;
		for (const step of undo.reverse()) await step();
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
