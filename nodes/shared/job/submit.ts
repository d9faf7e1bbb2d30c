import type { IDataObject } from 'n8n-workflow';
import { requestIdOf, type Ticket } from '../answers/answers';
import type { Outputs } from '../answers/outputs';
import type { Asked } from '../history/matching';
import type { Sent } from '../http/api';
import { exchange } from '../http/exchange';
import { readReply } from '../images/store';
import { digestOf, elide } from '../kit/longText';
import { joinUrl } from '../kit/urls';
import { IMAGE_DEADLINE, SUBMIT } from '../limits';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import { unconfirmedSubmit, unreachable } from '../problems/problemTable';
import type { Swap } from './item';
import { baseNameOf, type Facts } from './job';
import { identityOf } from './ledger';
import { readSubmit, type SubmitRead } from './readSubmit';
import { enter, pause, throwIfStopping, type Run } from './run';

/** One submit that has gone out. */
interface Attempt {
	sent: Extract<Sent, { kind: 'noReply' }> | SubmitRead;
	/** It went the way without a queue. */
	sync: boolean;
	/** Milliseconds on the clock of the run. */
	sentAt: number;
}

/** What a submit came to that was not refused. */
type Settled = Exclude<SubmitRead, { kind: 'refused' }> & { sentAt: number };

const usesSync = ({ model, queueMissing }: Run, { options }: Swap): boolean =>
	model.syncPath !== undefined && (queueMissing || options.processingMode === 'sync');

/** Carries a submit without a usable answer, which may have left a job all the same. */
export class LostSubmit extends ItemProblem {
	constructor(
		problem: Problem,
		readonly asked: Asked,
	) {
		super(problem);
	}
}

/** Whether a submit that ended with a problem may have left a job that brings an image. */
const isLost = ({ money, isFinal }: Problem): boolean => money !== 'notSpent' && !isFinal;

/** What a submit asks for, to be compared and kept: no image data. */
function fieldsOf({ images, options }: Swap, body: IDataObject): IDataObject {
	const files = images.filter(({ kind }) => kind === 'file').map(({ field }) => field);
	const isInside = (name: string) => options.imageDelivery === 'inline' && files.includes(name);
	const entries = Object.entries(body).map(([name, value]) => {
		return [name, isInside(name) ? digestOf(String(value)) : elide(value)];
	});
	return Object.fromEntries(entries) as IDataObject;
}

/**
 * Submits a job. While it is under way, equal submits that were lost don't take its row in the account's history for
 * theirs.
 *
 * @throws ItemProblem, LostSubmit where there may be a job, and Stopped when the run ends before the submit
 */
export async function submit(run: Run, item: Swap, body: IDataObject): Promise<Facts> {
	const fields = fieldsOf(item, body);
	const leave = enter(run.submitting, identityOf(fields));
	const submitted = submitOnce(run, item, body).catch((error: unknown) => {
		leave();
		if (!(error instanceof ItemProblem) || !isLost(error.problem)) throw error;
		const sentAt = run.ledger.sentAt(item.question.key) ?? run.clock.date();
		throw new LostSubmit(error.problem, { fields, sentAt });
	});
	const facts = await submitted;
	// Which row of the history is that of an answer without a request ID, nobody can say.
	if (facts.ticket ?? facts.requestId) leave();
	return facts;
}

/**
 * Submits a job, once. The POST goes out again only when it certainly queued nothing: after a 429, when the
 * connection was never made, or when there is no queue here (404, 405).
 *
 * @throws ItemProblem, and Stopped when the run ends before the submit
 */
async function submitOnce(run: Run, item: Swap, body: IDataObject): Promise<Facts> {
	const { ledger, limiter, model } = run;
	for (let connects = 0; ; ) {
		const { sent, sync, sentAt } = await sendSubmit(run, item, body);
		if (sent.kind === 'noReply') {
			if (!sent.neverSent) throw unanswered(run, sent.detail);
			ledger.notSent(item.question.key);
			const wait = SUBMIT.connectPauses[connects++];
			if (!sent.isTransient || wait === undefined) {
				throw new ItemProblem(unreachable(sent.detail, run.account.baseUrl));
			}
			await pause(run, wait);
			continue;
		}
		if (sent.kind !== 'refused') return settle(run, item, { ...sent, sentAt });
		ledger.notSent(item.question.key);
		const { httpCode = 0 } = sent.problem;
		if (httpCode === 429 && !limiter.budget.isStuck(run.clock.now(), item.options.timeout))
			continue;
		if (sync || model.syncPath === undefined || ![404, 405].includes(httpCode)) {
			throw new ItemProblem(sent.problem);
		}
		run.queueMissing = true;
	}
}

/** One submit, and what it came to. The ledger knows of it before it leaves. */
async function sendSubmit(run: Run, item: Swap, body: IDataObject): Promise<Attempt> {
	const { model, clock, ledger, account } = run;
	const { timeout } = item.options;
	const sync = usesSync(run, item);
	const path = (sync ? model.syncPath : undefined) ?? model.submitPath;
	const deadline = sync ? timeout : Math.min(timeout, SUBMIT.queueDeadline);
	let sentAt = 0;
	const depart = () => {
		throwIfStopping(run);
		sentAt = clock.now();
		ledger.sending(item.question, clock.date());
		return { url: joinUrl(account.baseUrl, path), body, deadline };
	};
	const { newWork, submits } = run.stop;
	const sent = await exchange(
		run,
		{ method: 'post', turn: { signal: newWork }, signal: submits, depart },
		async (sent, transfer) => {
			if (sent.kind === 'noReply') return sent;
			const requestId = requestIdOf(sent.headers['x-request-id']);
			const answer = await readReply(run.context, sent, {
				baseName: baseNameOf(run, item, requestId),
				signal: transfer.signal,
				onImage: () => transfer.extend(Math.max(IMAGE_DEADLINE, sentAt + deadline - clock.now())),
				onWhole: () => transfer.extend(SUBMIT.ticketPatience),
			});
			return readSubmit(sent, answer, { requestId, sync });
		},
	);
	// Only the end of the run takes the turn away.
	if (!sent) throw new Stopped();
	return { sent, sync, sentAt };
}

const unanswered = (run: Run, detail: string): Error =>
	run.stop.submits.aborted ? new Stopped() : new ItemProblem(unconfirmedSubmit(detail));

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
function settle(run: Run, { question: { key } }: Swap, read: Settled): Facts {
	const { ledger, account } = run;
	const ticket = read.ticket && withoutKey(run, read.ticket);
	const kept = (requestId?: string) => requestId && account.mask(requestId);
	if (ticket) ledger.accepted(key, { ...ticket, requestId: account.mask(ticket.requestId) });
	if (read.kind === 'noImage') {
		const { requestId, unconfirmed } = read.problem;
		const isTold = requestId !== undefined || !unconfirmed;
		if (!ticket && isTold) ledger.paid(key, { requestId: kept(requestId) });
		throw new ItemProblem(read.problem);
	}
	const { metrics } = read;
	if (read.kind === 'ticket') {
		return { ticket, state: read.state, metrics, isNew: true, acceptedAt: run.clock.now() };
	}
	const { brought, requestId, sentAt } = read;
	const outputs = 'outputs' in brought ? keepable(run, brought.outputs) : {};
	if (!ticket) ledger.paid(key, { requestId: kept(requestId), ...outputs });
	return { ...brought, requestId, metrics, startedAt: sentAt };
}
