import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';
import { readItem } from './job/item';
import { requestIdOf } from './job/record';
import { openRun, type Run } from './job/run';
import { runJob } from './job/runJob';
import { systemClock, type Clock } from './kit/clock';
import { inParallel } from './kit/parallel';
import { raceWithAbort } from './kit/signals';
import type { SegmindModel } from './model';
import { describeWithoutId, toErrorItem, toNodeError, type ErrorContext } from './nodeErrors';
import { fetchableUntil, ItemProblem, Stopped, type Problem } from './problems/problems';

/** Checks go on for so long before everything else in n8n gets its turn. */
const MAX_BLOCKING_MS = 20;

/** What became of an item. */
type Outcome =
	| { kind: 'done'; items: INodeExecutionData[] }
	| { kind: 'problem'; problem: Problem }
	| { kind: 'stopped' };

/** Runs a step for an item, and turns how it ended into an outcome. */
async function outcomeOf(run: Run, work: () => Promise<INodeExecutionData[]>): Promise<Outcome> {
	try {
		// n8n's binary store may take its time, and doesn't hear of the stop.
		const items = await raceWithAbort(work(), run.stop.everything);
		return items ? { kind: 'done', items } : { kind: 'stopped' };
	} catch (error) {
		if (error instanceof Stopped) return { kind: 'stopped' };
		if (error instanceof ItemProblem) return { kind: 'problem', problem: error.problem };
		return { kind: 'problem', problem: unexpected(error) };
	}
}

/** n8n's own errors, of an expression for instance, and what nobody thought of. */
function unexpected(error: unknown): Problem {
	const { message, description } = (error ?? {}) as {
		message?: string;
		description?: string | null;
	};
	return {
		code: 'unexpected',
		money: 'notSpent',
		summary: message ?? 'Something unexpected happened',
		hint: description ?? 'Check the parameters of this item.',
	};
}

/** Request IDs of all jobs that were accepted, in this try and in earlier ones. */
const acceptedJobs = ({ records, ledger, account }: Run): string[] => [
	...new Set([
		...[...records.values()].flatMap((record) => {
			const requestId = requestIdOf(record);
			return requestId === undefined ? [] : account.mask(requestId);
		}),
		...ledger.requestIds(),
	]),
];

/** Keys in the ledger of the jobs that were asked for. */
const boughtKeys = ({ records }: Run): Set<string> =>
	new Set([...records.values()].map(({ key }) => key));

function othersOf(run: Run, problem: Problem, index: number): ErrorContext['others'] {
	const record = run.records.get(index);
	const own = [problem.requestId, record && requestIdOf(record)];
	return {
		accepted: acceptedJobs(run).filter((requestId) => !own.includes(requestId)),
		withoutId: run.ledger.withoutId(record?.key),
		retries: run.context.getNode().retryOnFail === true,
	};
}

/** n8n shows an execution that ends with this message as canceled. */
function canceled(run: Run): NodeOperationError {
	const accepted = acceptedJobs(run);
	const unnamed = describeWithoutId(run.ledger.withoutId(), '', false);
	const end = unnamed.length > 0 ? '.' : '';
	const jobs = `Jobs that Segmind has already accepted go on there and are paid for; fetch their images with "Get Result" ${fetchableUntil(run.history.isAvailable)}: ${accepted.join(', ')}${end}`;
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

const isCanceled = ({ context }: Run) => context.getExecutionCancelSignal()?.aborted === true;

const surroundingsOf = ({ context, account, history }: Run): ErrorContext => ({
	node: context.getNode(),
	account,
	isInHistory: history.isAvailable,
});

/** What the node fails with because of an item. */
const failure = (run: Run, problem: Problem, index: number) =>
	toNodeError(problem, index, { ...surroundingsOf(run), others: othersOf(run, problem, index) });

/** What came of all items so far, and how the run goes on. */
interface Batch {
	count: number;
	/** By item. */
	outcomes: Outcome[];
	/** Jobs in flight at once, as the first item says. */
	concurrency?: number;
}

/**
 * Checks every item before anything is sent for any of them.
 *
 * @throws NodeOperationError for the first that cannot work, unless the node continues on errors
 */
async function checkAll(run: Run): Promise<Batch> {
	const { context, clock } = run;
	const batch: Batch = { count: context.getInputData().length, outcomes: [] };
	let breathedAt = clock.now();
	for (let index = 0; index < batch.count && !isCanceled(run); index++) {
		if (clock.now() - breathedAt > MAX_BLOCKING_MS) {
			await clock.wait(0);
			breathedAt = clock.now();
		}
		const outcome = await outcomeOf(run, async () => {
			const { options } = await readItem(run, index);
			batch.concurrency ??= options.maxConcurrency;
			return [];
		});
		if (outcome.kind !== 'problem') continue;
		if (!context.continueOnFail()) throw failure(run, outcome.problem, index);
		batch.outcomes[index] = outcome;
		tellProgress(run, outcome, index);
	}
	return batch;
}

/**
 * Runs the items that passed the check.
 *
 * @throws n8n's error for the first that fails, unless the node continues on errors; NodeOperationError when the
 * execution was stopped
 */
async function runChecked(run: Run, { count, outcomes, concurrency = 1 }: Batch): Promise<void> {
	let first: { problem: Problem; index: number } | undefined;
	run.schedule.pendingItems = count;
	await inParallel(count, concurrency, async (index) => {
		run.schedule.pendingItems--;
		if (run.stop.newWork.aborted || outcomes[index]) return;
		const work = async () => await runJob(run, await readItem(run, index));
		const outcome = await outcomeOf(run, work);
		outcomes[index] = outcome;
		tellProgress(run, outcome, index);
		if (outcome.kind !== 'problem' || run.context.continueOnFail()) return;
		first ??= { problem: outcome.problem, index };
		run.stop.halt();
	});
	if (isCanceled(run)) throw canceled(run);
	if (first) throw failure(run, first.problem, first.index);
}

/** The output items of all input items, in input order. */
function outputsOf(run: Run, { outcomes }: Batch): INodeExecutionData[] {
	const toErrorOutput = run.context.getNode().onError === 'continueErrorOutput';
	const surroundings = { ...surroundingsOf(run), toErrorOutput };
	return outcomes.flatMap((outcome, index) => {
		if (outcome.kind === 'done') return outcome.items;
		if (outcome.kind === 'stopped') return [];
		return [toErrorItem(outcome.problem, index, surroundings)];
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
		const batch = await checkAll(run);
		if (isCanceled(run)) throw canceled(run);
		await runChecked(run, batch);
		run.progress.close(run.ledger.costs(boughtKeys(run)));
		return [outputsOf(run, batch)];
	} finally {
		run.stop.release();
	}
}
