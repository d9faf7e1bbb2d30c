import type { IExecuteFunctions } from 'n8n-workflow';
import { readAccount, type Account } from '../http/account';
import { HttpClient } from '../http/client';
import { History } from '../history/client';
import { Uploads } from '../images/uploads';
import type { Clock } from '../kit/clock';
import type { SegmindModel } from '../model';
import { PollSchedule } from '../rateLimit/pollSchedule';
import { openIdentify, openLedger, type Ledger } from './ledger';
import { Progress } from './progress';
import type { JobRecord } from './record';
import { Spending } from './spending';
import { openStop, type Stop } from './stop';

/** The account's credits; USD. */
export type Balance = { credits: number; freeCredits?: number };

/** One execution of the node: what all of its items share. */
export interface Run {
	clock: Clock;
	/** The only way to Segmind, and to its files. */
	http: HttpClient;
	context: IExecuteFunctions;
	model: SegmindModel;
	account: Account;
	stop: Stop;
	/** What was bought, across tries. */
	ledger: Ledger;
	identify: ReturnType<typeof openIdentify>;
	/** By item: what is known of its job in this try. */
	records: Map<number, JobRecord>;
	uploads: Uploads;
	progress: Progress;
	/** The account's request history: only asked for what nothing else says. */
	history: History;
	/** When the jobs under way are polled. */
	schedule: PollSchedule;
	/** The account's credits, once an item has asked for them. */
	balance?: Promise<Balance>;
	/** What may still be bought. */
	spending: Spending;
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
	const http = new HttpClient(context, account, clock);
	const ledger = openLedger(context, account, clock.date());
	const progress = new Progress(context, model, { clock, account });
	const count = context.getInputData().length;
	return {
		clock,
		http,
		context,
		model,
		account,
		stop,
		ledger,
		identify: openIdentify(context, model),
		records: new Map(),
		uploads: new Uploads(http, account.storageUrl, stop.newWork),
		// Another host: what it refuses must not hold up checks.
		history: new History(new HttpClient(context, account, clock), account, model),
		progress,
		schedule: new PollSchedule(clock, http.limiter.budget, {
			typicalMs: model.typicalSeconds * 1000,
			hasSeparateResult: model.resultPath !== undefined,
		}),
		spending: new Spending(ledger, progress, { count, priceUsd: model.typicalCost }),
		queueMissing: false,
	};
}
