import { SegmindApi } from '../../credentials/SegmindApi.credentials';
import { credentialsFor, onlyItem, picture, root, startQuickEmulator } from '../support';
import { emulatedRestyle } from '../support/anotherModel/emulated';
import { Restyle } from '../support/anotherModel/Restyle.node';
import type { Emulator } from '../support/emulator';
import { Engine } from '../support/engine/engine';

/**
 * "Another model is one folder, and one entry of the emulator's": `anotherModel/` in `support/` is all that a third
 * service takes. Nothing in `nodes/shared/` knows of it, and it has every ability of the others.
 */

const imageUrl = 'https://pictures.test/page.png';

let engine: Engine;
let emulator: Emulator;

beforeAll(async () => {
	engine = await Engine.start(root, {
		nodes: { restyle: new Restyle() },
		credentials: { segmindApi: new SegmindApi() },
	});
	emulator = await startQuickEmulator({ models: [emulatedRestyle] });
});

beforeEach(() => emulator.reset());

afterAll(async () => await emulator.close());

/** What was asked for, by the jobs that were paid for. */
const asked = () => emulator.ledger.jobs.map(({ body }) => body);

const run = async (parameters: object, withFile = false) =>
	await engine.run({
		type: 'restyle',
		credentials: credentialsFor(emulator),
		parameters: { options: { pollInterval: 0.1, timeout: 10 }, ...parameters },
		items: [
			{
				json: {},
				binary: withFile
					? { data: await engine.binary(picture('comic.png'), 'page.png', 'image/png') }
					: undefined,
			},
		],
	});

it('has its own name for what it does', () => {
	const [operation] = new Restyle().description.properties;
	expect(operation?.options).toMatchObject([
		{ name: 'Restyle', value: 'swap', action: 'Restyle a picture' },
		{ name: 'Get Result', value: 'getResult', action: 'Get the result of a restyle' },
		{ name: 'Get Balance', value: 'getBalance', action: 'Get the credit balance' },
	]);
});

it('takes its image by URL, sends its own fields, and brings the image home', async () => {
	const { json, binary } = onlyItem(await run({ imageUrl, strength: 0.25 }));
	expect(asked()).toEqual([{ image: imageUrl, strength: 0.25, style: 'ink' }]);
	const made = await emulator.image(String(json.requestId));
	expect((await engine.read(binary?.data)).equals(made)).toBe(true);
	expect(json).toMatchObject({
		requestId: emulator.ledger.jobs[0]?.requestId,
		status: 'COMPLETED',
		mimeType: 'image/png',
		fileName: 'page.png',
		metrics: { cost: 0.01 },
	});
	expect(emulator.ledger.spent).toBe(0.01);
	expect(emulator.leaks).toEqual([]);
});

it('takes its image as a file', async () => {
	onlyItem(await run({ imageInput: 'binary' }, true));
	expect(emulator.uploads).toHaveLength(1);
	expect(asked()).toEqual([{ image: emulator.uploads[0]?.url, strength: 0.5, style: 'ink' }]);
});

it('gets a result later', async () => {
	const { json } = onlyItem(await run({ imageUrl, waitForCompletion: false }));
	const { requestId } = json;
	const outcome = await run({ operation: 'getResult', requestId });
	const made = await emulator.image(String(requestId));
	expect(onlyItem(outcome).json.fileSize).toBe(made.length);
	expect(asked()).toHaveLength(1);
});

it('refuses what cannot work before anything is sent', async () => {
	const { error } = await run({ imageUrl, strength: 7 });
	expect(error?.message).toContain('Strength must be a number from 0 to 1');
	expect(emulator.requests).toEqual([]);
});
