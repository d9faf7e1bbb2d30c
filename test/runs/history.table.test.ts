import { credentialsFor, engine, faceUrls, startQuickEmulator } from '../support';
import { FAULTS, type NamedFault } from '../support/faults/cases';
import { inBatches, runCase, useCases } from '../support/faults/runCase';
import { partOf } from '../support/thorough';

useCases();

const LOST = { kind: 'reset', when: 'after' } as const;

/** Faults of the history that are no end of looking: the next question may be answered. */
const times = (stays: boolean) => (stays ? Infinity : 1);

/** Whether the same question is asked again. */
const isTransient = (name: string): boolean => !/HTTP 4(?!29)/.test(name);

/** A submit whose answer is lost, while the history has a fault: paid for once, whatever comes of it. */
async function lostSubmit(
	way: 'queue' | 'sync',
	{ name, fault }: NamedFault,
	stays: boolean,
): Promise<string[]> {
	const on = way === 'sync' ? 'sync' : 'submit';
	const { emulator, outcome, text, leaks, late } = await runCase({
		way,
		history: true,
		rules: [
			{ on, fault: LOST },
			{ on: 'history', times: times(stays), fault },
		],
		// A fault may take as long as a request may.
		timeout: stays ? 2 : 20,
	});
	const wrong: string[] = [];
	const check = (ok: boolean, what: string) => {
		if (!ok) wrong.push(`${way}, ${name}, ${stays ? 'stays' : 'passes'}: ${what}: ${text}`);
	};
	const { jobs } = emulator.ledger;
	check(jobs.length === 1, `${jobs.length} jobs`);
	check(leaks.length === 0, `the key is in ${leaks.join()}`);
	check(late === 0, `${late} requests after the end`);
	const binary = outcome.outputs[0]?.[0]?.binary?.data;
	// Half of an answer may still be all of a row.
	if (stays || !isTransient(name)) {
		check(binary !== undefined || /may have been paid for/.test(text), 'neither image nor warning');
	} else {
		check(binary !== undefined, 'no image');
		const image = await emulator.image(jobs[0]?.requestId ?? '');
		check(binary !== undefined && (await engine.read(binary)).equals(image), 'another image');
	}
	await emulator.close();
	return wrong;
}

/** A job that only the history knows any more, and a list, while the history has a fault: nothing is paid for. */
async function afterTheHour({ name, fault }: NamedFault, stays: boolean): Promise<string[]> {
	const emulator = await startQuickEmulator();
	const run = async (parameters: object) =>
		await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...parameters, options: { timeout: stays ? 2 : 20, pollInterval: 0.1 } },
		} as never);
	await run(faceUrls(emulator));
	emulator.advance(2 * 3_600_000);
	const { requestId = '' } = emulator.ledger.jobs[0] ?? {};
	const wrong: string[] = [];
	for (const [operation, words] of [
		['getResult', /HTTP 404/],
		['getMany', /could not be read/],
	] as const) {
		emulator.clearFaults();
		const location = fault.kind === 'redirect' ? `${emulator.filesUrl}/stranger` : undefined;
		emulator.fault({
			on: 'history',
			times: times(stays),
			fault: location === undefined ? fault : ({ ...fault, location } as never),
		});
		const { outputs, error } = await run({ operation, requestId });
		const binary = outputs[0]?.[0]?.binary?.data;
		const text = `${error?.message} ${error?.description}`;
		const isSaid = words.test(text) && !text.includes(emulator.apiKey);
		if (!binary && !isSaid) wrong.push(`${operation}, ${name}: neither image nor reason: ${text}`);
		if (!stays && isTransient(name) && !binary)
			wrong.push(`${operation}, ${name}: no image: ${text}`);
	}
	if (emulator.ledger.jobs.length !== 1) wrong.push(`${name}: ${emulator.ledger.jobs.length} jobs`);
	if (emulator.leaks.length > 0) wrong.push(`${name}: the key has leaked`);
	await emulator.close();
	return wrong;
}

describe.each([
	['passes', false],
	['stays', true],
])('while a fault of the history %s', (_, stays) => {
	it.concurrent.each(['queue', 'sync'] as const)(
		'a lost submit is paid for once: %s',
		async (way) => {
			const tasks = partOf(FAULTS, 3).map(
				(fault) => async () => await lostSubmit(way, fault, stays),
			);
			expect((await inBatches(tasks, 12)).flat()).toEqual([]);
		},
		240_000,
	);

	it.concurrent(
		'nothing is paid for, and what is wrong is told',
		async () => {
			const tasks = partOf(FAULTS, 3).map((fault) => async () => await afterTheHour(fault, stays));
			expect((await inBatches(tasks, 12)).flat()).toEqual([]);
		},
		240_000,
	);
});
