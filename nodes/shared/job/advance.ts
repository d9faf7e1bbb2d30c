import type { Observation } from '../answers/observation';
import { CHECK, FETCH, HISTORY, KEPT_MS, SUBMIT } from '../limits';
import { summaryOf, type Money, type Problem } from '../problems/problems';
import {
	requestIdOf,
	type Attempt,
	type DownloadFailure,
	type JobRecord,
	type Next,
	type Seen,
	type Status,
} from './record';

/** What is known of a job after an observation, and what comes next. */
export interface Step {
	record: JobRecord;
	attempt: Attempt;
	next: Next;
}

type AnswerSeen = Exclude<Seen, { says: 'begin' | 'fetched' }>;

const isOver = (deadlineMs: number | undefined, nowMs: number): boolean =>
	deadlineMs !== undefined && nowMs >= deadlineMs;

/** Whether the job can be asked for again, or its images fetched. */
export const isReachable = ({ ticket, outputs }: JobRecord): boolean =>
	ticket !== undefined || outputs !== undefined;

/**
 * The POST leaves now. Every submit passes here: the one place where a second one is refused.
 *
 * @param dateMs milliseconds since 1970
 */
export function depart(
	record: JobRecord,
	sentBody: JobRecord['sentBody'],
	dateMs: number,
): JobRecord {
	if (record.status !== 'new') throw new Error(`A job that is ${record.status} is not submitted`);
	return { ...record, status: 'sending', sentAtMs: dateMs, sentBody };
}

/**
 * What another execution (n8n's *Retry* by hand) takes over of a record: a job that was accepted within the hour and
 * can be reached. What failed or stayed unconfirmed is the person's decision to buy anew.
 *
 * @param dateMs milliseconds since 1970
 */
export function inherit(record: JobRecord, executionId: string, dateMs: number): JobRecord {
	const { key, fingerprint, runIndex, status, sentAtMs = 0 } = record;
	const isKept = status !== 'failed' && isReachable(record) && dateMs - sentAtMs <= KEPT_MS;
	if (isKept) return { ...record, executionId };
	return { key, fingerprint, runIndex, executionId, status: 'new' };
}

/** What an answer adds stays: the first ticket and name, the latest outputs and cost. */
function learn(record: JobRecord, seen: Observation): JobRecord {
	const { ticket, namedId, outputs, metrics } = seen;
	const cost = metrics?.cost;
	return {
		...record,
		ticket: record.ticket ?? ticket,
		namedId: record.namedId ?? (seen.says === 'notQueued' ? undefined : namedId),
		outputs: outputs && outputs.images.length > 0 ? outputs : record.outputs,
		costUsd: typeof cost === 'number' ? cost : record.costUsd,
	};
}

/** The same for what belongs to the try. */
function note(attempt: Attempt, seen: AnswerSeen, nowMs: number): Attempt {
	const isHeldUp = seen.says === 'nothing' && seen.isHeldUp === true;
	return {
		...attempt,
		metrics: { ...attempt.metrics, ...seen.metrics },
		state: seen.says === 'running' ? seen.state : attempt.state,
		polledAtMs: isHeldUp ? attempt.polledAtMs : nowMs,
		lastTrouble: troubleOf(seen),
		timeouts: attempt.timeouts + (seen.isTimeout ? 1 : 0),
		changedFile: seen.changedFile ?? attempt.changedFile,
		isOld: seen.isOld ?? attempt.isOld,
	};
}

/** What a person should know of a poll that brought nothing yet. */
function troubleOf(seen: Observation): string {
	if (seen.says === 'running') return seen.words ?? '';
	return seen.why || seen.words || (seen.httpStatus ? `HTTP ${seen.httpStatus}` : '');
}

/**
 * What comes next for a job, whatever was observed. Pure: effects act on it, and `pursue` saves the record.
 *
 * `submit` follows only from a job that was never sent or, by `notQueued`, is certainly not queued.
 */
