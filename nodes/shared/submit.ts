import type { IDataObject } from 'n8n-workflow';
import type { Reply, Sent } from './api';
import { linkSignals } from './clock';
import {
	IMAGE_DEADLINE,
	readContent,
	type Content,
	type Reading,
	type StoredImage,
} from './imagesOut';
import type { Question } from './ledger';
import type { Outputs } from './outputs';
import { ItemProblem, Stopped } from './problems';
import {
	failedAnswer,
	failedJob,
	imageNotFetched,
	refusedSubmit,
	unconfirmedSubmit,
	unreachable,
	unreadableSubmit,
} from './problemTable';
import {
	REQUEST_ID,
	salvageRequestId,
	type Metrics,
	type RunningState,
	type Ticket,
} from './responses';
import { goOn, pause, type Item, type Run } from './run';
import { joinUrl } from './urls';

/** What a submit brought. */
export type Submitted =
	| { kind: 'ticket'; ticket: Ticket; state: RunningState; metrics: Metrics }
	| ({ kind: 'answered' } & Answered);

/** A synchronous answer: the image itself, or where it is. */
export type Answered = ({ image: StoredImage } | { outputs: Outputs }) & {
	metrics: Metrics;
	/** Milliseconds since the epoch. */
	sentAt: number;
	requestId?: string;
};

/** A queue answers a submit at once; longer waiting brings no answer any more. Milliseconds. */
const QUEUE_DEADLINE = 120_000;

/** Pauses before a submit whose connection was never made goes out again; milliseconds. */
const CONNECT_PAUSES = [500, 1_000, 2_000, 4_000];

/** What the account has left, when an answer says so; USD [docs]. */
export function creditsIn(reply: Reply): Metrics {
	const credits = Number(reply.headers['x-remaining-credits'] ?? NaN);
	return Number.isFinite(credits) ? { remaining_credits: credits } : {};
}

/** The request ID that the headers of an answer name [field: some do]. */
function requestIdIn({ headers }: Reply): string | undefined {
	const named = headers['x-request-id'] ?? '';
	return REQUEST_ID.test(named) ? named : undefined;
}

/**
 * Submits a job, once. The POST goes out again only when it certainly queued nothing: after a 429, when the
 * connection was never made, or when there is no queue here (404, 405).
 *
 * @param question the job, for the ledger
 * @param wish name of the output file, for a synchronous answer
 * @throws ItemProblem, and Stopped when the run ends before the submit
 */
export async function submit(
	run: Run,
	item: Item,
	body: IDataObject,
	question: Question,
	wish: string,
): Promise<Submitted> {
	const { key } = question;
	const { model, account, ledger, clock, gate } = run;
	for (let connects = 0; ; ) {
		goOn(run);
		const sync = usesSync(run, item);
		const path = (sync ? model.syncPath : undefined) ?? model.submitPath;
		const deadline = sync ? item.options.timeout : Math.min(item.options.timeout, QUEUE_DEADLINE);
		await gate.pass(run.ending);
		goOn(run);
		const sentAt = clock.now();
		ledger.sending(question, sentAt);
		const limit = clock.deadline(deadline);
		const linked = linkSignals(run.stopped, limit);
		const onImage = () => {
			const left = sentAt + deadline - clock.now();
			linked.exchange(limit, clock.deadline(Math.max(IMAGE_DEADLINE, left)));
		};
		try {
			const sent = await run.api.post(joinUrl(account.baseUrl, path), body, linked.signal);
			if (!certainlyRefused(sent)) {
				const reading = { wish, signal: linked.signal, onImage };
				return await readSubmitted(run, sent, { key, sentAt, sync, reading });
			}
			ledger.notSent(key);
			if (sent.kind === 'noReply') {
				const wait = CONNECT_PAUSES[connects++];
				if (!sent.passing || wait === undefined) throw new ItemProblem(unreachable(sent.detail));
				await pause(run, wait);
				continue;
			}
			const content = await readContent(run.context, sent, { wish, signal: linked.signal });
			if (sent.status === 429 && !gate.isStuck(item.options.timeout)) continue;
			if (!sync && model.syncPath !== undefined && [404, 405].includes(sent.status)) {
				run.queueMissing = true;
				continue;
			}
			throw new ItemProblem(refusedSubmit(sent.status, wordsOf(content)));
		} finally {
			linked.release();
		}
	}
}

