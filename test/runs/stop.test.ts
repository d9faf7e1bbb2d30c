/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { FaultRule } from '../support/emulator';
import { requestOf, rulesFor, STATES, WAYS, type State, type Way } from '../support/faults/cases';
import { inBatches, type Report, runCase, useCases } from '../support/faults/runCase';
import { startStopwatch } from '../support/stopwatch';

useCases();

/** Stop has to work within this time; milliseconds. */
const AT_ONCE = 1_000;

interface Stop {
	way: Way;
	state: State;
	/** How the job hangs in that state. */
	rule: FaultRule['fault'];
	continues: boolean;
	items?: number;
}

/** Stops an execution as soon as it has reached a state, and measures how long it goes on. */
async function stopIn({
	way,
	state,
	rule,
	continues,
	items = 1,
}: Stop): Promise<Report & { took: number }> {
	let end: () => number = () => Infinity;
	let took = Infinity;
	const { on, skip } = requestOf(way, state);
	const report = await runCase({
		way,
		items,
		rules: rulesFor(way, state, rule, Infinity),
		timeout: 60,
		settings: {
			...(continues ? { onError: 'continueRegularOutput' } : {}),
			// Another try after Stop would be a purchase that nobody wants.
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 1,
		},
		onStart: (running, emulator) => {
			const timer = setInterval(() => {
				const seen = emulator.requests.filter(({ kind }) => kind === on).length;
				if (seen <= skip) return;
				clearInterval(timer);
				end = startStopwatch();
				running.cancel();
			}, 20);
		},
		onEnd: () => {
			took = end();
		},
	});
	return { ...report, took };
}

const HANG = { kind: 'hang', when: 'before' } as const;
const DRIP = { kind: 'drip', bytesPerSecond: 50 } as const;
const WAIT = { kind: 'status', status: 429, headers: { 'Retry-After': '30' } } as const;
const RUNNING = {
	kind: 'answer',
	make: () => ({ status: 200, body: { status: 'PROCESSING', metrics: {} } }),
} as const;

describe.each(WAYS)('%s: Stop', (way) => {
	it.each([
		['a request hangs', HANG],
		['an answer drips', DRIP],
		['a rate limit holds it up', WAIT],
		['the job goes on', RUNNING],
	] as Array<[string, FaultRule['fault']]>)(
		'ends everything at once while %s',
		async (_name, rule) => {
			const stops = STATES[way].flatMap((state): Stop[] => {
				if (rule === RUNNING && state !== 'queued' && state !== 'running') return [];
				return [false, true].map((continues) => ({
					way,
					state,
					rule,
					continues,
					items: continues ? 3 : 1,
				}));
			});
			const reports = await inBatches(stops.map((stop) => async () => await stopIn(stop)));
			for (const [index, { took, late, leaks, emulator, outcome }] of reports.entries()) {
				const { state, continues, items = 1 } = stops[index] as Stop;
				const name = `${state}${continues ? ', On Error: Continue' : ''}`;
				expect([name, took < AT_ONCE, took]).toEqual([name, true, took]);
				expect([name, late, leaks]).toEqual([name, 0, []]);
				expect([name, outcome.status]).toEqual([name, 'canceled']);
				expect([name, emulator.ledger.jobs.length <= items]).toEqual([name, true]);
				await emulator.close();
			}
		},
		60_000,
	);
});

it('names the jobs that go on at Segmind, in the error and in the log', async () => {
	const { text, emulator } = await stopIn({
		way: 'queue',
		state: 'running',
		rule: RUNNING,
		continues: false,
		items: 3,
	});
	expect(emulator.ledger.jobs).toHaveLength(3);
	for (const { requestId } of emulator.ledger.jobs) expect(text).toContain(requestId);
	await emulator.close();
});

it('tells of finished images that no request ID leads back to', async () => {
	const { text, emulator } = await runCase({
		way: 'sync',
		items: 3,
		timeout: 60,
		options: { maxConcurrency: 1 },
		rules: [
			{
				on: 'sync',
				times: 2,
				fault: {
					kind: 'answer',
					make: ({ real }) => ({
						body: real.body,
						headers: { 'x-request-id': '' },
					}),
				},
			},
			{ on: 'sync', times: Infinity, fault: WAIT },
		],
		onStart: (running, { requests }) => {
			const timer = setInterval(() => {
				if (requests.filter(({ kind }) => kind === 'sync').length < 3) return;
				clearInterval(timer);
				running.cancel();
			}, 20);
		},
	});
	expect(emulator.ledger.jobs).toHaveLength(2);
	expect(text).toContain('2 finished image(s) without a request ID were paid for.');
	expect(text).not.toContain('Nothing was spent');
	await emulator.close();
});

it('reads what came of a submit until then', async () => {
	const { text, emulator } = await stopIn({
		way: 'sync',
		state: 'submit',
		rule: { kind: 'drip', bytesPerSecond: 500 },
		continues: false,
	});
	expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
	await emulator.close();
});

describe("n8n's binary store that does not hear of Stop", () => {
	afterEach(() => jest.restoreAllMocks());

	/** Stops while the store holds the node up; how long the node went on, in milliseconds. */
	async function stopWhileHeld(method: 'store' | 'getAsStream', imageDelivery: string) {
		let end: () => number = () => Infinity;
		let took = Infinity;
		const { outcome, emulator } = await runCase({
			way: 'queue',
			timeout: 60,
			rules: [],
			options: { imageDelivery },
			onStart: (running) => {
				const service = Container.get(BinaryDataService);
				let calls = 0;
				let isStopped = false;
				const held = async () => {
					// The items are checked first, which reads from the store too.
					if (++calls < (method === 'store' ? 1 : 3)) return;
					setTimeout(() => {
						if (isStopped) return;
						isStopped = true;
						end = startStopwatch();
						running.cancel();
					}, 20);
					// For much longer than Stop may take; nothing waits for its end.
					await new Promise((resolve) => setTimeout(resolve, 3_000).unref());
				};
				const real = service[method].bind(service) as (...args: unknown[]) => Promise<unknown>;
				jest.spyOn(service, method).mockImplementation((async (...args: unknown[]) => {
					await held();
					return await real(...args);
				}) as never);
			},
			onEnd: () => {
				took = end();
			},
		});
		expect(outcome.status).toBe('canceled');
		await emulator.close();
		return took;
	}

	it.each([
		['store', 'upload'],
		['getAsStream', 'inline'],
		['getAsStream', 'upload'],
	] as const)('keeps nobody waiting in %s (%s)', async (method, delivery) => {
		expect(await stopWhileHeld(method, delivery)).toBeLessThan(AT_ONCE);
	});
});

it('still learns the request ID of a submit that was under way', async () => {
	let stopped = false;
	const { text, emulator } = await runCase({
		way: 'queue',
		rules: [],
		timeout: 60,
		jobSeconds: 30,
		onStart: (running, segmind) => {
			segmind.fault({
				on: 'submit',
				fault: {
					kind: 'answer',
					make: ({ real }) => {
						running.cancel();
						stopped = true;
						return { status: real.status, body: real.body };
					},
				},
			});
		},
	});
	expect(stopped).toBe(true);
	expect(emulator.ledger.jobs).toHaveLength(1);
	expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
	await emulator.close();
});
