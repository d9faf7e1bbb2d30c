import type { StoredImage } from '../../../nodes/shared/answers/observation';
import { advance, depart, inherit, type Step } from '../../../nodes/shared/job/advance';
import {
	NOTHING_TRIED,
	type Attempt,
	type DownloadFailure,
	type Fetched,
	type JobRecord,
	type Next,
	type Seen,
} from '../../../nodes/shared/job/record';
import { moneyOf } from '../../../nodes/shared/problems/problems';

// A search through everything that can happen to one item: every reachable record and attempt, with every observation
// and every interruption. Times in an attempt are deadlines, and `advance` only asks whether one has passed: so a
// deadline is ahead or has passed, and any may pass at any moment, which allows more than real clocks do.

/** The pure functions, which a deliberate break replaces. */
export interface Core {
	advance: typeof advance;
	depart: typeof depart;
	inherit: typeof inherit;
}

export const realCore: Core = { advance, depart, inherit };

/** Which way an item goes. */
export interface Configuration {
	until: Attempt['until'];
	hasHistory: boolean;
	isSync: boolean;
	/** An earlier run's job, asked for by its request ID. */
	isGetResult: boolean;
}

const SWAP: Configuration = {
	until: 'image',
	hasHistory: true,
	isSync: false,
	isGetResult: false,
};
const GET_RESULT: Configuration = { ...SWAP, isGetResult: true };
const FORGOTTEN = { hasHistory: false };

export const CONFIGURATIONS: Configuration[] = [
	SWAP,
	{ ...SWAP, ...FORGOTTEN },
	{ ...SWAP, ...FORGOTTEN, isSync: true },
	{ ...SWAP, until: 'ticket' },
	{ ...SWAP, ...FORGOTTEN, until: 'ticket' },
	GET_RESULT,
	{ ...GET_RESULT, ...FORGOTTEN },
	{ ...GET_RESULT, until: 'state' },
	{ ...GET_RESULT, ...FORGOTTEN, until: 'state' },
];

const NOW = 1;
const PASSED = 0;
const AHEAD = 1e12;
/** Rounds of downloads are not told apart beyond so many. */
const MOST_ROUNDS = 3;
export const ID = 'r-1';

/** What is true at Segmind: no job, one that was paid for, or one that failed and isn't billed. */
export type World = 'none' | 'queued' | 'failed';

/** A moment in a try: what is known, what comes next, and what is true. */
export interface Moment {
	record: JobRecord;
	attempt: Attempt;
	next: Next;
	world: World;
}

const image: StoredImage = {
	binary: { data: '', mimeType: 'image/png' },
	fileName: 'image.png',
	mimeType: 'image/png',
	fileSize: 1,
	endMissing: false,
};

const outputs = { images: [{ kind: 'url' as const, url: 'u' }], texts: {}, untyped: {} };
const ticket = { requestId: ID };
export const body = { prompt: 'p' };

export const freshRecord = ({ isGetResult }: Configuration): JobRecord => ({
	key: 'k',
	fingerprint: 'f',
	executionId: 'e',
	runIndex: 0,
	status: isGetResult ? 'accepted' : 'new',
	...(isGetResult ? { ticket } : {}),
});

export const freshAttempt = ({ until, hasHistory, isSync }: Configuration): Attempt => ({
	until,
	timeoutMs: 1_000,
	endsAtMs: AHEAD,
	hasHistory,
	isSync,
	isLaterTry: false,
	unknownUntilMs: PASSED,
	startedAtMs: NOW,
	isNew: false,
	...NOTHING_TRIED,
});

const DEADLINES = [
	'endsAtMs',
	'unknownUntilMs',
	'errorsEndAtMs',
	'lookUpEndsAtMs',
	'fetchEndsAtMs',
] as const;

