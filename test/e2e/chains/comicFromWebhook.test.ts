import { picture } from '../../support';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let address: string;

beforeAll(async () => {
	const comicUrl = emulator.hostFile('comic.png', picture('comic.png'), 'image/png');
	const id = await workflows.add(fillIn(readExample('comic-from-webhook'), { comicUrl }));
	await workflows.activate(id);
	address = `${n8n.url}/webhook/comic`;
});

async function send(photo: Buffer, type: string): Promise<Response> {
	const form = new FormData();
	form.append('photo', new Blob([new Uint8Array(photo)], { type }), 'me.jpg');
	return await fetch(address, { method: 'POST', body: form });
}

it('answers an uploaded photo with the comic', async () => {
	const response = await send(picture('face.jpg'), 'image/jpeg');
	const body = Buffer.from(await response.arrayBuffer());
	expect(emulator.ledger.jobs).toHaveLength(1);
	const image = await emulator.image(String(emulator.ledger.jobs[0]?.requestId));
	expect(body.equals(image)).toBe(true);
	expect(response.status).toBe(200);
	expect(response.headers.get('content-type')).toBe('image/jpeg');
});

it('passes on the photo as it came', async () => {
	await send(picture('face.jpg'), 'image/jpeg');
	expect(emulator.uploads).toEqual([
		expect.objectContaining({ bytes: picture('face.jpg').length, mimeType: 'image/jpeg' }),
	]);
});

it('says what is wrong with a file that is no photo, and spends nothing', async () => {
	const response = await send(Buffer.from('<html>no photo</html>'), 'text/html');
	expect(response.status).toBe(502);
	expect(await response.json()).toEqual({ error: expect.stringContaining('is not an image') });
	expect(emulator.ledger.jobs).toEqual([]);
});

it('says so when there is no photo at all, and spends nothing', async () => {
	const response = await fetch(address, { method: 'POST' });
	expect(response.status).toBe(502);
	expect(await response.json()).toEqual({ error: expect.stringMatching(/\S/) });
	expect(emulator.ledger.jobs).toEqual([]);
});