const usesSync = (run: Run, item: Item): boolean =>
	run.model.syncPath !== undefined && (run.queueMissing || item.options.processingMode === 'sync');

/** An error status queued nothing [docs], nor did a connection that was never made. */
const certainlyRefused = (sent: Sent): boolean =>
	sent.kind === 'noReply' ? sent.neverSent : sent.status >= 300;

const wordsOf = (content: Content): string =>
	content.kind === 'answer' && 'words' in content.answer ? content.answer.words : '';

/** A submit whose answer is read. */
interface Sending {
	key: string;
	sentAt: number;
	sync: boolean;
	reading: Reading;
}

/** What the ledger may keep of a ticket: n8n saves it, so no URL with the key in it. */
function plainTicket({ account }: Run, { requestId, statusUrl, resultUrl }: Ticket): Ticket {
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

/** Reads the answer to a submit that may have queued a job. */
async function readSubmitted(
	run: Run,
	sent: Sent,
	{ key, sentAt, sync, reading }: Sending,
): Promise<Submitted> {
	if (sent.kind === 'noReply') {
		if (run.stopped.aborted) throw new Stopped();
		throw new ItemProblem(unconfirmedSubmit(sent.detail));
	}
	const requestId = requestIdIn(sent);
	const credits = creditsIn(sent);
	const content = await readContent(run.context, sent, reading);
	if (content.kind === 'image') {
		run.ledger.paid(key, { requestId });
		return { kind: 'answered', image: content, metrics: credits, sentAt, requestId };
	}
	if (content.kind === 'bad') {
		const salvaged = salvageRequestId(content.text ?? '');
		if (salvaged !== undefined) {
			const ticket = { requestId: salvaged };
			run.ledger.accepted(key, ticket);
			return { kind: 'ticket', ticket, state: 'QUEUED', metrics: credits };
		}
		const isImage = sync && /^image\//i.test(sent.headers['content-type'] ?? '');
		if (isImage) run.ledger.paid(key, { requestId });
		throw new ItemProblem(
			isImage
				? imageNotFetched(content.why, { requestId, sync: true })
				: unreadableSubmit(content.words || content.why),
		);
	}
	const { answer } = content;
	if (answer.kind === 'refused') {
		throw new ItemProblem(unreadableSubmit(answer.words));
	}
	const metrics = { ...credits, ...answer.metrics };
	const ticket = answer.ticket && plainTicket(run, answer.ticket);
	if (ticket) run.ledger.accepted(key, ticket);
	if (answer.kind === 'finished' && answer.outputs.images.length > 0) {
		const { outputs } = answer;
		if (!ticket) run.ledger.paid(key, { requestId, ...keepable(run, outputs) });
		const id = ticket?.requestId ?? requestId;
		return { kind: 'answered', outputs, metrics, sentAt, requestId: id };
	}
	if (answer.kind === 'failed') {
		const { words, state, known } = answer;
		if (!ticket) run.ledger.paid(key, { requestId });
		throw new ItemProblem(
			ticket
				? // Only a success is billed [docs], and this was one.
					{ ...failedJob(words, state, known, ticket.requestId), money: 'maybeSpent' }
				: failedAnswer(words, requestId),
		);
	}
	if (!ticket) {
		const unknown = answer.kind === 'running' ? answer.unknown : undefined;
		throw new ItemProblem(unreadableSubmit(unknown ?? 'it names no request ID'));
	}
	const state = answer.kind === 'running' ? answer.state : 'PROCESSING';
	return { kind: 'ticket', ticket, state, metrics };
}
