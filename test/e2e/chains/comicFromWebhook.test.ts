import { picture } from '../../support';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let workflowId: string;
let address: string;

beforeAll(async () => {
	const comicUrl = emulator.hostFile('comic.png', picture('comic.png'), 'image/png');
	workflowId = await workflows.add(fillIn(readExample('comic-from-webhook'), { comicUrl }));
	await workflows.activate(workflowId);
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

/** A call that its sender has to change. */
async function expectRefused(response: Response, why: string): Promise<void> {
	expect(response.status).toBe(400);
	const asked = 'Send one photo with one clear face, as a JPEG, PNG or WebP file.';
	expect(await response.json()).toEqual({ error: `${why}. ${asked}` });
	expect((await workflows.last(workflowId)).status).toBe('success');
}

it('says what is wrong with a file that is no photo, and spends nothing', async () => {
	const response = await send(Buffer.from('%PDF-1.7 and so on, for quite a while'), 'text/html');
	await expectRefused(response, "The photo is a PDF, which Segmind doesn't accept");
	expect(emulator.ledger.jobs).toEqual([]);
});

it.each([
	['nothing', undefined],
	['JSON', JSON.stringify({ photo: 'me.jpg' })],
])('says so when there is no photo at all, but %s, and spends nothing', async (_what, body) => {
	const headers = { 'content-type': 'application/json' };
	const response = await fetch(address, { method: 'POST', body, headers });
	await expectRefused(response, 'There is no photo in this call');
	expect(emulator.ledger.jobs).toEqual([]);
});

it('says so when Segmind finds no face in it', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face found' } });
	const response = await send(picture('face.jpg'), 'image/jpeg');
	await expectRefused(response, 'Segmind could not make this image: "No face found"');
});

it.each([
	['the key is refused', { kind: 'status', status: 401, body: { error: 'Bad key' } }, 'Bad key'],
	[
		'credits are used up',
		{ kind: 'status', status: 406, body: { error: 'No credit' } },
		'No credit',
	],
] as const)('tells its owner alone why, when %s', async (_what, fault, why) => {
	emulator.fault({ on: 'submit', fault });
	const response = await send(picture('face.jpg'), 'image/jpeg');
	expect(response.status).toBe(502);
	const error = 'No comic can be made at the moment. Try again later.';
	expect(await response.json()).toEqual({ error });
	const { status, data } = await workflows.last(workflowId);
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain(why);
});
