import { sleep, type INodeParameters } from 'n8n-workflow';
import { blankItems, credentialsFor, engine, onlyItem, useEngine } from '../support';
import { startEmulator, type Emulator, type EmulatorOptions } from '../support/emulator';

useEngine();

const TYPES = ['faceSwapComic', 'characterSwap'];

let segmind: Emulator;

async function start(options: EmulatorOptions = {}): Promise<void> {
	segmind = await startEmulator(options);
}

afterEach(async () => await segmind.close());

const ask = async (type: string, count = 1, more: INodeParameters = {}, settings = {}) =>
	await engine.run({
		type,
		credentials: credentialsFor(segmind),
		items: blankItems(count),
		parameters: { operation: 'getBalance', ...more },
		settings,
	});

const calls = () => segmind.requests.map(({ method, path }) => `${method} ${path}`);

describe.each(TYPES)('Get Balance of %s', (type) => {
	it('gives one item for each input item, and asks once', async () => {
		await start({ credits: 12.34 });
		const { outputs, error } = await ask(type, 3);
		expect(error).toBeUndefined();
		expect(outputs[0]).toEqual(
			[0, 1, 2].map((item) => ({ json: { credits: 12.34 }, pairedItem: { item } })),
		);
		expect(calls()).toEqual(['GET /v1/get-user-credits']);
		expect(segmind.ledger.jobs).toEqual([]);
	});

	it('names free credits where Segmind does', async () => {
		await start({ credits: 1, money: { freeCredits: 0.5 } });
		expect(onlyItem(await ask(type)).json).toEqual({ credits: 1, freeCredits: 0.5 });
	});

	it('is 0 for an account that never had any', async () => {
		await start({ money: { hasNone: true } });
		expect(onlyItem(await ask(type)).json).toEqual({ credits: 0 });
	});

	it("works as an AI agent's tool", async () => {
		await start({ credits: 3 });
		expect(onlyItem(await ask(`${type}Tool`)).json).toEqual({ credits: 3 });
	});
});

describe('what goes wrong with it', () => {
	beforeEach(async () => await start({ credits: 5 }));

	it.each(['"1,234.50"', '"12 of 20"', '[5, 6]', '1e400', '"Infinity"', 'true'])(
		'what is no number is not taken for one: %s',
		async (credits) => {
			segmind.fault({
				on: 'credits',
				fault: { kind: 'status', status: 200, body: `{"credits":${credits}}` },
			});
			const { error } = await ask('faceSwapComic');
			expect(error?.message).toMatch(/could not be read \(its answer names no credits\)/);
		},
	);

	it.each([429, 500, 503])('HTTP %i passes', async (status) => {
		segmind.fault({
			on: 'credits',
			fault: { kind: 'status', status, headers: { 'retry-after': '0' } },
		});
		expect(onlyItem(await ask('faceSwapComic')).json).toEqual({ credits: 5 });
		expect(calls()).toHaveLength(2);
	});

	it('a connection that dies is made again', async () => {
		segmind.fault({ on: 'credits', fault: { kind: 'reset', when: 'before' } });
		expect(onlyItem(await ask('characterSwap')).json).toEqual({ credits: 5 });
	});

	it.each([
		[
			401,
			{ error: 'Invalid or expired API key' },
			/balance could not be read \(HTTP 401\): "Invalid or expired API key".*paste the key again/,
		],
		[403, { error: 'no' }, /HTTP 403.*may not|HTTP 403.*plan and team rights/],
		[404, { error: 'Not Found' }, /HTTP 404/],
	])('HTTP %i ends it, for all items at once', async (status, body, words) => {
		segmind.fault({ on: 'credits', times: Infinity, fault: { kind: 'status', status, body } });
		const { outputs } = await ask('faceSwapComic', 3, {}, { onError: 'continueRegularOutput' });
		expect(outputs[0]).toHaveLength(3);
		for (const [item, { json, pairedItem }] of (outputs[0] ?? []).entries()) {
			expect(json.error).toMatch(words);
			expect(json.error).toContain(`Nothing was spent. [item ${item}]`);
			expect(json.httpCode).toBe(String(status));
			expect(pairedItem).toEqual({ item });
		}
		expect(calls()).toHaveLength(1);
		const failed = await ask('faceSwapComic');
		expect(failed.error?.httpCode).toBe(String(status));
	});

	it.each([{}, { credits: 'many' }, [], 'text'])(
		'an answer without a number is no balance: %j',
		async (body) => {
			segmind.fault({
				on: 'credits',
				times: Infinity,
				fault: { kind: 'answer', make: () => ({ body }) },
			});
			const { error } = await ask('faceSwapComic');
			expect(error?.message).toMatch(/balance could not be read.*Nothing was spent/);
		},
	);

	it('takes a balance that comes as text', async () => {
		segmind.fault({
			on: 'credits',
			fault: { kind: 'answer', make: () => ({ body: { credits: '7.5', 'free-credits': '1' } }) },
		});
		expect(onlyItem(await ask('faceSwapComic')).json).toEqual({ credits: 7.5, freeCredits: 1 });
	});

	it('the key is not in what an echoing answer leads to', async () => {
		segmind.fault({
			on: 'credits',
			times: Infinity,
			fault: { kind: 'status', status: 403, body: { error: 'no balance for {{key}}' } },
		});
		const outcome = await ask('faceSwapComic');
		expect(outcome.error?.message).toContain('no balance for ********');
		expect(JSON.stringify(outcome)).not.toContain(segmind.apiKey);
	});
});

it('Stop ends it', async () => {
	await start();
	segmind.fault({ on: 'credits', fault: { kind: 'hang', when: 'before' } });
	const running = engine.begin({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { operation: 'getBalance' },
	});
	while (calls().length === 0) await sleep(10);
	running.cancel();
	expect((await running.promise).error?.message).toContain('The execution was canceled');
});
