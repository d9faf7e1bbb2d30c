import type { Observation } from '../answers/observation';
import { SIGNATURES } from '../http/signature';
import { numberOf } from '../kit/json';
import { CHECK, FETCH, HISTORY, KEPT_MS, SUBMIT } from '../limits';
import { summaryOf, type Problem } from '../problems/problems';
import {
	NOTHING_FETCHED,
	requestIdOf,
	type Attempt,
	type JobRecord,
	type Next,
	type Seen,
} from './record';

/** What is known of a job after an observation, and what comes next. */
export interface Step {
	record: JobRecord;
	attempt: Attempt;
	next: Next;
}

/** A job in the middle of a try; `nowMs` on the clock of the run. */
type Moment = Omit<Step, 'next'> & { nowMs: number };

/** An answer of Segmind, or none. */
type Answer = Exclude<Seen, { says: 'begin' | 'fetched' }>;

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

/**
 * What comes next for a job, whatever was observed. Pure: effects act on it, and `pursue` saves the record.
 *
 * `submit` follows only from a job that was never sent or, by `notQueued`, is certainly not queued.
 */
export function advance(record: JobRecord, attempt: Attempt, seen: Seen, nowMs: number): Step {
	const before: Moment = { record, attempt, nowMs };
	if (seen.says === 'begin') return begin(before);
	if (seen.says === 'fetched') return afterFetch(before, seen);
	const job = learn(before, seen);
	switch (record.status) {
		case 'new': // The POST never left.
		case 'sending':
			return afterSubmit(job, seen);
		case 'lost':
			return afterLookUp(job, seen);
		case 'accepted':
			return afterPoll(job, seen);
		case 'finished':
			return isReachable(job.record) ? afterResult(job, seen) : afterLookUp(job, seen);
		default:
			return onward(job);
	}
}

const changed = (
	{ record, attempt, nowMs }: Moment,
	inRecord: Partial<JobRecord>,
	inAttempt: Partial<Attempt> = {},
): Moment => ({ record: { ...record, ...inRecord }, attempt: { ...attempt, ...inAttempt }, nowMs });

const then = ({ record, attempt }: Moment, next: Next): Step => ({ record, attempt, next });

/** What an answer adds to the record, where the first ticket and name and the latest outputs stay, and to the try. */
function learn(job: Moment, seen: Answer): Moment {
	const { record, attempt, nowMs } = job;
	const { ticket, namedId, outputs, metrics, refusedSignature } = seen;
	const isHeldUp = seen.says === 'nothing' && seen.isHeldUp === true;
	return changed(
		job,
		{
			ticket: record.ticket ?? ticket,
			namedId: record.namedId ?? (seen.says === 'notQueued' ? undefined : namedId),
			outputs: outputs && outputs.images.length > 0 ? outputs : record.outputs,
			costUsd: costOf(seen) ?? record.costUsd,
		},
		{
			metrics: { ...attempt.metrics, ...metrics },
			state: seen.says === 'running' ? seen.state : attempt.state,
			polledAtMs: isHeldUp || refusedSignature ? attempt.polledAtMs : nowMs,
			refusedSignatures: refusedSignature ? [...attempt.refusedSignatures, refusedSignature] : [],
			lastTrouble: troubleOf(seen),
			timeouts: attempt.timeouts + (seen.isTimeout ? 1 : 0),
			changedFile: seen.changedFile ?? attempt.changedFile,
			isOld: seen.isOld ?? attempt.isOld,
		},
	);
}

/** What an answer says that its job costs, USD; a cost below nothing is none. */
function costOf({ metrics }: Answer): number | undefined {
	const costUsd = numberOf(metrics?.cost);
	return costUsd !== undefined && costUsd >= 0 ? costUsd : undefined;
}

/** What a person should know of a poll that brought nothing yet. */
function troubleOf(seen: Observation): string {
	if (seen.says === 'running') return seen.words ?? '';
	return seen.why || seen.words || (seen.httpStatus ? `HTTP ${seen.httpStatus}` : '');
}

