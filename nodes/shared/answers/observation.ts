import type { IBinaryData, IDataObject } from 'n8n-workflow';
import type { Outputs } from './outputs';

/** The states of a job that still goes on, as the output item names them. */
export type RunningState = 'QUEUED' | 'PROCESSING';

/** What an accepted job is asked for again with. */
export interface Ticket {
	requestId: string;
	/** Where the answer says that state and result are found; only ever followed below the credential's own URLs. */
	statusUrl?: string;
	resultUrl?: string;
}

/** An image in n8n's binary store. */
export interface StoredImage {
	binary: IBinaryData;
	fileName: string;
	mimeType: string;
	/** Bytes that arrived. */
	fileSize: number;
	/** The file stops without the end mark of its format: it may have been cut off. */
	endMissing: boolean;
}

/** What an answer says of a job, whatever was asked: a submit, its state, its result, the account's history. */
export type Observation = {
	ticket?: Ticket;
	/** What the answer calls the job. */
	namedId?: string;
	/** Where its images are, and its other outputs. */
	outputs?: Outputs;
	/** USD and seconds, under the API's names. */
	metrics?: IDataObject;
	/** The API's own words. */
	words?: string;
	/** What happened, as part of a sentence. */
	why?: string;
	/** HTTP status, where that is no success; whether its body is JSON, as Segmind's own are. */
	httpStatus?: number;
	isJson?: boolean;
	/** Whom the request was to reach; which workflow was asked. */
	host?: string;
	workflowId?: string;
	/** Of the account's history: the file name of the image that was changed, and whether the job ended long ago. */
	changedFile?: string;
	isOld?: boolean;
} & (
	| /** Certainly no job: only said of a submit. */ { says: 'notQueued' }
	| { says: 'running'; state: RunningState }
	| /** `image`: it is the answer itself. */ { says: 'finished'; image?: StoredImage }
	| /** It will never have an image. Segmind's word for that may be an unknown one. */ {
			says: 'failed';
			state: string;
			isKnownState: boolean;
	  }
	| /** An error that says nothing of the job's state. */ { says: 'error' }
	| /** Whoever was asked refuses to say it. */ { says: 'refused' }
	| /** No answer, or none that can be read. `isWhole`: all of it came. */ {
			says: 'nothing';
			isWhole?: boolean;
			/** A rate limit did not let the question through. */
			isHeldUp?: boolean;
	  }
);
