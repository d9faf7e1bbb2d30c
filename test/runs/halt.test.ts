import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	quick,
	requestsOf,
	useEmulator,
} from '../support';
import type { Fault } from '../support/emulator';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';

useEmulator();
useCases();

const run = async (theCase: Partial<Case>): Promise<Report> =>
	await runCase({ way: 'queue', rules: [], timeout: 20, ...theCase });

const idsOf = ({ emulator: segmind }: Report) =>
	segmind.ledger.jobs.map(({ requestId }) => requestId);

const REFUSED = { kind: 'status', status: 400, body: { error: 'bad seed' } } as const;

/** A synchronous answer that says where its image is, and no request ID in its body. */
const answerWithUrl = (id = ''): Fault => ({
	kind: 'answer',
	make: ({ job, emulator: segmind }) => ({
		body: { status: 'COMPLETED', images: [segmind.imageUrl(job?.requestId ?? '')] },
		headers: { 'x-request-id': id },
	}),
});

/** A synchronous image without any request ID. */
const imageWithoutId: Fault = {
	kind: 'answer',
	make: ({ real }) => ({ body: real.body, headers: { 'x-request-id': '' } }),
};

describe('when one item fails without Continue', () => {
	it('a submit that is under way still brings its request ID', async () => {
		const report = await run({
			items: 2,
			rules: [
				{ on: 'submit', fault: { kind: 'drip', bytesPerSecond: 800 } },
				{ on: 'submit', fault: REFUSED },
			],
			jobSeconds: 10,
		});
		expect(report.text).toContain('bad seed');
		expect(idsOf(report)).toHaveLength(1);
		expect(report.outcome.error?.context?.requestIds).toEqual(idsOf(report));
		// Its image is not waited for.
		expect(report.emulator.requests.filter(({ kind }) => kind === 'download')).toEqual([]);
	});

	it('what still waits for the rate limit is not submitted any more', async () => {
		const headers = { 'retry-after': '4' };
		const report = await run({
			items: 2,
			rules: [{ on: 'submit', skip: 1, fault: { kind: 'status', status: 429, headers, body: {} } }],
			// The one that was accepted runs out of time before the limit lets the other through.
			jobSeconds: 30,
			timeout: 2,
		});
		expect(report.text).toContain('was not ready after 2 seconds');
		expect(idsOf(report)).toHaveLength(1);
	});

	it('what has not begun does not begin, also where nothing is uploaded before', async () => {
		emulator.fault({ on: 'submit', fault: REFUSED });
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(5),
			parameters: { ...faceUrls(emulator), options: { ...quick, maxConcurrency: 2 } },
		});
		expect(outcome.error?.message).toContain('bad seed');
		expect(requestsOf('submit').length).toBeLessThanOrEqual(2);
	});

	it('what has not begun does not begin', async () => {
		const report = await run({
			items: 5,
			rules: [{ on: 'submit', fault: REFUSED }],
			options: { maxConcurrency: 1 },
		});
		expect(idsOf(report)).toEqual([]);
		expect(report.emulator.requests.filter(({ kind }) => kind === 'submit')).toHaveLength(1);
	});

	it('the error counts the submits of other items that brought no request ID', async () => {
		const { outcome } = await run({
			items: 3,
			rules: [{ on: 'submit', times: Infinity, fault: { kind: 'hang', when: 'after' } }],
			options: { maxConcurrency: 3 },
			timeout: 1,
		});
		expect(outcome.error?.message).toContain('may have been paid for');
		expect(outcome.error?.message).toContain(
			'2 submit(s) of other items brought neither an image nor a request ID and may have been paid for.',
		);
	});

	it('the error tells of synchronous answers of other items, and where their images are', async () => {
		const { outcome } = await run({
			way: 'sync',
			items: 2,
			rules: [
				{ on: 'sync', fault: answerWithUrl() },
				{ on: 'sync', fault: REFUSED },
				{ on: 'download', times: Infinity, fault: { kind: 'hang', when: 'before' } },
			],
		});
		expect(outcome.error?.message).toContain('bad seed');
		expect(outcome.error?.message).toMatch(
			/1 finished image\(s\) of other items without a request ID were paid for\. .* Image URLs: http\S+\/results\/\S+$/,
		);
	});

	it.each([
		[false, 'They are lost with this run.'],
		[true, 'Another try of Retry On Fail outputs them'],
	])('the error counts images of other items without a request ID', async (retryOnFail, words) => {
		const { emulator: segmind, outcome } = await run({
			way: 'sync',
			items: 3,
			rules: [
				{ on: 'sync', times: 2, fault: imageWithoutId },
				{ on: 'sync', times: Infinity, fault: REFUSED },
			],
			options: { maxConcurrency: 1 },
			settings: { retryOnFail, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(segmind.ledger.jobs).toHaveLength(2);
		expect(outcome.error?.message).toContain(
			`2 finished image(s) of other items without a request ID were paid for. ${words}`,
		);
	});

	it('the error does not count the submit that it is about', async () => {
		const { text } = await run({
			way: 'sync',
			rules: [
				{ on: 'sync', fault: answerWithUrl() },
				{ on: 'download', times: Infinity, fault: { kind: 'status', status: 500 } },
			],
			timeout: 1,
		});
		expect(text).toMatch(/could not be fetched \(HTTP 500\)\. This run was paid for/);
		expect(text).not.toContain('other items');
	});

	it("the error names a synchronous answer's request ID as its own", async () => {
		const { outcome, text } = await run({
			way: 'sync',
			rules: [
				{ on: 'sync', fault: answerWithUrl('r-of-sync') },
				{ on: 'download', times: Infinity, fault: { kind: 'status', status: 500 } },
			],
			timeout: 1,
		});
		expect(outcome.error?.context).toMatchObject({ requestId: 'r-of-sync' });
		expect(text).not.toContain('other items');
	});

	it('the last try names the jobs of the tries before', async () => {
		const report = await run({
			items: 2,
			// The first item is finished in the first try; the second fails in both.
			rules: [
				{
					on: 'status',
					fault: {
						kind: 'answer',
						make: ({ job, emulator: segmind }) => ({
							body: { status: 'COMPLETED', images: [segmind.imageUrl(job?.requestId ?? '')] },
						}),
					},
				},
				{ on: 'status', times: Infinity, fault: { kind: 'status', status: 403 } },
			],
			options: { maxConcurrency: 1 },
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(idsOf(report)).toHaveLength(2);
		expect(report.outcome.error?.context).toMatchObject({
			requestId: idsOf(report)[1],
			requestIds: [idsOf(report)[0]],
		});
	});

	it('the jobs that Get Result fetched are named, too', async () => {
		const submitted = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), waitForCompletion: false, options: quick },
		});
		const requestId = String(submitted.outputs[0]?.[0]?.json.requestId);
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			items: blankItems(2),
			parameters: {
				operation: 'getResult',
				requestId: `={{ $json.index === 0 ? '${requestId}' : 'unknown' }}`,
				options: { ...quick, maxConcurrency: 1 },
			},
		});
		expect(outcome.error).toMatchObject({ httpCode: '404' });
		expect(outcome.error?.context?.requestIds).toEqual([requestId]);
	});
});

it('the last of many items is checked before the first one is sent, not at its turn', async () => {
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		items: blankItems(3),
		parameters: {
			...faceUrls(emulator),
			targetImageUrl: `={{ $json.index === 2 ? 'page 7' : '${faceUrls(emulator).targetImageUrl}' }}`,
			options: { ...quick, maxConcurrency: 1 },
		},
	});
	expect(outcome.error?.message).toMatch(/Target Image is not a URL.*\[item 2\]/);
	expect(emulator.requests).toEqual([]);
});

it('an expression that fails cost nothing: no item has been sent', async () => {
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(emulator),
		items: blankItems(2),
		parameters: {
			...faceUrls(emulator),
			prompt: "={{ $json.index === 1 ? $('Nowhere').first().json.x : 'smile' }}",
			options: quick,
		},
	});
	expect(outcome.error?.message).toMatch(/Nothing was spent\. \[item 1\]/);
	expect(emulator.requests).toEqual([]);
});
