/** What tests, the demo and the benchmark see of the emulator. Money is USD, times as named. */

import type { HistoryOptions } from './history';
import type { EmulatedModel } from './models';
import type { RateLimitOptions } from './rateLimit';

export type { RateLimitOptions };

/** What `models.ts` calls a model. */
export type Service = string;

/**
 * What a request is for, whatever its path looks like:
 * `submit` POST /v2/MODEL or /workflows/ID; `sync` POST /v1/MODEL;
 * `status` GET /v2/requests/ID/status, /v1/requests/ID or /workflows/request/ID;
 * `result` GET /v2/requests/ID; `history` GET of the account's request history, or of one request in it; `download` GET of a result file; `input` GET of an uploaded or
 * hosted file.
 */
export type RequestKind =
	| 'submit'
	| 'sync'
	| 'status'
	| 'result'
	| 'download'
	| 'upload'
	| 'credits'
	| 'history'
	| 'input'
	| 'other';

/** A job that was accepted: one for each accepted POST, paid at acceptance. */
export interface Job {
	requestId: string;
	service: Service;
	mode: 'queue' | 'sync';
	/** The request body, with image data replaced by a short description; URLs stay. */
	body: Record<string, unknown>;
	/** Milliseconds on the emulator's clock. */
	acceptedAt: number;
	seconds: number;
	/** USD. */
	cost: number;
}

/** Which of the headers with the key the paths of workflows take, where sources disagree [docs, field]. */
export type WorkflowAuth =
	/** Either, and both. */
	| 'any'
	/** `x-api-key`; a bearer token is refused, also beside it. */
	| 'key'
	/** `Authorization: Bearer`; an `x-api-key` is refused, also beside it. */
	| 'bearer'
	/** Either, but not both together. */
	| 'notBoth';

/** What the account's credits and the jobs' costs are like. */
export interface MoneyOptions {
	/** USD that a job costs; by default the list price [seed]. */
	cost?: number | ((job: { service: Service; index: number }) => number);
	/** Whether answers name a job's cost; default true. */
	reportsCost?: boolean;
	/** Whether answers name the credits left; default true. */
	reportsCredits?: boolean;
	/** USD, named as `free-credits` beside the balance. */
	freeCredits?: number;
	/** The account never had any: the balance call answers 404, and nothing can be bought [docs]. */
	hasNone?: boolean;
}

export interface Ledger {
	jobs: Job[];
	/** USD for accepted jobs that did not fail. */
	spent: number;
	/** USD left. */
	credits: number;
}

export interface RecordedRequest {
	/** Milliseconds on the emulator's clock. */
	at: number;
	server: 'api' | 'files';
	kind: RequestKind;
	method: string;
	/** Path with query, as sent. */
	path: string;
	headers: Record<string, string | string[] | undefined>;
	/** Size of the request body. */
	bytes: number;
	/** Set when an answer was begun; absent for a request that was reset or left hanging. */
	status?: number;
	requestId?: string;
	/** Parsed JSON of submits and uploads; long image data replaced by its length. */
	body?: unknown;
}

export interface Upload {
	url: string;
	bytes: number;
	/** As the client declared it in the data URL. */
	mimeType: string;
}

/** How a job ends badly, or how one status check says that it did. */
export interface Failure {
	/** HTTP status of the answer; by default 422 (v2), 500 (v1), 200 (workflows). */
	status?: number;
	error: unknown;
	field?: 'error' | 'error_message' | 'message' | 'detail';
	/** Default FAILED. */
	state?: string;
}

export interface AnswerContext {
	job?: Job;
	/** The answer that would have been given; an image body is a Buffer. */
	real: { status: number; body: unknown };
	emulator: Emulator;
}

export interface RewrittenAnswer {
	status?: number;
	body: unknown;
	headers?: Record<string, string>;
}

/**
 * What goes wrong. In string and JSON bodies, and in a redirect's location, `{{key}}` becomes the
 * key presented with the request.
 */
