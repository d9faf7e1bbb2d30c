/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import fc from 'fast-check';
import type { FaultRule, RequestKind } from '../support/emulator';
import { engine } from '../support';
import { FAULTS, WAYS, type Way } from '../support/faults/cases';
import { inBatches, runCase, useCases } from '../support/faults/runCase';
import { runsOf } from '../support/thorough';

useCases();

/** Scenarios in all, and how many run side by side. `FAULT_RUNS=5000 npx jest random` runs more. */
const RUNS = Number(process.env.FAULT_RUNS ?? runsOf(300));
const TOGETHER = 60;
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 2 ** 31);

const KINDS: RequestKind[] = [
	'upload',
	'submit',
	'sync',
	'status',
	'result',
	'download',
	'history',
];

const rule: fc.Arbitrary<FaultRule> = fc.record({
	on: fc.constantFrom(...KINDS),
	skip: fc.nat({ max: 3 }),
	times: fc.constantFrom(1, 1, 1, 2, 5, Infinity),
	fault: fc.constantFrom(...FAULTS.map(({ fault }) => fault)),
});

const scenario = fc.record({
	way: fc.constantFrom<Way>(...WAYS),
	items: fc.integer({ min: 1, max: 4 }),
	maxConcurrency: fc.integer({ min: 1, max: 4 }),
	rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
	retries: fc.boolean(),
	onError: fc.constantFrom('stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'),
	stopAfter: fc.option(fc.integer({ min: 10, max: 900 }), { freq: 4, nil: undefined }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** How many submits the user is told of that had no answer. */
function unansweredIn(text: string): number {
	const others = [...text.matchAll(/(\d+) submit\(s\)/g)].map(([, count]) => Number(count));
	const own = text.match(/Segmind did not answer the submit/g) ?? [];
	return own.length + Math.max(0, ...others);
}

/** What the ledger and the user must never see, whatever happens. */
async function judge({
	way,
	items,
	maxConcurrency,
	rules,
	retries,
	onError,
	stopAfter,
}: Scenario): Promise<string[]> {
	const wrong: string[] = [];
	let stopped = false;
	const report = await runCase({
		way,
		items,
		rules,
		timeout: 2,
		jobSeconds: 0.2,
		options: { maxConcurrency },
		settings: {
			onError,
			...(retries ? { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } : {}),
		},
		onStart: (running) => {
			if (stopAfter === undefined) return;
			setTimeout(() => {
				stopped = true;
				running.cancel();
			}, stopAfter);
		},
	});
	const { emulator, outcome, text, leaks, late } = report;
	const { jobs } = emulator.ledger;
	if (jobs.length > items) wrong.push(`${jobs.length} jobs bought for ${items} items`);
	if (leaks.length > 0) wrong.push(`the key is in ${leaks.join(' and ')}`);
	if (late > 0) wrong.push(`${late} requests after the end`);
	const everything =
		text + JSON.stringify(outcome.outputs) + JSON.stringify(outcome.error?.context ?? {});
	const told = emulator.requests.filter(({ kind, status }) => kind === 'submit' && status === 200);
	// An answer that never arrived whole could not be read; all others must be remembered, or counted as missing
	// where a busy machine let the time for them run out.
	const wasRead = !rules.some(({ on, fault }) => on === 'submit' && fault.kind !== 'status');
	const lost = told.filter(({ requestId }) => requestId && !everything.includes(requestId));
	if (wasRead && lost.length > unansweredIn(everything)) {
		wrong.push(`lost ${lost.map(({ requestId }) => requestId).join(', ')}`);
	}
	if (!stopped && !outcome.error && outcome.outputs.flat().length !== items) {
		wrong.push(`${outcome.outputs.flat().length} items came out of ${items}`);
	}
	// Under Continue, n8n hands the input items on when the node itself ends with an error.
	const images = outcome.outputs.flat().filter(({ json }) => json.status === 'COMPLETED');
	for (const { json, binary } of images) {
		const bytes = binary?.data && (await engine.read(binary.data));
		if (bytes && !bytes.equals(await emulator.image(String(json.requestId))))
			wrong.push('a wrong image');
	}
	await emulator.close();
	return wrong;
}

it(`keeps money, images and key safe in ${RUNS} random sequences of faults (seed ${SEED})`, async () => {
	process.stdout.write(`Random faults: FAULT_SEED=${SEED} FAULT_RUNS=${RUNS}\n`);
	await fc.assert(
		fc.asyncProperty(
			fc.array(scenario, { minLength: TOGETHER, maxLength: TOGETHER }),
			async (scenarios) => {
				const wrong = await inBatches(
					scenarios.map(
						(one) => async () =>
							(await judge(one)).map((what) => `${what}: ${JSON.stringify(one)}`),
					),
					TOGETHER,
				);
				expect(wrong.flat()).toEqual([]);
			},
		),
		{ seed: SEED, numRuns: Math.ceil(RUNS / TOGETHER), endOnFailure: true },
	);
}, 3_600_000);
