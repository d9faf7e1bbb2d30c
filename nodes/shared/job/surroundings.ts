import { CHECK } from '../limits';
import type { PolledJob } from '../rateLimit/pollSchedule';
import type { Step } from './advance';
import { fetchImages } from './fetchImages';
import type { GetResult, Item, Swap } from './item';
import { lookUpJob } from './lookUp';
import { poll } from './poll';
import type { Effects, Surroundings } from './pursue';
import { withoutOutputs, type Attempt, type JobRecord, type Next } from './record';
import type { Run } from './run';
import { openSubmit, usesSync } from './submit';

/** A try at one item's job. */
export function openAttempt(run: Run, item: Item, record: JobRecord): Attempt {
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
		state: 'QUEUED',
		metrics: {},
		polls: 0,
		lastTrouble: '',
		timeouts: 0,
		connectFailures: 0,
		refusals: 0,
		lookUps: 0,
		fetchRounds: 0,
		hopelessRounds: 0,
	};
}

/** What is done for an item's job at Segmind. */
function effectsOf(run: Run, item: Swap | GetResult): Effects {
	return {
		submit: item.operation === 'swap' ? openSubmit(run, item) : refuseEffect,
		poll: async (record, attempt, wanted) => await poll(run, item, { record, attempt }, wanted),
		lookUp: async (record, attempt) => await lookUpJob(run, { record, attempt }),
		fetch: async (record, attempt) => await fetchImages(run, item, { record, attempt }),
	};
}

/** The effect of what an operation never does. */
export async function refuseEffect(): Promise<never> {
	throw new Error('This operation does not ask for that');
}

/** When the next poll of a job is due; never beyond its end, where a last one is made. */
function nextPollAtMs(run: Run, item: Item, { attempt, next }: Step, polled: PolledJob): number {
	if (next.do === 'poll' && next.atMs !== undefined) return next.atMs;
	const { startedAtMs, polledAtMs, isNew, endsAtMs } = attempt;
	if (!isNew && polledAtMs === undefined) return 0;
	const { pollIntervalMs } = item.options;
	Object.assign(polled, { startedAtMs, polledAtMs, isNew });
	const dueMs =
		pollIntervalMs === undefined
			? run.schedule.nextPollAt(polled)
			: (polledAtMs ?? startedAtMs) + pollIntervalMs;
	return Math.min(dueMs, endsAtMs);
}

const isPolled = (next: Next): boolean => next.do === 'poll' && next.for === 'state';

/**
 * Time, and the end of the run.
 *
 * @param pollAtMs when a step is due that doesn't say so itself; on the clock of the run
 */
export function waitUntil(
	{ clock, stop }: Run,
	pollAtMs: (step: Step) => number | undefined = () => undefined,
): Pick<Surroundings, 'waitFor' | 'isStopping' | 'nowMs' | 'dateMs'> {
	return {
		waitFor: async (step) => {
			const { next } = step;
			const atMs = pollAtMs(step) ?? ('atMs' in next ? next.atMs : undefined) ?? 0;
			const waitMs = atMs - clock.now();
			if (waitMs > 0) await clock.wait(waitMs, stop.newWork);
		},
		isStopping: () => stop.newWork.aborted,
		nowMs: () => clock.now(),
		dateMs: () => clock.date(),
	};
}

/** Where an item's job is pursued. */
export function surroundingsOf(run: Run, item: Swap | GetResult, polled: PolledJob): Surroundings {
	const { schedule, ledger, records } = run;
	return {
		effects: effectsOf(run, item),
		save: (record) => {
			records.set(item.index, withoutOutputs(record));
			if (item.operation === 'swap') ledger.save(record);
		},
		...waitUntil(run, (step) => {
			if (!isPolled(step.next)) schedule.jobs.delete(polled);
			else schedule.jobs.add(polled);
			return isPolled(step.next) ? nextPollAtMs(run, item, step, polled) : undefined;
		}),
		onStep: (step, before) => {
			if (step.record.status === 'finished' && isPolled(before.next)) schedule.noteFinished(polled);
			tellProgress(run, item, step, before);
		},
	};
}

/** Tells whoever watches the run how far a job is. */
function tellProgress(run: Run, { index }: Item, step: Step, before: Step): void {
	const { progress } = run;
	const { ticket, status } = step.record;
	if (ticket && !before.record.ticket) progress.accepted(index, ticket.requestId);
	if (ticket && !before.record.ticket && before.next.do === 'lookUp') {
		progress.warn(
			`Item ${index}: Segmind's answer to the submit was lost; the account's history shows that the job was accepted (request ID ${ticket.requestId}), and it was followed from there.`,
		);
	}
	const begins = step.attempt.state === 'PROCESSING' && before.attempt.state !== 'PROCESSING';
	if (begins && status === 'accepted') progress.begun(index);
}
