import { CHECK } from '../limits';
import type { Step } from './advance';
import { fetchImages } from './fetchImages';
import type { Item } from './item';
import { lookUpJob } from './lookUp';
import { poll } from './poll';
import { pursue, type Effects, type Pursued, type Surroundings } from './pursue';
import { NOTHING_TRIED, withoutOutputs, type Attempt, type JobRecord, type Next } from './record';
import type { Run } from './run';
import { openSubmit, usesSync } from './submit';

/** A try at one item's job. */
function openAttempt(run: Run, item: Item, record: JobRecord): Attempt {
	const { clock, history } = run;
	const nowMs = clock.now();
	const { timeoutMs } = item.options;
	const ageMs = clock.date() - (record.sentAtMs ?? 0);
	const early = item.operation === 'swap' ? 'ticket' : 'state';
	return {
		until: item.waitForCompletion ? 'image' : early,
		timeoutMs,
		endsAtMs: nowMs + timeoutMs,
		hasHistory: history.isAvailable,
		isSync: item.operation === 'swap' && usesSync(run, item),
		isLaterTry: false,
		unknownUntilMs: nowMs + CHECK.becomesKnownMs - Math.max(0, ageMs),
		startedAtMs: nowMs,
		isNew: false,
		...NOTHING_TRIED,
	};
}

/** What is done for an item's job at Segmind. */
const effectsOf = (run: Run, item: Item): Effects => ({
	submit: item.operation === 'swap' ? openSubmit(run, item) : refuseSubmit,
	poll: async (record, attempt, wanted) => await poll(run, item, { record, attempt }, wanted),
	lookUp: async (record, attempt) => await lookUpJob(run, { record, attempt }),
	fetch: async (record, attempt) => await fetchImages(run, item, { record, attempt }),
});

async function refuseSubmit(): Promise<never> {
	throw new Error('This operation submits nothing');
}

const isStatePoll = (next: Next): boolean => next.do === 'poll' && next.for === 'state';

/** When a step is due on the run's clock: a poll as the schedule or the user says, but at the item's end at the latest. */
function dueAtMs({ schedule }: Run, { index, options }: Item, { next, attempt }: Step): number {
	if (!isStatePoll(next)) {
		schedule.jobs.delete(index);
		return 'atMs' in next ? next.atMs : 0;
	}
	schedule.jobs.set(index, attempt);
	const { startedAtMs, polledAtMs, isNew, endsAtMs } = attempt;
	if (!isNew && polledAtMs === undefined) return 0;
	const dueMs =
		options.pollIntervalMs === undefined
			? schedule.nextPollAt(attempt)
			: (polledAtMs ?? startedAtMs) + options.pollIntervalMs;
	return Math.min(dueMs, endsAtMs);
}

/** Shows whoever watches the run how far a job is. */
function showProgress({ progress }: Run, { index }: Item, step: Step, before: Step): void {
	const { ticket, status } = step.record;
	const begins = step.attempt.state === 'PROCESSING' && before.attempt.state !== 'PROCESSING';
	if (begins && status === 'accepted') progress.begun(index);
	if (!ticket || before.record.ticket) return;
	progress.accepted(index, ticket.requestId);
	if (before.next.do !== 'lookUp') return;
	progress.warn(
		`Item ${index}: Segmind's answer to the submit was lost; the account's history shows that the job was accepted (request ID ${ticket.requestId}), and it was followed from there.`,
	);
}

/** Where an item's job is pursued. */
function surroundingsOf(run: Run, item: Item): Surroundings {
	const { clock, stop, schedule, ledger, records, spending } = run;
	return {
		effects: effectsOf(run, item),
		save: (record) => {
			if (item.operation !== 'getMany') records.set(item.index, withoutOutputs(record));
			if (item.operation !== 'swap') return;
			ledger.save(record);
			spending.pending[record.status === 'new' ? 'add' : 'delete'](item.index);
		},
		waitFor: async (step) => {
			const waitMs = dueAtMs(run, item, step) - clock.now();
			if (waitMs > 0) await clock.wait(waitMs, stop.newWork);
		},
		onStep: (step, before) => {
			const isFinished = step.record.status === 'finished';
			if (isFinished && isStatePoll(before.next)) schedule.noteFinished(before.attempt);
			showProgress(run, item, step, before);
			const { remaining_credits: creditsUsd } = step.attempt.metrics;
			const isNews = creditsUsd !== before.attempt.metrics.remaining_credits;
			if (isNews && item.operation === 'swap') spending.noteCredits(creditsUsd);
		},
		isStopping: () => stop.newWork.aborted,
		nowMs: () => clock.now(),
		dateMs: () => clock.date(),
	};
}

/**
 * Pursues an item's job.
 *
 * @param known what is known of it besides its record
 * @throws ItemProblem, and Stopped when the run ends; the record is saved by then
 */
export async function pursueJob(
	run: Run,
	item: Item,
	record: JobRecord,
	known: Partial<Attempt> = {},
): Promise<Pursued> {
	try {
		const attempt = { ...openAttempt(run, item, record), ...known };
		return await pursue(record, attempt, surroundingsOf(run, item));
	} finally {
		run.schedule.jobs.delete(item.index);
	}
}
