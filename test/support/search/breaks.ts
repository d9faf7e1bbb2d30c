import type { Step } from '../../../nodes/shared/job/advance';
import type { Attempt, JobRecord, Seen } from '../../../nodes/shared/job/record';
import type { Candidate } from '../../../nodes/shared/job/siblings';
import type { Problem } from '../../../nodes/shared/problems/problems';
import { realCore, type Core } from './search';
import { siblingCore, type SiblingCore } from './siblings';

// What a search is worth shows when the code is wrong: each of these breaks one rule on purpose, as a change of what
// the pure functions give, so that no renaming of theirs touches it.

type Change = (step: Step, seen: Seen, before: { record: JobRecord; attempt: Attempt }) => Step;

/** `advance` with its steps changed. */
const stepping = (change: Change): Core => ({
	...realCore,
	advance: (record, attempt, seen, nowMs) =>
		change(realCore.advance(record, attempt, seen, nowMs), seen, { record, attempt }),
});

const withRecord = (step: Step, change: Partial<JobRecord>): Step => ({
	...step,
	record: { ...step.record, ...change },
});

const submitAgain = (step: Step): Step => ({ ...step, next: { do: 'submit', atMs: 0 } });

const withProblem = (step: Step, change: (problem: Problem) => Problem): Step =>
	step.next.do === 'fail'
		? { ...step, next: { do: 'fail', problem: change(step.next.problem) } }
		: step;

const isLost = ({ record }: Step) => record.status === 'lost';

/** Breaks of what happens to one item. */
export const BREAKS: Record<string, Core> = {
	'a lost submit is sent again': stepping((step) =>
		isLost(step) ? submitAgain(withRecord(step, { status: 'new' })) : step,
	),
	'a lost submit is sent again under its own status': stepping((step) =>
		isLost(step) ? submitAgain(step) : step,
	),
	'a submit without an answer counts as not queued': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(
				record,
				attempt,
				record.status === 'sending' && seen.says === 'nothing'
					? { says: 'notQueued', why: seen.why }
					: seen,
				nowMs,
			),
	},
	'a job on its way is new to the next try': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(
				record.status === 'sending' && seen.says === 'begin'
					? { ...record, status: 'new' }
					: record,
				attempt,
				seen,
				nowMs,
			),
	},
	'a failed job is bought again': stepping((step, seen) =>
		seen.says === 'begin' && step.record.status === 'accepted' && step.attempt.isLaterTry
			? submitAgain(withRecord(step, { status: 'new' }))
			: step,
	),
	'depart asks nothing': {
		...realCore,
		depart: (record, sentBody, dateMs) => ({
			...record,
			status: 'sending',
			sentAtMs: dateMs,
			sentBody,
		}),
		advance: (record, attempt, seen, nowMs) => {
			const step = realCore.advance(record, attempt, seen, nowMs);
			return seen.says === 'error' && record.status === 'accepted' ? submitAgain(step) : step;
		},
	},
	'the POST leaves before it is noted': {
		...realCore,
		depart: (record) => record,
	},
	'not queued is not believed': stepping((step, seen) =>
		seen.says === 'notQueued' ? withRecord(step, { status: 'lost' }) : step,
	),
	'a ticket is forgotten when the submit says nothing else': stepping((step, seen) =>
		'ticket' in seen && seen.says === 'running' ? withRecord(step, { ticket: undefined }) : step,
	),
	'a ticket under an error is not read': stepping((step, seen) =>
		seen.says === 'error' && 'ticket' in seen && seen.ticket
			? withRecord(step, { ticket: undefined })
			: step,
	),
	'a ticket under a refusal of the key is submitted again': stepping((step, seen) =>
		'refusedSignature' in seen && seen.refusedSignature && seen.says === 'running'
			? submitAgain(withRecord(step, { status: 'new', ticket: undefined }))
			: step,
	),
	'a later ticket replaces the first': stepping((step, seen, { record }) =>
		record.ticket && seen.says === 'running'
			? withRecord(step, { ticket: { requestId: 'another' } })
			: step,
	),
	'the images of an answer are forgotten': stepping((step, seen) =>
		seen.says === 'finished' && seen.outputs ? withRecord(step, { outputs: undefined }) : step,
	),
	'a finished job falls back to accepted': stepping((step, seen) =>
		seen.says === 'finished' && step.record.status === 'finished'
			? withRecord(step, { status: 'accepted' })
			: step,
	),
	'a failed look-up throws the job away': stepping((step, seen, { record }) =>
		record.status === 'accepted' && seen.says === 'refused'
			? withRecord(step, { status: 'lost' })
			: step,
	),
	'an unconfirmed submit costs nothing': stepping((step) =>
		isLost(step) ? withProblem(step, (problem) => ({ ...problem, money: 'notSpent' })) : step,
	),
	'a timeout costs nothing': stepping((step) =>
		withProblem(step, (problem) =>
			problem.code === 'timedOut' ? { ...problem, money: 'notSpent' } : problem,
		),
	),
	'an image that can’t be fetched costs nothing': stepping((step) =>
		withProblem(step, (problem) =>
			problem.code === 'notFetched' ? { ...problem, money: 'notSpent' } : problem,
		),
	),
	'a failed job with a cost costs nothing': stepping((step) =>
		withProblem(step, (problem) =>
			problem.code === 'failedWithCost' ? { ...problem, money: 'notSpent' } : problem,
		),
	),
	'a refused submit may have been paid for': stepping((step) =>
		withProblem(step, (problem) =>
			problem.code === 'submitRefused' ? { ...problem, money: 'maybeSpent' } : problem,
		),
	),
	'an error forgets the request ID': stepping((step) =>
		withProblem(step, (problem) => ({ ...problem, requestId: undefined })),
	),
	'an error forgets the name of a lost job': stepping((step) =>
		step.record.ticket
			? step
			: withProblem(step, (problem) => ({ ...problem, requestId: undefined })),
	),
	'the timeout is not asked': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(record, { ...attempt, endsAtMs: Infinity }, seen, nowMs),
	},
	'fetching has no end': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(
				record,
				{ ...attempt, fetchEndsAtMs: Infinity, hopelessRounds: 0 },
				seen,
				nowMs,
			),
	},
	'looking up has no end': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(record, { ...attempt, lookUpEndsAtMs: Infinity }, seen, nowMs),
	},
	'an error without a state is waited for for ever': {
		...realCore,
		advance: (record, attempt, seen, nowMs) =>
			realCore.advance(
				record,
				seen.says === 'error' && record.status === 'accepted'
					? { ...attempt, errorsEndAtMs: Infinity, endsAtMs: Infinity }
					: attempt,
				seen,
				nowMs,
			),
	},
	'the history is never asked': stepping((step, _seen, { attempt }) =>
		isLost(step) && attempt.hasHistory && step.next.do === 'lookUp'
			? {
					...step,
					next: { do: 'fail', problem: { code: 'noAnswer', requestId: step.record.namedId } },
				}
			: step,
	),
	'images that came are thrown away': stepping((step, seen) =>
		seen.says === 'fetched' && step.next.do === 'deliver' && seen.fetched.failures.length > 0
			? { ...step, next: { do: 'fail', problem: { code: 'notFetched', requestId: 'r-1' } } }
			: step,
	),
	'a result that says failed throws images away': stepping((step, seen) =>
		seen.says === 'failed' && Object.keys(step.attempt.fetched?.images ?? {}).length > 0
			? { ...step, next: { do: 'fail', problem: { code: 'failed', requestId: 'r-1' } } }
			: step,
	),
	'a retry by hand buys what is under way': {
		...realCore,
		inherit: ({ key, fingerprint, runIndex }, executionId) => ({
			key,
			fingerprint,
			runIndex,
			executionId,
			status: 'new',
		}),
	},
	'a retry by hand follows what is old': {
		...realCore,
		inherit: (record, executionId) => realCore.inherit(record, executionId, 0),
	},
	'a retry by hand is stuck on what stayed unconfirmed': {
		...realCore,
		inherit: (record, executionId, dateMs) => {
			const taken = realCore.inherit(record, executionId, dateMs);
			return record.status === 'lost' ? { ...record, executionId } : taken;
		},
	},
	'a delivered job is nobody’s': stepping((step) =>
		step.record.status === 'delivered' ? withRecord(step, { status: 'new' }) : step,
	),
};

