import type { INodeExecutionData } from 'n8n-workflow';
import type { PolledJob } from '../rateLimit/pollSchedule';
import type { GetResult, Item, Swap } from './item';
import { listJobs } from './listJobs';
import { imageItems, imagesOf, stateItem } from './outputItems';
import { asProblem, pursue, type Pursued } from './pursue';
import type { JobRecord } from './record';
import type { Run } from './run';
import { openAttempt, surroundingsOf } from './surroundings';

/** Warns of images that may be cut off, and of those that could not be fetched while others could. */
function warn(run: Run, { index }: Item, pursued: Pursued): void {
	const { attempt, record } = pursued;
	for (const { endMissing, fileName } of imagesOf(pursued)) {
		const twice = record.ticket ? ', twice in the same place' : '';
		if (!endMissing) continue;
		run.progress.warn(
			`${fileName} (item ${index}) stops without the end of its file format${twice}: look at it before you use it.`,
		);
	}
	const missing = attempt.image ? [] : (attempt.fetched?.failures ?? []);
	if (missing.length === 0) return;
	const list = missing.map(({ imageUrl, why }) => `${imageUrl ?? 'one'} (${why})`).join(', ');
	run.progress.warn(
		`Item ${index}: ${missing.length} more image(s) of this job could not be fetched: ${list}. The output names them under "missingImages"; "Get Result" tries again.`,
	);
}

/** The output items of a pursuit that ended well. */
async function outputOf(
	run: Run,
	item: Swap | GetResult,
	pursued: Pursued,
): Promise<INodeExecutionData[]> {
	if (pursued.what === 'state') return [stateItem(run, item, pursued)];
	warn(run, item, pursued);
	return await imageItems(run, item, pursued);
}

async function pursueItem(
	run: Run,
	item: Swap | GetResult,
	record: JobRecord,
): Promise<INodeExecutionData[]> {
	const polled: PolledJob = { startedAtMs: 0, isNew: false };
	try {
		const surroundings = surroundingsOf(run, item, polled);
		const pursued = await pursue(record, openAttempt(run, item, record), surroundings);
		return await outputOf(run, item, pursued).catch((error: unknown) => {
			throw asProblem(error, pursued.record);
		});
	} finally {
		run.schedule.jobs.delete(polled);
	}
}

/** Pursues the job of an item that buys one, from what an earlier try has left of it. */
async function swap(run: Run, item: Swap): Promise<INodeExecutionData[]> {
	const { ledger } = run;
	const { key } = item.jobKey;
	const delivered = ledger.itemsOf(key);
	const record = ledger.load(item.jobKey);
	if (delivered) {
		run.records.set(item.index, record);
		return delivered.map((done) => ({ ...done, pairedItem: { item: item.index } }));
	}
	const items = await pursueItem(run, item, record);
	if (items.every(({ binary }) => binary !== undefined)) ledger.keepItems(key, items);
	return items;
}

/**
 * The way of one input item to its output items.
 *
 * @throws ItemProblem, and Stopped when the run ends
 */
export async function runJob(run: Run, item: Item): Promise<INodeExecutionData[]> {
	if (item.operation === 'getMany') return await listJobs(run, item);
	if (item.operation === 'swap') {
		return await run.ledger.oneAtATime(item.jobKey.key, async () => await swap(run, item));
	}
	const { requestId } = item;
	const scope = { key: '', fingerprint: '', executionId: '', runIndex: 0 };
	return await pursueItem(run, item, { ...scope, status: 'accepted', ticket: { requestId } });
}
