/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { LoggedProcess } from './childProcess';
import { findBrowser, startBrowser } from './editor/browser';
import { Editor } from './editor/editor';
import { root } from './installation';
import { picture } from '../support';
import { OWNER } from './n8n';
import { submitForm } from './parts/form';
import { RestClient } from './rest';
import { itemsOf, readExample, runsOf, Workflows, type Execution } from './workflows';

/** A copy of what is shipped, to change things in. */
let source: string;
/** Where the command puts its temporary files. */
let temporary: string;
let dev: LoggedProcess;

beforeAll(() => {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-e2e-dev-'));
	[source, temporary] = [join(folder, 'source'), join(folder, 'tmp')];
	mkdirSync(temporary);
	for (const name of ['nodes', 'credentials', 'icons', 'package.json']) copy(name);
	for (const name of ['tsconfig.json', 'tsconfig.build.json']) copy(name);
	symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'), 'junction');
	const { PATH = '' } = process.env;
	// As `npm run dev` does.
	dev = new LoggedProcess(
		process.execPath,
		['--import', 'tsx', join(root, 'scripts', 'dev.ts')],
		join(folder, 'dev.log'),
		{ cwd: source, env: { PATH, TMPDIR: temporary, HOME: folder } },
	);
});

afterAll(async () => {
	await dev.stop();
	rmSync(join(source, '..'), { recursive: true, force: true });
});

const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'));

const copy = (name: string) => cpSync(join(root, name), join(source, name), { recursive: true });

/** The address after a word that the command has printed. */
const printed = (word: string): string =>
	new RegExp(`^  ${word}\\s+(\\S+)`, 'm').exec(dev.log)?.[1] ?? '';

let rest: RestClient;

/** How the editor describes the node. */
async function descriptionOf(name: string): Promise<string | undefined> {
	const nodeInfos = [{ name: `n8n-nodes-segmind.${name}`, version: 1 }];
	const path = '/node-types';
	const [type] = await rest.call<Array<{ description: string }>>('POST', path, { nodeInfos });
	return type?.description;
}

it('opens the editor with the nodes, a credential and the examples in it', async () => {
	await dev.until('it told where the editor is', async () => printed('Editor'));
	expect(dev.log).toContain('Costs      nothing');
	rest = new RestClient(printed('Editor'));
	const { email: emailOrLdapLoginId, password } = OWNER;
	await rest.call('POST', '/login', { emailOrLdapLoginId, password });
	expect(await descriptionOf('characterSwap')).toContain('Replace the character');
	const credentials = await rest.call<Array<{ type: string }>>('GET', '/credentials');
	expect(credentials.map(({ type }) => type).sort()).toEqual(['s3', 'segmindApi', 'smtp']);
	expect(await rest.call('GET', '/workflows')).toHaveLength(examples.length);
});

it('prints where the stand-ins for Segmind and a storage are', async () => {
	expect((await fetch(`${printed('Segmind')}/v1/get-user-credits`)).status).toBe(401);
	expect((await fetch(`${printed('Storage')}/my-bucket`)).ok).toBe(true);
});

