import type { Fault, FaultRule, RequestKind } from '../emulator';

/** The three ways in which a job is made. */
export type Way = 'queue' | 'sync' | 'workflow';

export const WAYS: Way[] = ['queue', 'sync', 'workflow'];

/** The states of a job in which something can go wrong, each with the request that it happens to. */
export type State = 'before submit' | 'submit' | 'queued' | 'running' | 'finished' | 'downloading';

/** The states that a way passes through; a synchronous job is one single request. */
export const STATES: Record<Way, State[]> = {
	queue: ['before submit', 'submit', 'queued', 'running', 'finished', 'downloading'],
	sync: ['before submit', 'submit'],
	workflow: ['before submit', 'submit', 'queued', 'running', 'downloading'],
};

/** The request that a state's fault is put on, and how many of its kind pass before. */
export function requestOf(way: Way, state: State): { on: RequestKind; skip: number } {
	if (state === 'before submit') return { on: 'upload', skip: 0 };
	if (state === 'submit') return { on: way === 'sync' ? 'sync' : 'submit', skip: 0 };
	if (state === 'queued') return { on: 'status', skip: 0 };
	if (state === 'running') return { on: 'status', skip: 1 };
	if (state === 'finished') return { on: 'result', skip: 0 };
	return { on: 'download', skip: 0 };
}

/** The first look at a job finds it running, however fast the emulator's jobs are. */
const FOUND_RUNNING: FaultRule = {
	on: 'status',
	fault: {
		kind: 'answer',
		make: () => ({ status: 200, body: { status: 'PROCESSING', metrics: {} } }),
	},
};

/** The rules that make a fault meet a job in a state, so many times. */
export function rulesFor(way: Way, state: State, fault: Fault, times: number): FaultRule[] {
	const { on } = requestOf(way, state);
	return [...(state === 'running' ? [FOUND_RUNNING] : []), { on, times, fault }];
}

/** What an item is expected to end as. */
export type End =
	| 'image'
	/** An error, after which Segmind has no job. */
	| 'refused'
	/** An error with a request ID, from which the image can be fetched. */
	| 'recoverable'
	/** An error that says that nobody knows whether there is a job. */
	| 'unconfirmed'
	/** An error about a job that failed at Segmind. */
	| 'failed'
	/** A paid image that came without a request ID and broke on the way: only sync can lose one. */
	| 'lost';

export interface NamedFault {
	name: string;
	fault: Fault;
	/** How the submit ends. */
	submit: End;
	/** How a look at the job ends when the fault passes. */
	once: End;
	/** How a look at the job ends when the fault stays. */
	always: End;
	/** How a download ends when the fault stays; one that passes is always outlived. */
	download?: End;
}

const status = (
	code: number,
	ends: Omit<NamedFault, 'name' | 'fault'>,
	body?: unknown,
): NamedFault => ({
	name: `HTTP ${code}`,
	fault: {
		kind: 'status',
		status: code,
		body: body ?? { error: `no ${code} for {{key}}` },
	},
	...ends,
});

const FINAL = { submit: 'refused', once: 'recoverable', always: 'recoverable' } as const;
const PASSING = { submit: 'refused', once: 'image', always: 'recoverable' } as const;
const UNANSWERED = { submit: 'unconfirmed', once: 'image', always: 'recoverable' } as const;

const PAGE = '<html><head><title>Bad Gateway</title></head><body>{{key}}</body></html>';

/** Everything that can come back from a request, or not. */
export const FAULTS: NamedFault[] = [
	status(400, FINAL),
	status(401, FINAL),
	status(403, FINAL),
	// Segmind has only just accepted the job: it is not believed to be unknown yet.
	status(404, { ...FINAL, once: 'image' }),
	status(405, FINAL, '<html><body><h1>405 Not Allowed</h1></body></html>'),
	status(406, FINAL),
	status(410, FINAL),
	status(422, { submit: 'refused', once: 'failed', always: 'failed', download: 'recoverable' }),
	status(429, { submit: 'image', once: 'image', always: 'recoverable' }),
	status(500, PASSING),
	// A gateway's own 502 may come after the submit was delivered; its 503 says that it was not.
	status(502, UNANSWERED, PAGE),
	status(503, PASSING, PAGE),
	status(504, PASSING),
	{
		name: 'gateway timeout after',
		fault: { kind: 'body', status: 504, body: PAGE, contentType: 'text/html' },
		...UNANSWERED,
	},
	{ name: 'reset before', fault: { kind: 'reset', when: 'before' }, ...UNANSWERED },
	{ name: 'reset after', fault: { kind: 'reset', when: 'after' }, ...UNANSWERED },
	{ name: 'hang', fault: { kind: 'hang', when: 'before' }, ...UNANSWERED },
	{ name: 'hang after', fault: { kind: 'hang', when: 'after' }, ...UNANSWERED },
	{ name: 'slow drip', fault: { kind: 'drip', bytesPerSecond: 4 }, ...UNANSWERED },
	{
		name: 'HTML garbage',
		fault: { kind: 'body', body: '<!doctype html><p>Hello {{key}}', contentType: 'text/html' },
		...UNANSWERED,
	},
	{
		name: 'empty body',
		fault: { kind: 'body', body: '', contentType: 'application/json' },
		...UNANSWERED,
	},
	{
		name: 'wrong type',
		fault: { kind: 'body', body: '[1, 2, 3]', contentType: 'image/png' },
		...UNANSWERED,
	},
	{ name: 'cut off', fault: { kind: 'truncate', fraction: 0.06 }, ...UNANSWERED },
	{
		name: 'redirect to a stranger',
		fault: { kind: 'redirect', status: 302, location: '{{files}}/stranger?key={{key}}' },
		submit: 'unconfirmed',
		once: 'image',
		always: 'recoverable',
	},
];
