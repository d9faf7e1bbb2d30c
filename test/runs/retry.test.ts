import type { IBinaryData } from 'n8n-workflow';
import type { Emulator, Fault, RequestKind } from '../support/emulator';
import type { Execution } from '../support/engine/engine';
import { credentialsFor, engine, faceUrls, onlyItem, quick, startQuickEmulator } from '../support';
import { FAULTS, rulesFor, STATES, WAYS } from '../support/faults/cases';
import { type Case, inBatches, type Report, runCase, useCases } from '../support/faults/runCase';
import { partOf } from '../support/thorough';

useCases();

const HOUR = 3_600_000;

/** Segmind's own refusal, which queued nothing. */
const REFUSED: Fault = { kind: 'status', status: 500, body: { error: 'no GPU' } };

const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

async function run(theCase: Case): Promise<Report> {
	const report = await runCase(theCase);
	expect(report.leaks).toEqual([]);
	expect(report.late).toBe(0);
	await report.emulator.close();
	return report;
}

/** A synchronous answer that says where its image is, and no request ID. */
const answerWithUrl: Fault = {
	kind: 'answer',
	make: ({ job, emulator }) => ({
		body: { status: 'COMPLETED', images: [emulator.imageUrl(job?.requestId ?? '')] },
	}),
};

