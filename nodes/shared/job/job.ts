import type { Metrics, RunningState, StoredImage, Ticket } from '../answers/answers';
import type { Outputs } from '../answers/outputs';
import type { Item } from './item';
import { note, type Run } from './run';

/** What is known of a job from the beginning. */
export interface Facts {
	/** Undefined for a synchronous answer that names none. */
	requestId?: string;
	/** What asks for it again; undefined for a synchronous answer, which is over. */
	ticket?: Ticket;
	state?: RunningState;
	metrics?: Metrics;
	/** What an answer has already brought: the image itself, or where the images are. */
	image?: StoredImage;
	outputs?: Outputs;
	/** When it was submitted, or picked up again; milliseconds on the clock of the run. Now, if it isn't given. */
	startedAt?: number;
	/** When Segmind accepted it, as far as that is known; the same. */
	acceptedAt?: number;
	/** Only just submitted: the first status check can wait. */
	isNew?: boolean;
}

/** A job on its way to output items, and what is known of it so far. */
export interface Job extends Facts {
	item: Item;
	/** Name of the output file. */
	baseName: string;
	startedAt: number;
	/** When waiting ends; milliseconds on the clock of the run. */
	endsAt: number;
	state: RunningState;
	/** What the API reported: USD and seconds. */
	metrics: Metrics;
	/** Status checks made. */
	polls: number;
	/** Since when its checks bring nothing but errors without a state; milliseconds on the clock of the run. */
	errorSince?: number;
	/** It has left the queue. */
	isBegun?: boolean;
	/** Checks that were refused: each further one goes to the next of the URLs that may know the job. */
	refusals: number;
	/** Requests whose answer didn't come in time: the next one gets twice as long. */
	hangs: number;
	/** Only the account's history knows it any more. */
	inHistory?: boolean;
	/** It ended so long ago that its files are not just late. */
	isOld?: boolean;
	/** What Segmind said in the place of an image, although it calls the job finished. */
	words: string;
}

/** A job that can be asked for again. */
export interface QueuedJob extends Job {
	ticket: Ticket;
}

export const isQueued = (job: Job): job is QueuedJob => job.ticket !== undefined;

/** As much of a request ID as tells files apart. */
const SHORT_ID = 8;

/**
 * Name of an item's output file: the user's, else that of the image that was changed, else the service's with the
 * beginning of the request ID.
 */
export function baseNameOf(run: Run, { baseName }: Item, requestId?: string): string {
	const service = run.model.title.toLowerCase().replaceAll(' ', '-');
	const id = requestId === undefined ? '' : `-${requestId.slice(0, SHORT_ID)}`;
	return run.account.mask(baseName ?? `${service}${id}`);
}

/** Sets a job on its way, and notes that it is the item's. */
export function openJob(run: Run, item: Item, facts: Facts): Job {
	const job = makeJob(run, item, facts);
	const { requestId } = job;
	if (requestId !== undefined) {
		note(run, item.index, { requestId: run.account.mask(requestId) });
	}
	return job;
}

/** A job as it begins its way. */
export function makeJob(run: Run, item: Item, facts: Facts): Job {
	const startedAt = facts.startedAt ?? run.clock.now();
	const requestId = facts.requestId ?? facts.ticket?.requestId;
	return {
		state: 'QUEUED',
		metrics: {},
		...facts,
		item,
		requestId,
		baseName: baseNameOf(run, item, requestId),
		startedAt,
		endsAt: startedAt + item.options.timeout,
		polls: 0,
		refusals: 0,
		hangs: 0,
		words: '',
	};
}
