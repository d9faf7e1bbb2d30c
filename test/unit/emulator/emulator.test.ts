import sharp from 'sharp';
import { Client, PIXEL, SWAP, WORKFLOW_PATH, json } from '../../support/emulator/client';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../support/emulator';

let emulator: Emulator;
let client: Client;

async function start(options: EmulatorOptions = {}): Promise<void> {
	emulator = await startEmulator({ jobSeconds: 0.5, ...options });
	client = new Client(emulator);
}

afterEach(async () => {
	await client.close();
	await emulator.close();
});

describe('face swap', () => {
	it('goes from ticket to status to result to file', async () => {
		let now = 1_000_000;
		await start({ jobSeconds: 10, now: () => now });
		const ticket = await client.submit();
		const status = async () => json(await client.get(ticket.status_url));
		expect(await status()).toMatchObject({
			status: expect.stringMatching(/^(QUEUED|PROCESSING)$/),
			metrics: {},
		});
		now += 3000;
		expect(await status()).toMatchObject({ status: 'PROCESSING', metrics: {} });
		expect(json(await client.get(ticket.response_url))).not.toHaveProperty('images');
		emulator.advance(7000);
		// The picture is drawn meanwhile: a busy machine takes its time.
		await emulator.whenFinished(String(ticket.request_id));
		expect(await status()).toMatchObject({
			status: 'COMPLETED',
			metrics: { cost: 0.065, total_time: 10, remaining_credits: 99.935 },
		});
		const result = json<{ output: string; images: Array<{ url: string; file_size: number }> }>(
			await client.get(ticket.response_url),
		);
		const file = await client.send('GET', result.output, undefined, {});
		expect(file.headers['content-type']).toBe('image/jpeg');
		expect(file.bytes.equals(await emulator.image(ticket.request_id))).toBe(true);
		expect(result.images).toMatchObject([{ url: result.output, file_size: file.bytes.length }]);
		expect(json(await client.get(ticket.poll_url))).toEqual(result);
		emulator.advance(3_600_000);
		for (const url of [ticket.status_url, ticket.response_url, ticket.poll_url]) {
			expect((await client.get(url)).status).toBe(404);
		}
	});

	it('honours format and base64, in the queue and held open', async () => {
		await start();
		const body = { ...SWAP, output_format: 'webp', base64: true };
		const ticket = await client.submit('/v2/faceswap-comic', body);
		await emulator.whenFinished(ticket.request_id);
		const { images } = json<{ images: Array<{ base64: string }> }>(
			await client.get(ticket.response_url),
		);
		const image = Buffer.from(images[0]?.base64 ?? '', 'base64');
		expect((await sharp(image).metadata()).format).toBe('webp');
		const held = await client.post('/v1/faceswap-comic', { ...SWAP, output_format: 'png' });
		expect(held.headers).toMatchObject({
			'content-type': 'image/png',
			'x-request-id': emulator.ledger.jobs[1]?.requestId,
			'x-remaining-credits': '99.87',
		});
		expect(json(await client.post('/v1/faceswap-comic', body))).toEqual({
			image: image.toString('base64'),
		});
	});

	it('bills a held connection whose client went away', async () => {
		await start({ jobSeconds: 5 });
		const signal = AbortSignal.timeout(200);
		await expect(
			client.send('POST', '/v1/faceswap-comic', SWAP, { 'x-api-key': emulator.apiKey }, signal),
		).rejects.toThrow();
		expect(emulator.ledger).toMatchObject({ spent: 0.065, jobs: [{ mode: 'sync' }] });
	});

	it('fails and refunds a job whose input is no image', async () => {
		await start();
		const bad = emulator.hostFile('a.png', Buffer.from('no'), 'image/png');
		const ticket = await client.submit('/v2/faceswap-comic', { ...SWAP, source_image: bad });
		await emulator.whenFinished(ticket.request_id);
		const reply = await client.get(ticket.status_url);
		expect(reply.status).toBe(422);
		expect(json(reply)).toMatchObject({ status: 'FAILED', error: 'Invalid Image' });
		expect(emulator.ledger).toMatchObject({ spent: 0, credits: 100 });
	});

	it('shows the inputs', async () => {
		await start();
		const blue = await sharp({
			create: { width: 1200, height: 600, channels: 3, background: 'blue' },
		})
			.png()
			.toBuffer();
		const target = emulator.hostFile('comic page.png', blue, 'image/png');
		const ticket = await client.submit('/v2/faceswap-comic', {
			source_image: PIXEL,
			target_image: target,
			output_format: 'png',
		});
		await emulator.whenFinished(ticket.request_id);
		const picture = sharp(await emulator.image(ticket.request_id));
		const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
		const pixel = (x: number, y: number) => [
			...data.subarray((y * info.width + x) * 3).subarray(0, 3),
		];
		expect(info.width).toBe(1024);
		expect(pixel(1000, 10)).toEqual([0, 0, 255]);
		expect(pixel(100, 420)).toEqual([255, 0, 0]);
		expect(emulator.ledger.jobs[0]?.body).toEqual({
			source_image: expect.stringMatching(/^base64 image, \d+ bytes$/) as string,
			target_image: target,
			output_format: 'png',
		});
		expect(emulator.leaks).toEqual([]);
	});
});

