import {
	salvageRequestId,
	type Answer,
	type Metrics,
	type RunningState,
	type StoredImage,
	type Ticket,
	type Told,
	type Unreadable,
} from '../answers/answers';
import type { Outputs } from '../answers/outputs';
import type { Reply } from '../http/api';
import type { Problem } from '../problems/problems';
import {
	failedAnswer,
	failedJob,
	finishedWithoutImage,
	gatewaySubmit,
	imageNotFetched,
	redirectedSubmit,
	refusedSubmit,
	unreadableSubmit,
} from '../problems/problemTable';

/** What the account has left, when an answer says so; USD [docs]. */
export function creditsIn({ headers }: Reply): Metrics {
	const text = headers['x-remaining-credits']?.trim();
	const credits = text ? Number(text) : NaN;
	return Number.isFinite(credits) ? { remaining_credits: credits } : {};
}

/** What a submit's answer comes to. */
export type SubmitRead =
	/** A job was accepted, and can be followed. */
	| { kind: 'ticket'; ticket: Ticket; state: RunningState; metrics: Metrics }
	/** An answer with its images: the job is over. */
	| {
			kind: 'answered';
			brought: { image: StoredImage } | { outputs: Outputs };
			ticket?: Ticket;
			requestId?: string;
			metrics: Metrics;
	  }
	/** Certainly no job. */
	| { kind: 'refused'; problem: Problem }
	/** There is, was or may be a job, and it brings no image. */
	| { kind: 'noImage'; problem: Problem; ticket?: Ticket };

/** What the answer's headers tell: its request ID [field: some have one]; and whether the answer is the image. */
interface How {
	requestId?: string;
	sync: boolean;
}

/** Decides what a submit's answer comes to. In doubt there may be a job. */
export function readSubmit(sent: Reply, answer: Answer, how: How): SubmitRead {
	const metrics = creditsIn(sent);
	const { requestId } = how;
	if (answer.kind === 'image') {
		return { kind: 'answered', brought: { image: answer }, requestId, metrics };
	}
	const read =
		answer.kind === 'unreadable' ? readUnreadable(sent, answer, how) : readTold(answer, requestId);
	if (read.kind !== 'ticket' && read.kind !== 'answered') return read;
	return { ...read, metrics: { ...metrics, ...read.metrics } };
}

const ticketOf = (ticket: Ticket): SubmitRead => ({
	kind: 'ticket',
	ticket,
	state: 'QUEUED',
	metrics: {},
});

function readUnreadable(
	{ status, headers }: Reply,
	{ why, text = '', words }: Unreadable,
	{ requestId, sync }: How,
): SubmitRead {
	const salvaged = salvageRequestId(status, text);
	if (salvaged !== undefined) return ticketOf({ requestId: salvaged });
	if (status >= 400) return readErrorStatus({ status, words, isJson: false }, requestId);
	const isImage = sync && /^image\//i.test(headers['content-type'] ?? '');
	const problem = isImage
		? imageNotFetched(why, { requestId, sync: true })
		: { ...unreadableSubmit(words || why, /^\s*</.test(text)), requestId };
	return { kind: 'noImage', problem };
}

function readTold(answer: Told, named: string | undefined): SubmitRead {
	if (answer.kind === 'refused') return readRefused(answer, named);
	const { ticket, metrics } = answer;
	const requestId = ticket?.requestId ?? named;
	if (answer.kind === 'failed') return { kind: 'noImage', ticket, problem: failed(answer, named) };
	if (answer.kind === 'finished' && answer.outputs.images.length > 0) {
		return { kind: 'answered', brought: { outputs: answer.outputs }, ticket, requestId, metrics };
	}
	if (answer.kind === 'finished' && answer.words !== '') {
		const problem = finishedWithoutImage(answer.words, metrics.cost, requestId);
		return { kind: 'noImage', ticket, problem };
	}
	const isRunning = answer.kind === 'running';
	if (ticket) {
		return { kind: 'ticket', ticket, state: isRunning ? answer.state : 'PROCESSING', metrics };
	}
	const words = (isRunning && answer.unknown) || 'it names no request ID';
	return { kind: 'noImage', problem: { ...unreadableSubmit(words), requestId } };
}

type Refused = Extract<Told, { kind: 'refused' }>;

/** Statuses of a gateway that could not deliver the submit: no service, connection, handshake or address. */
const NOT_DELIVERED = [503, 521, 522, 523, 525, 526, 530];

/** Segmind's own refusal, in JSON, queued nothing. A gateway's 5xx may have come after the submit was delivered. */
function readErrorStatus(answer: Omit<Refused, 'kind'>, named: string | undefined): SubmitRead {
	const { status, words, isJson, about } = answer;
	if (isJson || status < 500 || NOT_DELIVERED.includes(status)) {
		return { kind: 'refused', problem: refusedSubmit({ status, words, isJson }, about) };
	}
	return { kind: 'noImage', problem: { ...gatewaySubmit(status, words), requestId: named } };
}

function readRefused(answer: Refused, named: string | undefined): SubmitRead {
	const { status, words, ticket } = answer;
	if (ticket) return ticketOf(ticket);
	if (status >= 400) return readErrorStatus(answer, named);
	return { kind: 'noImage', problem: { ...redirectedSubmit(status, words), requestId: named } };
}

function failed(answer: Extract<Told, { kind: 'failed' }>, named: string | undefined): Problem {
	const { ticket, words } = answer;
	if (!ticket) return failedAnswer(words, named);
	// Only a success is billed [docs], and this was one.
	return { ...failedJob(answer, ticket.requestId), money: 'maybeSpent' };
}
