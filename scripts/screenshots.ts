/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, no-console */
/**
 * Takes the README's pictures of the real editor, with the emulator behind the credential, into docs/images:
 * `npm run screenshots`, or only some of them: `npm run screenshots -- error example-`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import sharp from 'sharp';
import { startEmulator, type Emulator } from '../test/support/emulator';
import { startBrowser } from '../test/e2e/editor/browser';
import { Editor } from '../test/e2e/editor/editor';
import { Visitor } from '../test/e2e/editor/visitor';
import { packPackage, root } from '../test/e2e/installation';
import { N8n, OWNER } from '../test/e2e/n8n';
import { fillIn, readExample, Workflows } from '../test/e2e/workflows';
import { installOnce } from './installOnce';
import { Film } from './screenshots.film';
import { panelWorkflow, runWorkflow, startWorkflow } from './screenshots.workflows';

const MAXIMUM_BYTES = 200 * 1024;
const wanted = process.argv.slice(2);
const isWanted = (name: string) =>
	wanted.length === 0 || wanted.some((start) => name.startsWith(start));

/** Wide enough for a panel with an image. */
const WIDE: BrowserContextOptions = { viewport: { width: 1440, height: 840 } };

let emulator: Emulator;
let n8n: N8n;
let browser: Browser;
let workflows: Workflows;

/** Opens a window in which the owner is signed in and nothing pops up in front of the picture. */
async function open(options: BrowserContextOptions = {}): Promise<Editor> {
	const editor = await Editor.open(browser, n8n.url, { deviceScaleFactor: 1.5, ...options });
	await editor.page.addInitScript(() => {
		const page = (globalThis as unknown as { document: PageDocument }).document;
		page.addEventListener('DOMContentLoaded', () => {
			const style = page.createElement('style');
			style.textContent = '.el-notification { display: none !important }';
			page.head.append(style);
		});
	});
	await editor.signIn(OWNER);
	return editor;
}

interface PageDocument {
	addEventListener(name: string, listener: () => void): void;
	createElement(name: string): { textContent: string };
	head: { append(element: unknown): void };
}

/** Writes a picture, small enough for a README. */
async function write(name: string, picture: Buffer): Promise<void> {
	const path = join(root, 'docs', 'images', `${name}.png`);
	await sharp(picture).png({ palette: true, colours: 192, effort: 10 }).toFile(path);
	const { size } = statSync(path);
	console.log(`${name}.png  ${(size / 1024).toFixed(0)} KB`);
	if (size > MAXIMUM_BYTES) throw new Error(`${name}.png is larger than ${MAXIMUM_BYTES} bytes`);
}

/** Pixels around the nodes on a canvas and what hangs on them: their names are below, and a sign at the left. */
const MARGIN = { top: 24, side: 56, bottom: 72 };

/** Nodes, and the button at an output that nothing follows. */
const ON_CANVAS = '.vue-flow__node, [data-test-id=canvas-handle-plus]';

/** Takes the editor's own buttons away, which float in front of the canvas. */
const CANVAS_ALONE =
	'button:not(.vue-flow__transformationpane *) { visibility: hidden !important }';

/** What an element looks like, once it has stopped moving; of the canvas, the part that holds nodes. */
async function take(element: Locator): Promise<Buffer> {
	const page = element.page();
	await page.mouse.move(0, 0);
	const onCanvas = await element.locator(ON_CANVAS).all();
	if (onCanvas.length === 0) return await element.screenshot({ animations: 'disabled' });
	const boxes = await Promise.all(onCanvas.map(async (node) => await node.boundingBox()));
	const edges = boxes.flatMap((box) => box ?? []);
	const x = Math.min(...edges.map((box) => box.x)) - MARGIN.side;
	const y = Math.min(...edges.map((box) => box.y)) - MARGIN.top;
	const right = Math.max(...edges.map((box) => box.x + box.width)) + MARGIN.side;
	const bottom = Math.max(...edges.map((box) => box.y + box.height)) + MARGIN.bottom;
	const clip = { x, y, width: right - x, height: bottom - y };
	return await page.screenshot({ animations: 'disabled', clip, style: CANVAS_ALONE });
}

/** One picture beside the other, with a thin line between them. */
const sideBySide = async (pictures: Buffer[]): Promise<Buffer> =>
	await sharp(pictures, { join: { across: 2, shim: 2, background: '#dbdfe7' } })
		.png()
		.toBuffer();