describe('workflow, storage and account', () => {
	beforeEach(async () => await start());

	it('runs with samples, below a path prefix', async () => {
		const ticket = await client.submit(`/gateway${WORKFLOW_PATH}`, {});
		expect(ticket.poll_url).toBe(`${emulator.url}/gateway/workflows/request/${ticket.request_id}`);
		expect(json(await client.get(ticket.poll_url))).toEqual({
			status: expect.stringMatching(/^(QUEUED|PROCESSING)$/),
			output: '',
		});
		await emulator.whenFinished(ticket.request_id);
		const { output } = json<{ output: string }>(await client.get(ticket.poll_url));
		const url = emulator.imageUrl(ticket.request_id);
		expect(JSON.parse(output)).toEqual([
			{ keyname: 'character_swap_image', value: { data: url, type: 'image' } },
		]);
		const bytes = (await client.send('GET', url, undefined, {})).bytes;
		expect(bytes.equals(await emulator.image(ticket.request_id))).toBe(true);
		const second = (await client.send('GET', emulator.imageUrl(ticket.request_id, 1))).bytes;
		expect(second.equals(await emulator.image(ticket.request_id, 1))).toBe(true);
		expect(second.equals(bytes)).toBe(false);
		expect(emulator.leaks).toHaveLength(1);
	});

	it('keeps uploads, and takes them as inputs', async () => {
		const data = `data:image/png;base64,${PIXEL}`;
		const reply = await client.post('/upload-asset', { data_urls: [data, data] });
		const { file_urls: urls } = json<{ file_urls: string[] }>(reply);
		expect(emulator.uploads).toEqual(
			urls.map((url) => ({ url, bytes: 69, mimeType: 'image/png' })),
		);
		const ticket = await client.submit(WORKFLOW_PATH, { character_image: urls[0] });
		await emulator.whenFinished(ticket.request_id);
		expect(emulator.requests.filter(({ kind }) => kind === 'input')).toHaveLength(1);
		const text = await client.post('/upload-asset', { data_urls: ['data:text/plain;base64,aGk='] });
		expect(text.status).toBe(400);
	});

	it('counts money', async () => {
		emulator.ledger.credits = 0.1;
		expect((await client.post('/v2/faceswap-comic', SWAP)).status).toBe(200);
		const reply = await client.post('/v2/faceswap-comic', SWAP);
		expect([reply.status, json(reply).error]).toEqual([
			406,
			'Insufficient credits: your balance is 0.035, this request needs 0.065',
		]);
		expect(json(await client.get('/v1/get-user-credits'))).toEqual({ credits: 0.035 });
		emulator.reset();
		expect(emulator.ledger).toEqual({ jobs: [], spent: 0, credits: 100 });
		expect(emulator.requests).toEqual([]);
	});
});

describe('options', () => {
	it('limits the pace', async () => {
		await start({ rateLimit: { perMinute: 2, headers: true } });
		const credits = async () => await client.get('/v1/get-user-credits');
		expect((await credits()).headers['x-rate-limit-remaining']).toBe('1');
		expect((await credits()).status).toBe(200);
		emulator.advance(20_500);
		const refused = await credits();
		expect(refused.status).toBe(429);
		expect([39, 40]).toContain(Number(refused.headers['retry-after']));
		expect(refused.headers['x-rate-limit-remaining']).toBe('0');
		emulator.advance(40_000);
		expect((await credits()).status).toBe(200);
	});

	it('lets uploads pass beside the limit where it is told to', async () => {
		await start({ rateLimit: { perMinute: 1, uploads: false } });
		const upload = async () =>
			await client.post('/upload-asset', { data_urls: [`data:image/png;base64,${PIXEL}`] });
		expect([(await upload()).status, (await upload()).status]).toEqual([200, 200]);
		expect((await client.get('/v1/get-user-credits')).status).toBe(200);
		expect((await client.get('/v1/get-user-credits')).status).toBe(429);
	});

	it.each(['jpeg', 'png', 'webp'])('pads a valid %s to a given size', async (format) => {
		await start({ imageBytes: 300_000 });
		const { bytes } = await client.post('/v1/faceswap-comic', { ...SWAP, output_format: format });
		expect(bytes).toHaveLength(300_000);
		const stats = await sharp(bytes, { failOn: 'warning' }).stats();
		expect(stats.isOpaque).toBe(true);
	});
});
