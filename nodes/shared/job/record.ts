import type { IDataObject } from 'n8n-workflow';
import type { Observation, RunningState, StoredImage, Ticket } from '../answers/observation';
import type { Outputs } from '../answers/outputs';
import type { Signature } from '../http/signature';
import type { Problem } from '../problems/problems';

/** A job as n8n saves it across tries: plain JSON, without image data and without the key. */
export interface JobRecord {
	/** Identifies the item within its execution; for an agent's call, what it asks for. */
	readonly key: string;
	/** Identifies what is asked for, and for which item, across executions. */
	readonly fingerprint: string;
	readonly executionId: string;
	/** The pass of a loop; -1 for all calls of an agent. */
	readonly runIndex: number;
	/**
	 * How far the job is: certainly not queued; on its way, without an answer yet; lost, as the answer could not be read
	 * and there may be a job; accepted, and polled; finished, so paid for, with images to fetch; delivered; failed, so
	 * that it will never have an image.
	 */
	readonly status: 'new' | 'sending' | 'lost' | 'accepted' | 'finished' | 'delivered' | 'failed';
	/** When the submit left; milliseconds since 1970. */
	readonly sentAtMs?: number;
	/**
	 * What the submit sent, for the account's history: the request's fields, image URLs among them; of images inside
	 * it, their digests.
	 */
	readonly sentBody?: IDataObject;
	readonly ticket?: Ticket;
	/** An answer called the job so, but it can't be polled; the history may know it. */
	readonly namedId?: string;
	readonly outputs?: Outputs;
	/** What Segmind says that the job costs, 0 where it isn't billed; USD. */
	readonly costUsd?: number;
	/** What went wrong with it first. */
	readonly problem?: Problem;
}

/** The request ID that *Get Result* and Segmind's support know the job by, if there is one. */
export const requestIdOf = ({ ticket, namedId }: JobRecord): string | undefined =>
	ticket?.requestId ?? namedId;

/** A job that somebody bought earlier, and that no ledger keeps. */
export const earlierJob = (known: Pick<JobRecord, 'status'> & Partial<JobRecord>): JobRecord => ({
	key: '',
	fingerprint: '',
	executionId: '',
	runIndex: 0,
	...known,
});

/** A record without what its answers brought: images inside them would stay in memory. */
export const withoutOutputs = (record: JobRecord): JobRecord => ({ ...record, outputs: undefined });

/** An image of a finished job, in n8n's binary store. */
export interface FetchedImage extends StoredImage {
	imageUrl?: string;
}

/** An image of a finished job that did not come. */
export interface DownloadFailure {
	why: string;
	imageUrl?: string;
	/** All of an answer came, and it is no image. */
	isOther?: boolean;
	/** It will not come any more. */
	isGone?: boolean;
}

/** How far the images of a job are fetched. Places are those of its outputs. */
export interface Fetched {
	images: Record<number, FetchedImage>;
	/** Outputs that turned out to be no images. */
	nonImageOutputs: number[];
	/** Bytes that came the last time of files that stop without the end of their format. */
	truncatedSizes: Record<number, number>;
	failures: DownloadFailure[];
}

export const NOTHING_FETCHED: Fetched = {
	images: {},
	nonImageOutputs: [],
	truncatedSizes: {},
	failures: [],
};

/** What a step is decided by: an answer, a round of downloads, or that a try begins. */
export type Seen =
	| (Observation & {
			/** Of a submit that certainly queued nothing: it leaves once more. */
			again?: 'whenAllowed' | 'afterPause' | 'sync';
			/** The answer did not come in time. */
			isTimeout?: boolean;
			/** How the key was named, where that was refused. */
			refusedSignature?: Signature;
	  })
	| { says: 'begin' }
	/** `timeouts`: downloads that did not come in time, so far; `retryAfterMs`: how long a server asks to wait. */
	| { says: 'fetched'; fetched: Fetched; timeouts: number; retryAfterMs: number };

/** What is done for a job next. Times are milliseconds on the clock of the run. */
export type Next =
	| { do: 'submit'; atMs: number }
	/** When to ask for a state is the poll schedule's to say. */
	| { do: 'poll'; for: 'state' }
	| { do: 'poll'; for: 'result'; atMs: number }
	| { do: 'lookUp'; atMs: number }
	| { do: 'fetch'; atMs: number }
	| { do: 'deliver'; what: 'images' | 'state' }
	| { do: 'fail'; problem: Problem };

/**
 * What belongs to one try of an item only, and is not saved. Times are milliseconds on the clock of the run, which
 * nobody can set.
 */
export interface Attempt {
	/** What is waited for. */
	readonly until: 'ticket' | 'state' | 'image';
	readonly timeoutMs: number;
	readonly endsAtMs: number;
	/** Whether the account's history has such jobs. */
	readonly hasHistory: boolean;
	/** The submit asks for the image itself. */
	readonly isSync: boolean;
	/** An earlier try has submitted the job. */
	readonly isLaterTry: boolean;
	/** Until then a 404 says nothing: a part of Segmind may not have heard of the job yet. */
	readonly unknownUntilMs: number;
	/** When the job was submitted, or picked up again. */
	readonly startedAtMs: number;
	/** It was submitted by this try: how long it has been running is known. */
	readonly isNew: boolean;

	readonly state: RunningState;
	/** USD and seconds, under the API's names. */
	readonly metrics: IDataObject;
	readonly polls: number;
	readonly polledAtMs?: number;
	/** What the last poll came to, where that is worth saying. */
	readonly lastTrouble: string;

	/** Requests whose answer did not come in time: the next one gets twice as long. */
	readonly timeouts: number;
	readonly connectFailures: number;
	/** The ways of naming the key that were refused one after the other. */
	readonly refusedSignatures: readonly Signature[];
	readonly refusals: number;
	readonly lookUps: number;
	readonly fetchRounds: number;
	readonly hopelessRounds: number;
	/** The status call doesn't know the job any more: the history is asked for it, and knows it. */
	readonly inHistory?: 'asked' | 'found';
	readonly errorsEndAtMs?: number;
	readonly lookUpEndsAtMs?: number;
	readonly fetchEndsAtMs?: number;
	/** Size of an image that was the answer itself, and stopped in the middle. */
	readonly truncatedBytes?: number;
	readonly fetched?: Fetched;
	readonly refusal?: Problem;
	/** What the history says: the job ended so long ago that its files are not just late; the name of the changed file. */
	readonly isOld?: boolean;
	readonly changedFile?: string;
}

/** What a try has come to at its beginning. */
export const NOTHING_TRIED = {
	state: 'QUEUED',
	metrics: {},
	polls: 0,
	lastTrouble: '',
	timeouts: 0,
	connectFailures: 0,
	refusedSignatures: [],
	refusals: 0,
	lookUps: 0,
	fetchRounds: 0,
	hopelessRounds: 0,
} satisfies Partial<Attempt>;
