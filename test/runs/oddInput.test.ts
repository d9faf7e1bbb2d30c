/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import type { IBinaryData, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { Outcome } from '../support/engine/engine';
import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	expectImage,
	faceUrls,
	picture,
	quick,
	theJob,
	useEmulator,
} from '../support';

useEmulator();

const run = async (
	parameters: INodeParameters,
	items?: INodeExecutionData[],
	settings = {},
): Promise<Outcome> =>
	await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: { ...faceUrls(emulator), options: quick, ...parameters },
		items,
		settings,
	});

const fromField = (field: string, data: unknown) =>
	[
		{ sourceImageInput: 'binary', sourceImageBinaryField: field },
		[{ json: {}, binary: { [field]: data as IBinaryData } }],
	] as const;

describe('a file inside the item', () => {
	const face = picture('face.jpg');

	it.each<[string, string]>([
		['the usual Base64', face.toString('base64')],
		['Base64 for URLs, as Gmail has it', face.toString('base64url')],
		['Base64 without padding', face.toString('base64').replace(/=+$/, '')],
		['Base64 in lines', face.toString('base64').replace(/.{76}/g, '$&\r\n')],
		['a data URI', `data:image/jpeg;base64,${face.toString('base64')}`],
	])('arrives whole: %s', async (_, data) => {
		for (const imageDelivery of ['upload', 'inline']) {
			emulator.reset();
			const [parameters, items] = fromField('data', { data, mimeType: 'image/jpeg' });
			await expectImage(
				await run({ ...parameters, options: { ...quick, imageDelivery } }, [...items]),
			);
			theJob();
			if (imageDelivery === 'upload') expect(emulator.uploads[0]?.bytes).toBe(face.length);
			else expect(theJob().body.source_image).toContain(String(face.length));
		}
	});

	it.each([
		['words', 'not a file at all!'],
		['a character too much', `${face.toString('base64').slice(0, 400)}A`],
		['something else in the middle', `${face.toString('base64').slice(0, 400)}(…)AAA`],
		['no text', { type: 'Buffer' }],
		['nothing', undefined],
		['null', null],
	])('is refused before anything is sent: %s', async (_, data) => {
		const [parameters, items] = fromField('data', { data, mimeType: 'image/jpeg' });
		const outcome = await run(parameters, [...items]);
		expect(outcome.error?.message).toMatch(
			/^Source Image: the field "data" holds no file that can be read\. Nothing was spent/,
		);
		expect(emulator.requests).toEqual([]);
	});

	it('may come as a data URI for URLs in the parameter', async () => {
		const url = `data:image/jpeg;base64,${encodeURIComponent(face.toString('base64url'))}`;
		await expectImage(await run({ sourceImageUrl: url }));
		expect(emulator.uploads[0]?.bytes).toBe(face.length);
	});
});

describe('a field with an odd name', () => {
	it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
		'is missing like any other: %s',
		async (name) => {
			const outcome = await run({ sourceImageInput: 'binary', sourceImageBinaryField: name });
			expect(outcome.error?.message).toMatch(
				new RegExp(`^Source Image: the item has no file in the field "${name}"`),
			);
			expect(emulator.requests).toEqual([]);
		},
	);

	it.each(['constructor', 'toString'])('holds a file like any other: %s', async (name) => {
		const file = await engine.binary(picture('face.jpg'), 'face.jpg', 'image/jpeg');
		const [parameters, items] = fromField(name, file);
		await expectImage(
			await run({ ...parameters, options: { ...quick, outputBinaryField: name } }, [...items]),
			name,
		);
	});

	it('cannot be one that n8n loses', async () => {
		const outcome = await run({ options: { ...quick, outputBinaryField: '__proto__' } });
		expect(outcome.error?.message).toMatch(/cannot be "__proto__"\. Nothing was spent/);
		expect(emulator.requests).toEqual([]);
	});

	it('of a workflow stays an output like any other', async () => {
		emulator.fault({
			on: 'status',
			times: Infinity,
			fault: {
				kind: 'answer',
				make: ({ job, emulator: segmind }) => ({
					body: {
						status: 'COMPLETED',
						output: [
							{ keyname: 'image', value: { data: segmind.imageUrl(job?.requestId ?? '') } },
							...['constructor', '__proto__'].map((keyname) => ({
								keyname,
								value: { data: keyname, type: 'text' },
							})),
						],
					},
				}),
			},
		});
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { options: quick },
		});
		expect(outcome.outputs[0]?.[0]?.json.outputs).toEqual({
			constructor: 'constructor',
			proto: '__proto__',
		});
	});
});

it.each(['', ' '])('x-remaining-credits that is %j is not 0', async (credits) => {
	emulator.fault({
		on: 'any',
		times: Infinity,
		fault: {
			kind: 'answer',
			make: ({ real }) => ({
				body: real.body,
				status: real.status,
				headers: { 'x-remaining-credits': credits },
			}),
		},
	});
	const outcome = await run({ waitForCompletion: false });
	expect(outcome.outputs[0]?.[0]?.json.metrics).not.toHaveProperty('remaining_credits');
});

it('a Poll Interval of a month looks no more often than one of a minute', async () => {
	const outcome = await run({ options: { pollInterval: 30 * 24 * 3600, timeout: 2 } });
	await expectImage(outcome);
	expect(emulator.requests.filter(({ kind }) => kind === 'status')).toHaveLength(1);
});

it('many items leave the rest of n8n its turn while they are checked', async () => {
	let turns = 0;
	const timer = setInterval(() => turns++, 1);
	await run({ sourceImageUrl: '={{ "" }}' }, blankItems(4_000), {
		onError: 'continueRegularOutput',
	});
	clearInterval(timer);
	expect(emulator.requests).toEqual([]);
	expect(turns).toBeGreaterThan(8);
}, 60_000);

describe('the name of the file', () => {
	it('is that of the service with the beginning of the request ID where the URL has none', async () => {
		const name = '44e264ec-4ae7-4d90-bb3a-fb6215fcd359-29570e4d-b67e-4612-bbb6-ae4802b672a1_1.png';
		const url = emulator.hostFile(name, picture('comic.png'), 'image/png');
		for (const processingMode of ['queue', 'sync']) {
			emulator.reset();
			const outcome = await run({ targetImageUrl: url, options: { ...quick, processingMode } });
			const { requestId, fileName } = outcome.outputs[0]?.[0]?.json ?? {};
			expect(fileName).toBe(`faceswap-comic-${String(requestId).slice(0, 8)}.jpg`);
		}
	});
});