const choosing = (
	choose: (
		lost: JobRecord,
		rows: readonly Candidate[],
		others: readonly JobRecord[],
	) => Candidate | undefined,
): SiblingCore => ({ ...siblingCore, chooseRow: choose });

const { chooseRow } = siblingCore;

/** Breaks of what equal submits do to each other. */
export const SIBLING_BREAKS: Record<string, SiblingCore> = {
	'the first row is taken': choosing((_lost, rows) => rows[0]),
	'others are not known': choosing((lost, rows) => chooseRow(lost, rows, [])),
	'one that waits does not count': choosing((lost, rows, others) =>
		chooseRow(
			lost,
			rows,
			others.filter(({ status }) => status !== 'sending'),
		),
	),
	'a waiting one counts only for its very moment': choosing((lost, rows, others) =>
		chooseRow(
			lost,
			rows,
			others.map((other) =>
				other.status === 'sending' ? { ...other, sentAtMs: (other.sentAtMs ?? 0) + 10_000 } : other,
			),
		),
	),
	'owned rows are free': choosing((lost, rows, others) =>
		chooseRow(
			lost,
			rows,
			others.map((other) => ({ ...other, ticket: undefined, namedId: undefined, status: 'lost' })),
		),
	),
	'what was answered without a name does not count': choosing((lost, rows, others) =>
		chooseRow(
			lost,
			rows,
			others.filter(({ ticket, namedId, status }) => ticket ?? namedId ?? status === 'sending'),
		),
	),
	'a row is only taken alone': choosing((lost, rows, others) =>
		rows.length === 1 ? chooseRow(lost, rows, others) : undefined,
	),
	'none is taken while another is lost': choosing((lost, rows, others) =>
		others.some(({ status }) => status === 'lost') ? undefined : chooseRow(lost, rows, others),
	),
};