export function advance(record: JobRecord, attempt: Attempt, seen: Seen, nowMs: number): Step {
	if (seen.says === 'begin') return begin(record, attempt, nowMs);
	if (seen.says === 'fetched') return afterFetch(record, attempt, seen, nowMs);
	const known = learn(record, seen);
	const noted = note(attempt, seen, nowMs);
	switch (record.status) {
		case 'new': // The POST never left.
		case 'sending':
			return afterSubmit(known, noted, seen, nowMs);
		case 'lost':
			return afterLookUp(known, noted, seen, nowMs);
		case 'accepted':
			return afterPoll(known, noted, seen, nowMs);
		case 'finished':
			return afterResult(known, noted, seen, nowMs);
		default:
			return onward(known, noted, nowMs);
	}
}

/** A try loads a record: what was on its way is lost; what failed, or is out but not at hand, is asked for again. */
function begin(record: JobRecord, before: Attempt, nowMs: number): Step {
	const { status, ticket } = record;
	const attempt = { ...before, isLaterTry: status !== 'new' };
	if (status === 'sending') return onward({ ...record, status: 'lost' }, attempt, nowMs);
	if (status === 'failed' && ticket) {
		// Its request ID alone would hide the failure.
		const until = attempt.until === 'ticket' ? 'state' : attempt.until;
		return onward({ ...record, status: 'accepted' }, { ...attempt, until }, nowMs);
	}
	if (status === 'delivered') return onward({ ...record, status: 'finished' }, attempt, nowMs);
	return onward(record, attempt, nowMs);
}

/** In doubt there may be a job. */
function afterSubmit(record: JobRecord, attempt: Attempt, seen: AnswerSeen, nowMs: number): Step {
	if (seen.says === 'notQueued' && !record.ticket) {
		const unsent = { ...record, status: 'new', sentAtMs: undefined, sentBody: undefined } as const;
		return afterNotQueued(unsent, attempt, seen, nowMs);
	}
	if (seen.says === 'failed' || seen.says === 'error') {
		const code = record.ticket ? failureCode(seen) : 'errorAnswer';
		return fail(record, attempt, { code, money: 'maybeSpent' }, seen, 'failed');
	}
	const isAnswered = seen.says === 'finished' && (seen.image ?? record.outputs ?? seen.words);
	if (isAnswered) return afterFinished(record, attempt, seen, nowMs);
	if (record.ticket) return accept(record, attempt, nowMs);
	const isImageLost = isLostImage(seen);
	const problem = problemOf(record, lostProblem(seen), seen);
	return onward({ ...record, status: isImageLost ? 'finished' : 'lost', problem }, attempt, nowMs);
}

/** Segmind has accepted the job: its time begins. */
function accept(record: JobRecord, attempt: Attempt, nowMs: number): Step {
	return onward(
		{ ...record, status: 'accepted', problem: undefined },
		{
			...attempt,
			isNew: true,
			startedAtMs: nowMs,
			endsAtMs: nowMs + attempt.timeoutMs,
			unknownUntilMs: nowMs + CHECK.becomesKnownMs,
			polledAtMs: undefined,
		},
		nowMs,
	);
}

/** The image began to come in the answer itself. A bare "finished" names no job: that is no usable answer. */
const isLostImage = (seen: AnswerSeen): boolean =>
	seen.says === 'finished' && seen.why !== undefined;

function lostProblem(seen: AnswerSeen): Pick<Problem, 'code' | 'why' | 'words'> {
	if (isLostImage(seen)) return { code: 'syncNotFetched', why: seen.why };
	const isRedirect = seen.httpStatus !== undefined && seen.httpStatus < 400;
	if (isRedirect) return { code: 'redirected' };
	const namesNoJob = seen.says === 'running' || seen.says === 'finished';
	return {
		code: 'noAnswer',
		why: seen.why ?? 'its answer could not be read',
		words: seen.words || (namesNoJob ? 'it names no request ID' : undefined),
	};
}