/** Brings an attempt to the form in which equal ones are equal. */
function canonical(attempt: Attempt): Attempt {
	const deadlines = DEADLINES.flatMap((name) => {
		const at = attempt[name];
		return at === undefined ? [] : [[name, at > NOW ? AHEAD : PASSED]];
	});
	return {
		...attempt,
		...Object.fromEntries(deadlines),
		startedAtMs: NOW,
		polledAtMs: undefined,
		state: 'QUEUED',
		metrics: {},
		polls: 0,
		lastTrouble: '',
		timeouts: 0,
		baseName: 'image',
		isOld: undefined,
		lookUps: 1,
		fetchRounds: Math.min(MOST_ROUNDS, attempt.fetchRounds),
		refusals: Math.min(2, attempt.refusals),
	};
}

const canonicalRecord = (record: JobRecord): JobRecord => ({
	...record,
	sentAtMs: record.sentAtMs === undefined ? undefined : NOW,
	problem: record.problem && {
		code: record.problem.code,
		money: record.problem.money,
		requestId: record.problem.requestId,
	},
});

/** Of which part of a moment only what is read later counts. */
interface Merges {
	records: boolean;
	attempts: boolean;
}

/** A record as a text: what an image or an output is does not matter, only that it is there. */
function recordKey(record: JobRecord, isMerged: boolean): unknown[] {
	const { status, sentAtMs, ticket, namedId, outputs, costUsd = 0, problem } = record;
	const common = [status, ticket && 1, outputs && 1, costUsd > 0];
	// What went wrong first is only said of a job that can't be reached, and a name is only of use without a ticket.
	const isReachable = ticket ?? outputs;
	if (isMerged && isReachable) return [...common, ticket ? 0 : namedId];
	return [...common, sentAtMs, namedId, problem?.code, problem?.money];
}

/** What of an attempt still decides a step in a status. */
const READ: Partial<Record<JobRecord['status'], Array<keyof Attempt>>> = {
	new: ['connectFailures', 'refusedSignatures', 'isSync', 'isLaterTry'],
	lost: ['lookUpEndsAtMs', 'endsAtMs', 'isLaterTry'],
	accepted: [
		'endsAtMs',
		'unknownUntilMs',
		'errorsEndAtMs',
		'refusals',
		'refusedSignatures',
		'inHistory',
		'isLaterTry',
	],
	finished: ['fetchEndsAtMs', 'lookUpEndsAtMs', 'fetchRounds', 'hopelessRounds', 'isLaterTry'],
};

function attemptKey({ record, attempt, next }: Moment, isMerged: boolean): unknown[] {
	if (next.do === 'deliver' || next.do === 'fail') return [];
	const { fetched: some, refusal, truncatedBytes, ...rest } = attempt;
	const kept = isMerged ? (READ[record.status] ?? []) : (Object.keys(rest) as Array<keyof Attempt>);
	return [
		...kept.map((name) => attempt[name]),
		...(isMerged ? [] : [truncatedBytes]),
		refusal?.code,
		Object.keys(some?.images ?? {}).length,
	];
}

const keyOf = (moment: Moment, merges: Merges): string => {
	const { record, next, world } = moment;
	const detail =
		'for' in next
			? next.for
			: 'what' in next
				? next.what
				: 'problem' in next
					? next.problem.code
					: '';
	return JSON.stringify([
		recordKey(record, merges.records),
		attemptKey(moment, merges.attempts),
		next.do,
		detail,
		world,
	]);
};

const fetched = (images: number, failures: DownloadFailure[]): Seen => ({
	says: 'fetched',
	fetched: {
		images: images > 0 ? { 0: image } : {},
		nonImageOutputs: [],
		truncatedSizes: {},
		failures,
	} satisfies Fetched,
	timeouts: 0,
	retryAfterMs: 0,
});

const REFUSED = { says: 'notQueued', httpStatus: 400, isJson: true } as const;

