import type { INodeParameters } from 'n8n-workflow';
import {
	startEmulator,
	type Emulator,
	type EmulatorOptions,
	type Fault,
} from '../support/emulator';
import type { Outcome } from '../support/engine/engine';
import { credentialsFor, engine, faceUrls, useEngine } from '../support';

let emulator: Emulator;

useEngine();

afterEach(async () => await emulator.close());

const start = async (options: EmulatorOptions): Promise<void> => {
	emulator = await startEmulator(options);
};

async function run(parameters: INodeParameters, options: INodeParameters = {}): Promise<Outcome> {
	return await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: {
			...faceUrls(emulator),
			options: { timeout: 60, ...options },
			...parameters,
		},
	});
}

const submit = async (): Promise<string> =>
	String((await run({ waitForCompletion: false })).outputs[0]?.[0]?.json.requestId);

const getResult = async (requestId: string, options?: INodeParameters): Promise<Outcome> =>
	await run({ operation: 'getResult', requestId }, options);

async function expectImage(outcome: Outcome, requestId: string): Promise<void> {
	expect(outcome.error).toBeUndefined();
	const image = await emulator.image(requestId);
	expect((await engine.read(outcome.outputs[0]?.[0]?.binary?.data)).equals(image)).toBe(true);
	expect(emulator.ledger.jobs).toHaveLength(1);
}

/** What was asked for, in order, since the submit. */
const asked = () =>
	emulator.requests
		.map(({ kind }) => kind)
		.filter((kind) => kind === 'status' || kind === 'result');

/** Scarce, and told by headers. */
const LIMIT = { perMinute: 20, headers: true };

describe('a job under a limit that is known', () => {
	it('is asked for its result in place of its state', async () => {
		await start({ rateLimit: LIMIT, jobSeconds: 3 });
		const requestId = await submit();
		await expectImage(await getResult(requestId), requestId);
		// The first look doesn't know of the limit yet.
		const [first, ...more] = asked();
		expect(first).toBe('status');
		expect(new Set(more)).toEqual(new Set(['result']));
	});

	const body = (status: number, text: string, contentType = 'application/json'): Fault => ({
		kind: 'body',
		effect: false,
		status,
		body: text,
		contentType,
	});

	it.each<[string, Fault]>([
		['404', body(404, '{"error":"not found"}')],
		['400', body(400, '{"error":"not completed"}')],
		['422 without a state', body(422, '{"error":"not completed"}')],
		['an error without a state', body(200, '{"error":"Result is not ready"}')],
		['a page', body(200, '<html>soon</html>', 'text/html')],
	])('lives on when its result answers %s, and is asked for its state again', async (_, fault) => {
		await start({ rateLimit: LIMIT, jobSeconds: 5 });
		const requestId = await submit();
		emulator.fault({ on: 'result', fault });
		await expectImage(await getResult(requestId), requestId);
		expect(asked().slice(0, 3)).toEqual(['status', 'result', 'status']);
		// The second result is the one that is fetched when the job is finished.
		expect(asked().filter((kind) => kind === 'result')).toHaveLength(2);
	});

	it('has failed when its result says so', async () => {
		await start({ rateLimit: LIMIT, jobSeconds: 30 });
		const requestId = await submit();
		emulator.fault({ on: 'result', fault: { kind: 'fail', error: 'No face found' } });
		const { error } = await getResult(requestId);
		expect(error?.message).toMatch(/could not make this image.*No face found.*Nothing was spent/);
	});

	it('outlives a 5xx in the place of its result', async () => {
		await start({ rateLimit: LIMIT, jobSeconds: 4 });
		const requestId = await submit();
		emulator.fault({ on: 'result', fault: { kind: 'status', status: 503 } });
		await expectImage(await getResult(requestId), requestId);
	});

	it("is asked for its state at the user's own interval", async () => {
		await start({ rateLimit: LIMIT, jobSeconds: 3 });
		const requestId = await submit();
		await expectImage(await getResult(requestId, { pollInterval: 1 }), requestId);
		expect(asked().filter((kind) => kind === 'result')).toHaveLength(1);
	});
});
