import type { IDataObject } from 'n8n-workflow';
import type { Reply } from '../http/api';
import { linkSignals } from '../kit/clock';
import { IMAGE_DEADLINE, readContent, type Content, type StoredImage } from '../images/store';
import type { Question } from './ledger';
import type { Outputs } from '../answers/outputs';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import {
	failedAnswer,
	failedJob,
	finishedWithoutImage,
	imageNotFetched,
	redirectedSubmit,
	refusedSubmit,
	unconfirmedSubmit,
	unreachable,
	unreadableSubmit,
} from '../problems/problemTable';
import {
	requestIdOf,
	salvageRequestId,
	type Answer,
	type Metrics,
	type RunningState,
	type Ticket,
} from '../answers/answers';
import { goOn, pause, type Item, type Run } from './run';
import { joinUrl } from '../kit/urls';

/** What a submit brought. */
export type Submitted =
	| { kind: 'ticket'; ticket: Ticket; state: RunningState; metrics: Metrics }
	| ({ kind: 'answered' } & Answered);

/** A synchronous answer: the image itself, or where it is. */
export type Answered = ({ image: StoredImage } | { outputs: Outputs }) & {
	metrics: Metrics;
	/** On the clock of the run, in milliseconds. */
	sentAt: number;
	requestId?: string;
};

/** A queue answers a submit at once; longer waiting brings no answer any more. Milliseconds. */
const QUEUE_DEADLINE = 120_000;

/** Pauses before a submit whose connection was never made goes out again; milliseconds. */
const CONNECT_PAUSES = [500, 1_000, 2_000, 4_000];

/** The body of a ticket that is complete gets this long to end; milliseconds. */
const TICKET_PATIENCE = 1_000;

/** What the account has left, when an answer says so; USD [docs]. */
export function creditsIn({ headers }: Reply): Metrics {
	const text = headers['x-remaining-credits']?.trim();
	const credits = text ? Number(text) : NaN;
	return Number.isFinite(credits) ? { remaining_credits: credits } : {};
}

/**
 * Submits a job, once. The POST goes out again only when it certainly queued nothing: after a 429, when the
 * connection was never made, or when there is no queue here (404, 405).
 *
 * @param question the job, for the ledger
 * @param nameFor base name of the output file, for a synchronous answer with or without a request ID
 * @throws ItemProblem, and Stopped when the run ends before the submit
 */
export async function submit(
	run: Run,
	item: Item,
	body: IDataObject,
	question: Question,
	nameFor: (requestId?: string) => string,
): Promise<Submitted> {
	const { key } = question;
	const { model, account, ledger, clock, gate } = run;
	for (let connects = 0; ; ) {
		goOn(run);
		const sync = usesSync(run, item);
		const path = (sync ? model.syncPath : undefined) ?? model.submitPath;
		const deadline = sync ? item.options.timeout : Math.min(item.options.timeout, QUEUE_DEADLINE);
		await gate.pass({ signal: run.ending });
		goOn(run);
		const sentAt = clock.now();
		ledger.sending(question, clock.date());
		const limit = clock.deadline(deadline);
		const linked = linkSignals(run.stopped, limit);
		const onImage = () => {
			const left = sentAt + deadline - clock.now();
			linked.exchange(limit, clock.deadline(Math.max(IMAGE_DEADLINE, left)));
		};
		try {
			const sent = await run.api.post(joinUrl(account.baseUrl, path), body, linked.signal);
			if (sent.kind === 'noReply') {
				if (!sent.neverSent) throw unanswered(run, sent);
				ledger.notSent(key);
				const wait = CONNECT_PAUSES[connects++];
				if (!sent.passing || wait === undefined) throw new ItemProblem(unreachable(sent.detail));
				await pause(run, wait);
				continue;
			}
			const requestId = requestIdOf(sent.headers['x-request-id']);
			const content = await readContent(run.context, sent, {
				wish: nameFor(requestId),
				signal: linked.signal,
				onImage,
				onWhole: () => linked.exchange(limit, clock.deadline(TICKET_PATIENCE)),
			});
			const read = readSubmit(sent, content, { requestId, sync });
			if (read.kind !== 'refused') return settle(run, key, sentAt, read);
			ledger.notSent(key);
			if (sent.status === 429 && !gate.isStuck(item.options.timeout)) continue;
			if (!sync && model.syncPath !== undefined && [404, 405].includes(sent.status)) {
				run.queueMissing = true;
				continue;
			}
			throw new ItemProblem(read.problem);
		} finally {
			linked.release();
		}
	}
}

const usesSync = (run: Run, item: Item): boolean =>
	run.model.syncPath !== undefined && (run.queueMissing || item.options.processingMode === 'sync');

const unanswered = (run: Run, { detail }: { detail: string }): Error =>
	run.stopped.aborted ? new Stopped() : new ItemProblem(unconfirmedSubmit(detail));

/** What a submit's answer comes to. */
type SubmitRead =
	/** A job was accepted, and can be followed. */
	| { kind: 'ticket'; ticket: Ticket; state: RunningState; metrics: Metrics }
	/** A synchronous answer with its images. */
	| {
			kind: 'answered';
			what: { image: StoredImage } | { outputs: Outputs };
			ticket?: Ticket;
			requestId?: string;
			metrics: Metrics;
	  }
	/** Certainly no job. */
	| { kind: 'refused'; problem: Problem }
	/** There is, was or may be a job, and it brings no image. */
	| { kind: 'noImage'; problem: Problem; ticket?: Ticket };