/** What a submit that queued nothing may come to. */
const NOT_QUEUED: Seen[] = [
	REFUSED,
	{ ...REFUSED, again: 'whenAllowed' },
	{ ...REFUSED, again: 'sync' },
	{ says: 'notQueued', why: 'refused', again: 'afterPause' },
	{ says: 'notQueued', why: 'no certificate' },
	{ says: 'notQueued', httpStatus: 401, refusedSignature: 'both' },
	{ says: 'nothing', why: 'cut' },
	{ says: 'nothing', why: 'gateway', httpStatus: 502 },
	{ says: 'nothing', httpStatus: 302 },
];

/** What a submit that made a job may come to. */
const QUEUED: Seen[] = [
	{ says: 'running', state: 'QUEUED', ticket },
	{ says: 'running', state: 'QUEUED', ticket, refusedSignature: 'both' },
	{ says: 'running', state: 'QUEUED' },
	{ says: 'running', state: 'QUEUED', namedId: ID },
	{ says: 'finished', image },
	{ says: 'finished', image, namedId: ID },
	{ says: 'finished', outputs },
	{ says: 'finished', outputs, ticket },
	{ says: 'finished', words: 'unsafe' },
	{ says: 'finished', words: 'unsafe', ticket, metrics: { cost: 0.065 } },
	{ says: 'finished', why: 'cut' },
	{ says: 'finished', why: 'cut', namedId: ID },
	{ says: 'failed', state: 'FAILED', isKnownState: true },
	{ says: 'failed', state: 'FAILED', isKnownState: true, ticket },
	{ says: 'failed', state: 'ODD', isKnownState: false, ticket },
	{ says: 'error', words: 'sorry' },
	{ says: 'error', words: 'sorry', ticket },
	{ says: 'nothing', why: 'cut' },
	{ says: 'nothing', why: 'cut', namedId: ID },
];

const POLLED: Seen[] = [
	{ says: 'running', state: 'PROCESSING' },
	{ says: 'finished' },
	{ says: 'finished', outputs },
	{ says: 'finished', image },
	{ says: 'finished', image: { ...image, fileSize: 7, endMissing: true } },
	{ says: 'finished', words: 'unsafe' },
	{ says: 'finished', words: 'unsafe', metrics: { cost: 0.065 } },
	{ says: 'failed', state: 'FAILED', isKnownState: true },
	{ says: 'failed', state: 'FAILED', isKnownState: true, metrics: { cost: 0.065 } },
	{ says: 'failed', state: 'ODD', isKnownState: false },
	{ says: 'error', words: 'sorry' },
	{ says: 'refused', httpStatus: 404, isJson: true },
	{ says: 'refused', httpStatus: 403, isJson: true },
	{ says: 'refused', httpStatus: 401, refusedSignature: 'both' },
	{ says: 'nothing', why: 'cut' },
	{ says: 'nothing', isHeldUp: true, why: 'limit' },
];

/** What the history may say of a job that is there; of one that isn't, only the last three. */
const LOOKED_UP: Seen[] = [
	{ says: 'running', state: 'PROCESSING', ticket },
	{ says: 'finished', outputs, ticket },
	{ says: 'finished', ticket },
	{ says: 'failed', state: 'FAILED', isKnownState: true, ticket },
	{ says: 'nothing' },
	{ says: 'nothing', why: 'HTTP 500' },
	{ says: 'refused', httpStatus: 403, why: 'HTTP 403' },
];

const FETCHED: Seen[] = [
	fetched(1, []),
	fetched(1, [{ why: 'HTTP 404' }]),
	fetched(0, [{ why: 'HTTP 404' }]),
	fetched(0, [{ why: 'a page', isOther: true }]),
	fetched(1, [{ why: 'a page', isOther: true }]),
	fetched(0, [{ why: 'HTTP 404', isGone: true }]),
	fetched(1, [{ why: 'HTTP 404', isGone: true }]),
];