/** A try loads a record: a submit on its way is lost; a job that failed, or whose output is gone, is asked for again. */
function begin(before: Moment): Step {
	const { status, ticket } = before.record;
	const { until } = before.attempt;
	const job = changed(before, {}, { isLaterTry: status !== 'new' });
	if (status === 'sending') return onward(changed(job, { status: 'lost' }));
	if (status === 'delivered') return onward(changed(job, { status: 'finished' }));
	if (status !== 'failed' || !ticket) return onward(job);
	// Its request ID alone would hide the failure.
	return onward(
		changed(job, { status: 'accepted' }, { until: until === 'ticket' ? 'state' : until }),
	);
}

/** In doubt there may be a job. */
function afterSubmit(job: Moment, seen: Answer): Step {
	const { record } = job;
	if (seen.says === 'notQueued' && !record.ticket) return afterNotQueued(job, seen);
	if (seen.says === 'failed' || seen.says === 'error') {
		const code = record.ticket ? failureCode(seen) : 'errorAnswer';
		return fail(changed(job, { status: 'failed' }), { code, money: 'maybeSpent' }, seen);
	}
	if (seen.says === 'finished' && (seen.image ?? record.outputs ?? seen.words)) {
		return afterFinished(job, seen);
	}
	if (record.ticket) return onward(accepted(job));
	if (seen.says === 'finished' && seen.why !== undefined) {
		const problem = problemOf(record, { code: 'syncNotFetched' }, seen);
		return onward(changed(job, { status: 'finished', problem }));
	}
	return onward(changed(job, { status: 'lost', problem: problemOf(record, lostBy(seen), seen) }));
}

/** Segmind has accepted the job: its time begins. */
const accepted = (job: Moment): Moment =>
	changed(
		job,
		{ status: 'accepted', problem: undefined },
		{
			isNew: true,
			startedAtMs: job.nowMs,
			endsAtMs: job.nowMs + job.attempt.timeoutMs,
			unknownUntilMs: job.nowMs + CHECK.becomesKnownMs,
			polledAtMs: undefined,
		},
	);

/** Why nobody knows what became of a submit. A bare "finished" names no job: that is no usable answer. */
function lostBy(seen: Answer): Problem {
	if (seen.httpStatus !== undefined && seen.httpStatus < 400) return { code: 'redirected' };
	const namesNoJob = seen.says === 'running' || seen.says === 'finished';
	return {
		code: 'noAnswer',
		why: seen.why ?? 'its answer could not be read',
		words: seen.words || (namesNoJob ? 'it names no request ID' : undefined),
	};
}

/** Whether the key may be named in another way to a gateway that has refused it: a 401 queues and bills nothing [docs]. */
const maySignOtherwise = ({ attempt }: Moment, { refusedSignature }: Answer): boolean =>
	refusedSignature !== undefined && attempt.refusedSignatures.length < SIGNATURES.length;

function afterNotQueued(before: Moment, seen: Answer): Step {
	const job = changed(before, { status: 'new', sentAtMs: undefined, sentBody: undefined });
	const { connectFailures, isSync } = job.attempt;
	const { again, namedId, httpStatus } = seen;
	if (maySignOtherwise(job, seen)) return onward(job);
	const pauseMs = again === 'afterPause' ? SUBMIT.connectPausesMs[connectFailures] : 0;
	if (again === undefined || pauseMs === undefined || (again === 'sync' && isSync)) {
		const code = httpStatus === undefined ? 'unreachable' : 'submitRefused';
		return fail(job, { code, namedId }, seen);
	}
	const failures = connectFailures + (again === 'afterPause' ? 1 : 0);
	return then(changed(job, {}, { connectFailures: failures, isSync: isSync || again === 'sync' }), {
		do: 'submit',
		atMs: job.nowMs + pauseMs,
	});
}

/** Whether the history has told something of the job. */
const isFound = ({ says }: Answer): boolean => says !== 'nothing' && says !== 'refused';

/** What the history says of a submit without a usable answer, or of a paid image that nothing else leads to. */
function afterLookUp(job: Moment, seen: Answer): Step {
	const { record, attempt, nowMs } = job;
	if (record.ticket && isFound(seen)) {
		return afterPoll(changed(accepted(job), {}, { isNew: false, unknownUntilMs: nowMs }), seen);
	}
	if (seen.says === 'refused' || isOver(attempt.lookUpEndsAtMs, nowMs))
		return unconfirmed(job, seen);
	return onward(job);
}

