import { Client, PIXEL, SWAP, WORKFLOW_PATH, json } from '../../support/emulator/client';
import { DEFAULT_API_KEY, startEmulator, type Emulator } from '../../support/emulator';

let emulator: Emulator;
let client: Client;

beforeEach(async () => {
	emulator = await startEmulator({ jobSeconds: 0.02 });
	client = new Client(emulator);
});

afterEach(async () => {
	await client.close();
	await emulator.close();
});

describe('credentials', () => {
	const bearer = { authorization: `Bearer ${DEFAULT_API_KEY}` };

	it.each(['/v1/get-user-credits', '/v2/requests/x', '/v1/requests/x', '/v2/requests/x/status'])(
		'%s takes x-api-key and nothing else',
		async (path) => {
			expect((await client.send('GET', path, undefined, bearer)).status).toBe(401);
			expect((await client.send('GET', path, undefined, {})).status).toBe(401);
			expect((await client.send('GET', path, undefined, { 'x-api-key': 'SG_no' })).status).toBe(
				401,
			);
			expect((await client.get(path)).status).not.toBe(401);
		},
	);

	it('workflows take either', async () => {
		for (const headers of [bearer, { 'x-api-key': DEFAULT_API_KEY }]) {
			expect((await client.send('POST', WORKFLOW_PATH, {}, headers)).status).toBe(200);
		}
		expect((await client.send('POST', WORKFLOW_PATH, {}, {})).status).toBe(401);
		expect(emulator.ledger.jobs).toHaveLength(2);
	});
});

describe('validation', () => {
	it.each([
		[{ source_image: PIXEL }, 'target_image'],
		[{ ...SWAP, cfg: 0.05 }, 'cfg'],
		[{ ...SWAP, steps: 1.5 }, 'steps'],
		[{ ...SWAP, face_strength: '0.5' }, 'face_strength'],
		[{ ...SWAP, output_format: 'gif' }, 'output_format'],
		[{ ...SWAP, base64: 'yes' }, 'base64'],
		[{ ...SWAP, mask_image: 'bm8gaW1hZ2U=' }, 'mask_image'],
		[{ ...SWAP, mask_image: '' }, 'mask_image'],
		[{ ...SWAP, unknown: 1 }, 'unknown'],
		[{ ...SWAP, source_image: `data:image/png;base64,${PIXEL}` }, 'Invalid Image'],
		[[], 'object'],
	])('refuses %j and names %s', async (body, name) => {
		const reply = await client.post('/v2/faceswap-comic', body);
		expect(reply.status).toBe(400);
		expect(json(reply).error).toContain(name);
		expect(emulator.ledger.jobs).toHaveLength(0);
	});

	it('checks the workflow and its fields', async () => {
		expect((await client.post(WORKFLOW_PATH, { character_image: PIXEL })).status).toBe(400);
		expect((await client.post(WORKFLOW_PATH, { prompt: 'x' })).status).toBe(400);
		const other = await client.post('/workflows/other', {});
		expect([other.status, json(other).error]).toEqual([404, 'Workflow not found']);
	});

	it('answers a wrong method in HTML and an unknown path in JSON', async () => {
		const wrong = await client.get('/v2/faceswap-comic');
		expect([wrong.status, wrong.headers['content-type']]).toEqual([405, 'text/html']);
		const unknown = await client.get('/v3/nothing');
		expect(unknown.status).toBe(404);
		expect(json(unknown)).toHaveProperty('error');
	});
});
