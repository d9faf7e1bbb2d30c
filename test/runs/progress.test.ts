import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Outcome } from '../support/engine/engine';
import { spyOnLog } from '../support/faults/log';
import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	picture,
	quick,
	useEmulator,
} from '../support';

useEmulator();

const hintsOf = ({ run }: Outcome) =>
	(run.resultData.runData.Segmind ?? []).flatMap(({ hints }) => hints ?? []);

describe('a run of several items', () => {
	it('ends with a hint that names images, time and money', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(4),
			parameters: { ...faceUrls(emulator), options: quick },
		});
		expect(hintsOf(outcome)).toEqual([
			{
				type: 'info',
				location: 'outputPane',
				message: expect.stringMatching(
					/^4 images in \d+ s\. Segmind reports a cost of 0\.26 USD\.$/,
				),
			},
		]);
	});

	it('estimates the money where Segmind names none, and counts what failed', async () => {
		emulator.fault({ on: 'submit', fault: { kind: 'status', status: 400, body: { error: 'no' } } });
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			items: blankItems(3),
			parameters: { characterImageUrl: faceUrls(emulator).sourceImageUrl ?? '', options: quick },
			settings: { onError: 'continueRegularOutput' },
		});
		expect(hintsOf(outcome)[0]?.message).toMatch(
			/^2 images in \d+ s\. 1 of 3 items failed\. This run cost about 0\.30 USD at Segmind's listed prices\.$/,
		);
	});

	it('counts the money of the whole run, also what an earlier try of Retry On Fail has bought', async () => {
		emulator.fault({ on: 'status', skip: 2, fault: { kind: 'status', status: 403 } });
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(3),
			parameters: { ...faceUrls(emulator), options: { ...quick, maxConcurrency: 1 } },
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(emulator.ledger.jobs).toHaveLength(3);
		expect(hintsOf(outcome).at(-1)?.message).toMatch(/Segmind reports a cost of 0\.20 USD/);
	});

	it('counts no money for a job that failed', async () => {
		emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face' } });
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(2),
			parameters: { ...faceUrls(emulator), options: quick },
			settings: { onError: 'continueRegularOutput' },
		});
		expect(hintsOf(outcome)[0]?.message).toMatch(
			/1 of 2 items failed\. Segmind reports a cost of 0\.07 USD/,
		);
	});

	it('counts what was refused before anything was sent, too', async () => {
		const { sourceImageUrl, targetImageUrl = '' } = faceUrls(emulator);
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(3),
			parameters: {
				targetImageUrl,
				sourceImageUrl: `={{ $json.index === 1 ? '' : '${sourceImageUrl}' }}`,
				options: quick,
			},
			settings: { onError: 'continueRegularOutput' },
		});
		expect(hintsOf(outcome)[0]?.message).toMatch(/^2 images in \d+ s\. 1 of 3 items failed\./);
		expect(JSON.stringify(outcome.consoleMessages)).toMatch(/\(3 of 3\)/);
	});

	it("tells the editor's console about each item while it goes on", async () => {
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(2),
			parameters: { ...faceUrls(emulator), options: quick },
		});
		const lines = JSON.stringify(outcome.consoleMessages);
		for (const { requestId } of emulator.ledger.jobs) expect(lines).toContain(requestId);
		expect(lines).toMatch(/item 0: image ready/);
		expect(lines).toMatch(/\(2 of 2\)/);
	});
});

it("names each accepted job in n8n's log at the usual level: a killed n8n leaves nothing else", async () => {
	const log = spyOnLog();
	await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: { ...faceUrls(emulator), options: quick },
	});
	expect(log.end().usual).toBe(
		`FaceSwap Comic: item 0: Segmind accepted job ${emulator.ledger.jobs[0]?.requestId}`,
	);
});

it("a single item is told of in the editor's console, and ends without a hint", async () => {
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: { ...faceUrls(emulator), options: quick },
	});
	expect(hintsOf(outcome)).toEqual([]);
	const lines = JSON.stringify(outcome.consoleMessages);
	expect(lines).toContain(`Segmind accepted job ${emulator.ledger.jobs[0]?.requestId}`);
	expect(lines).toMatch(/item 0: image ready"/);
});

describe("Segmind's samples", () => {
	const swapped = async (parameters: IDataObject) =>
		hintsOf(
			await engine.run({
				type: 'characterSwap',
				credentials: credentialsFor(emulator),
				parameters: { ...parameters, options: quick } as INodeParameters,
				settings: { onError: 'continueRegularOutput' },
			}),
		).map(({ message }) => message);

	it('are warned of when a run has bought both of them', async () => {
		expect(await swapped({})).toEqual([
			expect.stringMatching(
				/^This run did not use its input: Reference Character Image and Character Image still hold Segmind's sample images/,
			),
		]);
		expect(await swapped({ waitForCompletion: false })).toHaveLength(1);
		expect(emulator.ledger.jobs).toHaveLength(2);
	});

	it('are none when one of them is an own image, and count for nothing without a purchase', async () => {
		const { sourceImageUrl } = faceUrls(emulator);
		expect(await swapped({ characterImageUrl: sourceImageUrl })).toEqual([]);
		const requestId = String(emulator.ledger.jobs[0]?.requestId);
		expect(await swapped({ operation: 'getResult', requestId })).toEqual([]);
		emulator.fault({ on: 'submit', fault: { kind: 'status', status: 403 } });
		expect(await swapped({})).toEqual([]);
	});
});

it('an image that stops twice in the same place comes out with a warning', async () => {
	emulator.fault({ on: 'download', times: 2, fault: { kind: 'shorten', fraction: 0.5 } });
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		parameters: { ...faceUrls(emulator), options: quick },
	});
	expect(outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
	expect(hintsOf(outcome)).toMatchObject([
		{
			type: 'warning',
			message: expect.stringMatching(/comic\.jpg \(item 0\) ends too early/),
		},
	]);
});

it('uploads a face that ten items share once', async () => {
	const face = await engine.binary(picture('face.jpg'), 'face.jpg', 'image/jpeg');
	const items = blankItems(10).map((item) => ({ ...item, binary: { data: face } }));
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		items,
		parameters: { ...faceUrls(emulator), sourceImageInput: 'binary', options: quick },
	});
	expect(outcome.outputs[0]).toHaveLength(10);
	expect(emulator.uploads).toHaveLength(1);
	expect(emulator.ledger.jobs).toHaveLength(10);
});
