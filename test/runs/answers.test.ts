import type { AnswerContext, RequestKind } from '../support/emulator';
import type { Outcome } from '../support/engine/engine';
import {
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	onlyItem,
	quick,
	useEmulator,
} from '../support';

useEmulator();

/** Makes a body out of the image's address and its bytes. */
type Shape = (url: string, image: string) => unknown;

/** Rewrites the answers to a kind of request once they are the finished ones. */
function reshape(on: RequestKind, shape: Shape, image = ''): void {
	const isFinished = (body: unknown) =>
		Buffer.isBuffer(body) || (body as { status?: string }).status === 'COMPLETED';
	const make = ({ job, real }: AnswerContext) =>
		isFinished(real.body)
			? { status: 200, body: shape(emulator.imageUrl(job?.requestId ?? ''), image) }
			: { status: real.status, body: real.body };
	emulator.fault({ on, times: Infinity, fault: { kind: 'answer', make } });
}

async function expectTheImage(outcome: Outcome): Promise<void> {
	const { binary } = onlyItem(outcome);
	expect(emulator.ledger.jobs).toHaveLength(1);
	const image = await emulator.image(emulator.ledger.jobs[0]?.requestId ?? '');
	expect((await engine.read(binary?.data)).equals(image)).toBe(true);
	expect(emulator.leaks).toEqual([]);
}

const runFace = async (options: Record<string, string> = {}, added: Record<string, boolean> = {}) =>
	await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: {
			...faceUrls(emulator),
			additionalFields: added,
			options: { ...quick, ...options },
		},
	});

const runCharacter = async () =>
	await engine.run({
		type: 'characterSwap',
		credentials: credentialsFor(emulator),
		parameters: { options: quick },
	});

describe("FaceSwap Comic's queue", () => {
	it.each<[string, Shape]>([
		['images', (url) => ({ status: 'COMPLETED', images: [{ url, content_type: 'image/jpeg' }] })],
		['image_url', (url) => ({ status: 'COMPLETED', image_url: url })],
		['image with a URL', (url) => ({ status: 'COMPLETED', image: { url } })],
		['output as a URL', (url) => ({ status: 'COMPLETED', output: url })],
		['output as a list', (url) => ({ status: 'COMPLETED', output: [url] })],
		['SUCCEEDED', (url) => ({ status: 'SUCCEEDED', output: url })],
		['no state at all', (url) => ({ image_url: url })],
	])('gives a result as %s', async (_name, shape) => {
		reshape('result', shape);
		await expectTheImage(await runFace());
	});

	it('gives the image in the place of the result', async () => {
		emulator.fault({
			on: 'result',
			times: Infinity,
			fault: {
				kind: 'answer',
				make: () => ({
					status: 302,
					body: '',
					headers: { location: emulator.imageUrl(emulator.ledger.jobs[0]?.requestId ?? '') },
				}),
			},
		});
		await expectTheImage(await runFace());
	});

	it('gives the result with the state already', async () => {
		reshape('status', (url) => ({
			status: 'COMPLETED',
			images: [{ url }],
			metrics: { cost: 0.065 },
		}));
		await expectTheImage(await runFace());
		expect(emulator.requests.filter(({ kind }) => kind === 'result')).toEqual([]);
	});

	it.each(['request_id only', 'poll_url only', 'with a text state'])(
		'gives a ticket with %s',
		async (name) => {
			emulator.fault({
				on: 'submit',
				fault: {
					kind: 'answer',
					make: ({ real }) => {
						const ticket = real.body as Record<string, string>;
						const { request_id, poll_url } = ticket;
						if (name === 'request_id only') return { body: { request_id } };
						if (name === 'poll_url only')
							return { body: { request_id, poll_url, status: 'QUEUED' } };
						return { body: { ...ticket, status: 'in queue' } };
					},
				},
			});
			await expectTheImage(await runFace());
		},
	);
});

