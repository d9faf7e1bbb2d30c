/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { picture } from '../../support';
import { findBrowser, NO_BROWSER, startBrowser } from '../editor/browser';
import { Visitor } from '../editor/visitor';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let address: string;

beforeAll(async () => {
	const comicUrl = emulator.hostFile('comic.png', picture('comic.png'), 'image/png');
	const id = await workflows.add(fillIn(readExample('comic-from-form'), { comicUrl }));
	await workflows.activate(id);
	address = `${n8n.url}/form/comic`;
});

/** Submits the form as the script of its page does, and returns the page that it ends on. */
async function submit(photo: Buffer, type: string): Promise<string> {
	const form = new FormData();
	form.append('field-0', new Blob([new Uint8Array(photo)], { type }), 'me.jpg');
	const response = await fetch(address, { method: 'POST', body: form });
	const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
	const statusUrl = formWaitingUrl.replace(/(?=\?|$)/, '/n8n-execution-status');
	for (let tries = 0; tries < 100; tries++) {
		const status = await (await fetch(statusUrl)).text();
		if (status === 'form-waiting') return await (await fetch(formWaitingUrl)).text();
		await sleep(200);
	}
	throw new Error('The form did not end');
}

/** The picture on the last page, inside the page itself. */
function shown(page: string): { type?: string; bytes: Buffer } | undefined {
	const found = /<img [^>]*src="data:([^;"]*);base64,([^"]*)"/.exec(page);
	return found ? { type: found[1], bytes: Buffer.from(found[2] ?? '', 'base64') } : undefined;
}

/** The picture of the one job that was bought. */
async function bought(): Promise<Buffer> {
	expect(emulator.ledger.jobs).toHaveLength(1);
	return await emulator.image(String(emulator.ledger.jobs[0]?.requestId));
}

it('asks for a photo', async () => {
	const page = await (await fetch(address)).text();
	expect(page).toContain('Your face in a comic');
	expect(page).toMatch(/<input[^>]*type='file'[^>]*accept='[^']*\.jpg/s);
});

it('shows the comic on the last page', async () => {
	const page = await submit(picture('face.jpg'), 'image/jpeg');
	expect(page).toContain('Here is your comic');
	expect(shown(page)).toEqual({ type: 'image/jpeg', bytes: await bought() });
	expect(page).toMatch(/download="[^"]+\.jpg"/);
});

it('says so when it does not work', async () => {
	const page = await submit(Buffer.from('<html>no photo</html>'), 'text/html');
	expect(page).toContain('That did not work');
	expect(shown(page)).toBeUndefined();
	expect(emulator.ledger.jobs).toEqual([]);
});

const inABrowser = findBrowser() ? it : it.skip;
if (!findBrowser()) process.stderr.write(`No visitor sees the form. ${NO_BROWSER}\n`);

inABrowser('lets a visitor see the comic and save it', async () => {
	const browser = await startBrowser();
	try {
		const visitor = new Visitor(await browser.newPage(), address);
		await visitor.choosePhoto(picture('face.jpg'));
		await visitor.send();
		const { width, onPage } = await visitor.seesComic();
		const comic = await bought();
		expect(width).toBe((await sharp(comic).metadata()).width);
		expect(onPage).toBeGreaterThan(600);
		const { name, path } = await visitor.download();
		expect(name).toMatch(/\.jpg$/);
		expect(readFileSync(path).equals(comic)).toBe(true);
		expect(visitor.errors).toEqual([]);
	} finally {
		await browser.close();
	}
});
