import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';
import { readItem, type Item } from './job/item';
import { asProblem } from './job/pursue';
import { requestIdOf } from './job/record';
import { openRun, type Run } from './job/run';
import { runJob } from './job/runJob';
import { systemClock, type Clock } from './kit/clock';
import { inParallel } from './kit/parallel';
import { raceWithAbort } from './kit/signals';
import type { SegmindModel } from './model';
import { describeWithoutId, toErrorItem, toNodeError, type ErrorContext } from './nodeErrors';
import { readOptions } from './parameters/options';
import { itemParameters } from './parameters/read';
import { fetchableUntil, ItemProblem } from './problems/problems';

/** Checks go on for so long before everything else in n8n gets its turn. */
const MAX_BLOCKING_MS = 20;

/** What became of an item; undefined when the run ended before it. */
type Outcome = INodeExecutionData[] | ItemProblem | undefined;

/** Runs a step for an item, and turns how it ended into an outcome. */
async function outcomeOf(run: Run, work: () => Promise<INodeExecutionData[]>): Promise<Outcome> {
	try {
		// n8n's binary store may take its time, and doesn't hear of the stop.
		return await raceWithAbort(work(), run.stop.everything);
	} catch (error) {
		const problem = asProblem(error);
		return problem instanceof ItemProblem ? problem : undefined;
	}
}

/** Request IDs of all jobs that were accepted, in this try and in earlier ones. */
const acceptedJobs = ({ records, ledger, account }: Run): string[] => {
	const ids = [...records.values()].flatMap((record) => requestIdOf(record) ?? []);
	return [...new Set([...ids.map((id) => account.mask(id)), ...ledger.requestIds()])];
};

/** n8n shows an execution that ends with this message as canceled. */
function canceled(run: Run): NodeOperationError {
	const accepted = acceptedJobs(run);
	const unnamed = describeWithoutId(run.ledger.withoutId(), '', false);
	const end = unnamed.length > 0 ? '.' : '';
	const jobs = `Jobs that Segmind has already accepted continue there and are paid for; fetch their images with "Get Result" ${fetchableUntil(run.history.isAvailable)}: ${accepted.join(', ')}${end}`;
	const bought = accepted.length > 0 ? [jobs, ...unnamed] : unnamed;
	const spent = bought.length === 0 ? ['Nothing was spent.'] : bought;
	const message = run.account.mask(['The execution was canceled.', ...spent].join(' '));
	if (bought.length > 0) run.context.logger.warn(`${run.model.title}: ${message}`);
	return new NodeOperationError(run.context.getNode(), message);
}

const isCanceled = ({ context }: Run) => context.getExecutionCancelSignal()?.aborted === true;

const errorContextOf = ({ context, account, history }: Run): ErrorContext => ({
	node: context.getNode(),
	account,
	isInHistory: history.isAvailable,
});

/** What the node fails with because of an item. */
function failure(run: Run, { problem }: ItemProblem, index: number) {
	const record = run.records.get(index);
	const own = [problem.requestId, record && requestIdOf(record)];
	const others = {
		ending: run.spending.ending(),
		accepted: acceptedJobs(run).filter((requestId) => !own.includes(requestId)),
		withoutId: run.ledger.withoutId(record?.key),
		retries: run.context.getNode().retryOnFail === true,
	};
	return toNodeError(problem, index, { ...errorContextOf(run), others });
}

/** Shows whoever watches how an item ended. */
function showEnd({ progress, spending }: Run, index: number, outcome: Outcome): void {
	spending.pending.delete(index);
	if (outcome instanceof ItemProblem) progress.failure(index);
	else if (outcome) progress.finished(index, outcome.filter(({ binary }) => binary).length);
}

/** The options of the first item, whose limits count for all of them, even if it cannot work. */
function optionsOfFirst({ context, model }: Run): Item['options'] | undefined {
	try {
		return readOptions(itemParameters(context, 0), model);
	} catch {
		return undefined;
	}
}

/**
 * Checks every item before anything is sent for any of them.
 *
 * @returns the outcomes of those that cannot work, by item, and how many jobs may be in flight, as the first item says
 * @throws NodeOperationError for the first that cannot work, unless the node continues on errors
 */
async function checkAll(run: Run): Promise<{ outcomes: Outcome[]; concurrency: number }> {
	const { context, clock } = run;
	const outcomes: Outcome[] = [];
	let first = optionsOfFirst(run);
	let breathedAtMs = clock.now();
	for (let index = 0; index < context.getInputData().length && !isCanceled(run); index++) {
		if (clock.now() - breathedAtMs > MAX_BLOCKING_MS) {
			await clock.wait(0);
			breathedAtMs = clock.now();
		}
		const outcome = await outcomeOf(run, async () => {
			const { options } = await readItem(run, index);
			first ??= options;
			run.spending.pending.add(index);
			return [];
		});
		if (!(outcome instanceof ItemProblem)) continue;
		if (!context.continueOnFail()) throw failure(run, outcome, index);
		outcomes[index] = outcome;
		showEnd(run, index, outcome);
	}
	if (first) run.spending.maxCostUsd = first.maxCostUsd;
	return { outcomes, concurrency: first?.maxConcurrency ?? 1 };
}

/**
 * Runs the items that passed the check.
 *
 * @throws n8n's error for the first that fails, unless the node continues on errors; NodeOperationError when the
 * execution was stopped
 */
async function runChecked(run: Run, outcomes: Outcome[], concurrency: number): Promise<void> {
	const count = run.context.getInputData().length;
	let first: { problem: ItemProblem; index: number } | undefined;
	run.schedule.pendingItems = count;
	await inParallel(count, concurrency, async (index) => {
		run.schedule.pendingItems--;
		if (run.stop.newWork.aborted || first || outcomes[index]) return;
		const outcome = await outcomeOf(run, async () => await runJob(run, await readItem(run, index)));
		outcomes[index] = outcome;
		showEnd(run, index, outcome);
		if (!(outcome instanceof ItemProblem) || run.context.continueOnFail()) return;
		first ??= { problem: outcome, index };
		// What has taken the room goes on: a submit that was refused may leave once more.
		if (outcome.problem.code !== 'overMaxCost') run.stop.halt();
	});
	if (isCanceled(run)) throw canceled(run);
	if (first) throw failure(run, first.problem, first.index);
}

/** The output items of all input items, in input order. */
function outputsOf(run: Run, outcomes: Outcome[]): INodeExecutionData[] {
	const toErrorOutput = run.context.getNode().onError === 'continueErrorOutput';
	const errorContext = { ...errorContextOf(run), toErrorOutput };
	return outcomes.flatMap((outcome, index) =>
		outcome instanceof ItemProblem
			? toErrorItem(outcome.problem, index, errorContext)
			: (outcome ?? []),
	);
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
		const { outcomes, concurrency } = await checkAll(run);
		if (isCanceled(run)) throw canceled(run);
		await runChecked(run, outcomes, concurrency);
		const ending = run.spending.ending();
		if (ending) run.progress.warn(ending);
		run.progress.close(run.ledger.costs());
		return [outputsOf(run, outcomes)];
	} finally {
		run.stop.release();
	}
}