function afterNotQueued(
	record: JobRecord,
	attempt: Attempt,
	seen: AnswerSeen,
	nowMs: number,
): Step {
	const { again } = seen;
	const pauseMs = again === 'afterPause' ? SUBMIT.connectPausesMs[attempt.connectFailures] : 0;
	const isRepeat = again === 'sync' && attempt.isSync;
	if (again === undefined || isRepeat || pauseMs === undefined) {
		const code = seen.httpStatus === undefined ? 'unreachable' : 'submitRefused';
		const { namedId, httpStatus, isJson, why, host } = seen;
		return fail(record, attempt, { code, namedId, httpStatus, isJson, why, host }, seen);
	}
	const connectFailures = attempt.connectFailures + (again === 'afterPause' ? 1 : 0);
	const isSync = attempt.isSync || again === 'sync';
	const next: Next = { do: 'submit', atMs: nowMs + pauseMs };
	return { record, attempt: { ...attempt, connectFailures, isSync }, next };
}

/** What the history says of a submit without a usable answer. */
function afterLookUp(record: JobRecord, attempt: Attempt, seen: AnswerSeen, nowMs: number): Step {
	if (record.ticket && seen.says !== 'nothing' && seen.says !== 'refused') {
		const { record: accepted, attempt: begun } = accept(record, attempt, nowMs);
		const known = { ...begun, isNew: false, unknownUntilMs: nowMs };
		return afterPoll(accepted, known, seen, nowMs);
	}
	if (seen.says === 'refused' || isOver(attempt.lookUpEndsAtMs, nowMs)) {
		return unconfirmed(record, attempt, seen);
	}
	return onward(record, attempt, nowMs);
}

/** A status check, or what the history says of a job that the status call has forgotten. */
function afterPoll(record: JobRecord, before: Attempt, seen: AnswerSeen, nowMs: number): Step {
	const errorsEndAtMs =
		seen.says === 'error' ? (before.errorsEndAtMs ?? nowMs + CHECK.errorsPassMs) : undefined;
	const isInHistory = before.inHistory && seen.says !== 'nothing' && seen.says !== 'refused';
	const attempt: Attempt = {
		...before,
		errorsEndAtMs,
		inHistory: isInHistory ? 'found' : before.inHistory,
	};
	if (seen.says === 'finished') {
		// Its result may have an image all the same.
		return afterFinished(record, attempt, { ...seen, words: undefined }, nowMs);
	}
	if (seen.says === 'failed') {
		const status = seen.isKnownState ? 'failed' : 'accepted';
		return fail(record, attempt, { code: failureCode(seen) }, seen, status);
	}
	if (attempt.inHistory === 'asked') {
		const history = seen.says === 'nothing' && !seen.why ? NOT_FOUND : { notAsked: seen.why ?? '' };
		return fail(record, attempt, { ...attempt.refusal, code: 'unknownRequest', history }, seen);
	}
	if (seen.says === 'refused') return afterRefused(record, attempt, seen, nowMs);
	if (seen.says === 'running' && attempt.until !== 'image') {
		return { record, attempt, next: { do: 'deliver', what: 'state' } };
	}
	if (isOver(errorsEndAtMs, nowMs) || (errorsEndAtMs && isOver(attempt.endsAtMs, nowMs))) {
		return fail(record, attempt, { code: 'errorWithoutState' }, seen);
	}
	if (isOver(attempt.endsAtMs, nowMs)) return timedOut(record, attempt);
	return onward(record, attempt, nowMs);
}

const NOT_FOUND = { notFound: true } as const;

function timedOut(record: JobRecord, attempt: Attempt): Step {
	const { timeoutMs, state, lastTrouble } = attempt;
	const problem = {
		code: 'timedOut',
		seconds: timeoutMs / 1000,
		state,
		words: lastTrouble,
	} as const;
	return fail(record, attempt, problem);
}

/** How a failed job is called: Segmind's documentation says that those are not billed. */
function failureCode(seen: AnswerSeen): 'unknownState' | 'failed' | 'failedWithCost' {
	if (seen.says === 'failed' && !seen.isKnownState) return 'unknownState';
	return Number(seen.metrics?.cost) > 0 ? 'failedWithCost' : 'failed';
}