/** A status check, or what the history says of a job that the status call has forgotten. */
function afterPoll(before: Moment, seen: Answer): Step {
	const { nowMs } = before;
	const { endsAtMs, inHistory, refusal } = before.attempt;
	// An error that says nothing of the job may pass.
	const lastErrorAtMs = Math.min(endsAtMs, nowMs + CHECK.errorsPassMs);
	const errorsEndAtMs = before.attempt.errorsEndAtMs ?? lastErrorAtMs;
	const job = changed(
		before,
		{},
		{
			errorsEndAtMs: seen.says === 'error' ? errorsEndAtMs : undefined,
			inHistory: inHistory && isFound(seen) ? 'found' : inHistory,
		},
	);
	switch (seen.says) {
		case 'finished': // Words in the place of its state's outputs: its result may have an image all the same.
			return afterFinished(job, { ...seen, words: undefined });
		case 'failed':
			return afterFailed(job, seen);
		case 'error':
			return isOver(errorsEndAtMs, nowMs)
				? fail(job, { code: 'errorWithoutState' }, seen)
				: onward(job);
	}
	if (job.attempt.inHistory === 'asked') {
		return fail(job, { ...refusal, code: 'unknownRequest', history: historyOf(seen) }, seen);
	}
	if (seen.says === 'refused') return afterRefused(job, seen);
	if (seen.says === 'running' && job.attempt.until !== 'image') {
		return then(job, { do: 'deliver', what: 'state' });
	}
	return isOver(endsAtMs, nowMs) ? timedOut(job) : onward(job);
}

function timedOut(job: Moment): Step {
	const { timeoutMs, state, lastTrouble: words } = job.attempt;
	return fail(job, { code: 'timedOut', seconds: timeoutMs / 1000, state, words });
}

function afterFailed(job: Moment, seen: Answer & { says: 'failed' }): Step {
	const status = seen.isKnownState ? 'failed' : job.record.status;
	return fail(changed(job, { status }), { code: failureCode(seen) }, seen);
}

/** How a failed job is called: Segmind's documentation says that those are not billed. */
function failureCode(seen: Answer): 'unknownState' | 'failed' | 'failedWithCost' {
	if (seen.says === 'failed' && !seen.isKnownState) return 'unknownState';
	return costOf(seen) ? 'failedWithCost' : 'failed';
}

const refusalBy = (code: Problem['code'], { httpStatus, isJson, words }: Answer): Problem => ({
	code,
	httpStatus,
	isJson,
	words,
});

/** Both places of a state are asked before a refusal counts, and a new job isn't unknown at once. */
function afterRefused(before: Moment, seen: Answer): Step {
	const { nowMs, record } = before;
	if (maySignOtherwise(before, seen)) return onward(before);
	const job = changed(before, {}, { refusals: before.attempt.refusals + 1 });
	const { attempt } = job;
	const isUnknown = seen.httpStatus === 404;
	const places = record.ticket?.statusUrl === undefined ? 1 : 2;
	const mayPass =
		attempt.refusals < places || (isUnknown && !isOver(attempt.unknownUntilMs, nowMs));
	if (mayPass && !attempt.inHistory) {
		return isOver(attempt.endsAtMs, nowMs) ? timedOut(job) : onward(job);
	}
	const refusal = refusalBy(isUnknown ? 'unknownRequest' : 'checkRefused', seen);
	if (isUnknown && attempt.hasHistory && !attempt.inHistory) {
		return onward(changed(job, {}, { inHistory: 'asked', refusal }));
	}
	return fail(job, refusal, seen);
}

/** An image that stops in the middle counts only once the same bytes have come a second time, if it can come again. */
const isWhole = ({ record, attempt }: Moment, { image }: Answer & { says: 'finished' }): boolean =>
	image !== undefined &&
	(!image.endMissing || !record.ticket || attempt.truncatedBytes === image.fileSize);

/** Words in the place of an image are an end; a stored image goes out; else it is fetched, or the result asked for. */
function afterFinished(job: Moment, seen: Answer & { says: 'finished' }): Step {
	const { record } = job;
	const { image, words } = seen;
	const finished = changed(job, { status: 'finished' }, { truncatedBytes: image?.fileSize });
	if (image && isWhole(job, seen)) {
		return deliver(
			changed(finished, {}, { fetched: { ...NOTHING_FETCHED, images: { 0: image } } }),
		);
	}
	if (words && !image && !record.outputs) {
		const money = record.costUsd ? 'spent' : undefined;
		return fail(changed(job, { status: 'failed' }), { code: 'finishedWithoutImage', money }, seen);
	}
	return onward(finished);
}

