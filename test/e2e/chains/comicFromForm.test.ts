/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { picture } from '../../support';
import { findBrowser, NO_BROWSER, startBrowser } from '../editor/browser';
import { Visitor } from '../editor/visitor';
import { sendForm, submitForm, type LastPage } from '../parts/form';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let workflowId: string;
let address: string;

beforeAll(async () => {
	const comicUrl = emulator.hostFile('comic.png', picture('comic.png'), 'image/png');
	workflowId = await workflows.add(fillIn(readExample('comic-from-form'), { comicUrl }));
	await workflows.activate(workflowId);
	address = `${n8n.url}/form/my-comic`;
});

/** Submits the form, and goes to the page that it ends on. */
const submit = async (photo: Buffer, type: string): Promise<LastPage> =>
	await submitForm(address, new Blob([new Uint8Array(photo)], { type }));

/** Where a page leads back to. */
function wayBack({ page, url }: LastPage): string | undefined {
	const [, href] = /<a href="([^"]*)">Try another photo/.exec(page) ?? [];
	return href && new URL(href, url).href;
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
	const { page } = await submit(picture('face.jpg'), 'image/jpeg');
	expect(page).toContain('Here is your comic');
	expect(shown(page)).toEqual({ type: 'image/jpeg', bytes: await bought() });
	expect(page).toMatch(/download="[^"]+\.jpg"/);
});

const noPhoto = Buffer.from('<html>no photo</html>');

it('asks for another photo when the file is none, with a way back', async () => {
	const last = await submit(noPhoto, 'text/html');
	expect(last.page).toContain('That did not work with this photo');
	expect(wayBack(last)).toBe(address);
	expect(emulator.ledger.jobs).toEqual([]);
	expect((await workflows.last(workflowId)).status).toBe('success');
});

it.each([
	['could find no face in it', { kind: 'fail', error: 'No face found' }],
	[
		'did not like it',
		{ kind: 'status', status: 422, body: { error: 'No face detected in source_image' } },
	],
] as const)('asks for another photo when Segmind %s', async (_what, fault) => {
	emulator.fault({ on: 'submit', fault });
	const last = await submit(picture('face.jpg'), 'image/jpeg');
	expect(wayBack(last)).toBe(address);
	expect((await workflows.last(workflowId)).status).toBe('success');
});

it.each([
	['the key is refused', { kind: 'status', status: 401, body: { error: 'Bad key' } }, 'Bad key'],
	['credits are used up', { kind: 'status', status: 406, body: { error: 'No credit' } }, 'credit'],
	['Segmind is down', { kind: 'status', status: 500, body: { error: 'Oops' } }, 'Oops'],
	[
		"the owner's comic can't be used",
		{ kind: 'status', status: 400, body: { error: 'target_image is not reachable' } },
		'target_image',
	],
] as const)(
	'asks to come back later, and tells its owner why, when %s',
	async (_what, fault, why) => {
		emulator.fault({ on: 'submit', fault });
		const last = await submit(picture('face.jpg'), 'image/jpeg');
		expect(last.page).toContain('Please come back later');
		expect(last.page).not.toContain(why);
		expect(wayBack(last)).toBeUndefined();
		const { status, data } = await workflows.last(workflowId);
		expect(status).toBe('error');
		expect(data.resultData.error?.message).toContain(why);
	},
);

it('tells its owner also when the visitor has gone', async () => {
	const body = { error: 'Bad key' };
	emulator.fault({ on: 'submit', fault: { kind: 'status', status: 401, body } });
	await sendForm(address, new Blob([new Uint8Array(picture('face.jpg'))], { type: 'image/jpeg' }));
	const { status, data } = await workflows.last(workflowId, { seconds: 240 });
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('Bad key');
});

const inABrowser = findBrowser() ? it : it.skip;
if (!findBrowser()) process.stderr.write(`No visitor sees the form. ${NO_BROWSER}\n`);

inABrowser('lets a visitor try again, see the comic and save it', async () => {
	const browser = await startBrowser();
	try {
		const visitor = new Visitor(await browser.newPage(), address);
		await visitor.open();
		await visitor.choosePhoto(noPhoto);
		await visitor.send();
		await visitor.goBack();
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
