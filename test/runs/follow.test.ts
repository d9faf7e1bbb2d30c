import type { IDataObject } from 'n8n-workflow';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { AnswerContext, Fault, FaultRule } from '../support/emulator';
import { engine, picture } from '../support';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';
import { startStopwatch } from '../support/stopwatch';

useCases();

/** Runs a case, and measures its milliseconds. */
async function run(theCase: Partial<Case>): Promise<Report & { took: number }> {
	const end = startStopwatch();
	let took = Infinity;
	const report = await runCase({
		way: 'queue',
		rules: [],
		timeout: 20,
		...theCase,
		onEnd: () => {
			took = end();
		},
	});
	expect(report.emulator.ledger.jobs.length).toBeLessThanOrEqual(1);
	return { ...report, took };
}

async function expectImage({ outcome, emulator, text }: Report): Promise<void> {
	expect(text).toBe('');
	const { requestId = '' } = emulator.ledger.jobs[0] ?? {};
	const image = await emulator.image(requestId);
	expect((await engine.read(outcome.outputs[0]?.[0]?.binary?.data)).equals(image)).toBe(true);
}

const countOf = ({ emulator }: Report, wanted: string) =>
	emulator.requests.filter(({ kind }) => kind === wanted).length;

const HANG: Fault = { kind: 'hang', when: 'before' };

