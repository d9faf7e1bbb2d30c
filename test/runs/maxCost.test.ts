import { blankItems, credentialsFor, engine, faceUrls, picture, quick } from '../support';
import { startEmulator, type FaultRule } from '../support/emulator';
import type { Outcome } from '../support/engine/engine';
import { type Way, WAYS } from '../support/faults/cases';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';

useCases();

/** List prices [seed]; USD. */
const PRICE: Record<Way, number> = { queue: 0.065, sync: 0.065, workflow: 0.1522 };

const CONTINUE = { onError: 'continueRegularOutput' };
const RETRY = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };

/** A limit for so many jobs at the list price, and a bit of a further one. */
const limitFor = (jobs: number, way: Way = 'queue'): number => PRICE[way] * (jobs + 0.5);

async function run(theCase: Partial<Case> & { maxCost: unknown }): Promise<Report> {
	const { maxCost, options, ...rest } = theCase;
	const report = await runCase({
		way: 'queue',
		rules: [],
		timeout: 20,
		...rest,
		options: { ...options, maxCost: maxCost as number },
	});
	expect(report.leaks).toEqual([]);
	expect(report.late).toBe(0);
	return report;
}

const bought = ({ emulator }: Report) => emulator.ledger.jobs.length;

const errorsOf = ({ outcome }: Report): string[] =>
	outcome.outputs.flat().flatMap(({ json }) => (json.error ? [String(json.error)] : []));

const imagesOf = ({ outcome }: Report) =>
	outcome.outputs.flat().filter(({ binary }) => binary?.data !== undefined).length;

const hintsOf = ({ run: { resultData } }: Outcome): string =>
	(resultData.runData.Segmind ?? [])
		.flatMap(({ hints }) => hints ?? [])
		.map(({ message }) => message)
		.join('\n');

const postsOf = ({ emulator }: Report) =>
	emulator.requests.filter(({ kind }) => kind === 'submit' || kind === 'sync').length;

describe.each(WAYS)('Maximum Cost: %s', (way) => {
	it.each([1, 5, 50])(
		'buys what fits and no more, with %i in flight',
		async (maxConcurrency) => {
			const report = await run({
				way,
				items: 12,
				maxCost: limitFor(4, way),
				options: { maxConcurrency },
				settings: CONTINUE,
			});
			expect(bought(report)).toBe(4);
			expect(postsOf(report)).toBe(4);
			expect(imagesOf(report)).toBe(4);
			expect(errorsOf(report)).toHaveLength(8);
			for (const error of errorsOf(report)) {
				expect(error).toMatch(/Maximum Cost.*Nothing was spent for this item\. \[item \d+\]/);
			}
		},
		60_000,
	);

	it('buys exactly as many as the limit pays for, without the dust of binary fractions', async () => {
		const maxCost = Number((PRICE[way] * 10).toFixed(4));
		const report = await run({ way, items: 12, maxCost, settings: CONTINUE });
		expect(bought(report)).toBe(10);
		expect(errorsOf(report)).toHaveLength(2);
	}, 60_000);

	it('submits nothing when not even one job fits', async () => {
		const report = await run({ way, maxCost: PRICE[way] - 0.001 });
		expect(postsOf(report)).toBe(0);
		expect(report.emulator.requests).toEqual([]);
		expect(report.text).toMatch(/Maximum Cost.*Nothing was spent for this item\. \[item 0\]/);
	});

	it('counts a submit that may have been paid for at the list price', async () => {
		const report = await run({
			way,
			items: 4,
			maxCost: limitFor(2, way),
			rules: [{ on: way === 'sync' ? 'sync' : 'submit', fault: { kind: 'reset', when: 'after' } }],
			options: { maxConcurrency: 1 },
			settings: CONTINUE,
		});
		expect(bought(report)).toBe(2);
		expect(postsOf(report)).toBe(2);
		expect(errorsOf(report).filter((error) => error.includes('Maximum Cost'))).toHaveLength(2);
	});

	it('counts a job that Segmind reports as failed as nothing', async () => {
		const report = await run({
			way,
			items: 5,
			maxCost: limitFor(2, way),
			rules:
				way === 'sync'
					? [{ on: 'sync', times: 2, fault: { kind: 'fail', error: 'No face' } }]
					: [{ on: 'submit', times: 2, fault: { kind: 'fail', error: 'No face' } }],
			options: { maxConcurrency: 1 },
			settings: CONTINUE,
		});
		expect(bought(report)).toBe(4);
		expect(report.emulator.ledger.spent).toBeCloseTo(2 * PRICE[way], 6);
		expect(errorsOf(report).filter((error) => error.includes('Maximum Cost'))).toHaveLength(1);
	}, 60_000);
});

