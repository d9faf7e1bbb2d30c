import { isAboutAnother, type Answer, type Told } from '../answers/answers';
import { isTransient } from '../limits';
import type { Problem } from '../problems/problems';
import { errorWithoutState, failedJob, refusedCheck } from '../problems/problemTable';

/** What one check of a job told. What it brought is noted in the job. */
export type Check =
	/** Finished: the job has its image or its outputs, or there is none. */
	| { kind: 'finished' }
	/** `unknown`: what a person should know of the state, where it is one that nobody has told of. */
	| { kind: 'running'; unknown?: string }
	/** It may be told the next time. `isRefused`: a rate limit did not even let the question through. */
	| { kind: 'transient'; why: string; isRefused?: boolean }
	/** An error that tells nothing of the job's state: it may pass. */
	| { kind: 'error'; problem: Problem }
	/** Segmind does not tell. */
	| { kind: 'refused'; problem: Problem }
	/** It will never have an image. */
	| { kind: 'failed'; problem: Problem };

/** Whether an answer to the question for a result tells how far the job is. */
export function tellsState(answer: Answer): boolean {
	if (answer.kind === 'unreadable') return answer.isWhole !== true;
	if (answer.kind === 'refused') return isTransient(answer.status);
	return answer.kind !== 'failed' || answer.state !== '';
}

/** Decides what an answer tells of a job. */
export function readCheck(answer: Answer, requestId: string): Check {
	if (answer.kind === 'image') return { kind: 'finished' };
	if (answer.kind === 'unreadable') return { kind: 'transient', why: answer.why };
	const isRefusal = answer.kind === 'refused' && !(answer.status === 422 && answer.isJson);
	if (isRefusal) return readRefused(answer, requestId);
	if (isAboutAnother(answer.about, requestId)) {
		return { kind: 'transient', why: `it answers about another job, ${answer.about}` };
	}
	if (answer.kind === 'refused') {
		// 422 on a status check is a failed job [docs].
		const failure = { state: 'FAILED', words: answer.words, known: true, metrics: {} };
		const problem = { ...failedJob(failure, requestId), httpCode: answer.status };
		return { kind: 'failed', problem };
	}
	if (answer.kind === 'failed' && answer.state === '') {
		return { kind: 'error', problem: errorWithoutState(answer.words, requestId) };
	}
	if (answer.kind === 'failed') return { kind: 'failed', problem: failedJob(answer, requestId) };
	if (answer.kind === 'running') return { kind: 'running', unknown: answer.unknown };
	return { kind: 'finished' };
}

function readRefused(answer: Extract<Told, { kind: 'refused' }>, requestId: string): Check {
	const { status, words } = answer;
	if (isTransient(status)) return { kind: 'transient', why: words || `HTTP ${status}` };
	return { kind: 'refused', problem: refusedCheck(answer, requestId) };
}