export type Fault =
	| {
			/** Answered instead of doing it: nothing is accepted. */
			kind: 'status';
			status: number;
			body?: unknown;
			headers?: Record<string, string>;
			contentType?: string;
	  }
	/** `after`: it took effect, then the socket dies (of a download or result: in mid-body). */
	| { kind: 'reset'; when: 'before' | 'after' }
	/** No answer until close(). */
	| { kind: 'hang'; when: 'before' | 'after' }
	| { kind: 'drip'; bytesPerSecond: number }
	/** Content-Length of the whole, only this part sent, then the socket is closed. */
	| { kind: 'truncate'; fraction: number }
	/** The whole body arrives, or the first part of it, but never its end. */
	| { kind: 'endless'; fraction?: number }
	/** A well framed answer whose body is only the first part. */
	| { kind: 'shorten'; fraction: number }
	| {
			/** Takes effect (unless `effect` is false), but answers this. */
			kind: 'body';
			body: string | Buffer;
			contentType: string;
			status?: number;
			effect?: boolean;
			/** Travels at this pace instead of at once. */
			bytesPerSecond?: number;
			/** Arrives, but never its end. */
			endless?: boolean;
	  }
	| { kind: 'redirect'; status: 301 | 302 | 303 | 307 | 308; location: string }
	| { kind: 'answer'; make: (context: AnswerContext) => RewrittenAnswer }
	/** On `submit` and `sync` the accepted job fails; on `status` and `result` this check says so. */
	| ({ kind: 'fail' } & Failure);

/** Rules are tried in the order queued; the first that is due gets the request. */
export interface FaultRule {
	on: RequestKind | 'any';
	/** Default 1; Infinity is allowed. */
	times?: number;
	/** Let this many requests pass that would otherwise have met this rule. */
	skip?: number;
	fault: Fault;
}

export interface EmulatorOptions {
	/** Default 0: any free port. */
	port?: number;
	/** Port of the files server; default any free port. */
	filesPort?: number;
	/** Default 127.0.0.1. */
	host?: string;
	apiKey?: string;
	/** Models beside those of `models.ts`. */
	models?: EmulatedModel[];
	/** How long a job takes, seconds; by default the model's typical seconds. */
	jobSeconds?: number | ((job: { service: Service; index: number }) => number);
	/** Milliseconds; default Date.now. advance() adds to either. */
	now?: () => number;
	/** USD, default 100. */
	credits?: number;
	/** What jobs cost, and what is said of it. */
	money?: MoneyOptions;
	/** Default `any`. */
	workflowAuth?: WorkflowAuth;
	/** The workflows that run, by default those of the models; another version is retired. */
	workflowIds?: string[];
	/** How often Segmind itself has tried a job again, as metrics say; by default they don't. */
	retryCount?: number;
	/** Limits the requests with each key to the API and to the storage. */
	rateLimit?: RateLimitOptions;
	/** How the account's history differs from what is known of it. */
	history?: HistoryOptions;
	/**
	 * Every result is one valid, cached image padded to this many bytes. Nothing is drawn and no
	 * input is fetched: for benchmarks.
	 */
	imageBytes?: number;
	/** Bytes, default 200 MiB. */
	bodyLimit?: number;
	/** Makes request IDs; by default UUIDs. */
	requestId?: (index: number) => string;
	/** Gets one line for each request answered and each job accepted. */
	log?: (line: string) => void;
}

export interface Emulator {
	/** Origin of the API host and the storage host; everything is also mounted under /gateway. */
	readonly url: string;
	/** Another origin, public: result files, uploads and hosted files. */
	readonly filesUrl: string;
	readonly apiKey: string;
	readonly ledger: Ledger;
	/** Every request to both servers, in order of arrival. */
	readonly requests: RecordedRequest[];
	/** Requests to the files server that carried a credential. */
	readonly leaks: RecordedRequest[];
	readonly uploads: Upload[];
	/** The bytes that a download of this job gives; index 1 and up are tinted variants. */
	image(requestId: string, index?: number): Promise<Buffer>;
	/** Where image() is served; an index lets an `answer` fault name several images. */
	imageUrl(requestId: string, index?: number): string;
	fault(rule: FaultRule): void;
	clearFaults(): void;
	/** Forgets jobs, requests, faults and uploads; credits are back. Hosted files stay. */
	reset(): void;
	advance(ms: number): void;
	/** Resolves the moment a job is done, well or badly; rejects when forgotten or closed. */
	whenFinished(requestId: string): Promise<void>;
	/** Puts a file on the files server and returns its URL. */
	hostFile(name: string, body: Buffer, contentType: string): string;
	/** Ends servers, timers and open sockets at once. */
	close(): Promise<void>;
}