describe('Maximum Cost by what Segmind reports', () => {
	const items = 12;
	const rows: Array<[string, number | undefined, number]> = [
		['a cost of twice the list price', 0.13, 2],
		['half the list price', 0.0325, 7],
		['a cost of 0', 0, 12],
		['no cost at all', undefined, 4],
	];

	it.each(rows)(
		'%s',
		async (_, cost, jobs) => {
			for (const way of ['queue', 'sync'] as const) {
				const report = await run({
					way,
					items,
					maxCost: 0.29,
					segmind: { money: cost === undefined ? { reportsCost: false } : { cost } },
					options: { maxConcurrency: 1 },
					settings: CONTINUE,
				});
				expect([way, bought(report)]).toEqual([way, jobs]);
				expect(imagesOf(report)).toBe(jobs);
			}
		},
		60_000,
	);

	it('never more than by list prices while jobs are under way, whatever they will cost', async () => {
		const report = await run({
			items,
			maxCost: limitFor(4),
			segmind: { money: { cost: 0 } },
			jobSeconds: 0.5,
			options: { maxConcurrency: 50 },
			settings: CONTINUE,
		});
		expect(bought(report)).toBe(4);
	});
});

describe('Maximum Cost without Continue', () => {
	it('ends with an error that counts what was bought and what was not, with the request IDs', async () => {
		const report = await run({ items: 10, maxCost: limitFor(3), options: { maxConcurrency: 1 } });
		const { emulator, outcome, text } = report;
		expect(bought(report)).toBe(3);
		expect(outcome.error?.message).toMatch(/Maximum Cost/);
		expect(outcome.error?.message).toMatch(/Nothing was spent for this item\. \[item 3\]/);
		expect(outcome.error?.message).toMatch(/3 of 10 items were bought, 7 were not\./);
		for (const { requestId } of emulator.ledger.jobs) expect(text).toContain(requestId);
	});

	it('is no less strict with fifty in flight', async () => {
		const report = await run({
			items: 50,
			maxCost: limitFor(7),
			options: { maxConcurrency: 50 },
		});
		expect(bought(report)).toBe(7);
		expect(report.outcome.error?.message).toMatch(/7 of 50 items were bought, 43 were not\./);
	}, 60_000);

	it('no further item begins after the first that had no room', async () => {
		const report = await run({
			items: 20,
			maxCost: limitFor(1),
			options: { maxConcurrency: 2 },
			jobSeconds: 0.5,
		});
		expect(bought(report)).toBe(1);
		const said = JSON.stringify(report.outcome.consoleMessages);
		expect(said.match(/failed/g)).toHaveLength(1);
	});

	it('lets submits that were refused for now leave once more', async () => {
		const report = await run({
			items: 8,
			maxCost: limitFor(3),
			rules: [
				{
					on: 'submit',
					times: 3,
					fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
				},
			],
			options: { maxConcurrency: 50 },
		});
		expect(bought(report)).toBe(3);
		expect(report.outcome.error?.message).toMatch(/3 of 8 items were bought, 5 were not\./);
	});

	it('holds over the tries of Retry On Fail', async () => {
		const report = await run({
			items: 6,
			maxCost: limitFor(3),
			options: { maxConcurrency: 2 },
			settings: RETRY,
		});
		expect(bought(report)).toBe(3);
		expect(report.outcome.error?.message).toMatch(/3 of 6 items were bought, 3 were not\./);
	});

	it('counts what an earlier try has lost', async () => {
		const report = await run({
			items: 4,
			maxCost: limitFor(2),
			rules: [{ on: 'submit', fault: { kind: 'reset', when: 'after' } }],
			options: { maxConcurrency: 1 },
			settings: { ...RETRY, ...CONTINUE },
		});
		expect(bought(report)).toBe(2);
	});

	it('holds when a person retries the failed execution', async () => {
		const segmind = await startEmulator({ jobSeconds: 0.05 });
		const execution = {
			type: 'faceSwapComic',
			credentials: credentialsFor(segmind),
			items: blankItems(5),
			parameters: {
				...faceUrls(segmind),
				options: { ...quick, maxConcurrency: 1, maxCost: limitFor(2) },
			},
		};
		const failed = await engine.run(execution);
		const again = await engine.run({ ...execution, retryOf: failed });
		expect(again.error?.message).toMatch(/2 of 5 items were bought, 3 were not\./);
		expect(segmind.ledger.jobs).toHaveLength(2);
		await segmind.close();
	});
});

it('the hint at the output says that the limit ended the run', async () => {
	const report = await run({ items: 5, maxCost: limitFor(2), settings: CONTINUE });
	expect(hintsOf(report.outcome)).toMatch(
		/Maximum Cost \(0\.1625 USD\) ended the run: 2 of 5 items were bought, 3 were not\./,
	);
	const enough = await run({ items: 2, maxCost: limitFor(2), settings: CONTINUE });
	expect(hintsOf(enough.outcome)).not.toContain('Maximum Cost');
	expect(enough.text).toBe('');
});

it('holds where the node does not wait', async () => {
	const report = await run({
		items: 6,
		maxCost: limitFor(2),
		parameters: { waitForCompletion: false },
		settings: CONTINUE,
		jobSeconds: 5,
	});
	expect(bought(report)).toBe(2);
	expect(errorsOf(report)).toHaveLength(4);
});