describe('a look at a job', () => {
	it.each([408, 425])('outlives HTTP %d', async (status) => {
		await expectImage(await run({ rules: [{ on: 'status', fault: { kind: 'status', status } }] }));
	});

	it('does not believe a stranger to whom it is redirected', async () => {
		const location = '{{files}}/hosted/stranger';
		const report = await run({
			rules: [{ on: 'status', fault: { kind: 'redirect', status: 302, location } }],
			onStart: (_running, { hostFile }) => {
				hostFile('stranger', Buffer.from('{"status":"FAILED","error":"me"}'), 'application/json');
			},
		});
		await expectImage(report);
		const asked = report.emulator.requests.filter(({ path }) => path === '/hosted/stranger');
		expect(asked.map(({ status }) => status)).toEqual([200]);
	});

	it.each([429, 500, 502, 503, 504])(
		'does not take HTTP %d for the end of the job, whatever state it names',
		async (status) => {
			for (const state of ['failed', 'FAILURE', 'timeout']) {
				const body = { status: state, error: 'upstream' };
				await expectImage(
					await run({ rules: [{ on: 'status', fault: { kind: 'status', status, body } }] }),
				);
			}
		},
	);

	it('does not take a refusal of the key for the end of the job', async () => {
		const body = { status: 'failed', error: 'no' };
		const report = await run({
			rules: [{ on: 'status', fault: { kind: 'status', status: 401, body } }],
		});
		expect(report.text).toMatch(/HTTP 401.*may have been paid for/);
		expect(report.text).toContain(report.emulator.ledger.jobs[0]?.requestId);
	});

	const error = {
		on: 'status',
		fault: { kind: 'answer', make: () => ({ body: { error: 'busy' } }) },
	} as const;

	it('outlives an error that tells no state', async () => {
		await expectImage(await run({ rules: [{ ...error, times: 4 }] }));
	});

	it('gives up on an error that tells no state, without a second purchase', async () => {
		const report = await run({
			rules: [{ ...error, times: Infinity }],
			timeout: 1,
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(report.text).toMatch(/with an error: "busy"\. This run may have been paid for/);
		expect(report.text).toContain(report.emulator.ledger.jobs[0]?.requestId);
		expect(countOf(report, 'submit')).toBe(1);
	});

	it.each(['queue', 'workflow'] as const)(
		'of a job that Segmind has just accepted does not end with 404: %s',
		async (way) => {
			await expectImage(
				await run({
					way,
					rules: [{ on: 'status', times: 3, fault: { kind: 'status', status: 404 } }],
				}),
			);
		},
	);

	it.each(['queue', 'workflow'] as const)(
		'goes to the documented URL when that of the ticket is dead: %s',
		async (way) => {
			const dead = ({ real, emulator }: AnswerContext) => ({
				body: {
					...(real.body as object),
					poll_url: `${emulator.url}/gone`,
					status_url: `${emulator.url}/gone/status`,
					response_url: `${emulator.url}/gone`,
				},
			});
			const rules: FaultRule[] = [{ on: 'submit', fault: { kind: 'answer', make: dead } }];
			await expectImage(await run({ way, rules }));
			const retried = await run({
				way,
				rules: [...rules, { on: 'status', fault: { kind: 'status', status: 403 } }],
				settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
			});
			await expectImage(retried);
		},
	);

	it('leads to the result that the ticket names, where a state does not carry it as usual', async () => {
		const named = ({ real, emulator }: AnswerContext) => {
			const body = real.body as { request_id: string };
			return { body: { ...body, response_url: `${emulator.url}/v2/requests/${body.request_id}` } };
		};
		const bare = ({ real }: AnswerContext) => {
			const { request_id, status } = real.body as IDataObject;
			return { body: { request_id, status } };
		};
		const result = ({ emulator }: AnswerContext) => {
			const [{ requestId: request_id = '' } = {}] = emulator.ledger.jobs;
			const image_url = emulator.imageUrl(request_id);
			return { status: 200, body: { request_id, status: 'COMPLETED', image_url } };
		};
		await expectImage(
			await run({
				way: 'workflow',
				rules: [
					{ on: 'submit', fault: { kind: 'answer', make: named } },
					{ on: 'status', times: Infinity, fault: { kind: 'answer', make: bare } },
					{ on: 'result', times: Infinity, fault: { kind: 'answer', make: result } },
				],
			}),
		);
	});

	it.each<[string, (ticket: IDataObject) => IDataObject]>([
		[
			'its status_url is another than the documented one',
			(ticket) => ({ ...ticket, status_url: `${String(ticket.status_url)}?region=eu` }),
		],
		[
			'it names a status_url alone',
			(ticket) => ({
				...ticket,
				response_url: '',
				status_url: `${String(ticket.status_url)}?a`,
			}),
		],
		[
			'its response_url leads nowhere',
			(ticket) => ({ ...ticket, response_url: `${String(ticket.response_url)}/nowhere` }),
		],
		['its response_url has no image', (ticket) => ({ ...ticket, response_url: ticket.status_url })],
	])('leads to the image of a ticket although %s', async (_, change) => {
		const make = ({ real }: AnswerContext) => ({ body: change(real.body as IDataObject) });
		const report = await run({ rules: [{ on: 'submit', fault: { kind: 'answer', make } }] });
		await expectImage(report);
		expect(countOf(report, 'submit')).toBe(1);
	});

	it('gets longer after each one that ran out of time', async () => {
		// An answer of some 100 bytes takes 5 s; a fifth of the timeout are 3.
		const report = await run({
			timeout: 15,
			rules: [{ on: 'status', times: Infinity, fault: { kind: 'drip', bytesPerSecond: 45 } }],
		});
		await expectImage(report);
	});

	it('does not believe an answer about another job', async () => {
		const other = (body: object): Fault => ({
			kind: 'answer',
			make: () => ({ body: { request_id: 'another', ...body } }),
		});
		for (const body of [
			{ status: 'FAILED', error: 'no face' },
			{ status: 'COMPLETED', image_url: 'http://127.0.0.1:9/x.png' },
		]) {
			await expectImage(await run({ rules: [{ on: 'status', fault: other(body) }] }));
			await expectImage(await run({ rules: [{ on: 'result', fault: other(body) }] }));
		}
	});

	it('takes its own request ID without dashes', async () => {
		const plain = ({ real, job }: AnswerContext) => ({
			body: {
				...(real.body as object),
				request_id: job?.requestId.replaceAll('-', '').toUpperCase(),
			},
		});
		const rules: FaultRule[] = [
			{ on: 'status', times: Infinity, fault: { kind: 'answer', make: plain } },
		];
		await expectImage(await run({ rules }));
	});

	it('reads JSON with a byte order mark and numbers that are none', async () => {
		const odd = ({ real }: AnswerContext) => ({
			body: `\uFEFF${JSON.stringify(real.body).replace('"metrics":{', '"load":NaN,"metrics":{"eta":Infinity,').replace(',}', '}')}`,
			headers: { 'content-type': 'application/json' },
		});
		const make = { kind: 'answer', make: odd } as const;
		await expectImage(
			await run({
				rules: [
					{ on: 'status', times: Infinity, fault: make },
					{ on: 'result', fault: make },
				],
			}),
		);
	});

	it.each(['status', 'download'] as const)('that hangs is made again: %s', async (on) => {
		const report = await run({ rules: [{ on, fault: HANG }], timeout: 15 });
		await expectImage(report);
		// A fifth of the timeout, and what the rest takes.
		expect(report.took).toBeLessThan(8_000);
	});

	it("comes as often as the user's interval says", async () => {
		const report = await run({ jobSeconds: 0.6, options: { pollInterval: 0.1 } });
		await expectImage(report);
		expect(countOf(report, 'status')).toBeGreaterThanOrEqual(3);
		expect(report.took).toBeLessThan(2_500);
	});

	it('is due once more when the time is up, however long the interval is', async () => {
		const report = await run({ timeout: 1, jobSeconds: 0.5, options: { pollInterval: 8 } });
		await expectImage(report);
		expect(countOf(report, 'status')).toBe(1);
		expect(report.took).toBeLessThan(4_000);
	});

	it('is the last one when the time is up', async () => {
		const report = await run({ timeout: 1, jobSeconds: 60 });
		expect(report.text).toMatch(/not ready after 1 seconds \(last state: (QUEUED|PROCESSING)\)/);
		expect(report.text).toContain(report.emulator.ledger.jobs[0]?.requestId);
		expect(report.took).toBeLessThan(4_000);
	});
});

describe('an image', () => {
	const half = picture('face.jpg').subarray(0, 2_000);

	it.concurrent(
		'in the place of an answer that stops in the middle is fetched as a whole',
		async () => {
			const report = await run({
				rules: [{ on: 'status', fault: { kind: 'body', body: half, contentType: 'image/jpeg' } }],
			});
			await expectImage(report);
		},
	);

	it.concurrent('that takes longer than an answer may take is fetched once', async () => {
		const body = picture('face.jpg');
		const slowly = { body, contentType: 'image/jpeg', bytesPerSecond: body.length / 5 };
		const theCase = { timeout: 15, options: {} };
		const inPlace = run({
			...theCase,
			rules: [{ on: 'status', fault: { kind: 'body', ...slowly } }],
		});
		const file = run({
			...theCase,
			rules: [{ on: 'download', fault: { kind: 'body', ...slowly } }],
		});
		for (const report of await Promise.all([inPlace, file])) {
			const { binary } = report.outcome.outputs[0]?.[0] ?? {};
			expect((await engine.read(binary?.data)).equals(body)).toBe(true);
		}
		expect(countOf(await inPlace, 'status')).toBe(1);
		expect(countOf(await file, 'download')).toBe(1);
	});

	it.concurrent('under an error status is none', async () => {
		const body = picture('face.jpg');
		const fault: Fault = { kind: 'body', body, contentType: 'image/jpeg', status: 500 };
		await expectImage(await run({ rules: [{ on: 'download', fault }] }));
	});

	it.concurrent('that stops twice in the same place is taken', async () => {
		const report = await run({
			rules: [{ on: 'download', times: Infinity, fault: { kind: 'shorten', fraction: 0.5 } }],
		});
		const image = await report.emulator.image(report.emulator.ledger.jobs[0]?.requestId ?? '');
		expect(report.outcome.outputs[0]?.[0]?.json.fileSize).toBe(Math.floor(image.length / 2));
		expect(countOf(report, 'download')).toBe(2);
	});

	it.concurrent('of several that has arrived is not fetched again', async () => {
		const two = ({ job, emulator }: AnswerContext) => ({
			body: {
				status: 'COMPLETED',
				output: [0, 1].map((index) => emulator.imageUrl(job?.requestId ?? '', index)),
			},
		});
		const report = await run({
			way: 'workflow',
			jobSeconds: 0.01,
			rules: [
				{ on: 'status', times: Infinity, fault: { kind: 'answer', make: two } },
				{ on: 'download', skip: 1, fault: { kind: 'status', status: 500 } },
			],
		});
		expect(report.outcome.outputs[0]).toHaveLength(2);
		expect(countOf(report, 'download')).toBe(3);
	});

	it.concurrent('in Base64 that is none is not handed on', async () => {
		const words = Buffer.from('please log in first '.repeat(9)).toString('base64');
		const { outcome, text } = await run({
			way: 'sync',
			timeout: 1,
			rules: [
				{
					on: 'sync',
					fault: {
						kind: 'answer',
						make: () => ({ body: { image: `data:image/png;base64,${words}` } }),
					},
				},
			],
		});
		expect(outcome.outputs.flat().filter(({ binary }) => binary)).toEqual([]);
		expect(text).toMatch(/could not be fetched \(it is not an image\).*was paid for/);
	});
});

describe('a paid image that n8n cannot store', () => {
	const inBase64: Fault = {
		kind: 'answer',
		make: () => ({
			body: { status: 'COMPLETED', images: [picture('face.jpg').toString('base64')] },
		}),
	};
	// As Node.js says it.
	const fullDiskError = Object.assign(new Error('ENOSPC: no space left on device, write'), {
		code: 'ENOSPC',
	});
	const fullDisk = async (times: number) =>
		await run({
			timeout: 2,
			rules: [{ on: 'status', fault: inBase64 }],
			settings: { onError: 'continueRegularOutput' },
			onStart: () => {
				const store = jest.spyOn(Container.get(BinaryDataService), 'store');
				for (let count = 0; count < times; count++) {
					store.mockRejectedValueOnce(fullDiskError);
				}
			},
		});

	afterEach(() => jest.restoreAllMocks());

	it('names its request ID whatever else goes wrong with it', async () => {
		const { outcome, emulator, text } = await run({
			rules: [],
			parameters: { additionalFields: { base64: true } },
			settings: { onError: 'continueRegularOutput' },
			onStart: (_running, { requests }) => {
				const service = Container.get(BinaryDataService);
				const real = service.getAsStream.bind(service);
				jest.spyOn(service, 'getAsStream').mockImplementation(async (...args) => {
					if (!requests.some(({ kind }) => kind === 'submit')) return await real(...args);
					throw new Error('the store is gone');
				});
			},
		});
		expect(text).toMatch(/the store is gone.*may have been paid for/);
		const { requestId } = emulator.ledger.jobs[0] ?? {};
		expect(outcome.outputs[0]?.[0]?.json).toMatchObject({ requestId });
	});

	it('is fetched again', async () => {
		await expectImage(await fullDisk(1));
	});

	it('was paid for, and leaves its request ID', async () => {
		const { outcome, emulator, text } = await fullDisk(99);
		expect(text).toMatch(
			/n8n could not store it: ENOSPC: no space left on device, write\)\. This run was paid for/,
		);
		const { requestId } = emulator.ledger.jobs[0] ?? {};
		expect(outcome.outputs[0]?.[0]?.json).toMatchObject({ requestId });
	});
});

describe('a body that stalls half-way once', () => {
	const large = { imageBytes: 300_000, timeout: 20 };

	it.each<[string, Partial<Case>]>([
		[
			'a result with the image inside as Base64',
			{
				parameters: { additionalFields: { base64: true } },
				rules: [{ on: 'result', fault: { kind: 'endless', fraction: 0.5 } }],
			},
		],
		[
			'an image in the place of a state',
			{
				rules: [
					{
						on: 'status',
						fault: {
							kind: 'body',
							body: picture('comic.png').subarray(0, 20_000),
							contentType: 'image/png',
							endless: true,
						},
					},
				],
			},
		],
		['an image file', { rules: [{ on: 'download', fault: { kind: 'endless', fraction: 0.5 } }] }],
	])('costs a fifth of Timeout, not the image: %s', async (_, theCase) => {
		const report = await run({ ...large, ...theCase });
		await expectImage(report);
		// A fifth of 20 s, once, and the pauses around it.
		expect(report.took).toBeLessThan(12_000);
	});
});
