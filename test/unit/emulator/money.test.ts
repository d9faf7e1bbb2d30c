import { Client, SWAP, WORKFLOW_PATH, json } from '../../support/emulator/client';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../support/emulator';

let emulator: Emulator;
let client: Client;

async function start(options: EmulatorOptions = {}): Promise<void> {
	emulator = await startEmulator({ jobSeconds: 0.02, ...options });
	client = new Client(emulator);
}

afterEach(async () => {
	await client.close();
	await emulator.close();
});

const balance = async () => {
	const reply = await client.get('/v1/get-user-credits');
	return [reply.status, json(reply)];
};

describe('the balance', () => {
	it('names free credits beside it', async () => {
		await start({ credits: 3, money: { freeCredits: 1.5 } });
		expect(await balance()).toEqual([200, { credits: 3, 'free-credits': 1.5 }]);
	});

	it('is not there for an account that never had credits, which can buy nothing', async () => {
		await start({ money: { hasNone: true } });
		expect(await balance()).toEqual([404, { error: 'No credits found for the user' }]);
		expect((await client.post('/v2/faceswap-comic', SWAP)).status).toBe(406);
		expect(emulator.ledger.jobs).toEqual([]);
	});

	it('runs out in the middle, and the refusal names both amounts', async () => {
		await start({ credits: 0.4 });
		const statuses: number[] = [];
		for (let i = 0; i < 4; i++) statuses.push((await client.post(WORKFLOW_PATH, {})).status);
		expect(statuses).toEqual([200, 200, 406, 406]);
		expect(json(await client.post(WORKFLOW_PATH, {})).error).toBe(
			'Insufficient credits: your balance is 0.0956, this request needs 0.1522',
		);
	});
});

describe('the cost of a job', () => {
	const metricsOf = async () => {
		const { request_id: id, response_url: url } = await client.submit();
		await emulator.whenFinished(id);
		return json<{ metrics: object }>(await client.get(url)).metrics;
	};

	it('may be another one than the list price, and another one for each', async () => {
		await start({ money: { cost: ({ index }) => index * 0.1 } });
		expect(await metricsOf()).toMatchObject({ cost: 0, remaining_credits: 100 });
		expect(await metricsOf()).toMatchObject({ cost: 0.1, remaining_credits: 99.9 });
		expect(emulator.ledger.spent).toBe(0.1);
	});

	it('may stay unnamed, and so may the credits', async () => {
		await start({ money: { reportsCost: false, reportsCredits: false }, retryCount: 2 });
		const metrics = await metricsOf();
		expect(Object.keys(metrics).sort()).toEqual([
			'inference_time',
			'queue_time',
			'retry_count',
			'total_time',
		]);
		const { headers } = await client.post('/v1/faceswap-comic', SWAP);
		expect(headers).not.toHaveProperty('x-cost');
		expect(headers).not.toHaveProperty('x-remaining-credits');
		expect(emulator.ledger.spent).toBe(0.13);
	});

	it('stands in the headers of a synchronous answer, with time and seed', async () => {
		await start();
		expect((await client.post('/v1/faceswap-comic', SWAP)).headers).toMatchObject({
			'x-cost': '0.065',
			'x-generation-time': '0.02',
			'x-seed-value': '63255',
			'x-remaining-credits': '99.935',
		});
		const seeded = await client.post('/v1/faceswap-comic', { ...SWAP, seed: 7 });
		expect(seeded.headers['x-seed-value']).toBe('7');
	});
});

describe('the paths of workflows', () => {
	const statusWith = async (...names: Array<'key' | 'bearer'>) => {
		const headers: Record<string, string> = {};
		if (names.includes('key')) headers['x-api-key'] = emulator.apiKey;
		if (names.includes('bearer')) headers.authorization = `Bearer ${emulator.apiKey}`;
		return (await client.send('POST', WORKFLOW_PATH, {}, headers)).status;
	};

	it.each([
		['any', [200, 200, 200]],
		['key', [200, 401, 401]],
		['bearer', [401, 200, 401]],
		['notBoth', [200, 200, 401]],
	] as const)('take the key as %s', async (workflowAuth, expected) => {
		await start({ workflowAuth });
		const seen = [
			await statusWith('key'),
			await statusWith('bearer'),
			await statusWith('key', 'bearer'),
		];
		expect(seen).toEqual(expected);
		expect(emulator.ledger.jobs).toHaveLength(expected.filter((status) => status === 200).length);
		expect(await statusWith()).toBe(401);
	});

	it('say of a refused key whether there was one', async () => {
		await start();
		const none = await client.send('POST', WORKFLOW_PATH, {}, {});
		expect(json(none).error).toBe('Missing Authorization or x-api-key in header');
		const wrong = await client.send('POST', WORKFLOW_PATH, {}, { 'x-api-key': 'SG_no' });
		expect(json(wrong).error).toBe('Invalid or expired API key');
	});

	it('end with a version: another one is retired, another workflow unknown', async () => {
		const newer = WORKFLOW_PATH.replace('-v7', '-v8');
		await start({ workflowIds: [newer.replace('/workflows/', '')] });
		expect((await client.post(newer, {})).status).toBe(200);
		expect((await client.post(WORKFLOW_PATH, {})).status).toBe(410);
		expect((await client.post('/workflows/another-v1', {})).status).toBe(404);
		expect(emulator.ledger.jobs).toHaveLength(1);
	});
});