/** What may be seen of the next step, with what is true then. */
export function* seenOf({ next, world, record }: Moment): Generator<{ seen: Seen; world: World }> {
	if (next.do === 'submit') {
		for (const seen of NOT_QUEUED) yield { seen, world: 'none' };
		for (const seen of QUEUED) yield { seen, world: failsFor(seen) ? 'failed' : 'queued' };
	} else if (next.do === 'poll') {
		for (const seen of POLLED) yield { seen, world: failsFor(seen) ? 'failed' : world };
	} else if (next.do === 'lookUp') {
		const isThere = world !== 'none' || record.ticket !== undefined;
		for (const seen of isThere ? LOOKED_UP : LOOKED_UP.slice(-3)) {
			yield { seen, world: failsFor(seen) ? 'failed' : world };
		}
	} else if (next.do === 'fetch') {
		for (const seen of FETCHED) yield { seen, world };
	}
}

const failsFor = (seen: Seen): boolean =>
	seen.says === 'failed' && seen.isKnownState && !('metrics' in seen && seen.metrics?.cost);

/** What a search found. */
export interface Found {
	states: number;
	edges: number;
	violations: string[];
	/** Every change of a record's status, and what it followed from. */
	changes: Map<string, Set<string>>;
}

const ORDER: JobRecord['status'][] = [
	'new',
	'sending',
	'lost',
	'accepted',
	'finished',
	'delivered',
];

/** The rules that every step must keep. */
function* wrongIn(before: Moment, seen: Seen, after: Moment): Generator<string> {
	const [from, to] = [before.record, after.record];
	if (after.next.do === 'submit' && to.status !== 'new') yield 'submit comes from new alone';
	if (to.status === 'new' && after.world !== 'none')
		yield 'a job that may exist is never called new';
	if (to.status === 'new' && from.status !== 'new' && seen.says !== 'notQueued') {
		yield 'only notQueued leads back to new';
	}
	const isBack = ORDER.indexOf(to.status) < ORDER.indexOf(from.status);
	const isAllowed = seen.says === 'begin' || seen.says === 'notQueued' || to.status === 'failed';
	if (isBack && !isAllowed) yield `nothing falls back: ${from.status} to ${to.status}`;
	if (from.ticket && to.ticket?.requestId !== from.ticket.requestId) yield 'a ticket is kept';
	if ('ticket' in seen && seen.ticket && !to.ticket) yield 'a ticket that is told is kept';
	if ('outputs' in seen && seen.outputs && !to.outputs) yield 'where the images are is kept';
	const came = Object.keys(after.attempt.fetched?.images ?? {}).length > 0;
	if (came && after.next.do === 'fail') yield 'what came is handed out';
	if (after.next.do === 'fail') yield* wrongError(after);
	const hasPassed = before.attempt.endsAtMs === PASSED;
	const isTold = seen.says === 'running' || (seen.says === 'nothing' && !after.attempt.inHistory);
	if (from.status === 'accepted' && hasPassed && isTold && isAsking(after)) {
		yield 'the timeout holds';
	}
}

const isAsking = ({ next }: Moment): boolean => next.do !== 'deliver' && next.do !== 'fail';

/** An error says what was spent, and names the job. */
function* wrongError({ record, next, world, attempt }: Moment): Generator<string> {
	if (next.do !== 'fail') return;
	const { problem } = next;
	const money = moneyOf(problem);
	if (world === 'queued' && money === 'notSpent')
		yield `what may be paid is called so: ${problem.code}`;
	if (record.status === 'new' && money !== 'notSpent') yield 'what is not queued costs nothing';
	if (record.ticket && problem.requestId !== record.ticket.requestId)
		yield 'an error names the request ID';
	if (!record.ticket && record.namedId && problem.requestId !== record.namedId) {
		yield 'an error names what an answer called the job';
	}
	if (attempt.hasHistory && problem.code === 'noAnswer' && !problem.history) {
		yield 'the history is asked for a lost submit';
	}
}

