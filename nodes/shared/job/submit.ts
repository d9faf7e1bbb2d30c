import type { IDataObject } from 'n8n-workflow';
import type { Observation, Ticket } from '../answers/observation';
import { observe, type AnswerBody } from '../answers/observe';
import { salvageFields, ticketOf } from '../answers/tickets';
import type { Reply } from '../http/api';
import { exchange } from '../http/exchange';
import { receive } from '../images/store';
import { digestOf, elide } from '../kit/longText';
import { joinUrl, parseHttpUrl } from '../kit/urls';
import { IMAGE_DEADLINE_MS, SUBMIT } from '../limits';
import { Stopped } from '../problems/problems';
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
	return async (_record, { isSync }, beforeSend) => {
		body ??= bodyOf(run, item);
		const sentBody = await body;
		const { model, account, stop } = run;
		const { timeoutMs } = item.options;
		const goesSync = isSync || usesSync(run, item);
		const path = (goesSync ? model.syncPath : undefined) ?? model.submitPath;
		const url = joinUrl(account.baseUrl, path);
		const deadline = goesSync ? timeoutMs : Math.min(timeoutMs, SUBMIT.queueDeadlineMs);
		const depart = () => {
			if (stop.newWork.aborted) throw new Stopped();
			beforeSend(sentBodyOf(item, sentBody));
			return { url, body: sentBody, deadline };
		};
		const request = {
			method: 'post',
			turn: { signal: stop.newWork },
			signal: stop.submits,
			depart,
		} as const;
		const seen = await exchange(run, request, async (sent, transfer): Promise<Seen> => {
			if (sent.kind === 'noReply') {
				const { neverSent, isTransient, detail: why } = sent;
				if (!neverSent) return { says: 'nothing', why };
				const again = isTransient ? 'afterPause' : undefined;
				return { says: 'notQueued', why, host: parseHttpUrl(url)?.host, again };
			}
			const received = await receive(run.context, sent, {
				baseName: baseNameOf(run, item, sent.headers['x-request-id']),
				signal: transfer.signal,
				onImage: () => transfer.extend(Math.max(IMAGE_DEADLINE_MS, deadline)),
				onWhole: () => transfer.extend(SUBMIT.ticketPatienceMs),
			});
			return whetherAgain(run, item, { seen: read(run, sent, received, goesSync), goesSync });
		});
		// Only the end of the run takes the turn away.
		if (!seen) throw new Stopped();
		// With files inside it, it is large: it doesn't wait for the image.
		if (!('again' in seen) || !seen.again) body = undefined;
		return seen;
	};
}

/** Reads an answer to a submit. Should that fail, a ticket in it is still found. */
function read(run: Run, sent: Reply, body: AnswerBody, isSync: boolean): Observation {
	let seen: Observation;
	try {
		seen = observe({ submit: true, isSync }, sent, body);
	} catch (error) {
		const requestId = ticketOf(salvageFields('text' in body ? body.text : ''))?.requestId;
		const why = (error as Error).message;
		if (requestId === undefined) return { says: 'nothing', why };
		seen = { says: 'running', state: 'QUEUED', ticket: { requestId } };
	}
	return seen.ticket ? { ...seen, ticket: ownTicket(run, seen.ticket) } : seen;
}

/** Whether a submit that certainly queued nothing leaves once more: at 429, and where there is no queue (404, 405). */
function whetherAgain(
	run: Run,
	{ options }: Swap,
	{ seen, goesSync }: { seen: Observation; goesSync: boolean },
): Seen {
	if (seen.says !== 'notQueued') return seen;
	const { limiter, clock, model } = run;
	const { httpStatus = 0 } = seen;
	if (httpStatus === 429 && !limiter.budget.isStuck(clock.now(), options.timeoutMs)) {
		return { ...seen, again: 'whenAllowed' };
	}
	if (goesSync || model.syncPath === undefined || ![404, 405].includes(httpStatus)) return seen;
	run.queueMissing = true;
	return { ...seen, again: 'sync' };
}

/**
 * A ticket with the places of state and result that are worth asking besides the documented ones: they lie below the
 * credential's own URLs (behind a proxy with a path prefix, Segmind's own paths lead nowhere).
 */
function ownTicket(run: Run, { requestId, statusUrl, resultUrl }: Ticket): Ticket {
	const { account, model } = run;
	const id = encodeURIComponent(requestId);
	const isOther = (url: string | undefined, path: string | undefined): boolean =>
		url !== undefined &&
		account.isBelow(url) &&
		(path === undefined || url !== joinUrl(account.baseUrl, path));
	return {
		requestId,
		...(isOther(statusUrl, model.statusPath(id)) ? { statusUrl } : {}),
		...(isOther(resultUrl, model.resultPath?.(id)) ? { resultUrl } : {}),
	};
}