/** Both places of a state are asked before a refusal counts, and a new job isn't unknown at once. */
function afterRefused(record: JobRecord, before: Attempt, seen: AnswerSeen, nowMs: number): Step {
	const { httpStatus, isJson } = seen;
	const attempt = { ...before, refusals: before.refusals + 1 };
	const isUnknown = httpStatus === 404;
	const places = record.ticket?.statusUrl === undefined ? 1 : 2;
	const mayPass =
		attempt.refusals < places || (isUnknown && !isOver(attempt.unknownUntilMs, nowMs));
	if (mayPass && !attempt.inHistory) {
		return isOver(attempt.endsAtMs, nowMs)
			? timedOut(record, attempt)
			: onward(record, attempt, nowMs);
	}
	const code = isUnknown ? 'unknownRequest' : 'checkRefused';
	const refusal: Problem = { code, httpStatus, isJson, words: seen.words };
	if (isUnknown && attempt.hasHistory && !attempt.inHistory) {
		return onward(record, { ...attempt, inHistory: 'asked', refusal }, nowMs);
	}
	return fail(record, attempt, refusal, seen);
}

/** Words in the place of an image are an end; a stored image goes out; else it is fetched, or the result asked for. */
function afterFinished(
	record: JobRecord,
	attempt: Attempt,
	seen: AnswerSeen & { says: 'finished' },
	nowMs: number,
): Step {
	const finished: JobRecord = { ...record, status: 'finished' };
	if (seen.image) return deliver(finished, { ...attempt, image: seen.image });
	if (seen.words && !record.outputs && seen.truncatedBytes === undefined) {
		const money = record.costUsd ? 'spent' : undefined;
		return fail(finished, attempt, { code: 'finishedWithoutImage', money }, seen, 'failed');
	}
	return onward(finished, { ...attempt, truncatedBytes: seen.truncatedBytes }, nowMs);
}

/** An answer to the question for a finished job's result, or what the history says of one that can't be reached. */
function afterResult(record: JobRecord, attempt: Attempt, seen: AnswerSeen, nowMs: number): Step {
	const hasImages = countOf(attempt) > 0;
	if (!isReachable(record)) {
		const isEnd = seen.says === 'refused' || isOver(attempt.fetchEndsAtMs, nowMs);
		return isEnd ? unconfirmed(record, attempt, seen) : onward(record, attempt, nowMs);
	}
	const isNew = seen.says === 'finished' && (seen.image ?? seen.words);
	if (isNew && !(hasImages && !seen.image)) return afterFinished(record, attempt, seen, nowMs);
	if (seen.says === 'failed' && seen.isKnownState && !hasImages) {
		return fail(record, attempt, { code: failureCode(seen) }, seen, 'failed');
	}
	if (record.outputs) return { record, attempt, next: { do: 'fetch', atMs: nowMs } };
	return afterRound(record, withoutResult(attempt, seen), { isHopeless: !mayCome(seen) }, nowMs);
}

/** Whether a result is only not there yet. */
const mayCome = ({ says }: AnswerSeen): boolean => says === 'nothing' || says === 'running';

function withoutResult(attempt: Attempt, seen: AnswerSeen): Attempt {
	const isTruncated = seen.says === 'finished' && seen.truncatedBytes !== undefined;
	const why = isTruncated
		? 'the image stops in the middle'
		: seen.says === 'running'
			? 'Segmind says that it still runs'
			: troubleOf(seen) || 'its answer names no image';
	const { httpStatus, isJson, words } = seen;
	return {
		...attempt,
		truncatedBytes: isTruncated ? seen.truncatedBytes : attempt.truncatedBytes,
		fetched: { ...NOTHING_FETCHED, failures: [{ why }] },
		refusal:
			seen.says === 'refused' ? { code: 'checkRefused', httpStatus, isJson, words } : undefined,
	};
}

const NOTHING_FETCHED = { images: {}, nonImageOutputs: [], truncatedSizes: {}, failures: [] };

const countOf = ({ fetched }: Attempt): number => Object.keys(fetched?.images ?? {}).length;

