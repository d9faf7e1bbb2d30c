import type { INodeExecutionData } from 'n8n-workflow';
import { happened, ItemProblem } from '../problems/problems';
import { stillUnconfirmed } from '../problems/problemTable';
import { fetchImages } from './fetchImages';
import { follow } from './follow';
import { bodyOf, type Item, type Swap } from './item';
import { openJob, type Job } from './job';
import type { Memory } from './ledger';
import { outputItems, statusItem } from './outputItem';
import { note, type Run } from './run';
import { submit } from './submit';

/** What an earlier try left that can be gone on with. */
type Left = Exclude<Memory, { kind: 'finished' | 'unconfirmed' }>;

/** Goes on where an earlier try stopped, or buys the job. */
async function begin(run: Run, item: Swap, memory: Left): Promise<Job> {
	if (memory.kind === 'accepted') {
		const age = Math.max(0, run.clock.date() - memory.sentAt);
		return openJob(run, item, { ticket: memory.ticket, acceptedAt: run.clock.now() - age });
	}
	if (memory.kind === 'paid') {
		const { requestId, outputs } = memory;
		return openJob(run, item, { requestId, outputs });
	}
	const job = openJob(run, item, await submit(run, item, await bodyOf(run, item)));
	if (job.ticket) run.progress.accepted(item.index, job.ticket.requestId);
	return job;
}

/** The way of a job that is known, to its output items. */
async function toItems(run: Run, job: Job): Promise<INodeExecutionData[]> {
	const isFinished = await follow(run, job);
	if (!isFinished) return [statusItem(run, job)];
	return await outputItems(run, job, await fetchImages(run, job));
}

/** Tells the ledger what became of a job that didn't bring its images. */
function noteProblem(run: Run, { question: { key } }: Swap, error: unknown): void {
	if (!(error instanceof ItemProblem)) return;
	const { problem } = error;
	run.ledger.troubled(key, run.account.mask(happened(problem)), problem.isFinal === true);
	if (problem.money === 'notSpent') run.ledger.cost(key, 0);
}

async function swap(run: Run, item: Swap): Promise<INodeExecutionData[]> {
	const { key } = item.question;
	const memory = run.ledger.recall(item.question);
	if (memory.kind === 'finished') {
		return memory.items.map((done) => ({ ...done, pairedItem: { item: item.index } }));
	}
	if (memory.kind === 'unconfirmed') {
		const { requestId, trouble } = memory;
		throw new ItemProblem({ ...stillUnconfirmed(trouble), requestId });
	}
	try {
		const job = await begin(run, item, memory);
		const items = await toItems(run, job);
		const { cost } = job.metrics;
		if (typeof cost === 'number') run.ledger.cost(key, cost);
		if (items.every(({ binary }) => binary !== undefined)) run.ledger.finished(key, items);
		return items;
	} catch (error) {
		noteProblem(run, item, error);
		throw error;
	}
}

/**
 * The way of one input item to its output items: what is known of its job, else submit it; follow it; fetch its
 * images; put them out.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function runJob(run: Run, item: Item): Promise<INodeExecutionData[]> {
	if (item.operation === 'getResult') {
		const { requestId } = item;
		return await toItems(run, openJob(run, item, { ticket: { requestId } }));
	}
	const { key } = item.question;
	note(run, item.index, { key });
	return await run.ledger.oneAtATime(key, async () => await swap(run, item));
}