describe('Retry On Fail', () => {
	it.concurrent(
		'buys 2 jobs for two items, not 6, when the first tries fail after the submit',
		async () => {
			const { emulator, outcome } = await run({
				way: 'queue',
				items: 2,
				// A final refusal for each look of the first two tries: one of them ends a try.
				rules: [
					{ on: 'status', times: 2, fault: { kind: 'status', status: 403, body: { error: 'no' } } },
				],
				options: { maxConcurrency: 1 },
				settings: RETRY,
				timeout: 20,
			});
			expect(emulator.ledger.jobs).toHaveLength(2);
			expect(outcome.error).toBeUndefined();
			const ids = outcome.outputs[0]?.map(({ json }) => json.requestId);
			expect(ids).toEqual(emulator.ledger.jobs.map(({ requestId }) => requestId));
		},
	);

	it.concurrent.each(['continueRegularOutput', 'continueErrorOutput'])(
		'hands on what a later try bought, with onError %s',
		async (onError) => {
			const { emulator, outcome } = await run({
				way: 'workflow',
				rules: [{ on: 'submit', fault: { kind: 'status', status: 404, body: { error: 'no' } } }],
				settings: { ...RETRY, onError },
				timeout: 20,
			});
			expect(emulator.ledger.jobs).toHaveLength(1);
			// n8n before 1.100 tries again, but hands on what the first try said.
			expect(outcome.outputs.flat().map(({ json }) => json.requestId)).toEqual([
				emulator.ledger.jobs[0]?.requestId,
			]);
		},
	);

	it.concurrent('buys 2 jobs for two items when every try fails', async () => {
		const { emulator, text } = await run({
			way: 'workflow',
			items: 2,
			rules: [{ on: 'download', times: Infinity, fault: { kind: 'status', status: 500 } }],
			settings: RETRY,
		});
		expect(emulator.ledger.jobs).toHaveLength(2);
		for (const { requestId } of emulator.ledger.jobs) expect(text).toContain(requestId);
	});

	it.concurrent('does not buy a synchronous job again because another item failed', async () => {
		const { emulator, outcome } = await run({
			way: 'sync',
			items: 2,
			rules: [{ on: 'sync', skip: 1, fault: REFUSED }],
			options: { maxConcurrency: 1 },
			settings: RETRY,
			timeout: 20,
		});
		expect(outcome.error).toBeUndefined();
		expect(outcome.outputs[0]).toHaveLength(2);
		expect(emulator.ledger.jobs).toHaveLength(2);
	});

	it.concurrent('fetches the image that a synchronous answer of an earlier try named', async () => {
		const { emulator, outcome } = await run({
			way: 'sync',
			rules: [
				{ on: 'sync', fault: answerWithUrl },
				// As often as one try asks for it.
				{ on: 'download', times: 2, fault: { kind: 'status', status: 500 } },
			],
			settings: RETRY,
			timeout: 1,
		});
		expect(outcome.error).toBeUndefined();
		expect(emulator.ledger.jobs).toHaveLength(1);
		const bytes = await engine.read(outcome.outputs[0]?.[0]?.binary?.data as IBinaryData);
		const { requestId = '' } = emulator.ledger.jobs[0] ?? {};
		expect(bytes.equals(await emulator.image(requestId))).toBe(true);
	});

	it.concurrent('keeps the request ID of a synchronous answer whose image broke', async () => {
		const { emulator, text } = await run({
			way: 'sync',
			rules: [
				{
					on: 'sync',
					fault: {
						kind: 'answer',
						make: () => ({
							body: 'no image',
							headers: { 'content-type': 'image/jpeg', 'x-request-id': 'r-of-sync' },
						}),
					},
				},
			],
			settings: RETRY,
		});
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(text).toContain('it is not submitted again');
		expect(text).toContain('Request ID: r-of-sync');
	});

	it.concurrent('keeps no key in what n8n saves when a synchronous answer repeats it', async () => {
		const { outcome } = await run({
			way: 'sync',
			rules: [
				{
					on: 'sync',
					fault: {
						kind: 'answer',
						make: ({ emulator: segmind }) => ({
							body: {
								status: 'COMPLETED',
								images: [`${segmind.filesUrl}/missing?key={{key}}`],
							},
						}),
					},
				},
			],
			timeout: 1,
		});
		const saved = JSON.stringify(outcome.run.executionData?.contextData);
		expect(saved).toMatch(/segmindJobs/);
		expect(saved).not.toContain('missing');
	});

	it.concurrent(
		'does not buy the finished ones again when the first of many fails under On Error: Continue',
		async () => {
			const { emulator, outcome } = await run({
				way: 'queue',
				items: 4,
				rules: [{ on: 'submit', fault: REFUSED }],
				settings: { ...RETRY, onError: 'continueRegularOutput' },
				options: { maxConcurrency: 1 },
				timeout: 20,
			});
			expect(outcome.outputs[0]?.map(({ binary }) => Object.keys(binary ?? {}))).toEqual(
				Array(4).fill(['data']),
			);
			expect(emulator.ledger.jobs).toHaveLength(4);
			// A finished item is handed out again as it is: no second look, no second download.
			expect(emulator.requests.filter(({ kind }) => kind === 'download')).toHaveLength(4);
		},
	);

	it.concurrent('leaves no image data and no key in what n8n saves of the node', async () => {
		const { outcome } = await run({ way: 'queue', items: 2, rules: [], timeout: 20 });
		const saved = JSON.stringify(outcome.run.executionData?.contextData);
		expect(saved).toMatch(/segmindJobs/);
		expect(saved.length).toBeLessThan(2_000);
		expect(saved).not.toMatch(/base64|iVBOR|\/9j\//);
	});
});

describe('a fault in whatever step', () => {
	it.concurrent.each(WAYS)(
		'%s: never buys a job twice, whatever happens to the first tries',
		async (way) => {
			const cases = STATES[way].flatMap((state) =>
				FAULTS.map(({ name, fault }) => ({
					name: `${state}, ${name}`,
					run: async () =>
						await runCase({
							way,
							rules: rulesFor(way, state, fault, 2),
							settings: RETRY,
							timeout: 1,
						}),
				})),
			);
			// The search and the walks (unit/job) go through all of it without the engine.
			const reports = await inBatches(
				partOf(cases, 5).map((entry) => async () => ({
					name: entry.name,
					report: await entry.run(),
				})),
				24,
			);
			for (const { name, report } of reports) {
				expect([name, report.emulator.ledger.jobs.length <= 1]).toEqual([name, true]);
				expect([name, report.leaks, report.late]).toEqual([name, [], 0]);
				await report.emulator.close();
			}
		},
		240_000,
	);
});

describe('a retry that asks with another random seed', () => {
	it.concurrent('buys no second job', async () => {
		const { emulator, outcome } = await run({
			way: 'queue',
			rules: [
				{ on: 'status', times: 2, fault: { kind: 'status', status: 403, body: { error: 'no' } } },
			],
			parameters: { additionalFields: { seed: '={{ Math.floor(Math.random() * 1e9) }}' } },
			settings: RETRY,
			timeout: 20,
		});
		expect(outcome.error).toBeUndefined();
		expect(emulator.ledger.jobs).toHaveLength(1);
	});
});

describe("a person's retry of a failed execution", () => {
	beforeAll(async () => {
		segmind = await startQuickEmulator();
	});
	beforeEach(() => segmind.reset());
	afterAll(async () => await segmind.close());

	let segmind: Emulator;

	const executionWith = (parameters = {}): Execution => ({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { ...faceUrls(segmind), options: quick, ...parameters },
	});

	/** Runs an execution that fails, and retries it. */
	async function retried(fault: Fault, on: RequestKind, parameters = {}) {
		segmind.fault({ on, fault });
		const execution = executionWith(parameters);
		const failed = await engine.run(execution);
		expect(failed.error).toBeDefined();
		return await engine.run({ ...execution, retryOf: failed });
	}

	it('goes on with the job that was accepted', async () => {
		const outcome = await retried({ kind: 'status', status: 403 }, 'status');
		expect(onlyItem(outcome).json.requestId).toBe(segmind.ledger.jobs[0]?.requestId);
		expect(segmind.ledger.jobs).toHaveLength(1);
	});

	it('goes on with the job that was accepted, with another Timeout too', async () => {
		segmind.fault({ on: 'status', fault: { kind: 'status', status: 403 } });
		const failed = await engine.run(executionWith());
		const longer = executionWith({ options: { ...quick, timeout: 30 } });
		onlyItem(await engine.run({ ...longer, retryOf: failed }));
		expect(segmind.ledger.jobs).toHaveLength(1);
	});

	it('goes on by hand with a random seed, too', async () => {
		await retried({ kind: 'status', status: 403 }, 'status', {
			additionalFields: { seed: '={{ Math.floor(Math.random() * 1e9) }}' },
		});
		expect(segmind.ledger.jobs).toHaveLength(1);
	});

	it.each<[string, Fault, RequestKind]>([
		['failed', { kind: 'fail', error: 'GPU out of memory' }, 'submit'],
		['stayed unconfirmed', { kind: 'reset', when: 'before' }, 'submit'],
	])('buys anew what %s, as the error says', async (_, fault, on) => {
		const before = segmind.ledger.jobs.length;
		const outcome = await retried(fault, on);
		const { jobs } = segmind.ledger;
		expect(onlyItem(outcome).json.requestId).toBe(jobs.at(-1)?.requestId);
		expect(jobs.length - before).toBe(fault.kind === 'fail' ? 2 : 1);
	});

	it('buys anew when Segmind has forgotten the job', async () => {
		segmind.fault({ on: 'status', fault: { kind: 'status', status: 403 } });
		const execution = executionWith();
		const failed = await engine.run(execution);
		segmind.advance(2 * HOUR);
		const saved = failed.run.executionData?.contextData['node:Segmind'] as {
			segmindJobs: Record<string, { sentAtMs: number }>;
		};
		for (const job of Object.values(saved.segmindJobs)) job.sentAtMs -= 2 * HOUR;
		onlyItem(await engine.run({ ...execution, retryOf: failed }));
		expect(segmind.ledger.jobs).toHaveLength(2);
	});
});

it.concurrent('a retry of what Segmind answered with an error repeats its words', async () => {
	const { emulator, text } = await run({
		way: 'sync',
		rules: [
			{
				on: 'sync',
				times: Infinity,
				fault: {
					kind: 'answer',
					make: () => ({ body: { error: 'NSFW content' }, headers: { 'x-request-id': '' } }),
				},
			},
		],
		settings: RETRY,
	});
	expect(text).toMatch(/is not submitted again.*answered the submit with an error.*NSFW content/);
	expect(emulator.requests.filter(({ kind }) => kind === 'sync')).toHaveLength(1);
});

describe('when one item fails without Continue', () => {
	it.concurrent('nothing new is submitted, and the error names what was accepted', async () => {
		const { emulator, outcome, text } = await run({
			way: 'queue',
			items: 10,
			rules: [
				{
					on: 'submit',
					skip: 3,
					fault: { kind: 'status', status: 400, body: { error: 'bad seed' } },
				},
			],
			options: { maxConcurrency: 3 },
			jobSeconds: 0.6,
			timeout: 20,
		});
		expect(outcome.error?.message).toContain('bad seed');
		// The first three run, the fourth fails; what was under way then may still get through.
		expect(emulator.ledger.jobs.length).toBeGreaterThanOrEqual(3);
		expect(emulator.ledger.jobs.length).toBeLessThanOrEqual(5);
		for (const { requestId } of emulator.ledger.jobs) expect(text).toContain(requestId);
		const accepted = emulator.ledger.jobs.map(({ requestId }) => requestId);
		expect([...(outcome.error?.context?.requestIds as string[])].sort()).toEqual(accepted.sort());
	});

	it.concurrent('the jobs of the others are picked up by Retry On Fail', async () => {
		const { emulator, outcome } = await run({
			way: 'queue',
			items: 5,
			rules: [{ on: 'submit', skip: 2, fault: REFUSED }],
			settings: RETRY,
			timeout: 20,
		});
		expect(outcome.error).toBeUndefined();
		expect(outcome.outputs[0]).toHaveLength(5);
		expect(emulator.ledger.jobs).toHaveLength(5);
	});
});
