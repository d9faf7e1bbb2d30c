import type { IDataObject } from 'n8n-workflow';
import { ItemProblem, Stopped } from '../problems/problems';
import { advance, depart, type Step } from './advance';
import { requestIdOf, type Attempt, type JobRecord, type Next, type Seen } from './record';

/** What is done for a job at Segmind. Each asks once and says what it saw; none writes anything down. */
export interface Effects {
	/**
	 * @param beforeSend called the moment the POST leaves
	 * @throws before that only: for a file that can't be sent, and when the run ends
	 */
	submit(
		record: JobRecord,
		attempt: Attempt,
		beforeSend: (sentBody: IDataObject) => void,
	): Promise<Seen>;
	poll(record: JobRecord, attempt: Attempt, wanted: 'state' | 'result'): Promise<Seen>;
	/** Asks the account's history for a lost submit, or for a job that the status call doesn't know. */
	lookUp(record: JobRecord, attempt: Attempt): Promise<Seen>;
	/** Fetches what is still missing of a finished job's images. */
	fetch(record: JobRecord, attempt: Attempt): Promise<Seen>;
}

/** Where a job is pursued. */
export interface Surroundings {
	effects: Effects;
	/** Keeps the record where n8n and the process's other jobs find it. Nothing else runs meanwhile. */
	save(record: JobRecord): void;
	/** Waits until the next step is due. */
	waitFor(step: Step): Promise<void>;
	/** Called after each step, for whoever watches. */
	onStep?(step: Step, before: Step): void;
	isStopping(): boolean;
	/** Milliseconds: on the clock of the run, and since 1970. */
	nowMs(): number;
	dateMs(): number;
	core?: { advance: typeof advance; depart: typeof depart };
}

/** How a pursuit ended well. */
export type Pursued = Pick<Step, 'record' | 'attempt'> & { what: 'images' | 'state' };

/**
 * Pursues one job from its record, new or of an earlier try, to its images: what comes next, an effect, what it saw,
 * what comes next. Every way to an image is this one: submit and wait, *Get Result*, Sync, without waiting, *Retry On
 * Fail*, n8n's *Retry*, an agent's repeated call and a submit whose answer was lost begin at other records.
 *
 * @throws ItemProblem, and Stopped when the run ends; the record is saved by then
 */
export async function pursue(
	loaded: JobRecord,
	attempt: Attempt,
	run: Surroundings,
): Promise<Pursued> {
	const core = run.core ?? { advance, depart };
	let seen: Seen = { says: 'begin' };
	let step = core.advance(loaded, attempt, seen, run.nowMs());
	try {
		run.save(step.record);
		for (;;) {
			const { next } = step;
			if (next.do === 'deliver') return { ...step, what: next.what };
			if (next.do === 'fail') throw new ItemProblem(next.problem);
			await run.waitFor(step);
			if (run.isStopping()) throw new Stopped();
			const before = step;
			seen = next.do === 'submit' ? await submit() : await act(next);
			step = core.advance(step.record, step.attempt, seen, run.nowMs());
			run.save(step.record);
			run.onStep?.(step, before);
		}
	} catch (error) {
		const ticket = step.record.ticket ?? ('ticket' in seen ? seen.ticket : undefined);
		throw asProblem(error, { ...step.record, ticket });
	}

	async function submit(): Promise<Seen> {
		const beforeSend = (sentBody: IDataObject) => {
			const record = core.depart(step.record, sentBody, run.dateMs());
			run.save(record);
			step = { ...step, record, attempt: { ...step.attempt, startedAtMs: run.nowMs() } };
		};
		try {
			return await run.effects.submit(step.record, step.attempt, beforeSend);
		} catch (error) {
			// Once it has left, there may be a job, whatever happened here.
			if (step.record.status === 'new') throw asProblem(error, step.record);
			return { says: 'nothing', why: messageOf(error) };
		}
	}

	async function act(next: Exclude<Next, { do: 'submit' | 'deliver' | 'fail' }>): Promise<Seen> {
		const { record, attempt: current } = step;
		if (next.do === 'poll') return await run.effects.poll(record, current, next.for);
		return await run.effects[next.do](record, current);
	}
}

const messageOf = (error: unknown): string =>
	(error as { message?: string } | undefined)?.message ?? 'something unexpected happened';

/**
 * What nobody thought of, and n8n's own errors, of an expression for instance.
 *
 * @param record what is known of the job by then
 */
export function asProblem(error: unknown, record?: JobRecord): ItemProblem | Stopped {
	if (error instanceof ItemProblem || error instanceof Stopped) return error;
	const { description } = (error ?? {}) as { description?: string | null };
	return new ItemProblem({
		code: 'unexpected',
		summary: messageOf(error),
		hint: description ?? 'Check the parameters of this item.',
		money: record === undefined || record.status === 'new' ? 'notSpent' : 'maybeSpent',
		requestId: record && requestIdOf(record),
	});
}
