import type { Outcome } from '../support/engine/engine';
import { type Way, WAYS } from '../support/faults/cases';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';

useCases();

const CONTINUE = { onError: 'continueRegularOutput' };

const run = async (theCase: Partial<Case>): Promise<Report> => {
	const report = await runCase({ way: 'queue', rules: [], timeout: 20, items: 10, ...theCase });
	expect(report.leaks).toEqual([]);
	return report;
};

const postsOf = ({ emulator }: Report) =>
	emulator.requests.filter(({ kind }) => kind === 'submit' || kind === 'sync').length;

const hintsOf = ({ run: { resultData } }: Outcome): string[] =>
	(resultData.runData.Segmind ?? [])
		.flatMap(({ hints }) => hints ?? [])
		.map(({ message }) => message);

/** Credits for so many jobs, and a bit. */
const creditsFor = (jobs: number, way: Way) => (way === 'workflow' ? 0.1522 : 0.065) * jobs + 0.01;

describe.each(WAYS)('credits that run out in the middle: %s', (way) => {
	it('submits no further item once Segmind has refused one', async () => {
		const report = await run({
			way,
			segmind: { credits: creditsFor(3, way) },
			options: { maxConcurrency: 1 },
			settings: CONTINUE,
		});
		expect(report.emulator.ledger.jobs).toHaveLength(3);
		expect(postsOf(report)).toBe(4);
		const errors = report.outcome.outputs.flat().flatMap(({ json }) => json.error ?? []);
		expect(errors).toHaveLength(7);
		expect(errors[0]).toMatch(
			/HTTP 406\): "Insufficient credits: your balance is [\d.]+, this request needs [\d.]+"\. Nothing was spent/,
		);
		for (const error of errors.slice(1)) {
			expect(error).toMatch(/not submitted.*Nothing was spent for this item\. \[item \d\]/);
		}
		expect(hintsOf(report.outcome).join('\n')).toMatch(
			/Segmind's credits ran out: 3 of 10 items were bought, 7 were not\./,
		);
	}, 60_000);

	it('with many in flight, those that wait for their turn are not submitted either', async () => {
		const report = await run({
			way,
			segmind: { credits: creditsFor(2, way), rateLimit: { perMinute: 60 } },
			items: 30,
			options: { maxConcurrency: 5 },
			settings: CONTINUE,
		});
		expect(report.emulator.ledger.jobs).toHaveLength(2);
		expect(postsOf(report)).toBeLessThanOrEqual(2 + 5);
	}, 60_000);

	it('without Continue, the error says how many were bought and how many were not', async () => {
		const report = await run({
			way,
			segmind: { credits: creditsFor(3, way) },
			options: { maxConcurrency: 1 },
		});
		expect(report.outcome.error?.message).toMatch(/HTTP 406/);
		expect(report.outcome.error?.message).toMatch(/3 of 10 items were bought, 7 were not\./);
	});
});

it('a 406 about a parameter is no lack of credits: the other items go on', async () => {
	const report = await run({
		items: 3,
		rules: [
			{
				on: 'submit',
				fault: { kind: 'status', status: 406, body: { error: 'Invalid image size' } },
			},
		],
		options: { maxConcurrency: 1 },
		settings: CONTINUE,
	});
	expect(report.emulator.ledger.jobs).toHaveLength(2);
	expect(hintsOf(report.outcome).join()).not.toContain('ran out');
});

it('a further try of Retry On Fail asks again: somebody may have topped up', async () => {
	const report = await run({
		items: 2,
		rules: [
			{
				on: 'submit',
				fault: { kind: 'status', status: 406, body: { error: 'Insufficient credits' } },
			},
		],
		options: { maxConcurrency: 1 },
		settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
	});
	expect(report.outcome.error).toBeUndefined();
	expect(report.emulator.ledger.jobs).toHaveLength(2);
});

describe('credits that will not reach', () => {
	const messages = (report: Report) => JSON.stringify(report.outcome.consoleMessages);

	it('are told of once, as soon as an answer of the run has named them', async () => {
		const report = await run({
			segmind: { credits: creditsFor(4, 'queue') },
			options: { maxConcurrency: 1 },
			settings: CONTINUE,
		});
		const hints = hintsOf(report.outcome).join('\n');
		expect(hints.match(/of credits left/g)).toHaveLength(1);
		expect(hints).toMatch(
			/Segmind reports 0\.205 USD of credits left: enough for about 3 of the 9 items still to be submitted/,
		);
		// Before the second item is submitted.
		expect(messages(report).indexOf('of credits left')).toBeLessThan(
			messages(report).indexOf('item 1: Segmind accepted'),
		);
		expect(messages(report)).toContain('of credits left');
	});

	it.each<[string, Partial<Case>]>([
		['they reach', { segmind: { credits: 0.655 } }],
		['nothing names them', { segmind: { credits: 0.2, money: { reportsCredits: false } } }],
		['Maximum Cost stops before', { segmind: { credits: 0.2 }, options: { maxCost: 0.13 } }],
	])('are not told of when %s', async (_, theCase) => {
		const report = await run({ ...theCase, settings: CONTINUE });
		expect(hintsOf(report.outcome).join('\n')).not.toContain('of credits left');
	});
});
