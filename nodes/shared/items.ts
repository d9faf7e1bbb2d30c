import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';
import { raceWithAbort, systemClock, type Clock } from './kit/clock';
import { checkItem, runJob } from './job/job';
import type { SegmindModel } from './model';
import { tellUnnamed, toErrorItem, toNodeError, type Others } from './nodeErrors';
import { itemParameters, readBoolean, readChoice, readOptions } from './parameters/read';
import { ItemProblem, Stopped, type Problem } from './problems/problems';
import { openRun, type Item, type Run } from './job/run';

/** Checks go on for so long before everything else in n8n gets its turn; milliseconds. */
const LONGEST_BREATH = 20;

/** What became of an item. */
type Outcome =
	| { kind: 'done'; items: INodeExecutionData[] }
	| { kind: 'problem'; problem: Problem }
	| { kind: 'stopped' };

function readItem(context: IExecuteFunctions, index: number): Item {
	const parameters = itemParameters(context, index);
	return {
		index,
		parameters,
		operation: readChoice(parameters.get('operation') ?? 'swap', 'Operation', [
			'swap',
			'getResult',
		]),
		waitForCompletion: readBoolean(
			parameters.get('waitForCompletion') ?? true,
			'Wait for Completion',
		),
		options: readOptions(parameters),
	};
}

/** Runs a step for an item, and turns how it ended into an outcome. */
async function outcomeOf(
	run: Run,
	index: number,
	work: () => Promise<INodeExecutionData[]>,
): Promise<Outcome> {
	try {
		// n8n's binary store may take its time, and doesn't hear of the stop.
		const items = await raceWithAbort(work(), run.leaving);
		return items ? { kind: 'done', items } : { kind: 'stopped' };
	} catch (error) {
		if (error instanceof Stopped) return { kind: 'stopped' };
		if (error instanceof ItemProblem) return { kind: 'problem', problem: error.problem };
		return { kind: 'problem', problem: unexpected(error, run.accepted.get(index)) };
	}
}

/** n8n's own errors, of an expression for instance, and what nobody thought of. */
function unexpected(error: unknown, requestId?: string): Problem {
	const { message, description } = error as { message?: string; description?: string | null };
	return {
		blame: 'input',
		what: message ?? 'Something unexpected happened',
		hint: description ?? 'Check the parameters of this item.',
		money: 'maybeSpent',
		requestId,
	};
}

/** Runs `work` for each index, at most `limit` at a time, in order of the index. */
async function inParallel(
	count: number,
	limit: number,
	work: (index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	const worker = async () => {
		while (next < count) await work(next++);
	};
	await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
}

/** Request IDs of all jobs that were accepted, in this try and in earlier ones. */
const acceptedJobs = (run: Run): string[] => [
	...new Set([...run.accepted.values(), ...run.ledger.requestIds()]),
];

function othersOf(run: Run, problem: Problem, index: number): Others {
	const own = [problem.requestId, run.accepted.get(index)];
	return {
		accepted: acceptedJobs(run).filter((requestId) => !own.includes(requestId)),
		unnamed: run.ledger.unnamed(run.keys.get(index)),
		retries: run.context.getNode().retryOnFail === true,
	};
}

/** n8n shows an execution that ends with this message as canceled. */
function canceled(run: Run): NodeOperationError {
	const accepted = acceptedJobs(run);
	const unnamed = tellUnnamed(run.ledger.unnamed(), '', false);
	const end = unnamed.length > 0 ? '.' : '';
	const jobs = `Jobs that Segmind has already accepted go on there and are paid for; fetch their images with "Get Result" within an hour: ${accepted.join(', ')}${end}`;
	const bought = accepted.length > 0 ? [jobs, ...unnamed] : unnamed;
	const spent = bought.length === 0 ? ['Nothing was spent.'] : bought;
	const message = run.account.mask(['The execution was canceled.', ...spent].join(' '));
	if (bought.length > 0) run.context.logger.warn(`${run.model.title}: ${message}`);
	return new NodeOperationError(run.context.getNode(), message);
}

function tellProgress({ progress }: Run, outcome: Outcome, index: number): void {
	if (outcome.kind === 'problem') progress.failure(index);
	if (outcome.kind !== 'done') return;
	progress.finished(index, outcome.items.filter(({ binary }) => binary !== undefined).length);
}

async function runAll(context: IExecuteFunctions, run: Run): Promise<INodeExecutionData[]> {
	const count = context.getInputData().length;
	const node = context.getNode();
	const continues = context.continueOnFail();
	const outcomes: Outcome[] = [];
	const isCanceled = () => context.getExecutionCancelSignal()?.aborted === true;
	const fail = (problem: Problem, index: number) =>
		toNodeError(node, problem, index, run.account, othersOf(run, problem, index));

	// Every item is checked before anything is sent for any of them.
	let concurrency: number | undefined;
	let breathedAt = run.clock.now();
	for (let index = 0; index < count && !isCanceled(); index++) {
		if (run.clock.now() - breathedAt > LONGEST_BREATH) {
			await run.clock.wait(0);
			breathedAt = run.clock.now();
		}
		const outcome = await outcomeOf(run, index, async () => {
			const item = readItem(context, index);
			concurrency ??= item.options.maxConcurrency;
			await checkItem(run, item);
			return [];
		});
		if (outcome.kind === 'problem') {
			outcome.problem.money = 'notSpent';
			if (!continues) throw fail(outcome.problem, index);
			outcomes[index] = outcome;
			tellProgress(run, outcome, index);
		}
	}
	if (isCanceled()) throw canceled(run);

	let first: { problem: Problem; index: number } | undefined;
	run.looks.toCome = count;
	await inParallel(count, concurrency ?? 1, async (index) => {
		run.looks.toCome--;
		if (run.ending.aborted || outcomes[index]) return;
		const work = async () => await runJob(run, readItem(context, index));
		const outcome = await outcomeOf(run, index, work);
		outcomes[index] = outcome;
		tellProgress(run, outcome, index);
		if (outcome.kind !== 'problem' || continues) return;
		first ??= { problem: outcome.problem, index };
		run.halt();
	});
	if (isCanceled()) throw canceled(run);
	if (first) throw fail(first.problem, first.index);

	run.progress.close(run.ledger.costs(new Set(run.keys.values())));
	const toErrorOutput = node.onError === 'continueErrorOutput';
	return outcomes.flatMap((outcome, index) => {
		if (outcome.kind === 'done') return outcome.items;
		if (outcome.kind === 'stopped') return [];
		return [toErrorItem(node, outcome.problem, index, run.account, toErrorOutput)];
	});
}

/**
 * Runs a Segmind service for all input items of a node: several at once, results in input order.
 *
 * @throws NodeApiError, NodeOperationError for the first item that fails, unless the node continues on errors;
 * NodeOperationError when the execution was stopped
 */
export async function runItems(
	context: IExecuteFunctions,
	model: SegmindModel,
	clock: Clock = systemClock,
): Promise<INodeExecutionData[][]> {
	if (context.getInputData().length === 0) return [[]];
	const run = await openRun(context, model, clock);
	try {
		return [await runAll(context, run)];
	} finally {
		run.close();
	}
}
