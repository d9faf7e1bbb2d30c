import type { IDataObject } from 'n8n-workflow';
import type { Observation, Ticket } from '../answers/observation';
import { observe, type AnswerBody } from '../answers/observe';
import { salvageFields, ticketOf } from '../answers/tickets';
import type { HttpRequest, Reply } from '../http/client';
import { receive } from '../images/store';
import { digestOf, elide } from '../kit/longText';
import { joinUrl, parseHttpUrl, pathBelow } from '../kit/urls';
import { IMAGE_DEADLINE_MS, SUBMIT } from '../limits';
import { baseNameOf, bodyOf, type Swap } from './item';
import type { Effects } from './pursue';
import type { Seen } from './record';
import type { Run } from './run';

/** Whether a submit asks for the image itself, and holds the connection until it comes. */
export const usesSync = ({ model, queueMissing }: Run, { options }: Swap): boolean =>
	model.syncPath !== undefined && (queueMissing || options.processingMode === 'sync');

/** What a submit sends, as far as it is kept and compared: images inside it as their digests. */
function sentBodyOf({ images, options }: Swap, body: IDataObject): IDataObject {
	const files = images.filter(({ kind }) => kind === 'file').map(({ field }) => field);
	const isInside = (name: string) => options.imageDelivery === 'inline' && files.includes(name);
	const entries = Object.entries(body).map(([name, value]) => [
		name,
		isInside(name) ? digestOf(String(value)) : elide(value),
	]);
	return Object.fromEntries(entries) as IDataObject;
}

/** The effect of submitting an item's job, once each time that it is called. */
export function openSubmit(run: Run, item: Swap): Effects['submit'] {
	let body: Promise<IDataObject> | undefined;
	return async (_record, { isSync, refusedSignatures }, beforeSend) => {
		run.spending.check();
		body ??= bodyOf(run, item);
		const sentBody = await body;
		const { model, account, stop } = run;
		const { timeoutMs: itemTimeoutMs, workflowId } = item.options;
		const goesSync = isSync || usesSync(run, item);
		const queuePath = workflowId ? `/workflows/${workflowId}` : model.submitPath;
		const path = (goesSync ? model.syncPath : undefined) ?? queuePath;
		const url = joinUrl(account.baseUrl, path);
		const timeoutMs = goesSync ? itemTimeoutMs : Math.min(itemTimeoutMs, SUBMIT.queueDeadlineMs);
		const request: HttpRequest = {
			method: 'POST',
			turn: { signal: stop.newWork },
			signal: stop.submits,
			beforeSend: () => {
				// Others may have been submitted while this one waited for its files and its turn.
				run.spending.check();
				beforeSend(sentBodyOf(item, sentBody));
				return { url, body: sentBody, timeoutMs, ...(workflowId && { refusedSignatures }) };
			},
		};
		const seen = await run.http.send(request, async (sent, transfer): Promise<Seen> => {
			if (sent.kind === 'noReply') {
				const { neverSent, isTransient, detail: why } = sent;
				if (!neverSent) return { says: 'nothing', why };
				const again = isTransient ? 'afterPause' : undefined;
				return { says: 'notQueued', why, host: parseHttpUrl(url)?.host, again };
			}
			const received = await receive(run.context, sent, {
				baseName: baseNameOf(run, item, sent.headers['x-request-id']),
				signal: transfer.signal,
				onImage: () => transfer.extend(Math.max(IMAGE_DEADLINE_MS, timeoutMs)),
				onWhole: () => transfer.extend(SUBMIT.ticketPatienceMs),
			});
			const observed = observeSubmit(sent, received, goesSync);
			const ticket = observed.ticket && ownTicket(run, observed.ticket);
			const { refusedSignature } = sent;
			const again = whetherAgain(run, item, observed, goesSync);
			return { ...observed, ticket, workflowId, refusedSignature, ...again };
		});
		// With files inside it, it is large: it doesn't wait for the image.
		if (!('again' in seen) || !seen.again) body = undefined;
		return seen;
	};
}

/** Reads an answer to a submit. Should that fail, a ticket in it is still found. */
function observeSubmit(sent: Reply, body: AnswerBody, isSync: boolean): Observation {
	try {
		return observe({ submit: true, isSync }, sent, body);
	} catch (error) {
		const requestId = ticketOf(salvageFields('text' in body ? body.text : ''))?.requestId;
		if (requestId === undefined) return { says: 'nothing', why: (error as Error).message };
		return { says: 'running', state: 'QUEUED', ticket: { requestId } };
	}
}

/** 406 is also said of a parameter that Segmind rejects [docs]. */
const WANT_OF_CREDITS = /credit|balance|spending limit/i;

/** Whether a submit that certainly queued nothing leaves once more: at 429, and where there is no queue (404, 405). */
function whetherAgain(
	run: Run,
	{ options }: Swap,
	{ says, httpStatus = 0, words = '' }: Observation,
	goesSync: boolean,
): { again?: 'whenAllowed' | 'sync' } {
	if (says !== 'notQueued') return {};
	const { limiter, clock } = run.http;
	if (httpStatus === 406 && WANT_OF_CREDITS.test(words)) run.spending.runOut();
	if (httpStatus === 429 && !limiter.budget.isStuck(clock.now(), options.timeoutMs)) {
		return { again: 'whenAllowed' };
	}
	if (goesSync || run.model.syncPath === undefined || ![404, 405].includes(httpStatus)) return {};
	run.queueMissing = true;
	return { again: 'sync' };
}

/**
 * A ticket with the places of state and result that are worth asking besides the documented ones: they lie below the
 * credential's own URLs (behind a proxy with a path prefix, Segmind's own paths lead nowhere).
 */
function ownTicket({ account, model }: Run, { requestId, ...named }: Ticket): Ticket {
	const { baseUrl, storageUrl } = account;
	const id = encodeURIComponent(requestId);
	const other = (url = '', path = ''): string | undefined =>
		pathBelow(url, [baseUrl, storageUrl]) && url !== joinUrl(baseUrl, path) ? url : undefined;
	return {
		requestId,
		statusUrl: other(named.statusUrl, model.statusPath(id)),
		resultUrl: other(named.resultUrl, model.resultPath?.(id)),
	};
}