/** An answer to the question for a finished job's result. */
function afterResult(job: Moment, seen: Answer): Step {
	const hasImages = countOf(job.attempt) > 0;
	if (seen.says === 'finished' && (isWhole(job, seen) || (seen.words && !hasImages))) {
		return afterFinished(job, seen);
	}
	if (seen.says === 'failed' && seen.isKnownState && !hasImages) return afterFailed(job, seen);
	if (job.record.outputs) return then(job, { do: 'fetch', atMs: job.nowMs });
	// It may only be not there yet.
	const isHopeless = seen.says !== 'nothing' && seen.says !== 'running';
	return afterRound(withoutResult(job, seen), { isHopeless });
}

function withoutResult(job: Moment, seen: Answer): Moment {
	const image = seen.says === 'finished' ? seen.image : undefined;
	const runs = seen.says === 'running' && 'Segmind says that it is still running';
	const why = runs || troubleOf(seen) || 'its answer names no image';
	return changed(
		job,
		{},
		{
			truncatedBytes: image?.fileSize ?? job.attempt.truncatedBytes,
			fetched: {
				...NOTHING_FETCHED,
				failures: [{ why: image ? 'the image stops in the middle' : why }],
			},
			refusal: seen.says === 'refused' ? refusalBy('checkRefused', seen) : undefined,
		},
	);
}

const countOf = ({ fetched }: Attempt): number => Object.keys(fetched?.images ?? {}).length;

/** A round of downloads. */
function afterFetch(before: Moment, seen: Extract<Seen, { says: 'fetched' }>): Step {
	const { fetched, retryAfterMs, timeouts } = seen;
	const job = changed(before, {}, { fetched, timeouts });
	if (fetched.failures.length === 0) return deliver(job);
	const isHopeless = fetched.failures.every(({ isOther }) => isOther);
	const isGone = fetched.failures.every((failure) => failure.isGone);
	return afterRound(job, { isHopeless, isGone, retryAfterMs });
}

/** Something is still missing: another round, as long as that may help; what came is handed out. */
function afterRound(
	before: Moment,
	round: { isHopeless: boolean; isGone?: boolean; retryAfterMs?: number },
): Step {
	const { record, nowMs } = before;
	const { fetchRounds, hopelessRounds, until } = before.attempt;
	const counts = round.isHopeless || until !== 'image';
	const job = changed(
		before,
		{},
		{ fetchRounds: fetchRounds + 1, hopelessRounds: hopelessRounds + (counts ? 1 : 0) },
	);
	const { attempt } = job;
	const isEnd =
		isOver(attempt.fetchEndsAtMs, nowMs) ||
		round.isGone ||
		attempt.hopelessRounds >= FETCH.hopelessRounds;
	if (!isEnd) return onward(job, round.retryAfterMs);
	if (countOf(attempt) > 0) return deliver(job);
	const { fetched, refusal, isOld } = attempt;
	if (refusal && !record.outputs) return fail(job, { ...refusal, money: 'spent' });
	const { why = 'its answer names no image', imageUrl } = fetched?.failures[0] ?? {};
	const code = isOld ? 'imageGone' : record.ticket ? 'notFetched' : 'syncNotFetched';
	return fail(job, { code, why, imageUrl });
}

const deliver = (job: Moment): Step =>
	then(changed(job, { status: 'delivered' }), { do: 'deliver', what: 'images' });

/** What is done for a job in its status. */
function onward(job: Moment, retryAfterMs = 0): Step {
	const { record, attempt, nowMs } = job;
	switch (record.status) {
		case 'new':
			return then(job, { do: 'submit', atMs: nowMs });
		case 'lost':
			return lookUp(job);
		case 'accepted': {
			if (attempt.until === 'ticket') return then(job, { do: 'deliver', what: 'state' });
			const polled = changed(job, {}, { polls: attempt.polls + 1 });
			if (!attempt.inHistory) return then(polled, { do: 'poll', for: 'state' });
			const pauseMs = attempt.inHistory === 'asked' ? 0 : HISTORY.pauseMs;
			return then(polled, { do: 'lookUp', atMs: nowMs + pauseMs });
		}
		case 'finished':
			if (attempt.until === 'ticket' && record.ticket) {
				return then(job, { do: 'deliver', what: 'state' });
			}
			return isReachable(record) ? fetchOn(job, retryAfterMs) : lookUp(job);
		default:
			return unconfirmed(changed(job, {}, { isLaterTry: true }));
	}
}

