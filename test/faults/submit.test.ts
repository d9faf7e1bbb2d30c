import type { Engine } from '../engine/engine';
import { startEngine } from '../support';
import { closeAll, runCase, type Case, type Report } from './runCase';

let engine: Engine;

beforeAll(async () => {
	engine = await startEngine();
});

afterAll(closeAll);

const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

async function run(theCase: Partial<Case>): Promise<Report> {
	const report = await runCase(engine, { way: 'queue', rules: [], timeout: 20, ...theCase });
	expect(report.leaks).toEqual([]);
	expect(report.late).toBe(0);
	return report;
}

const submitsOf = ({ emulator }: Report) =>
	emulator.requests.filter(({ kind }) => kind === 'submit').length;

describe('a ticket that is cut off behind its request ID', () => {
	const cut = { on: 'submit', fault: { kind: 'truncate', fraction: 0.5 } } as const;

	it('is followed all the same', async () => {
		const report = await run({ rules: [cut] });
		expect(report.outcome.outputs[0]?.[0]?.json).toMatchObject({
			requestId: report.emulator.ledger.jobs[0]?.requestId,
			status: 'COMPLETED',
		});
		expect(submitsOf(report)).toBe(1);
	});

	it('is remembered for a retry', async () => {
		const report = await run({
			rules: [cut, { on: 'status', fault: { kind: 'status', status: 403 } }],
			settings: RETRY,
		});
		expect(report.outcome.error).toBeUndefined();
		expect(report.outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		expect(submitsOf(report)).toBe(1);
	});
});

it('a submit whose answer never came is not sent again by a retry, which says why', async () => {
	const report = await run({
		rules: [{ on: 'submit', fault: { kind: 'reset', when: 'after' } }],
		settings: RETRY,
	});
	expect(report.text).toMatch(/An earlier try of this item got no usable answer/);
	expect(report.text).toMatch(/may have been paid for/);
	expect(submitsOf(report)).toBe(1);
});

it('a synchronous image without its end is handed on, as it is all there is, with a warning', async () => {
	const report = await run({
		way: 'sync',
		rules: [{ on: 'sync', fault: { kind: 'shorten', fraction: 0.5 } }],
	});
	const [task] = report.outcome.run.resultData.runData.Segmind ?? [];
	expect(report.outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
	expect(task?.hints).toEqual([
		expect.objectContaining({
			type: 'warning',
			message: expect.stringContaining('stops without the end of its file format: look at it'),
		}),
	]);
});

it('a job that has failed before its ticket comes may have been paid for', async () => {
	const report = await run({
		rules: [
			{
				on: 'submit',
				fault: {
					kind: 'answer',
					make: () => ({ status: 200, body: { status: 'FAILED', error: 'No face found' } }),
				},
			},
		],
	});
	expect(report.text).toMatch(
		/answered the submit with an error.*: "No face found".*may have been paid for/,
	);
});

it('a refused key is shown once, not twice', async () => {
	const report = await run({
		rules: [{ on: 'submit', times: Infinity, fault: { kind: 'status', status: 401 } }],
	});
	expect(report.text).toMatch(/HTTP 401.*Nothing was spent/);
	expect(submitsOf(report)).toBe(1);
});
