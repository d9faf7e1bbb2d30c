import type { AnswerContext, Fault, FaultRule } from '../support/emulator';
import {
	type Case,
	isRecoverable,
	type Report,
	runCase,
	useCases,
} from '../support/faults/runCase';

useCases();

const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

async function run(theCase: Partial<Case>): Promise<Report> {
	const report = await runCase({ way: 'queue', rules: [], timeout: 20, ...theCase });
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
			message: expect.stringContaining('ends too early for its file format: check it'),
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

/** The ticket of the accepted job, changed, under another status. */
const ticketUnder = (
	status: number,
	change: (ticket: object) => object = (ticket) => ticket,
): Fault => ({
	kind: 'answer',
	make: ({ real }: AnswerContext) => ({ status, body: change(real.body as object) }),
});

const onSubmit = (fault: Fault): FaultRule[] => [{ on: 'submit', fault }];

describe('a ticket under an error status', () => {
	it.each([303, 409, 429, 500, 504])('is followed like any other: HTTP %i', async (status) => {
		for (const way of ['queue', 'workflow'] as const) {
			const report = await run({ way, rules: onSubmit(ticketUnder(status)) });
			expect(report.text).toBe('');
			expect(report.outcome.outputs[0]?.[0]?.json.requestId).toBe(
				report.emulator.ledger.jobs[0]?.requestId,
			);
			expect(submitsOf(report)).toBe(1);
		}
	});

	it('is followed with a state and no URL, and when it is cut off', async () => {
		const bare = (ticket: object) => ({
			...ticket,
			poll_url: '',
			status_url: '',
			response_url: '',
		});
		for (const fault of [
			ticketUnder(500, bare),
			ticketUnder(504, (ticket) => ({ ...bare(ticket), status: 'timeout' })),
		]) {
			const report = await run({ rules: onSubmit(fault) });
			expect(report.outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
			expect(submitsOf(report)).toBe(1);
		}
	});

	it('is none when it is no more than a request ID, which the message tells', async () => {
		const report = await run({
			rules: [
				{
					on: 'submit',
					fault: { kind: 'status', status: 500, body: { request_id: 'trace-7', error: 'no GPU' } },
				},
			],
		});
		expect(report.text).toMatch(/HTTP 500, request ID trace-7\): "no GPU"\. Nothing was spent/);
		expect(submitsOf(report)).toBe(1);
	});
});

it.each([301, 303, 304, 307])(
	'a submit that is answered with HTTP %i may have been paid for, and is not sent again',
	async (status) => {
		for (const way of ['queue', 'sync', 'workflow'] as const) {
			const report = await run({
				way,
				rules: [
					{
						on: way === 'sync' ? 'sync' : 'submit',
						times: Infinity,
						fault: { kind: 'status', status, headers: { location: 'https://example.com/' } },
					},
				],
				settings: RETRY,
			});
			expect(report.text).toMatch(/may have been paid for/);
			expect(report.text).not.toMatch(/Nothing was spent/);
			const posts = report.emulator.requests.filter(
				({ method, kind }) => method === 'POST' && kind !== 'upload',
			);
			expect(posts).toHaveLength(1);
		}
	},
	60_000,
);

describe('a request ID of other characters', () => {
	const ids = ['job.7', 'a:b', 'a/b/c', '~x', 'x+y==', 'ä'];

	it.each(ids)(
		'is followed, told and taken by Get Result: %s',
		async (id) => {
			for (const way of ['queue', 'workflow'] as const) {
				const bare = (ticket: object) => ({
					...ticket,
					poll_url: '',
					status_url: '',
					response_url: '',
				});
				for (const rules of [[], onSubmit(ticketUnder(200, bare))]) {
					const report = await run({ way, rules, requestId: () => id });
					expect(report.text).toBe('');
					expect(report.outcome.outputs[0]?.[0]?.json.requestId).toBe(id);
					expect(await isRecoverable(way, report.emulator, id)).toBe(true);
				}
			}
		},
		60_000,
	);

	it('is told when the job fails', async () => {
		const report = await run({
			requestId: () => 'a/b:c',
			rules: [{ on: 'status', fault: { kind: 'status', status: 403 } }],
		});
		expect(report.text).toContain('Request ID: a/b:c');
	});
});

it('the request ID in the headers of an answer that says nothing is told', async () => {
	const report = await run({
		rules: [
			{
				on: 'submit',
				fault: { kind: 'answer', make: () => ({ body: {}, headers: { 'x-request-id': 'r-1' } }) },
			},
		],
		settings: RETRY,
	});
	expect(report.text).toMatch(/is not submitted again.*may have been paid for.*Request ID: r-1/);
	expect(submitsOf(report)).toBe(1);
});

describe('a ticket whose body never ends', () => {
	it.each(['queue', 'workflow'] as const)('is followed all the same: %s', async (way) => {
		const startedAt = performance.now();
		const report = await run({ way, rules: onSubmit({ kind: 'endless' }) });
		expect(report.outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
		expect(submitsOf(report)).toBe(1);
		// Much less than the 20 s of the timeout.
		expect(performance.now() - startedAt).toBeLessThan(10_000);
	});

	it('is followed when it is as short as can be', async () => {
		const report = await run({
			requestId: () => 'r1',
			rules: onSubmit({ kind: 'endless' }),
			way: 'workflow',
		});
		expect(report.outcome.outputs[0]?.[0]?.json.requestId).toBe('r1');
	});
});