/** The end of a phase that gets a least time of its own, or the item's timeout where that is shorter. */
const atLeast = ({ attempt: { endsAtMs, timeoutMs }, nowMs }: Moment, leastMs: number): number =>
	Math.max(endsAtMs, nowMs + Math.min(leastMs, timeoutMs));

/** Looks a job that nothing leads back to up in the account's history, ever more seldom. */
function lookUp(job: Moment): Step {
	const { attempt, nowMs } = job;
	const { hasHistory, lookUps } = attempt;
	if (!hasHistory) return unconfirmed(job);
	const lookUpEndsAtMs = attempt.lookUpEndsAtMs ?? atLeast(job, HISTORY.leastMs);
	const pauseMs = Math.min(HISTORY.lookUpPauseMs(lookUps), Math.max(0, lookUpEndsAtMs - nowMs));
	return then(changed(job, {}, { lookUps: lookUps + 1, lookUpEndsAtMs }), {
		do: 'lookUp',
		atMs: nowMs + pauseMs,
	});
}

/** A finished job's next round: its images, or its result as long as nothing says where they are. */
function fetchOn(job: Moment, retryAfterMs: number): Step {
	const { record, attempt, nowMs } = job;
	const { fetchRounds } = attempt;
	const fetchEndsAtMs = attempt.fetchEndsAtMs ?? atLeast(job, FETCH.leastMs);
	const leftMs = Math.max(0, fetchEndsAtMs - nowMs);
	const pauseMs = Math.max(FETCH.pauseMs(fetchRounds), Math.min(retryAfterMs, leftMs / 2));
	const atMs = nowMs + Math.min(pauseMs, leftMs);
	const asksResult =
		record.ticket && (!record.outputs || FETCH.asksResultAgain.includes(fetchRounds));
	return then(
		changed(job, {}, { fetchEndsAtMs }),
		asksResult ? { do: 'poll', for: 'result', atMs } : { do: 'fetch', atMs },
	);
}

/** What the history was asked in vain, and why. */
const historyOf = (seen: Answer): Problem['history'] =>
	seen.says === 'refused' || seen.why
		? { notAsked: seen.why ?? `HTTP ${seen.httpStatus}` }
		: { notFound: true };

/** Nobody knows what became of the submit, or its image is paid for and can't be reached. */
function unconfirmed(job: Moment, seen?: Answer): Step {
	const { problem, status } = job.record;
	const history = seen && historyOf(seen);
	if (!job.attempt.isLaterTry) return fail(job, { code: 'noAnswer', ...problem, history });
	const words = problem && summaryOf(problem);
	const money = status === 'finished' ? 'spent' : undefined;
	return fail(job, { code: 'stillUnconfirmed', words, money, history });
}

/** A problem of a job, with what its answer says. */
const problemOf = (record: JobRecord, problem: Problem, seen?: Answer): Problem => ({
	...problem,
	words: problem.words ?? seen?.words,
	why: problem.why ?? seen?.why,
	httpStatus: problem.httpStatus ?? seen?.httpStatus,
	isJson: problem.isJson ?? seen?.isJson,
	host: seen?.host,
	workflowId: seen?.workflowId,
	state: problem.state ?? (seen?.says === 'failed' ? seen.state : undefined),
	costUsd: record.costUsd,
	requestId: requestIdOf(record),
});

/** The try ends. The record keeps the first problem of a job that may be there, and the last one of a job that is over. */
function fail(job: Moment, what: Problem, seen?: Answer): Step {
	const { record } = job;
	const problem = problemOf(record, what, seen);
	const isOverForGood = record.status === 'failed';
	const isUnbilled = isOverForGood && problem.code === 'failed' && problem.money === undefined;
	const isUnsent = record.status === 'new';
	const kept = isUnsent ? undefined : isOverForGood ? problem : (record.problem ?? problem);
	const costUsd = isUnbilled ? 0 : record.costUsd;
	return then(changed(job, { problem: kept, costUsd }), { do: 'fail', problem });
}
