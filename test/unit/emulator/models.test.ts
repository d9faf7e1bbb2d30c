import { emulatedRestyle } from '../../support/anotherModel/emulated';
import { startEmulator, type Emulator } from '../../support/emulator';
import { Client, PIXEL, json } from '../../support/emulator/client';
import type { EmulatedModel } from '../../support/emulator/models';

/** Another model is one entry of data, on the queue and as a workflow. */

const restyle: EmulatedModel = { ...emulatedRestyle, historyName: 'restyle' };

const collage: EmulatedModel = {
	...emulatedRestyle,
	kind: 'workflow',
	service: 'collage',
	workflowIds: ['collage-v2'],
	keyname: 'collage_image',
	costUsd: 0.02,
};

let emulator: Emulator;
let client: Client;

beforeEach(async () => {
	emulator = await startEmulator({ jobSeconds: 0.02, models: [restyle, collage] });
	client = new Client(emulator);
});

afterEach(async () => {
	await client.close();
	await emulator.close();
});

const errorOf = async (path: string, body: object) => {
	const reply = await client.post(path, body);
	return [reply.status, json(reply).error];
};

it('runs on the queue, at its own price, and stands in the history', async () => {
	const ticket = await client.submit('/v2/restyle', { image: PIXEL, style: 'oil' });
	await client.submit();
	await emulator.whenFinished(ticket.request_id);
	const { output } = json<{ output: string }>(await client.get(ticket.response_url));
	expect(output).toBe(emulator.imageUrl(ticket.request_id));
	const file = await client.send('GET', output, undefined, {});
	expect(file.headers['content-type']).toBe('image/png');
	expect(emulator.ledger.jobs).toMatchObject([
		{ service: 'restyle', cost: 0.01, body: { image: 'base64 image, 69 bytes', style: 'oil' } },
		{ service: 'faceswap-comic' },
	]);
	const list = await client.get('/inference-request/request-history?model_name=restyle');
	expect(json(list)).toMatchObject({
		total: 1,
		data: [{ model_name: 'restyle', credits_deduction: 0.01, generation_url: output }],
	});
});

it('runs as a workflow of its own, which the history leaves out', async () => {
	const image = `data:image/png;base64,${PIXEL}`;
	const { request_id: id, poll_url: url } = await client.submit('/workflows/collage-v2', { image });
	await emulator.whenFinished(id);
	const { output } = json<{ output: string }>(await client.get(url));
	expect(JSON.parse(output)).toEqual([
		{ keyname: 'collage_image', value: { data: emulator.imageUrl(id), type: 'image' } },
	]);
	expect(emulator.ledger.spent).toBe(0.02);
	expect((await client.get(`/v2/requests/${id}`)).status).toBe(404);
	expect(json(await client.get('/inference-request/request-history'))).toMatchObject({ total: 0 });
	expect((await client.post('/workflows/collage-v1', { image })).status).toBe(410);
});

it('has its fields checked, and no paths that it does not name', async () => {
	expect(await errorOf('/v2/restyle', {})).toEqual([400, 'Missing required field: image']);
	expect(await errorOf('/v2/restyle', { image: PIXEL, strength: 2 })).toEqual([
		400,
		'Invalid value for strength: must be a number from 0 to 1',
	]);
	expect(await errorOf('/v2/restyle', { image: PIXEL, cfg: 1 })).toEqual([
		400,
		'Unknown field: cfg',
	]);
	expect((await client.post('/v1/restyle', { image: PIXEL })).status).toBe(404);
	expect(emulator.ledger.jobs).toEqual([]);
});
