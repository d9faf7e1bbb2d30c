import type { Observation, Ticket } from '../answers/observation';
import { observe } from '../answers/observe';
import { receive } from '../images/store';
import { joinUrl } from '../kit/urls';
import { IMAGE_DEADLINE_MS, requestTimeoutMs } from '../limits';
import { Stopped } from '../problems/problems';
import { PRIORITY } from '../rateLimit/limiter';
import { jobFileName, type Item } from './item';
import type { Attempt, JobRecord, Seen } from './record';
import type { Run } from './run';

/**
 * Where a job's state is found, or its result: the place that the ticket names for it, and the documented one. A result
 * without a place of its own is where the state is.
 */
function placesOf(
	{ account, model }: Run,
	{ requestId, statusUrl, resultUrl }: Ticket,
	asksResult: boolean,
): string[] {
	const id = encodeURIComponent(requestId);
	const resultPath = asksResult ? model.resultPath?.(id) : undefined;
	const ofState = resultPath === undefined ? statusUrl : undefined;
	const named = asksResult ? (resultUrl ?? ofState) : statusUrl;
	const documented = joinUrl(account.baseUrl, resultPath ?? model.statusPath(id));
	return named === undefined ? [documented] : [named, documented];
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
	const { clock, context, schedule } = run;
	const { newWork: signal } = run.stop;
	const { ticket = { requestId: '' } } = record;
	const { refusedSignatures } = attempt;
	const { workflowId } = item.options;
	const leftMs = () => attempt.endsAtMs - clock.now();
	const timeoutMs = () => requestTimeoutMs(attempt.timeoutMs, attempt.timeouts, leftMs());
	let isResultForState = false;
	const beforeSend = () => {
		const isPaced = item.options.pollIntervalMs === undefined;
		isResultForState = wanted === 'state' && isPaced && schedule.prefersResult;
		const urls = placesOf(run, ticket, wanted === 'result' || isResultForState);
		// What has led nowhere at one place is asked at the other.
		const failures = wanted === 'result' ? attempt.fetchRounds : attempt.refusals;
		const url = urls[failures % urls.length] ?? '';
		return { url, timeoutMs: timeoutMs(), ...(workflowId && { refusedSignatures }) };
	};
	const priority = wanted === 'result' ? PRIORITY.result : PRIORITY.check;
	const turn = { priority, patienceMs: leftMs(), goesAnyway: true };
	const request = { method: 'GET', turn, signal, beforeSend } as const;
	const seen = await run.http.send(request, async (sent, transfer): Promise<Seen> => {
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
		if (isResultForState && !reportsState(observed)) {
			schedule.resultReportsState = false;
			return { says: 'nothing', why: 'its result is not there yet', metrics: observed.metrics };
		}
		const { refusedSignature } = sent;
		return { ...observed, refusedSignature, ...(observed.says === 'nothing' ? timedOut() : {}) };
	});
	if (signal.aborted && seen.says !== 'finished') throw new Stopped();
	return seen;
}