/** A round of downloads. */
function afterFetch(
	record: JobRecord,
	before: Attempt,
	seen: Extract<Seen, { says: 'fetched' }>,
	nowMs: number,
): Step {
	const { fetched, retryAfterMs, timeouts } = seen;
	const attempt = { ...before, fetched, timeouts };
	if (fetched.failures.length === 0) return deliver(record, attempt);
	const isHopeless = fetched.failures.every(({ isOther }) => isOther);
	const isGone = fetched.failures.every((failure) => failure.isGone);
	return afterRound(record, attempt, { isHopeless, isGone, retryAfterMs }, nowMs);
}

/** Something is still missing: another round, as long as that may help; what came is handed out. */
function afterRound(
	record: JobRecord,
	before: Attempt,
	round: { isHopeless: boolean; isGone?: boolean; retryAfterMs?: number },
	nowMs: number,
): Step {
	const counts = round.isHopeless || before.until !== 'image';
	const attempt: Attempt = {
		...before,
		fetchRounds: before.fetchRounds + 1,
		hopelessRounds: before.hopelessRounds + (counts ? 1 : 0),
	};
	const isEnd =
		isOver(attempt.fetchEndsAtMs, nowMs) ||
		round.isGone ||
		attempt.hopelessRounds >= FETCH.hopelessRounds;
	if (countOf(attempt) > 0 && (isEnd || isOver(attempt.someAreEnoughAtMs, nowMs))) {
		return deliver(record, attempt);
	}
	if (isEnd) return fail(record, attempt, notFetched(record, attempt));
	return onward(record, attempt, nowMs, round.retryAfterMs);
}

function notFetched(record: JobRecord, { fetched, refusal, isOld }: Attempt): Problem {
	if (refusal && !record.outputs) return { ...refusal, money: 'spent' };
	const [first]: DownloadFailure[] = fetched?.failures ?? [];
	const code = isOld ? 'imageGone' : record.ticket ? 'notFetched' : 'syncNotFetched';
	return { code, why: first?.why ?? 'its answer names no image', imageUrl: first?.imageUrl };
}

const deliver = (record: JobRecord, attempt: Attempt): Step => ({
	record: { ...record, status: 'delivered' },
	attempt,
	next: { do: 'deliver', what: 'images' },
});

/** What is done for a job in its status. */
function onward(record: JobRecord, attempt: Attempt, nowMs: number, retryAfterMs = 0): Step {
	switch (record.status) {
		case 'new':
			return { record, attempt, next: { do: 'submit', atMs: nowMs } };
		case 'lost':
			return attempt.hasHistory ? lookUp(record, attempt, nowMs) : unconfirmed(record, attempt);
		case 'accepted': {
			if (attempt.until === 'ticket')
				return { record, attempt, next: { do: 'deliver', what: 'state' } };
			const next: Next = attempt.inHistory
				? { do: 'lookUp', atMs: nowMs + (attempt.inHistory === 'asked' ? 0 : HISTORY.pauseMs) }
				: { do: 'poll', for: 'state' };
			return { record, attempt: { ...attempt, polls: attempt.polls + 1 }, next };
		}
		case 'finished':
			return fetchOn(record, attempt, nowMs, retryAfterMs);
		case 'delivered':
			return { record, attempt, next: { do: 'deliver', what: 'images' } };
		default:
			return unconfirmed(record, { ...attempt, isLaterTry: true });
	}
}

/** The end of a phase that gets a least time of its own, or the item's timeout where that is shorter. */
const atLeast = ({ endsAtMs, timeoutMs }: Attempt, leastMs: number, nowMs: number): number =>
	Math.max(endsAtMs, nowMs + Math.min(leastMs, timeoutMs));

/** Looks a submit without a usable answer up in the account's history, ever more seldom. */
function lookUp(record: JobRecord, before: Attempt, nowMs: number): Step {
	const endsAtMs = before.lookUpEndsAtMs ?? atLeast(before, HISTORY.leastMs, nowMs);
	const attempt = { ...before, lookUps: before.lookUps + 1, lookUpEndsAtMs: endsAtMs };
	const atMs = nowMs + HISTORY.lookUpPauseMs(before.lookUps);
	return {
		record,
		attempt,
		next: { do: 'lookUp', atMs: Math.min(atMs, Math.max(nowMs, endsAtMs)) },
	};
}

