import type { INodeExecutionData } from 'n8n-workflow';
import type { GetResult, Item, Swap } from './item';
import { askBalance } from './balance';
import { listJobs } from './listJobs';
import { outputItems } from './outputItems';
import { asProblem } from './pursue';
import { pursueJob } from './pursueJob';
import { earlierJob, type JobRecord } from './record';
import type { Run } from './run';

/** Pursues a job to its output items. */
async function itemsOf(
	run: Run,
	item: Swap | GetResult,
	record: JobRecord,
): Promise<INodeExecutionData[]> {
	const pursued = await pursueJob(run, item, record);
	return await outputItems(run, item, pursued).catch((error: unknown) => {
		throw asProblem(error, pursued.record);
	});
}

/** Pursues the job of an item that buys one, from what an earlier try has left of it. */
async function swap(run: Run, item: Swap): Promise<INodeExecutionData[]> {
	const { ledger, records } = run;
	const { key } = item.jobKey;
	const delivered = ledger.itemsOf(key);
	const record = ledger.load(item.jobKey);
	if (delivered) {
		records.set(item.index, record);
		return delivered.map((done) => ({ ...done, pairedItem: { item: item.index } }));
	}
	const items = await itemsOf(run, item, record);
	if (items.every(({ binary }) => binary !== undefined)) ledger.keepItems(key, items);
	return items;
}

/**
 * The way of one input item to its output items.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function runJob(run: Run, item: Item): Promise<INodeExecutionData[]> {
	switch (item.operation) {
		case 'swap':
			return await run.ledger.oneAtATime(item.jobKey.key, async () => await swap(run, item));
		case 'getResult': {
			const { requestId } = item;
			return await itemsOf(run, item, earlierJob({ status: 'accepted', ticket: { requestId } }));
		}
		case 'getMany':
			return await listJobs(run, item);
		case 'getBalance':
			run.balance ??= askBalance(run);
			return [{ json: { ...(await run.balance) }, pairedItem: { item: item.index } }];
	}
}