function begin(core: Core, record: JobRecord, attempt: Attempt, world: World): Moment {
	const step = core.advance(record, attempt, { says: 'begin' }, NOW);
	return momentOf(step, world);
}

const momentOf = ({ record, attempt, next }: Step, world: World): Moment => ({
	record: canonicalRecord(record),
	attempt: canonical(attempt),
	next,
	world,
});

/** What n8n saves of a record: JSON. */
const saved = (record: JobRecord): JobRecord => JSON.parse(JSON.stringify(record)) as JobRecord;

/** What may follow a moment. */
interface Following {
	seen: Seen;
	after?: Moment;
	wrong?: string;
	/** A person has retried, and decides anew. */
	isByHand?: boolean;
	/** The submit has left meanwhile. */
	isSent?: boolean;
}

/** All that may follow a moment. */
function* following(
	core: Core,
	moment: Moment,
	configuration: Configuration,
): Generator<Following> {
	const { record, attempt, next, world } = moment;
	// The end of a try, by Stop, a kill, an exception or an error; and the next one, by Retry On Fail or by hand.
	const again = freshAttempt(configuration);
	yield { seen: { says: 'begin' }, after: begin(core, saved(record), again, world) };
	for (const dateMs of configuration.isGetResult ? [] : [NOW, AHEAD]) {
		const taken = core.inherit(saved(record), 'another', dateMs);
		const isFresh = taken.status === 'new';
		const mustBeKept =
			dateMs === NOW &&
			record.status !== 'failed' &&
			(record.ticket ?? record.outputs) !== undefined;
		if (isFresh && mustBeKept) {
			yield { seen: { says: 'begin' }, wrong: 'what was accepted within the hour goes on by hand' };
		}
		if (!isFresh && !mustBeKept) {
			yield { seen: { says: 'begin' }, wrong: 'what is old or unconfirmed is bought anew by hand' };
		}
		// A person has decided to buy anew.
		const own = { ...taken, executionId: record.executionId };
		const after = begin(core, own, freshAttempt(configuration), isFresh ? 'none' : world);
		yield { seen: { says: 'begin' }, after, isByHand: isFresh };
	}
	if (!isAsking(moment)) return;
	for (const name of DEADLINES) {
		if (attempt[name] !== AHEAD) continue;
		const later = { ...moment, attempt: { ...attempt, [name]: PASSED } };
		yield { seen: { says: 'begin' }, after: later };
	}
	if (next.do === 'submit') {
		let sent: JobRecord;
		try {
			sent = core.depart(record, body, NOW);
		} catch {
			yield { seen: { says: 'begin' }, wrong: 'a submit follows from new alone' };
			return;
		}
		if (world !== 'none') yield { seen: { says: 'begin' }, wrong: 'never twice' };
		if (sent.status !== 'sending')
			yield { seen: { says: 'begin' }, wrong: 'saved before the POST' };
		// Killed between the POST and its answer: the job may be there, or not.
		for (const truth of ['none', 'queued'] as const) {
			const after = begin(core, saved(sent), freshAttempt(configuration), truth);
			yield { seen: { says: 'begin' }, after, isSent: true };
		}
		for (const { seen, world: truth } of seenOf(moment)) {
			const after = momentOf(core.advance(sent, attempt, seen, NOW), truth);
			yield { seen, after, isSent: true };
		}
		return;
	}
	for (const { seen, world: truth } of seenOf(moment)) {
		yield { seen, after: momentOf(core.advance(record, attempt, seen, NOW), truth) };
	}
}

const withPassed = (attempt: Attempt): Attempt => ({
	...attempt,
	...Object.fromEntries(
		DEADLINES.flatMap((name) => (attempt[name] === undefined ? [] : [[name, PASSED]])),
	),
});

