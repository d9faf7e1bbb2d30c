/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import type { Browser } from 'playwright-core';
import { startEmulator, type Emulator } from '../../support/emulator';
import { picture, registeredNodes } from '../../support';
import { packPackage } from '../installation';
import { N8n, OWNER } from '../n8n';
import { findBrowser, NO_BROWSER, startBrowser } from './browser';
import { Editor } from './editor';

const inABrowser = findBrowser() ? describe : describe.skip;
if (!findBrowser()) process.stderr.write(`The tests of the editor are skipped. ${NO_BROWSER}\n`);

/** One user's first quarter of an hour: each test goes on where the one before it ended. */
inABrowser('the editor', () => {
	let emulator: Emulator;
	let n8n: N8n;
	let browser: Browser;
	let editor: Editor;

	beforeAll(async () => {
		// A plan that has requests to spare: a job that is done early is found early.
		emulator = await startEmulator({
			jobSeconds: 0.5,
			rateLimit: { perMinute: 500, headers: true },
		});
		n8n = await N8n.start({ published: packPackage() });
		browser = await startBrowser();
		editor = await Editor.open(browser, n8n.url);
	});

	afterAll(async () => {
		const { aTestHasFailed } = globalThis as { aTestHasFailed?: boolean };
		if (aTestHasFailed) await editor?.page.screenshot({ path: 'coverage/editor-failed.png' });
		await browser?.close();
		await n8n?.stop();
		await emulator?.close();
	});

	it('lets the first user in', async () => {
		await editor.setUpOwner(OWNER);
	});

	it('installs the package', async () => {
		const card = await editor.installPackage('n8n-nodes-segmind');
		expect(card).toContain(`${registeredNodes.length} nodes`);
		expect(card).toContain('Character Swap');
		expect(card).toContain('FaceSwap Comic');
	});

	it('begins a workflow', async () => {
		await editor.newWorkflow();
	});

	it.each([
		['segmind', ['FaceSwap Comic', 'Character Swap']],
		['face swap', ['FaceSwap Comic']],
		['faceswap', ['FaceSwap Comic']],
		['comic', ['FaceSwap Comic']],
		['character', ['Character Swap']],
		['swap', ['FaceSwap Comic', 'Character Swap']],
		['cartoon', ['FaceSwap Comic']],
		['swap face', ['FaceSwap Comic']],
		['portrait', ['FaceSwap Comic', 'Character Swap']],
		['image generation', ['FaceSwap Comic', 'Character Swap']],
	])('finds nodes by "%s"', async (text, names) => {
		await editor.search(text);
		for (const name of names) await editor.nodeFound(name).waitFor();
	});

	it('adds the node to the workflow, by the action that it is there for', async () => {
		await editor.addNode('FaceSwap Comic');
		const panel = await editor.panel.innerText();
		expect(panel).toContain('The face: a photo with one clear face');
		expect(panel).toContain('0.065 USD per image');
	});

	it('marks a node without images before it runs', async () => {
		await editor.closeNode();
		await editor.issuesOf('FaceSwap Comic').hover();
		await editor.page.getByText('Parameter "Source Image URL" is required').waitFor();
		await editor.openNode('FaceSwap Comic');
	});

	it('says that a bad key does not work', async () => {
		await editor.page.getByText('Connect to Segmind').click();
		await editor.fillCredential('apiKey', 'SG_wrong');
		await editor.fillCredential('baseUrl', emulator.url);
		await editor.fillCredential('storageUrl', emulator.url);
		await editor.fillCredential('historyUrl', emulator.url);
		await editor.saveCredential();
		await editor.credential.getByText('Couldn’t connect with these settings').waitFor();
		await editor.credential.getByText('More details').click();
		await editor.credential.getByText('Segmind did not accept the API key').waitFor();
	});

	it('shows an error of the API as the node words it', async () => {
		await editor.closeCredential();
		const url = (name: string, type: string) => emulator.hostFile(name, picture(name), type);
		await editor.fill('sourceImageUrl', url('face.jpg', 'image/jpeg'));
		await editor.fill('targetImageUrl', url('comic.png', 'image/png'));
		await editor.execute();
		const shown = await editor.error('did not accept the API key');
		expect(shown).toContain('Nothing was spent.');
		expect(shown).toContain('paste the key again');
		expect(emulator.ledger.jobs).toHaveLength(0);
	});

	it('says that a good key works', async () => {
		await editor.editCredential();
		await editor.fillCredential('apiKey', emulator.apiKey);
		await editor.saveCredential();
		await editor.credential.getByText('Connection tested successfully').waitFor();
		await editor.closeCredential();
	});

	it('runs the node and shows the image', async () => {
		await editor.fill('prompt', 'happy');
		await editor.execute();
		const image = await editor.viewImage();
		const [job] = emulator.ledger.jobs;
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(job?.body).toMatchObject({ prompt: 'happy' });
		expect(image.equals(await emulator.image(job?.requestId ?? ''))).toBe(true);
	});

	it('shows why a job failed, and what it cost', async () => {
		emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face detected' } });
		await editor.execute();
		const shown = await editor.error('No face detected');
		expect(shown).toContain('could not make this image');
		expect(shown).toContain(emulator.ledger.jobs[1]?.requestId);
	});

	it("lists the account's jobs, and fetches the image of the one that is chosen", async () => {
		await editor.choose('operation', 'Get Result');
		const list = await editor.openList('requestId');
		expect(await list.allInnerTexts()).toEqual([
			expect.stringMatching(/^comic\.png · \S+ \S+ · failed/),
			expect.stringMatching(/^comic\.png · \S+ \S+ · completed · 0.065 USD$/),
		]);
		await list.filter({ hasText: 'completed' }).click();
		await editor.execute();
		const image = await editor.viewImage();
		const requestId = emulator.ledger.jobs[0]?.requestId ?? '';
		expect(image.equals(await emulator.image(requestId))).toBe(true);
		expect(emulator.ledger.jobs).toHaveLength(2);
	});

	it('says that Character Swap begins with samples, before they are bought and after', async () => {
		await editor.closeNode();
		await editor.addNode('Character Swap');
		const samples = editor.panel.getByText("This is Segmind's sample image, not your input");
		expect(await samples.count()).toBe(2);
		expect(await editor.panel.innerText()).toContain('0.1522 USD per image');
		await editor.execute();
		await editor.output.getByText('This run did not use its input').waitFor();
		await editor.fill('characterImageUrl', 'https://example.com/own.png');
		await samples.nth(1).waitFor({ state: 'detached' });
		expect(await samples.count()).toBe(1);
	});
});
