/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { spyOnLog } from '../support/faults/log';
import type { RequestKind } from '../support/emulator';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';
import { startStopwatch } from '../support/stopwatch';

useCases();

/** Shorter than the 0.7 s that only a submit under way gets; milliseconds. */
const AT_ONCE = 650;

/** Presses Stop a moment after a request of a kind came for the so many-th time. */
async function stopAfter(
	on: RequestKind,
	count: number,
	theCase: Partial<Case>,
): Promise<Report & { took: number }> {
	let end: () => number = () => Infinity;
	let took = Infinity;
	const report = await runCase({
		way: 'queue',
		rules: [],
		timeout: 60,
		...theCase,
		onStart: (running, emulator) => {
			const timer = setInterval(() => {
				if (emulator.requests.filter(({ kind }) => kind === on).length < count) return;
				clearInterval(timer);
				setTimeout(() => {
					end = startStopwatch();
					running.cancel();
				}, 200);
			}, 20);
		},
		onEnd: () => {
			took = end();
		},
	});
	expect(report.outcome.status).toBe('canceled');
	expect(report.late).toBe(0);
	return { ...report, took };
}

describe('Stop ends at once', () => {
	it('a long pause before the next look', async () => {
		const { took, emulator } = await stopAfter('submit', 1, { options: { pollInterval: 20 } });
		expect(took).toBeLessThan(AT_ONCE);
		expect(emulator.requests.filter(({ kind }) => kind === 'status')).toEqual([]);
	});

	it('a long pause before the next download', async () => {
		const { took, emulator } = await stopAfter('download', 3, {
			rules: [{ on: 'download', times: Infinity, fault: { kind: 'status', status: 500 } }],
		});
		expect(took).toBeLessThan(AT_ONCE);
		expect(emulator.requests.filter(({ kind }) => kind === 'download')).toHaveLength(3);
	});
});

it.each(['upload', 'submit', 'status', 'result'] as const)(
	'Stop ends at once the pause that a rate limit asks for: %s',
	async (on) => {
		const headers = { 'Retry-After': '20' };
		const { took, emulator } = await stopAfter(on, 1, {
			rules: [{ on, times: Infinity, fault: { kind: 'status', status: 429, headers } }],
		});
		expect(took).toBeLessThan(AT_ONCE);
		expect(emulator.requests.filter(({ kind }) => kind === on)).toHaveLength(1);
	},
);

describe('after Stop', () => {
	it('the log names the jobs that go on', async () => {
		const log = spyOnLog();
		const { emulator } = await stopAfter('submit', 2, { items: 2, jobSeconds: 30 });
		const { warnings } = log.end();
		expect(emulator.ledger.jobs).toHaveLength(2);
		for (const { requestId } of emulator.ledger.jobs) expect(warnings).toContain(requestId);
	});

	it('a ticket that comes a moment later is not lost', async () => {
		const { text, emulator, took } = await stopAfter('submit', 1, {
			// Its request ID is there after some 300 milliseconds, its end much later.
			rules: [{ on: 'submit', fault: { kind: 'drip', bytesPerSecond: 180 } }],
			jobSeconds: 30,
		});
		expect(text).toContain(emulator.ledger.jobs[0]?.requestId);
		expect(took).toBeLessThan(1_000);
	});

	it('the error counts the submits that brought no request ID', async () => {
		const { text } = await stopAfter('submit', 2, {
			items: 2,
			rules: [{ on: 'submit', times: 2, fault: { kind: 'hang', when: 'after' } }],
		});
		expect(text).toMatch(
			/2 submit\(s\) brought neither an image nor a request ID and may have been paid for/,
		);
		expect(text).not.toMatch(/Nothing was spent/);
	});
});