/** Where nothing but silence comes any more, a try ends: every deadline has passed. */
function endsAtLast(core: Core, moment: Moment, seen: Seen): boolean {
	let { record, attempt, next } = moment;
	for (let steps = 0; steps < 40; steps++) {
		if (next.do === 'deliver' || next.do === 'fail') return true;
		// Another rule says that nothing else is submitted.
		if (next.do === 'submit' && record.status !== 'new') return true;
		const known = next.do === 'submit' ? core.depart(record, body, NOW) : record;
		const what: Seen = next.do === 'fetch' ? fetched(0, [{ why: 'HTTP 500' }]) : seen;
		({ record, attempt, next } = core.advance(known, withPassed(attempt), what, NOW));
	}
	return false;
}

const SILENCE: Seen[] = [
	{ says: 'nothing', why: 'cut' },
	{ says: 'running', state: 'PROCESSING' },
	{ says: 'error', words: 'sorry' },
	{ says: 'refused', httpStatus: 404 },
	{ says: 'finished' },
];

/** How far a search goes. */
interface Scope {
	configurations?: Configuration[];
	/** Moments that differ in nothing that is read later count as one. A fault may hide behind that: search without, too. */
	merges?: Merges;
	/** Ends with the first violation. */
	isFirst?: boolean;
}

/** Visits everything that can be reached. */
export function searchAll(
	core: Core = realCore,
	{
		configurations = CONFIGURATIONS,
		merges = { records: true, attempts: true },
		isFirst = false,
	}: Scope = {},
): Found {
	const found: Found = { states: 0, edges: 0, violations: [], changes: new Map() };
	for (const configuration of configurations) {
		if (isFirst && found.violations.length > 0) break;
		searchOne(core, { configuration, merges, isFirst }, found);
	}
	return found;
}

function searchOne(
	core: Core,
	{
		configuration,
		merges,
		isFirst,
	}: Required<Omit<Scope, 'configurations'>> & { configuration: Configuration },
	found: Found,
): void {
	const { isGetResult } = configuration;
	const name = JSON.stringify(configuration);
	const wrong = new Set<string>();
	const first = begin(
		core,
		freshRecord(configuration),
		freshAttempt(configuration),
		isGetResult ? 'queued' : 'none',
	);
	const ended = new Set<string>();
	const seenKeys = new Set([keyOf(first, merges)]);
	const open = [first];
	for (let moment = open.pop(); moment; moment = open.pop()) {
		if (isFirst && wrong.size > 0) break;
		found.states++;
		const timeless = keyOf({ ...moment, attempt: withPassed(moment.attempt) }, merges);
		if (!ended.has(timeless)) {
			ended.add(timeless);
			const isEndless = SILENCE.some((silence) => !endsAtLast(core, moment, silence));
			if (isEndless) wrong.add('every try ends');
		}
		for (const { after, seen, wrong: told, isByHand, isSent } of following(
			core,
			moment,
			configuration,
		)) {
			found.edges++;
			if (told !== undefined) wrong.add(told);
			if (!after) continue;
			if (!isByHand) {
				for (const rule of wrongIn(moment, seen, after)) wrong.add(rule);
				noteChange(found, { from: isSent ? 'sending' : moment.record.status, after, seen });
			}
			const key = keyOf(after, merges);
			if (seenKeys.has(key)) continue;
			seenKeys.add(key);
			open.push(after);
		}
	}
	found.violations.push(...[...wrong].map((rule) => `${rule} ${name}`));
}

function noteChange(
	{ changes }: Found,
	{ from, after, seen }: { from: string; after: Moment; seen: Seen },
): void {
	if (from === 'sending') addChange(changes, 'new sending', 'POST');
	if (from !== after.record.status) addChange(changes, `${from} ${after.record.status}`, seen.says);
}

function addChange(changes: Found['changes'], change: string, because: string): void {
	changes.set(change, (changes.get(change) ?? new Set()).add(because));
}
