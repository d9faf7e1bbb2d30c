import type { Emulator } from '../emulator';
import type { Engine } from '../engine/engine';
import {
	credentialsFor,
	faceUrls,
	picture,
	quick,
	startEngine,
	startQuickEmulator,
} from '../support';

let engine: Engine;
let emulator: Emulator;

beforeAll(async () => {
	engine = await startEngine();
	emulator = await startQuickEmulator();
});

beforeEach(() => emulator.reset());

afterAll(async () => await emulator.close());

describe('FaceSwap Comic', () => {
	it('swaps a face by URL and puts the image out', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: quick },
		});
		expect(outcome.error).toBeUndefined();
		const item = outcome.outputs[0]?.[0];
		expect(item?.json).toMatchObject({ status: 'COMPLETED', mimeType: 'image/jpeg' });
		const image = await engine.read(item?.binary?.data);
		expect(image.equals(await emulator.image(String(item?.json.requestId)))).toBe(true);
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(emulator.leaks).toHaveLength(0);
		expect(item?.json).toMatchInlineSnapshot(`
		{
		  "fileName": "comic.jpg",
		  "fileSize": 192110,
		  "imageUrl": "http://127.0.0.1:38533/results/9f39db34-aa39-4687-b497-2bd30ac28347.jpeg",
		  "metrics": {
		    "cost": 0.065,
		    "inference_time": 0.04,
		    "polls": 1,
		    "queue_time": 0.01,
		    "remaining_credits": 99.935,
		    "total_time": 0.05,
		    "waitSeconds": 0.173,
		  },
		  "mimeType": "image/jpeg",
		  "requestId": "9f39db34-aa39-4687-b497-2bd30ac28347",
		  "status": "COMPLETED",
		}
	`);
	});
	it('swaps a face by binary', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: [
				{
					json: {},
					binary: {
						data: await engine.binary(picture('face.jpg'), 'face.jpg', 'image/jpeg'),
						comic: await engine.binary(picture('comic.png'), 'page-7.png', 'image/png'),
					},
				},
			],
			parameters: {
				sourceImageInput: 'binary',
				targetImageInput: 'binary',
				targetImageBinaryField: 'comic',
				options: quick,
			},
		});
		expect(outcome.error).toBeUndefined();
		const item = outcome.outputs[0]?.[0];
		const image = await engine.read(item?.binary?.data);
		expect(image.equals(await emulator.image(String(item?.json.requestId)))).toBe(true);
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(item?.json).toMatchInlineSnapshot(`
		{
		  "fileName": "page-7.jpg",
		  "fileSize": 192110,
		  "imageUrl": "http://127.0.0.1:38533/results/5b78c218-c59f-46d0-80df-601228ba0f99.jpeg",
		  "metrics": {
		    "cost": 0.065,
		    "inference_time": 0.04,
		    "polls": 1,
		    "queue_time": 0.01,
		    "remaining_credits": 99.935,
		    "total_time": 0.05,
		    "waitSeconds": 0.112,
		  },
		  "mimeType": "image/jpeg",
		  "requestId": "5b78c218-c59f-46d0-80df-601228ba0f99",
		  "status": "COMPLETED",
		}
	`);
	});
});
describe('Character Swap', () => {
	it('runs as dropped', async () => {
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { options: quick },
		});
		expect(outcome.error).toBeUndefined();
		const item = outcome.outputs[0]?.[0];
		const image = await engine.read(item?.binary?.data);
		expect(image.equals(await emulator.image(String(item?.json.requestId)))).toBe(true);
		expect(item?.json).toMatchInlineSnapshot(`
		{
		  "fileName": "c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.png",
		  "fileSize": 181413,
		  "imageUrl": "http://127.0.0.1:38533/results/2a9c8914-8630-4834-ad31-e5ce29be04c8.png",
		  "metrics": {
		    "polls": 1,
		    "remaining_credits": 99.8478,
		    "waitSeconds": 0.109,
		  },
		  "mimeType": "image/png",
		  "requestId": "2a9c8914-8630-4834-ad31-e5ce29be04c8",
		  "status": "COMPLETED",
		}
	`);
	});
});
