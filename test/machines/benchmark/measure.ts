/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { setTimeout } from 'node:timers/promises';
import { Inputs } from './inputs';
import { takesPart, type Case, type Plan } from './plan';
import { prepare, type Ready, type Result } from './runner';
import type { Contender, Input } from './types';

/** All that was measured. */
export interface Measured {
	plan: Plan;
	cases: Array<{ one: Case; results: Result[] }>;
	/** The processes with nothing to do. */
	idle: Result[];
	/** Minutes that the whole took. */
	minutes: number;
}

/** What mostly waits. */
const WAITS: ReadonlyArray<Case['part']> = ['waiting', 'limits'];

/** Processes that load at the same time. */
const LOADING = 3;

/** Between the starts of two rounds that wait side by side; milliseconds. */
const APART = 1_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Everything that only waits runs at the same time, started together once all of it is loaded. */
async function measureWaiting(plan: Plan): Promise<Measured['cases']> {
	const cases = plan.cases.filter(({ part }) => WAITS.includes(part));
	const seats = cases.flatMap((one) =>
		Array.from({ length: one.rounds }, (_, round) =>
			takesPart(one, round).map((contender) => ({ one, round, contender })),
		).flat(),
	);
	const ready: Array<{ one: Case; round: number; seat: Ready }> = [];
	const queue = [...seats];
	const load = async () => {
		for (let next = queue.shift(); next; next = queue.shift()) {
			const { one, round, contender } = next;
			const { concurrency } = plan;
			ready.push({ one, round, seat: await prepare(contender, one, { round, concurrency }) });
		}
	};
	say(`waiting: ${seats.length} processes side by side`);
	await Promise.all(Array.from({ length: LOADING }, load));
	// The contenders of a round start together, the rounds one after the other: starting takes CPU time.
	const rounds = [...new Set(seats.map(({ one, round }) => `${one.name} ${round}`))];
	const results = await Promise.all(
		ready.map(async ({ one, round, seat }) => {
			await setTimeout(APART * rounds.indexOf(`${one.name} ${round}`));
			return { one, result: await seat.go() };
		}),
	);
	return cases.map((one) => ({
		one,
		results: results.filter((entry) => entry.one === one).map(({ result }) => result),
	}));
}

/** The contenders of a round one after the other; the two that mostly wait together, as they take long. */
async function measureRound(
	one: Case,
	round: number,
	concurrency: number,
	inputs?: Input[],
): Promise<Result[]> {
	const results: Result[] = [];
	const open = async (contender: Contender) =>
		await prepare(contender, one, { round, concurrency, inputs });
	const contenders = takesPart(one, round);
	const pair: Contender[] = contenders.filter((name) => name === 'sequential' || name === 'core');
	const alone = contenders.filter((name) => !pair.includes(name));
	// Every other round in the opposite order.
	for (const contender of round % 2 ? alone.reverse() : alone) {
		results.push(await (await open(contender)).go());
	}
	const seats = await Promise.all(pair.map(open));
	results.push(...(await Promise.all(seats.map(async (seat) => await seat.go()))));
	return results;
}

async function measureWork(plan: Plan): Promise<Measured['cases']> {
	const inputs = new Inputs();
	const measured: Measured['cases'] = [];
	try {
		for (const one of plan.cases.filter(({ part }) => !WAITS.includes(part))) {
			const files = one.inputs && (await inputs.make(one.jobs, one.imageBytes, one.inputs));
			const results: Result[] = [];
			for (let round = 0; round < one.rounds; round++) {
				say(`${one.part}: ${one.name}, round ${round + 1} of ${one.rounds}`);
				results.push(...(await measureRound(one, round, plan.concurrency, files)));
				inputs.clearOutputs();
			}
			measured.push({ one, results });
		}
	} finally {
		inputs.remove();
	}
	return measured;
}

/** The same processes with nothing to do: what their memory is measured against. */
async function measureIdle(plan: Plan): Promise<Result[]> {
	const results: Result[] = [];
	const model = plan.cases.at(-1);
	if (!model) return results;
	const contenders = new Set(plan.cases.flatMap((one) => one.contenders));
	for (let round = 0; round < plan.idleRounds; round++) {
		for (const contender of contenders) {
			const { concurrency } = plan;
			const idle = { ...model, jobs: 0, young: undefined };
			results.push(await (await prepare(contender, idle, { round, concurrency })).go());
		}
	}
	return results;
}

/** Runs the whole plan. */
export async function measure(plan: Plan): Promise<Measured> {
	const startedAt = performance.now();
	const waiting = await measureWaiting(plan);
	say('idle processes');
	const idle = await measureIdle(plan);
	const work = await measureWork(plan);
	const minutes = (performance.now() - startedAt) / 60_000;
	return { plan, cases: [...waiting, ...work], idle, minutes };
}
