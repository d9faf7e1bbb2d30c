import type { IExecuteFunctions } from 'n8n-workflow';
import { readAccount, type Account } from '../http/account';
import { Api } from '../http/api';
import type { Line } from '../http/exchange';
import { History } from '../history/client';
import { Uploads } from '../images/uploads';
import type { Clock } from '../kit/clock';
import type { SegmindModel } from '../model';
import { RateLimiter } from '../rateLimit/limiter';
import { PollSchedule } from '../rateLimit/pollSchedule';
import { openIdentify, openLedger, type Ledger } from './ledger';
import { Progress } from './progress';
import type { JobRecord } from './record';
import { openStop, type Stop } from './stop';

/** One execution of the node: what all of its items share. */
export interface Run extends Line {
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
		ledger: openLedger(context, account, clock.date()),
		identify: openIdentify(context, model),
		records: new Map(),
		uploads: new Uploads(line, account.storageUrl, stop.newWork),
		// Another host: what it refuses must not hold up checks.
		history: new History(openLine(), account, model),
		progress: new Progress(context, model, { clock, account }),
		schedule: new PollSchedule(clock, line.limiter.budget, {
			typicalMs: model.typicalSeconds * 1000,
			hasSeparateResult: model.resultPath !== undefined,
		}),
		queueMissing: false,
	};
}