/** One picture: what is done in a window of its own, and the part of it that is shown. */
async function picture(
	name: string,
	show: (editor: Editor) => Promise<Locator>,
	options?: BrowserContextOptions,
): Promise<void> {
	if (!isWanted(name)) return;
	const editor = await open(options);
	try {
		await write(name, await take(await show(editor)));
	} finally {
		await editor.close();
	}
}

/** The same in the light and in the dark theme, side by side. */
async function pictureInBothThemes(
	name: string,
	show: (editor: Editor) => Promise<Locator>,
	options?: BrowserContextOptions,
): Promise<void> {
	if (!isWanted(name)) return;
	const halves: Buffer[] = [];
	for (const colorScheme of ['light', 'dark'] as const) {
		const editor = await open({ ...options, colorScheme });
		halves.push(await take(await show(editor)));
		await editor.close();
	}
	await write(name, await sideBySide(halves));
}

/** The form as its visitor sees it: filled in, and with the comic, side by side. */
async function pictureOfForm(name: string, comicUrl: string): Promise<void> {
	if (!isWanted(name)) return;
	const id = await workflows.add(fillIn(readExample('comic-from-form'), { comicUrl }));
	await workflows.activate(id);
	const page = await browser.newPage({ viewport: { width: 720, height: 640 } });
	const visitor = new Visitor(page, `${n8n.url}/form/my-comic`);
	await visitor.open();
	await visitor.choosePhoto(image('face.jpg'));
	const pages = [await page.screenshot({ animations: 'disabled' })];
	await visitor.send();
	await visitor.seesComic();
	pages.push(await page.screenshot({ animations: 'disabled' }));
	await page.close();
	await write(name, await sideBySide(pages));
}

const WINDOW = { width: 1280, height: 720 };

/** Drawings on a page as large as the editor's window, side by side. */
async function page(...drawings: string[]): Promise<Buffer> {
	const gap = 40;
	const width = (WINDOW.width - gap * (drawings.length + 1)) / drawings.length;
	const pictures = await Promise.all(
		drawings.map(
			async (name) =>
				await sharp(join(root, 'examples', 'images', 'src', name))
					.resize({ width, height: WINDOW.height - 2 * gap, fit: 'contain', background: '#fff' })
					.png()
					.toBuffer(),
		),
	);
	const placed = pictures.map((input, index) => {
		const left = Math.round(gap + index * (width + gap));
		return { input, top: gap, left };
	});
	const background = { create: { ...WINDOW, channels: 3 as const, background: '#fff' } };
	return await sharp(background).composite(placed).png().toBuffer();
}

/** The first image, from an empty place in the workflow to the picture; the stand-in gives out the one that is drawn for it. */
async function filmOfFirstImage(name: string) {
	if (!isWanted(name)) return;
	const editor = await open({ viewport: WINDOW, deviceScaleFactor: 1 });
	const film = new Film(editor.page);
	const result = join(root, 'examples', 'images', 'src', 'comic-with-face.svg');
	const body = await sharp(result).png({ palette: true }).toBuffer();
	emulator.fault({ on: 'download', fault: { kind: 'body', body, contentType: 'image/png' } });
	film.add(await page('face.svg', 'comic.svg'), 2_000);
	await editor.openWorkflow(await workflows.add(startWorkflow));
	await film.shoot(800);
	await editor.part('canvas-handle-plus').click();
	await editor.search('segmind');
	await editor.nodeFound('FaceSwap Comic').waitFor();
	await film.shoot(1_200);
	await editor.addNode('FaceSwap Comic');
	await film.shoot(900);
	await editor.fill('sourceImageUrl', 'https://example.com/portrait.jpg');
	await film.shoot(800);
	await editor.fill('targetImageUrl', 'https://example.com/comic.png');
	await film.shoot(1_000);
	await editor.execute();
	await editor.page.waitForTimeout(400);
	await film.shoot(900);
	await editor.viewImage();
	await film.shoot(1_800);
	film.add(await page('comic-with-face.svg'), 3_000);
	const size = await film.write(join(root, 'docs', 'images', `${name}.gif`));
	console.log(`${name}.gif  ${(size / 1024).toFixed(0)} KB`);
	await editor.close();
}

/** Some jobs that the account remembers; one of them failed. */
async function buyPages(): Promise<void> {
	const face = emulator.hostFile('face.jpg', image('face.jpg'), 'image/jpeg');
	for (const page of ['page-05', 'page-06', 'page-07', 'page-08']) {
		if (page === 'page-06') emulator.fault({ on: 'submit', fault: { kind: 'fail', error: '' } });
		const comic = emulator.hostFile(`${page}.png`, image('comic.png'), 'image/png');
		await workflows.run(await workflows.add(runWorkflow({ face, comic })), 'Start');
	}
}

