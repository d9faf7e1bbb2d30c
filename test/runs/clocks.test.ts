import { runCase, useCases } from '../support/faults/runCase';

useCases();

afterEach(() => jest.restoreAllMocks());

/** A clock that nobody can set, for the emulator; milliseconds. */
const now = () => performance.now();

/** Sets the machine's time as soon as a job is accepted. */
const setTime = (hours: number) => {
	const { now: real } = Date;
	jest.spyOn(Date, 'now').mockImplementation(() => real() + hours * 3_600_000);
};

describe.each([-2, 2])('a machine whose time is set by %d hours during a job', (hours) => {
	it.each(['queue', 'sync', 'workflow'] as const)(
		'gets its image all the same: %s',
		async (way) => {
			const startedAt = performance.now();
			const report = await runCase({
				way,
				now,
				timeout: 20,
				jobSeconds: 0.8,
				rules: [
					{
						on: way === 'sync' ? 'sync' : 'submit',
						fault: {
							kind: 'answer',
							make: ({ real }) => {
								setTime(hours);
								return { status: real.status, body: real.body };
							},
						},
					},
				],
			});
			expect(report.text).toBe('');
			expect(report.outcome.outputs[0]?.[0]?.binary?.data).toBeDefined();
			const waited = (report.outcome.outputs[0]?.[0]?.json.metrics as { waitSeconds: number })
				.waitSeconds;
			expect(waited).toBeGreaterThanOrEqual(0);
			expect(waited).toBeLessThan(20);
			expect(performance.now() - startedAt).toBeLessThan(20_000);
		},
	);

	it('waits as long as a rate limit asks for', async () => {
		const report = await runCase({
			way: 'queue',
			now,
			timeout: 20,
			rules: [
				{
					on: 'submit',
					fault: {
						kind: 'answer',
						make: () => {
							setTime(hours);
							return { status: 429, body: { error: 'slowly' }, headers: { 'retry-after': '2' } };
						},
					},
				},
			],
		});
		// The first submit bought a job too: the emulator did it before it answered.
		const [first, second] = report.emulator.requests.filter(({ kind }) => kind === 'submit');
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_900);
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(10_000);
	});

	it('ends at its Timeout', async () => {
		const startedAt = performance.now();
		const report = await runCase({
			way: 'queue',
			now,
			timeout: 2,
			jobSeconds: 60,
			rules: [
				{
					on: 'status',
					fault: {
						kind: 'answer',
						make: ({ real }) => {
							setTime(hours);
							return { status: real.status, body: real.body };
						},
					},
				},
			],
		});
		expect(report.text).toMatch(/not ready after 2 seconds/);
		expect(performance.now() - startedAt).toBeGreaterThan(1_900);
		expect(performance.now() - startedAt).toBeLessThan(12_000);
	});
});
