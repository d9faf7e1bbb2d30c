/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { root } from '../installation';
import { OWNER } from '../n8n';
import { n8n, SEGMIND_CREDENTIAL, useN8n } from '../support';
import { readExample, type WorkflowFile } from '../workflows';
import { findBrowser, NO_BROWSER, startBrowser } from './browser';
import { Editor } from './editor';

const inABrowser = findBrowser() ? describe : describe.skip;
if (!findBrowser()) process.stderr.write(`No recipe is imported by hand. ${NO_BROWSER}\n`);

const RECIPE = 'scale-out';
const { name: NAME, nodes } = readExample(RECIPE);
const OURS = nodes.filter(({ type }) => type.includes('segmind.')).map((node) => node.name);

inABrowser('a recipe that is imported by hand', () => {
	useN8n();

	let browser: Browser;
	let editor: Editor;

	beforeAll(async () => {
		browser = await startBrowser();
		editor = await Editor.open(browser, n8n.url);
		await editor.signIn(OWNER);
	});

	beforeEach(async () => {
		for (const id of await ids('/workflows')) {
			await n8n.rest.call('POST', `/workflows/${id}/archive`, {});
			await n8n.rest.call('DELETE', `/workflows/${id}`);
		}
	});

	afterAll(async () => {
		const { aTestHasFailed } = globalThis as { aTestHasFailed?: boolean };
		if (aTestHasFailed) await editor?.page.screenshot({ path: 'coverage/recipes-failed.png' });
		await browser?.close();
	});

	const importRecipe = async () => {
		await editor.importFile(join(root, 'examples', `${RECIPE}.json`));
	};

	const ids = async (path: string): Promise<string[]> =>
		(await n8n.rest.call<Array<{ id: string }>>('GET', path)).map(({ id }) => id);

	/** The saved workflow, once it is as it should be: the editor saves it by itself. */
	async function savedWhen(isSo: (workflow: WorkflowFile) => boolean): Promise<void> {
		for (const end = Date.now() + 60_000; ; await sleep(200)) {
			const [id] = await ids('/workflows');
			if (id && isSo(await n8n.rest.call<WorkflowFile>('GET', `/workflows/${id}`))) return;
			if (Date.now() > end) throw new Error('The editor has not saved that');
		}
	}

	/** Whether exactly these nodes have the credential of that name. */
	const haveCredential =
		(names: string[], credential = '') =>
		(workflow: WorkflowFile): boolean =>
			workflow.name === NAME &&
			workflow.nodes.every(
				({ name, credentials }) =>
					credentials?.segmindApi?.name === (names.includes(name) ? credential : undefined),
			);

	it('takes the credential that is there', async () => {
		await importRecipe();
		await savedWhen(haveCredential(OURS, SEGMIND_CREDENTIAL));
	});

	it('marks its nodes when there is none, and takes one that is added later, when they are opened', async () => {
		const [credential] = await ids('/credentials');
		await n8n.rest.call('DELETE', `/credentials/${credential}`);
		await importRecipe();
		await savedWhen(haveCredential([]));
		for (const name of OURS) await editor.issuesOf(name).waitFor();
		await n8n.addCredential('segmindApi', 'A name of my own', { apiKey: 'SG_0123456789' });
		await editor.page.reload();
		for (const [index, name] of OURS.entries()) {
			await editor.openNode(name);
			await savedWhen(haveCredential(OURS.slice(0, index + 1), 'A name of my own'));
			await editor.closeNode();
		}
		for (const name of OURS) expect(await editor.issuesOf(name).count()).toBe(0);
	});

	it('shows where a request ID comes from', async () => {
		await importRecipe();
		await editor.openNode('Get the Results');
		const field = editor.panel.getByTestId('resource-locator-requestId');
		expect(await field.locator('input').first().inputValue()).toBe('By ID');
		expect(await field.innerText()).toContain('$json.requestId');
	});
});
