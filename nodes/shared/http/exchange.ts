import type { IDataObject } from 'n8n-workflow';
import type { Clock } from '../kit/clock';
import { linkSignals, type LinkedSignal } from '../kit/signals';
import type { RateLimiter, Turn } from '../rateLimit/limiter';
import type { Api, Sent } from './api';

/** What requests of a run go through. */
export interface Line {
	api: Api;
	limiter: RateLimiter;
	clock: Clock;
}

/** What is sent, decided when it may leave. */
export interface Departure {
	url: string;
	/** Of a POST. */
	body?: IDataObject | Buffer;
	/** How long sending it and reading the answer may take; milliseconds. */
	deadline: number;
}

/** One request and its answer. */
export type Exchange = {
	/** Ends the transfer, as the deadline does. */
	signal: AbortSignal;
	/** Called when the turn has come, before anything leaves. What it throws ends the exchange. */
	depart(): Departure;
} & (
	| { method: 'post' | 'get'; turn: Turn }
	/** A file, without the key: nothing limits those. */
	| { method: 'download'; turn?: undefined }
);

/** The transfer of an answer, for whoever reads it. */
export interface Transfer {
	signal: AbortSignal;
	/** Whether the deadline has passed. */
	readonly isLate: boolean;
	/**
	 * In place of the deadline, it may take so long from now on, but never go without bytes for longer than `idleMs`.
	 * Milliseconds.
	 */
	extend(milliseconds: number, idleMs?: number): void;
	/** More bytes have come. */
	onBytes(): void;
}

/** How often an idle limit is renewed while bytes come: so often within its time. */
const RENEWALS = 4;

function openTransfer(clock: Clock, linked: LinkedSignal, deadline: AbortSignal): Transfer {
	let limit = deadline;
	let endsAt = 0;
	let idleFor = Infinity;
	let renewedAt = 0;
	const renew = () => {
		renewedAt = clock.now();
		const next = clock.deadline(Math.min(idleFor, endsAt - renewedAt));
		linked.replace(limit, next);
		limit = next;
	};
	return {
		signal: linked.signal,
		get isLate() {
			return limit.aborted;
		},
		extend: (milliseconds, idleMs = Infinity) => {
			endsAt = clock.now() + milliseconds;
			idleFor = idleMs;
			renew();
		},
		onBytes: () => {
			if (idleFor < Infinity && clock.now() - renewedAt > idleFor / RENEWALS) renew();
		},
	};
}

/**
 * The only way to a server: waits for the turn, sends, has the answer read within the deadline, and lets
 * go of what it waited for.
 *
 * @param read reads the answer while its body flows
 * @returns what `read` does; undefined when the turn did not come in time
 */
export async function exchange<T>(
	line: Line,
	request: Exchange,
	read: (sent: Sent, transfer: Transfer) => Promise<T> | T,
): Promise<T | undefined> {
	if (request.turn && !(await line.limiter.takeTurn(request.turn))) return undefined;
	const { url, body, deadline } = request.depart();
	const limit = line.clock.deadline(deadline);
	const linked = linkSignals(request.signal, limit);
	const transfer = openTransfer(line.clock, linked, limit);
	const { signal } = linked;
	try {
		const sent =
			request.method === 'post'
				? await line.api.post(url, body ?? {}, signal)
				: await line.api[request.method](url, signal);
		return await read(sent, transfer);
	} finally {
		linked.release();
	}
}
