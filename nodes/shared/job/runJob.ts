import type { INodeExecutionData } from 'n8n-workflow';
import { happened, ItemProblem } from '../problems/problems';
import { stillUnconfirmed } from '../problems/problemTable';
import { fetchImages } from './fetchImages';
import { follow } from './follow';
import { listJobs } from './listJobs';
import { recover } from './lookUp';
import { bodyOf, type Item, type Swap } from './item';
import { openJob, type Facts, type Job } from './job';
import type { Memory } from './ledger';
import { outputItems, statusItem } from './outputItem';
import { note, type Run } from './run';
import { LostSubmit, submit } from './submit';

/** What an earlier try left that can be gone on with. */
type Left = Exclude<Memory, { kind: 'finished' }>;

/** Looks a submit that brought no usable answer up in the account's history. */
async function findLost(run: Run, item: Swap, lost: LostSubmit, endsAt: number): Promise<Facts> {
	const { fields } = lost.asked;
	const text = JSON.stringify(fields);
	// n8n saves it, so it may not hold the key; a retry can't look it up then.
	if (run.account.mask(text) === text) run.ledger.lost(item.question.key, { fields });
	return await recover(run, item, lost, endsAt);
}

/** Submits a job. */
async function buy(run: Run, item: Swap): Promise<Job> {
	const endsAt = run.clock.now() + item.options.timeout;
	const bought = submit(run, item, await bodyOf(run, item)).catch(async (error: unknown) => {
		if (!(error instanceof LostSubmit) || !run.history.isAvailable) throw error;
		return await findLost(run, item, error, endsAt);
	});
	return openAccepted(run, item, await bought);
}

/** Opens a job that Segmind has just been found to have accepted, and tells of it. */
function openAccepted(run: Run, item: Swap, facts: Facts): Job {
	const job = openJob(run, item, facts);
	if (job.ticket) run.progress.accepted(item.index, job.ticket.requestId);
	return job;
}

/** Goes on where an earlier try stopped, or buys the job. */
async function begin(run: Run, item: Swap, memory: Left): Promise<Job> {
	const now = run.clock.now();
	switch (memory.kind) {
		case 'none':
			return await buy(run, item);
		case 'accepted': {
			const age = Math.max(0, run.clock.date() - memory.sentAt);
			return openJob(run, item, { ticket: memory.ticket, acceptedAt: now - age });
		}
		case 'paid': {
			const { requestId, outputs } = memory;
			return openJob(run, item, { requestId, outputs });
		}
		case 'unconfirmed': {
			const { requestId, asked, trouble } = memory;
			const problem = { ...stillUnconfirmed(trouble), requestId };
			if (!asked) throw new ItemProblem(problem);
			const endsAt = now + item.options.timeout;
			const facts = await recover(run, item, { asked, problem }, endsAt);
			return openAccepted(run, item, facts);
		}
	}
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

async function goThrough(run: Run, item: Swap, memory: Left): Promise<INodeExecutionData[]> {
	const job = await begin(run, item, memory);
	const items = await toItems(run, job);
	const { cost } = job.metrics;
	if (typeof cost === 'number') run.ledger.cost(item.question.key, cost);
	return items;
}

async function swap(run: Run, item: Swap): Promise<INodeExecutionData[]> {
	const { key } = item.question;
	const memory = run.ledger.recall(item.question);
	if (memory.kind === 'finished') {
		return memory.items.map((done) => ({ ...done, pairedItem: { item: item.index } }));
	}
	const items = await goThrough(run, item, memory).catch((error: unknown) => {
		noteProblem(run, item, error);
		throw error;
	});
	if (items.every(({ binary }) => binary !== undefined)) run.ledger.finished(key, items);
	return items;
}

/**
 * The way of one input item to its output items: what is known of its job, else submit it; follow it; fetch its
 * images; put them out.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function runJob(run: Run, item: Item): Promise<INodeExecutionData[]> {
	if (item.operation === 'getMany') return await listJobs(run, item);
	if (item.operation === 'getResult') {
		const { requestId } = item;
		return await toItems(run, openJob(run, item, { ticket: { requestId } }));
	}
	const { key } = item.question;
	note(run, item.index, { key });
	return await run.ledger.oneAtATime(key, async () => await swap(run, item));
}
