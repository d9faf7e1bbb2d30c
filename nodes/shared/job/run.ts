import type { IExecuteFunctions } from 'n8n-workflow';
import { readAccount, type Account } from '../http/account';
import { Api } from '../http/api';
import type { Line } from '../http/exchange';
import { History } from '../history/client';
import { Uploads } from '../images/uploads';
import type { Clock } from '../kit/clock';
import type { SegmindModel } from '../model';
import { Stopped } from '../problems/problems';
import { RateLimiter } from '../rateLimit/limiter';
import { PollSchedule } from '../rateLimit/pollSchedule';
import { openLedger, questionsOf, type Ledger, type Questions } from './ledger';
import { Progress } from './progress';
import { openStop, type Stop } from './stop';

/** What is known of an item's job, for whoever tells of it when the run ends. */
export interface KnownJob {
	/** Its key in the ledger, where it was bought. */
	key?: string;
	/** Once Segmind has accepted it; without the key, should it repeat that. */
	requestId?: string;
}

/** One execution of the node: what all of its items share. */
export interface Run extends Line {
	context: IExecuteFunctions;
	model: SegmindModel;
	account: Account;
	stop: Stop;
	/** What was bought, across tries. */
	ledger: Ledger;
	/** Identifies in the ledger what an item asks for. */
	questions: Questions;
	uploads: Uploads;
	progress: Progress;
	/** The account's request history: only asked for what nothing else tells. */
	history: History;
	/** When the jobs under way are polled. */
	schedule: PollSchedule;
	/** By item. */
	jobs: Map<number, KnownJob>;
	/** Submits under way, by what they ask for. */
	submitting: Map<string, number>;
	/** The queue's endpoint turned out to be missing here. */
	queueMissing: boolean;
}

/** Opens a run. Throws n8n's own error when the node has no credential. */
export async function openRun(
	context: IExecuteFunctions,
	model: SegmindModel,
	clock: Clock,
): Promise<Run> {
	const account = await readAccount(context);
	const stop = openStop(context, clock);
	const openLine = (): Line => {
		const limiter = new RateLimiter(clock);
		return { api: new Api(context, account, limiter), limiter, clock };
	};
	const line = openLine();
	return {
		...line,
		context,
		model,
		account,
		stop,
		ledger: openLedger(context, account.baseUrl, clock.date()),
		questions: questionsOf(context, model),
		uploads: new Uploads(line, account.storageUrl, stop.newWork),
		// Another host: what it refuses must not hold up checks.
		history: new History(openLine(), account, model),
		progress: new Progress(context, model, { clock, account }),
		schedule: new PollSchedule(clock, line.limiter.budget, {
			typicalMs: model.typicalSeconds * 1000,
			hasSeparateResult: model.resultPath !== undefined,
		}),
		jobs: new Map(),
		submitting: new Map(),
		queueMissing: false,
	};
}

/** Notes what is known of an item's job, besides what was. */
export function note(run: Run, index: number, known: KnownJob): void {
	run.jobs.set(index, { ...run.jobs.get(index), ...known });
}

/** Counts one more of a kind; call what it returns when that is over. */
export function enter(counts: Map<string, number>, kind: string): () => void {
	const add = (one: number) => void counts.set(kind, (counts.get(kind) ?? 0) + one);
	add(1);
	return () => add(-1);
}

/** Throws `Stopped` once the run is stopping. */
export function throwIfStopping({ stop }: Run): void {
	if (stop.newWork.aborted) throw new Stopped();
}

/** Waits, and throws `Stopped` when the run is stopping meanwhile. Milliseconds. */
export async function pause(run: Run, milliseconds: number): Promise<void> {
	await run.clock.wait(milliseconds, run.stop.newWork);
	throwIfStopping(run);
}
