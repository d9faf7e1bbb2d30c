import fastify, { type FastifyInstance } from 'fastify';
import { SegmindApi } from '../../credentials/SegmindApi.credentials';
import { Engine } from '../support/engine/engine';
import { onlyItem, picture, root } from '../support';
import { Restyle } from '../support/anotherModel/Restyle.node';

/**
 * "Another model is one folder": `Restyle/` beside this file is all that a third service takes. Nothing in
 * `nodes/shared/` knows of it, and it has every ability of the others.
 */

const TEST_ACCOUNT = 'SG_0123456789abcdef';
const REQUEST_ID = 'restyle-1';
const image = picture('comic.png');

let engine: Engine;
let server: FastifyInstance;
let address: string;
let submits: unknown[];
let uploads: number;

beforeAll(async () => {
	engine = await Engine.start(root, {
		nodes: { restyle: new Restyle() },
		credentials: { segmindApi: new SegmindApi() },
	});
	server = fastify();
	server.post('/v2/restyle', async ({ body }) => {
		submits.push(body);
		return { request_id: REQUEST_ID, status: 'QUEUED' };
	});
	server.get(`/v2/requests/${REQUEST_ID}/status`, async () => ({ status: 'COMPLETED' }));
	server.get(`/v2/requests/${REQUEST_ID}`, async () => ({
		images: [{ url: `${address}/result.png` }],
	}));
	server.get('/result.png', async (_request, reply) => await reply.type('image/png').send(image));
	server.post('/upload-asset', async () => {
		uploads++;
		return { file_urls: ['https://storage.test/uploaded.png'] };
	});
	address = await server.listen({ host: '127.0.0.1', port: 0 });
});

beforeEach(() => {
	submits = [];
	uploads = 0;
});

afterAll(async () => await server.close());

const run = async (parameters: object, withFile = false) =>
	await engine.run({
		type: 'restyle',
		credentials: { apiKey: TEST_ACCOUNT, baseUrl: address, storageUrl: address },
		parameters: { options: { pollInterval: 0.1, timeout: 10 }, ...parameters },
		items: [
			{
				json: {},
				binary: withFile
					? { data: await engine.binary(image, 'page.png', 'image/png') }
					: undefined,
			},
		],
	});

it('has its own name for what it does', () => {
	const [operation] = new Restyle().description.properties;
	expect(operation?.options).toMatchObject([
		{ name: 'Restyle', value: 'swap', action: 'Restyle a picture' },
		{ name: 'Get Result', value: 'getResult', action: 'Get the result of a restyle' },
	]);
});

it('takes its image by URL, sends its own fields, and brings the image home', async () => {
	const outcome = await run({ imageUrl: 'https://pictures.test/page.png', strength: 0.25 });
	const { json, binary } = onlyItem(outcome);
	expect(submits).toEqual([
		{ image: 'https://pictures.test/page.png', strength: 0.25, style: 'ink' },
	]);
	expect((await engine.read(binary?.data)).equals(image)).toBe(true);
	expect(json).toMatchObject({
		requestId: REQUEST_ID,
		status: 'COMPLETED',
		mimeType: 'image/png',
		fileName: 'page.png',
	});
});

it('takes its image as a file', async () => {
	onlyItem(await run({ imageInput: 'binary' }, true));
	expect(uploads).toBe(1);
	expect(submits).toEqual([
		{ image: 'https://storage.test/uploaded.png', strength: 0.5, style: 'ink' },
	]);
});

it('gets a result later', async () => {
	const outcome = await run({ operation: 'getResult', requestId: REQUEST_ID });
	expect(onlyItem(outcome).json.fileSize).toBe(image.length);
	expect(submits).toEqual([]);
});

it('refuses what cannot work before anything is sent', async () => {
	const { error } = await run({ imageUrl: 'https://pictures.test/page.png', strength: 7 });
	expect(error?.message).toContain('Strength must be a number from 0 to 1');
	expect(submits).toEqual([]);
});
