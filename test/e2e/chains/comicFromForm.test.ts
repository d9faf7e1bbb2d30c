/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import { picture } from '../../support';
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

/** The files that the script of the last page gives to the browser. */
function downloads(page: string): Array<{ bytes: Buffer; type: string; fileName: string }> {
	const [, encoded = '%5B%5D'] = /decodeURIComponent\(["'](%5B[^"']*)["']\)/.exec(page) ?? [];
	const files = JSON.parse(decodeURIComponent(encoded)) as Array<{
		data: { data: number[] };
		type: string;
		fileName: string;
	}>;
	return files.map(({ data, ...file }) => ({ ...file, bytes: Buffer.from(data.data) }));
}

it('asks for a photo', async () => {
	const page = await (await fetch(address)).text();
	expect(page).toContain('Your face in a comic');
	expect(page).toMatch(/<input[^>]*type='file'[^>]*accept='[^']*\.jpg/s);
});

it('gives the comic to the browser', async () => {
	const page = await submit(picture('face.jpg'), 'image/jpeg');
	expect(page).toContain('Here is your comic');
	expect(emulator.ledger.jobs).toHaveLength(1);
	const image = await emulator.image(String(emulator.ledger.jobs[0]?.requestId));
	expect(downloads(page)).toEqual([
		{ bytes: image, type: 'image/jpeg', fileName: expect.stringMatching(/\.jpg$/) },
	]);
});

it('says so when it does not work', async () => {
	const page = await submit(Buffer.from('<html>no photo</html>'), 'text/html');
	expect(page).toContain('That did not work');
	expect(downloads(page)).toEqual([]);
	expect(emulator.ledger.jobs).toEqual([]);
});
