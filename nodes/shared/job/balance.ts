import { apiWords } from '../answers/apiWords';
import type { Sent } from '../http/client';
import { isObject, numberOf, parseBody } from '../kit/json';
import { readAll } from '../kit/streams';
import { joinUrl } from '../kit/urls';
import { isTransient, UPLOAD } from '../limits';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import type { Balance, Run } from './run';

type Unread = Pick<Problem, 'why' | 'httpStatus' | 'words'> & { mayPass: boolean };

const TIMEOUT_MS = 15_000;
const LONGEST_ANSWER_BYTES = 1024 * 1024;

/** What an answer to the question for the balance says, or why it says nothing. */
async function readBalance(sent: Sent): Promise<Balance | Unread> {
	if (sent.kind === 'noReply') return { why: sent.detail, mayPass: sent.isTransient };
	const { status } = sent;
	const text = (await readAll(sent.body, LONGEST_ANSWER_BYTES))?.toString('utf8') ?? '';
	const answer = parseBody(text);
	const words = apiWords(answer ?? text);
	// A good key whose account never had any [docs].
	if (status === 404 && /no credits found/i.test(words)) return { credits: 0 };
	const amounts = isObject(answer) && status < 300 && !sent.foreign ? answer : {};
	const credits = numberOf(amounts.credits);
	const freeCredits = numberOf(amounts['free-credits']);
	if (credits === undefined) {
		const refused = status < 300 ? undefined : status;
		const why = refused ? `HTTP ${status}` : 'its answer names no credits';
		return { why, httpStatus: refused, words, mayPass: isTransient(status) };
	}
	return freeCredits === undefined ? { credits } : { credits, freeCredits };
}

/**
 * The account's credits, USD, from a call that is free [docs]: like an upload, it is made again.
 *
 * @throws ItemProblem when they can't be read, Stopped when the run ends
 */
export async function askBalance({ http, account, stop }: Run): Promise<Balance> {
	const { newWork: signal } = stop;
	const url = joinUrl(account.baseUrl, '/v1/get-user-credits');
	const beforeSend = () => ({ url, timeoutMs: TIMEOUT_MS });
	for (let tries = 1; ; tries++) {
		const answer = await http.send({ method: 'GET', turn: {}, signal, beforeSend }, readBalance);
		if (signal.aborted) throw new Stopped();
		if ('credits' in answer) return answer;
		const { mayPass, ...problem } = answer;
		if (!mayPass || tries === UPLOAD.tries) {
			throw new ItemProblem({ code: 'balanceUnreadable', ...problem });
		}
		await http.clock.wait(UPLOAD.pauseMs(tries), signal);
	}
}