/** A finished job's next round: its images, or its result as long as nothing says where they are. */
function fetchOn(record: JobRecord, before: Attempt, nowMs: number, retryAfterMs: number): Step {
	if (before.until === 'ticket' && record.ticket) {
		return { record, attempt: before, next: { do: 'deliver', what: 'state' } };
	}
	if (!isReachable(record)) {
		return before.hasHistory
			? lookUp(
					record,
					{
						...before,
						fetchEndsAtMs: before.fetchEndsAtMs ?? atLeast(before, HISTORY.leastMs, nowMs),
					},
					nowMs,
				)
			: unconfirmed(record, before);
	}
	const someAreEnoughAtMs = nowMs + Math.min(FETCH.leastMs, before.timeoutMs);
	const attempt: Attempt = {
		...before,
		fetchEndsAtMs: before.fetchEndsAtMs ?? atLeast(before, FETCH.leastMs, nowMs),
		someAreEnoughAtMs: before.someAreEnoughAtMs ?? someAreEnoughAtMs,
	};
	const leftMs = (attempt.fetchEndsAtMs ?? nowMs) - nowMs;
	const pauseMs =
		attempt.fetchRounds === 0
			? 0
			: Math.max(FETCH.pauseMs(attempt.fetchRounds), Math.min(retryAfterMs, leftMs / 2));
	const atMs = nowMs + Math.min(pauseMs, Math.max(0, leftMs));
	const asksResult =
		record.ticket && (!record.outputs || FETCH.asksResultAgain.includes(attempt.fetchRounds));
	return {
		record,
		attempt,
		next: asksResult ? { do: 'poll', for: 'result', atMs } : { do: 'fetch', atMs },
	};
}

/** Nobody knows what became of the submit, or its image is paid for and can't be reached. */
function unconfirmed(record: JobRecord, attempt: Attempt, seen?: AnswerSeen): Step {
	const isAsked = seen !== undefined;
	const notAsked =
		seen?.says === 'refused' || seen?.why ? (seen.why ?? `HTTP ${seen.httpStatus}`) : undefined;
	const history = !isAsked ? undefined : notAsked === undefined ? NOT_FOUND : { notAsked };
	const { problem } = record;
	if (!attempt.isLaterTry)
		return fail(record, attempt, { ...problem, code: problem?.code ?? 'noAnswer', history });
	const words = problem && summaryOf(problem);
	const isPaid = record.status === 'finished';
	const money: Money | undefined = isPaid ? 'spent' : undefined;
	return fail(record, attempt, { code: 'stillUnconfirmed', words, money, history });
}

/** A problem of a job, with what its answer says. */
const problemOf = (record: JobRecord, problem: Problem, seen?: AnswerSeen): Problem => ({
	...problem,
	words: problem.words ?? seen?.words,
	httpStatus: problem.httpStatus ?? seen?.httpStatus,
	state: problem.state ?? (seen?.says === 'failed' ? seen.state : undefined),
	costUsd: record.costUsd,
	requestId: requestIdOf(record),
});

/**
 * The try ends. The record keeps the first problem of a job that may be there, and the last one of a job that is over.
 *
 * @param status the job's status from now on, if that changes
 */
function fail(
	record: JobRecord,
	attempt: Attempt,
	what: Problem,
	seen?: AnswerSeen,
	status: Status = record.status,
): Step {
	const problem = problemOf(record, what, seen);
	if (status === 'new')
		return { record: { ...record, problem: undefined }, attempt, next: { do: 'fail', problem } };
	const isUnbilled =
		status === 'failed' && problem.code === 'failed' && problem.money === undefined;
	const kept: JobRecord = {
		...record,
		status,
		problem: status === 'failed' ? problem : (record.problem ?? problem),
		costUsd: isUnbilled ? 0 : record.costUsd,
	};
	return { record: kept, attempt, next: { do: 'fail', problem } };
}