async function takeAll(): Promise<void> {
	const face = emulator.hostFile('face.jpg', image('face.jpg'), 'image/jpeg');
	const comic = emulator.hostFile('comic.png', image('comic.png'), 'image/png');
	const run = await workflows.add(runWorkflow({ face, comic }));
	const panels = await workflows.add(panelWorkflow);

	await filmOfFirstImage('first-image');
	await pictureInBothThemes(
		'editor-search',
		async (editor) => {
			await editor.openWorkflow(run);
			await editor.search('segmind');
			await editor.nodeFound('Character Swap').waitFor();
			return editor.part('node-creator');
		},
		{ viewport: { width: 1280, height: 400 } },
	);
	await picture('editor-credential', async (editor) => {
		// With the addresses that a new credential begins with: the key's test is answered in Segmind's place.
		await editor.page.route('**/rest/credentials/test', async (route) => {
			const data = { status: 'OK', message: 'Connection tested successfully' };
			await route.fulfill({ json: { data } });
		});
		const id = await n8n.addCredential('segmindApi', 'Segmind account', {
			apiKey: emulator.apiKey,
		});
		await editor.go(`/home/credentials/${id}`);
		await editor.credential.getByText('Connection tested successfully').waitFor();
		await n8n.rest.call('DELETE', `/credentials/${id}`);
		return editor.credential;
	});
	for (const [name, node, height] of [
		['editor-faceswap-comic', 'FaceSwap Comic', 1420],
		['editor-character-swap', 'Character Swap', 940],
	] as const) {
		await picture(
			name,
			async (editor) => {
				await editor.openWorkflow(panels);
				await editor.openNode(node);
				return editor.panel;
			},
			{ viewport: { width: 1280, height } },
		);
	}
	await picture(
		'editor-output',
		async (editor) => {
			await editor.openWorkflow(run);
			await editor.openNode('FaceSwap Comic');
			await editor.execute();
			await editor.viewImage();
			return editor.part('ndv');
		},
		WIDE,
	);
	await picture(
		'editor-error',
		async (editor) => {
			emulator.fault({
				on: 'submit',
				fault: { kind: 'fail', error: 'No face detected in source_image' },
			});
			await editor.openWorkflow(run);
			await editor.openNode('FaceSwap Comic');
			await editor.execute();
			await editor.error('No face detected');
			return editor.output;
		},
		{ viewport: { width: 1440, height: 490 } },
	);
	await picture(
		'editor-request-list',
		async (editor) => {
			await buyPages();
			await editor.openWorkflow(run);
			await editor.openNode('FaceSwap Comic');
			await editor.choose('operation', 'Get Result');
			await editor.openList('requestId');
			return editor.part('ndv');
		},
		{ viewport: { width: 1280, height: 560 } },
	);
	await pictureInBothThemes('editor-icons', async (editor) => {
		await editor.openWorkflow(panels);
		return editor.part('canvas');
	});
	await pictureOfForm('form-visitor', comic);
	for (const file of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'))) {
		const { name } = parse(file);
		await picture(
			`example-${name}`,
			async (editor) => {
				await editor.openWorkflow(await workflows.add(readExample(name)));
				return editor.part('canvas');
			},
			WIDE,
		);
	}
}

const image = (name: string) => readFileSync(join(root, 'examples', 'images', name));

async function main(): Promise<void> {
	installOnce('test/e2e/n8n');
	try {
		emulator = await startEmulator({
			jobSeconds: 0.5,
			rateLimit: { perMinute: 500, headers: true },
		});
		n8n = await N8n.start({ published: packPackage() });
		workflows = new Workflows(n8n.rest);
		await n8n.setUpOwner();
		await n8n.install();
		const { apiKey, url } = emulator;
		const data = { apiKey, baseUrl: url, storageUrl: url, historyUrl: url };
		await n8n.addCredential('segmindApi', 'Segmind account', data);
		// They lead nowhere: the recipes' nodes want some.
		await n8n.addCredential('s3', 'S3 account', {});
		await n8n.addCredential('smtp', 'SMTP account', {});
		await n8n.addCredential('openAiApi', 'OpenAi account', {});
		browser = await startBrowser();
		await takeAll();
	} finally {
		await browser?.close();
		await n8n?.stop();
		await emulator?.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
