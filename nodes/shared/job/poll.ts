import { observe } from '../answers/observe';
import { normalizeId } from '../answers/tickets';
import { exchange } from '../http/exchange';
import { receive } from '../images/store';
import { joinUrl } from '../kit/urls';
import { IMAGE_DEADLINE_MS, requestTimeoutMs } from '../limits';
import { Stopped } from '../problems/problems';
import { PRIORITY } from '../rateLimit/limiter';
import { jobFileName, type Item } from './item';
import type { Attempt, JobRecord, Seen } from './record';
import type { Run } from './run';
import type { Observation, Ticket } from '../answers/observation';

/** Where the state of a job is found: the place that its ticket names, and the documented one. */
function statusUrls({ account, model }: Run, { requestId, statusUrl }: Ticket): string[] {
	const documented = joinUrl(account.baseUrl, model.statusPath(encodeURIComponent(requestId)));
	return statusUrl === undefined ? [documented] : [statusUrl, documented];
}

/** Where its result is found: apart from its state, or with it. */
function resultUrls(run: Run, ticket: Ticket): string[] {
	const { requestId, resultUrl } = ticket;
	const path = run.model.resultPath?.(encodeURIComponent(requestId));
	if (path === undefined) return statusUrls(run, ticket);
	const documented = joinUrl(run.account.baseUrl, path);
	return resultUrl === undefined ? [documented] : [resultUrl, documented];
}

/** Whether an answer to the question for a result also says how far the job is. */
function reportsState(seen: Observation): boolean {
	if (seen.says === 'nothing') return seen.isWhole !== true;
	if (seen.says === 'failed') return seen.state !== '';
	return seen.says !== 'refused' && seen.says !== 'error';
}

/**
 * Asks once for a job's state, or for its result, which where requests are scarce also stands for the state. A poll
 * goes before new submits, at whatever interval: what is paid for comes home first. One that a rate limit still holds
 * up when the job's time ends goes out all the same.
 *
 * @throws Stopped when the run ends
 */
export async function poll(
	run: Run,
	item: Item,
	{ record, attempt }: { record: JobRecord; attempt: Attempt },
	wanted: 'state' | 'result',
): Promise<Seen> {
	const { clock, context, schedule, stop } = run;
	const { ticket = { requestId: '' } } = record;
	const leftMs = () => attempt.endsAtMs - clock.now();
	const timeoutMs = () => requestTimeoutMs(attempt.timeoutMs, attempt.timeouts, leftMs());
	const { pollIntervalMs } = item.options;
	let isInstead = false;
	const depart = () => {
		if (stop.newWork.aborted) throw new Stopped();
		isInstead = wanted === 'state' && pollIntervalMs === undefined && schedule.prefersResult;
		const urls =
			wanted === 'result' || isInstead ? resultUrls(run, ticket) : statusUrls(run, ticket);
		return { url: urls[attempt.refusals % urls.length] ?? '', deadline: timeoutMs() };
	};
	const priority = wanted === 'result' ? PRIORITY.result : PRIORITY.check;
	const turn = { signal: stop.newWork, priority, patienceMs: leftMs(), goesAnyway: true };
	const request = { method: 'get', turn, signal: stop.newWork, depart } as const;
	const seen = await exchange(run, request, async (sent, transfer): Promise<Seen> => {
		const timedOut = () => (transfer.isLate ? { isTimeout: true } : {});
		if (sent.kind === 'noReply') return { says: 'nothing', why: sent.detail, ...timedOut() };
		const body = await receive(context, sent, {
			baseName: jobFileName(run, item, { record, attempt }),
			signal: transfer.signal,
			onImage: () => transfer.extend(Math.max(IMAGE_DEADLINE_MS, leftMs()), timeoutMs()),
			onBytes: transfer.onBytes,
		});
		// Only Segmind itself can say what became of a job; a stranger can at most have the image.
		if (sent.foreign && !('image' in body)) {
			return { says: 'nothing', why: 'it answers with a redirect to another address' };
		}
		const observed = observe({ requestId: ticket.requestId }, sent, body);
		if (isInstead && !reportsState(observed)) {
			schedule.resultReportsState = false;
			return { says: 'nothing', why: 'its result is not there yet', metrics: observed.metrics };
		}
		return {
			...withoutTicket(observed, record),
			...(observed.says === 'nothing' ? timedOut() : {}),
		};
	});
	if (stop.newWork.aborted && seen?.says !== 'finished') throw new Stopped();
	return seen ?? { says: 'nothing', why: 'a rate limit holds it up', isHeldUp: true };
}

/** A check doesn't give out tickets: what it repeats of one is known. */
function withoutTicket({ ticket, ...seen }: Observation, record: JobRecord): Observation {
	const isOther =
		ticket &&
		record.ticket &&
		normalizeId(ticket.requestId) !== normalizeId(record.ticket.requestId);
	return isOther || !record.ticket ? { ...seen, ticket } : seen;
}