it('a submit that was refused leaves its place to the next one', async () => {
	const report = await run({
		items: 5,
		maxCost: limitFor(2),
		rules: [{ on: 'submit', fault: { kind: 'status', status: 400, body: { error: 'bad seed' } } }],
		options: { maxConcurrency: 1 },
		settings: CONTINUE,
	});
	expect(bought(report)).toBe(2);
	expect(imagesOf(report)).toBe(2);
});

it('an item over the limit uploads nothing', async () => {
	const report = await run({ items: 3, maxCost: 0.01, settings: CONTINUE });
	expect(report.emulator.requests).toEqual([]);
});

it("the first item's value counts", async () => {
	const report = await run({
		items: 4,
		maxCost: `={{ $json.index === 0 ? ${limitFor(1)} : 100 }}`,
		settings: CONTINUE,
	});
	expect(bought(report)).toBe(1);
});

it.each([-1, 'much', '={{ $json.nothing }}', '={{ null }}', '={{ 1 / 0 }}'])(
	'is refused when it is no amount: %j',
	async (maxCost) => {
		const report = await run({ maxCost });
		expect(report.emulator.requests).toEqual([]);
		expect(report.text).toMatch(/Maximum Cost must be a number/);
	},
);

/** Every answer that names a job's cost names this one. */
const withCost = (cost: unknown): FaultRule[] =>
	(['submit', 'status', 'result'] as const).map((on) => ({
		on,
		times: Infinity,
		fault: {
			kind: 'answer',
			make: ({ real }) => {
				const body = real.body as { metrics?: object };
				return { body: { ...body, metrics: { ...body.metrics, cost } } };
			},
		},
	}));

it.each([
	['below nothing makes no room', -1, 3],
	['as a text counts', '0.13', 2],
	['of 0 makes no room while its job is under way', 0, 3],
])('a cost %s', async (_, cost, jobs) => {
	const report = await run({
		items: 10,
		rules: withCost(cost),
		maxCost: limitFor(3),
		// A cost of 0 counts once the job has ended.
		options: { maxConcurrency: cost === 0 ? 10 : 1 },
		jobSeconds: cost === 0 ? 2 : 0.05,
		settings: cost === 0 ? {} : CONTINUE,
	});
	expect(bought(report)).toBe(jobs);
});

it("the first item's limit counts although that item cannot work", async () => {
	const report = await run({
		items: 4,
		settings: CONTINUE,
		parameters: { prompt: '={{ $json.index === 0 ? [1] : "x" }}' },
		maxCost: `={{ $json.index === 0 ? ${limitFor(1)} : 100 }}`,
	});
	expect(bought(report)).toBe(1);
});

it.each([
	['the limit', { maxCost: limitFor(2) }, {}],
	['the credits', {}, { credits: 2.5 * PRICE.queue }],
])(
	'hardly anything is uploaded once %s ended the purchases, however many wait',
	async (_, options, account) => {
		const segmind = await startEmulator({ jobSeconds: 0.5, ...account });
		const items = await Promise.all(
			Array.from({ length: 12 }, async (__, index) => {
				const file = Buffer.concat([picture('mask.png'), Buffer.alloc(index + 1)]);
				return { json: {}, binary: { data: await engine.binary(file, 'a.png', 'image/png') } };
			}),
		);
		const parameters = { ...faceUrls(segmind), sourceImageInput: 'binary' };
		await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(segmind),
			items,
			parameters: { ...parameters, options: { ...quick, maxConcurrency: 12, ...options } } as never,
			settings: CONTINUE as never,
		});
		await segmind.close();
		expect(segmind.ledger.jobs).toHaveLength(2);
		// One more may be on its way before the last submit leaves.
		expect(segmind.uploads.length).toBeLessThanOrEqual(4);
	},
);

it('the sentence about what was bought adds up where an agent calls with several items', async () => {
	const segmind = await startEmulator({ jobSeconds: 0.05 });
	const outcome = await engine.run({
		type: 'faceSwapComicTool',
		credentials: credentialsFor(segmind),
		items: blankItems(2),
		parameters: {
			...faceUrls(segmind),
			additionalFields: { seed: '={{ $runIndex * 10 + $itemIndex }}' },
			options: { ...quick, maxCost: limitFor(5) },
		} as never,
		...engine.loop(4),
		settings: CONTINUE as never,
	});
	await segmind.close();
	expect(segmind.ledger.jobs).toHaveLength(5);
	expect(hintsOf(outcome)).not.toMatch(/-\d+ were not/);
});

it("an agent's calls within one execution share it", async () => {
	const segmind = await startEmulator({ jobSeconds: 0.05 });
	const outcome = await engine.run({
		type: 'faceSwapComicTool',
		credentials: credentialsFor(segmind),
		parameters: {
			...faceUrls(segmind),
			additionalFields: { seed: '={{ $runIndex }}' },
			options: { ...quick, maxCost: limitFor(2) },
		},
		...engine.loop(4),
	});
	expect(segmind.ledger.jobs).toHaveLength(2);
	expect(outcome.error?.message).toContain('Maximum Cost leaves no room for this item');
	await segmind.close();
});