/**
 * Decides what a submit's answer comes to. In doubt there may be a job.
 *
 * @param told the request ID in the answer's headers [field: some have one], and whether the answer is the image
 */
function readSubmit(
	sent: Reply,
	content: Content,
	told: { requestId?: string; sync: boolean },
): SubmitRead {
	const metrics = creditsIn(sent);
	const { requestId } = told;
	if (content.kind === 'image') {
		return { kind: 'answered', what: { image: content }, requestId, metrics };
	}
	const read =
		content.kind === 'bad'
			? readBadSubmit(sent, content, told)
			: readAnsweredSubmit(content.answer, requestId);
	if (read.kind !== 'ticket' && read.kind !== 'answered') return read;
	return { ...read, metrics: { ...metrics, ...read.metrics } };
}

function readBadSubmit(
	{ status, headers }: Reply,
	{ why, text, words }: Extract<Content, { kind: 'bad' }>,
	{ requestId, sync }: { requestId?: string; sync: boolean },
): SubmitRead {
	const salvaged = salvageRequestId(status, text ?? '');
	if (salvaged !== undefined) {
		return { kind: 'ticket', ticket: { requestId: salvaged }, state: 'QUEUED', metrics: {} };
	}
	if (status >= 400) return { kind: 'refused', problem: refusedSubmit(status, words ?? '') };
	const isImage = sync && /^image\//i.test(headers['content-type'] ?? '');
	const problem = isImage
		? imageNotFetched(why, { requestId, sync: true })
		: { ...unreadableSubmit(words || why), requestId };
	return { kind: 'noImage', problem };
}

function readAnsweredSubmit(
	answer: Exclude<Answer, { kind: 'unreadable' }>,
	named: string | undefined,
): SubmitRead {
	const { ticket } = answer;
	if (answer.kind === 'refused') {
		const { status, words, about } = answer;
		if (ticket) return { kind: 'ticket', ticket, state: 'QUEUED', metrics: {} };
		if (status >= 400) return { kind: 'refused', problem: refusedSubmit(status, words, about) };
		return { kind: 'noImage', problem: { ...redirectedSubmit(status, words), requestId: named } };
	}
	const { metrics } = answer;
	const requestId = ticket?.requestId ?? named;
	if (answer.kind === 'finished' && answer.outputs.images.length > 0) {
		return { kind: 'answered', what: { outputs: answer.outputs }, ticket, requestId, metrics };
	}
	if (answer.kind === 'finished' && answer.words !== '') {
		const problem = finishedWithoutImage(answer.words, metrics.cost, requestId);
		return { kind: 'noImage', ticket, problem };
	}
	if (answer.kind === 'failed') {
		const problem: Problem = ticket
			? // Only a success is billed [docs], and this was one.
				{ ...failedJob(answer, ticket.requestId), money: 'maybeSpent' }
			: failedAnswer(answer.words, requestId);
		return { kind: 'noImage', ticket, problem };
	}
	if (!ticket) {
		const unknown = answer.kind === 'running' ? answer.unknown : undefined;
		const words = unknown ?? 'it names no request ID';
		return { kind: 'noImage', problem: { ...unreadableSubmit(words), requestId } };
	}
	const state = answer.kind === 'running' ? answer.state : 'PROCESSING';
	return { kind: 'ticket', ticket, state, metrics };
}

/** A ticket without the URLs that have the key in them: n8n would save it, and a server would log it. */
function withoutKey({ account }: Run, { requestId, statusUrl, resultUrl }: Ticket): Ticket {
	const plain = (url?: string) =>
		url !== undefined && account.mask(url) === url ? url : undefined;
	return { requestId, statusUrl: plain(statusUrl), resultUrl: plain(resultUrl) };
}

/** What the ledger may keep of an answer's outputs: URLs without the key, and no images themselves. */
function keepable({ account }: Run, outputs: Outputs): { outputs?: Outputs } {
	const text = JSON.stringify(outputs);
	const isPlain = outputs.images.every(({ kind }) => kind === 'url') && account.mask(text) === text;
	return isPlain ? { outputs } : {};
}

/** Tells the ledger what a submit came to. Throws an `ItemProblem` where it brings no image. */
function settle(
	run: Run,
	key: string,
	sentAt: number,
	read: Exclude<SubmitRead, { kind: 'refused' }>,
): Submitted {
	const { ledger, account } = run;
	const ticket = read.ticket && withoutKey(run, read.ticket);
	const kept = (requestId?: string) => requestId && account.mask(requestId);
	if (ticket) ledger.accepted(key, { ...ticket, requestId: account.mask(ticket.requestId) });
	if (read.kind === 'ticket') return { ...read, ticket: withoutKey(run, read.ticket) };
	if (read.kind === 'noImage') {
		const { requestId, unconfirmed } = read.problem;
		const isTold = requestId !== undefined || !unconfirmed;
		if (!ticket && isTold) ledger.paid(key, { requestId: kept(requestId) });
		throw new ItemProblem(read.problem);
	}
	const { what, requestId, metrics } = read;
	const outputs = 'outputs' in what ? keepable(run, what.outputs) : {};
	if (!ticket) ledger.paid(key, { requestId: kept(requestId), ...outputs });
	return { kind: 'answered', ...what, metrics, sentAt, requestId };
}