describe('the examples run at once', () => {
	let workflows: Workflows;
	let ids: Map<string, string>;

	beforeAll(async () => {
		workflows = new Workflows(rest);
		const list = await rest.call<Array<{ id: string; name: string }>>('GET', '/workflows');
		ids = new Map(list.map(({ id, name }) => [name, id]));
	});

	const idOf = (name: string): string => ids.get(readExample(name).name) ?? '';

	/** Runs an example from its trigger, and returns what it did. */
	async function run(name: string): Promise<Execution> {
		const trigger = readExample(name).nodes.find(({ type }) => type.endsWith('Trigger'));
		const execution = await workflows.run(idOf(name), trigger?.name ?? '');
		const { status, data } = execution;
		expect({ name, status, error: data.resultData.error }).toEqual({ name, status: 'success' });
		return execution;
	}

	it('comic-from-form', async () => {
		await workflows.activate(idOf('comic-from-form'));
		const { page } = await submitForm(`${printed('Editor')}/form/my-comic`, photo());
		expect(page).toContain('Here is your comic');
	});

	it('comic-from-webhook', async () => {
		await workflows.activate(idOf('comic-from-webhook'));
		const body = new FormData();
		body.append('photo', photo(), 'me.jpg');
		const address = `${printed('Editor')}/webhook/comic`;
		expect((await fetch(address, { method: 'POST', body })).status).toBe(200);
	});

	it('folder-batch-comic', async () => {
		const items = itemsOf(await run('folder-batch-comic'), 'Put the Face into the Pages');
		expect(items.map(({ json }) => json.fileName)).toEqual(['page-1.jpg', 'page-2.jpg']);
		// The jobs take 3 s. The nodes would wait for 20 if the emulator didn't say what it allows.
		for (const { json } of items) {
			const { waitSeconds } = json.metrics as { waitSeconds: number };
			expect(waitSeconds).toBeLessThan(15);
		}
	});

	it('s3-character-swap-email', async () => {
		await run('s3-character-swap-email');
		expect(dev.log).toContain('Mail: "New pictures: 3", with 3 file(s)');
	});

	it('scale-out', async () => {
		const execution = await run('scale-out');
		expect(runsOf(execution, 'Finished Comics')).toBeGreaterThan(0);
	});

	it('comic-table-submit and comic-table-fetch', async () => {
		await run('comic-table-submit');
		await run('comic-table-fetch');
	});

	it('outbox', async () => {
		await run('outbox');
		expect(dev.log).toMatch(/Mail: "Your comic.*with 1 file/);
	});

	it('spending-report', async () => {
		await run('spending-report');
		expect(dev.log).toContain('Mail: "FaceSwap Comic in ');
	});

	it('low-credits', async () => {
		const [balance] = itemsOf(await run('low-credits'), 'Credits Left');
		expect(balance?.json).toEqual({ credits: expect.any(Number) });
	});
});

const photo = () => new Blob([new Uint8Array(picture('face.jpg'))], { type: 'image/jpeg' });

it('prints where the list of workflows is', () => {
	expect(printed('Workflows')).toBe(`${printed('Editor')}/home/workflows`);
});

(findBrowser() ? it : it.skip)('lists the examples there', async () => {
	const browser = await startBrowser();
	try {
		const editor = await Editor.open(browser, printed('Editor'));
		await editor.signIn(OWNER);
		await editor.page.goto(printed('Workflows'));
		for (const file of examples) {
			const { name } = readExample(parse(file).name);
			await editor.part('workflow-card-name').filter({ hasText: name }).waitFor();
		}
	} finally {
		await browser.close();
	}
});

it('takes a change over while it runs', async () => {
	const file = join(source, 'nodes', 'FaceSwapComic', 'FaceSwapComic.node.ts');
	const before = await descriptionOf('faceSwapComic');
	const code = readFileSync(file, 'utf8');
	writeFileSync(file, code.replace(before ?? '', 'A sentence that was not there before'));
	await dev.until(
		'the editor had the change',
		async () => (await descriptionOf('faceSwapComic')) === 'A sentence that was not there before',
	);
});

it('takes a new node over, once package.json registers it', async () => {
	const renamed = (text: string) =>
		text.replaceAll('CharacterSwap', 'OtherSwap').replaceAll('characterSwap', 'otherSwap');
	for (const name of ['CharacterSwap.node.ts', 'CharacterSwap.node.json', 'model.ts']) {
		const file = join('nodes', 'CharacterSwap', name);
		mkdirSync(join(source, 'nodes', 'OtherSwap'), { recursive: true });
		writeFileSync(join(source, renamed(file)), renamed(readFileSync(join(root, file), 'utf8')));
	}
	for (const icon of ['characterSwap.svg', 'characterSwap.dark.svg']) {
		cpSync(join(root, 'icons', icon), join(source, 'icons', renamed(icon)));
	}
	const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[] };
	};
	manifest.n8n.nodes.push('dist/nodes/OtherSwap/OtherSwap.node.js');
	writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));
	await dev.until('the editor had the node', async () => await descriptionOf('otherSwap'));
	expect(dev.log).toContain('restarting n8n');
});

it('leaves nothing behind when it is interrupted', async () => {
	process.kill(dev.pid ?? 0, 'SIGINT');
	expect(await dev.ended).toEqual({ code: 0, signal: null });
	await expect(fetch(printed('Editor'))).rejects.toThrow();
	expect(readdirSync(temporary).filter((name) => name.startsWith('n8n'))).toEqual([]);
	expect(processesOf(temporary)).toEqual([]);
});

/** Processes that have a folder in their environment; none where the system doesn't tell. */
function processesOf(folder: string): string[] {
	if (!existsSync('/proc/self/environ')) return [];
	return readdirSync('/proc').filter((pid) => {
		try {
			return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder);
		} catch {
			return false;
		}
	});
}