describe('FaceSwap Comic without a queue', () => {
	const sync = { processingMode: 'sync' };

	it.each<[string, Shape]>([
		['image', (_url, image) => ({ image })],
		['output', (_url, image) => ({ output: image })],
		['data', (_url, image) => ({ data: image })],
		['base64', (_url, image) => ({ base64: image })],
		['images', (_url, image) => ({ images: [image] })],
		['image as a data URI', (_url, image) => ({ image: `data:image/jpeg;base64,${image}` })],
	])('gives Base64 under %s', async (_name, shape) => {
		// The same parameters give the same picture: the one that stands in the answer.
		const first = await runFace(sync);
		const image = (await engine.read(onlyItem(first).binary?.data)).toString('base64');
		emulator.ledger.jobs.length = 0;
		reshape('sync', shape, image);
		const { json, binary } = onlyItem(await runFace(sync));
		expect((await engine.read(binary?.data)).toString('base64')).toBe(image);
		expect(json).toMatchObject({ status: 'COMPLETED', mimeType: 'image/jpeg' });
	});

	it.each<[string, Shape]>([
		['image', (url) => ({ image: url })],
		['output', (url) => ({ output: url })],
		['images', (url) => ({ images: [url] })],
		['images with details', (url) => ({ images: [{ url }] })],
	])('gives a URL under %s', async (_name, shape) => {
		reshape('sync', shape);
		await expectTheImage(await runFace(sync));
	});

	it('gives a ticket after all', async () => {
		emulator.fault({
			on: 'sync',
			fault: {
				kind: 'answer',
				make: ({ job }) => ({ body: { request_id: job?.requestId, status: 'QUEUED' } }),
			},
		});
		await expectTheImage(await runFace(sync));
	});

	it('gives an error with status 200', async () => {
		emulator.fault({
			on: 'sync',
			fault: { kind: 'answer', make: () => ({ body: { error: 'Internal Polling Error' } }) },
		});
		const { error } = await runFace(sync);
		expect(error?.message).toMatch(/Internal Polling Error.*may have been paid for/);
	});
});

describe('a PixelFlow workflow', () => {
	const completed = (output: unknown) => ({ status: 'COMPLETED', output });

	it.each<[string, Shape]>([
		[
			'a JSON text of named values',
			(url) =>
				completed(JSON.stringify([{ keyname: 'image', value: { data: url, type: 'image' } }])),
		],
		[
			'the same as a list',
			(url) => completed([{ keyname: 'image', value: { data: url, type: 'image' } }]),
		],
		['an object of URLs', (url) => completed({ character_swap_image: url })],
		['an object of the same URL twice', (url) => completed({ output_image: url, url })],
		['a plain URL', (url) => completed(url)],
		['a list of URLs', (url) => completed([url])],
		['a JSON text of an object', (url) => completed(JSON.stringify({ image_url: url }))],
		['SUCCEEDED', (url) => ({ status: 'SUCCEEDED', output: url })],
	])('gives %s', async (_name, shape) => {
		reshape('status', shape);
		await expectTheImage(await runCharacter());
	});

	it('gives several images and a text: one item for each image, the text with all', async () => {
		const { requestId } = await submitCharacter();
		reshape('status', () =>
			completed(
				JSON.stringify([
					{ keyname: 'first', value: { data: emulator.imageUrl(requestId, 0), type: 'image' } },
					{ keyname: 'caption', value: { data: 'a fox on a hill', type: 'text' } },
					{ keyname: 'second', value: { data: emulator.imageUrl(requestId, 1), type: 'image' } },
				]),
			),
		);
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { operation: 'getResult', requestId, options: { ...quick, fileName: 'fox.png' } },
		});
		const items = outcome.outputs[0] ?? [];
		expect(items.map(({ json }) => json.fileName)).toEqual(['fox.png', 'fox-2.png']);
		for (const [index, { json, binary, pairedItem }] of items.entries()) {
			const image = await emulator.image(requestId, index);
			expect((await engine.read(binary?.data)).equals(image)).toBe(true);
			expect(json).toMatchObject({ requestId, outputs: { caption: 'a fox on a hill' } });
			expect(pairedItem).toEqual({ item: 0 });
		}
	});

	async function submitCharacter(): Promise<{ requestId: string }> {
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { waitForCompletion: false, options: quick },
		});
		return { requestId: String(onlyItem(outcome).json.requestId) };
	}
});

it("without waiting, the item has the state that the job's ticket gave", async () => {
	emulator.fault({
		on: 'submit',
		fault: {
			kind: 'answer',
			make: ({ real }) => ({ body: { ...(real.body as object), status: 'PROCESSING' } }),
		},
	});
	const outcome = await engine.run({
		type: 'characterSwap',
		credentials: credentialsFor(emulator),
		parameters: { waitForCompletion: false, options: quick },
	});
	expect(onlyItem(outcome).json.status).toBe('PROCESSING');
});
