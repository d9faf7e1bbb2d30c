/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { clearInterval, setInterval, setTimeout } from 'node:timers';
import type { FastifyReply } from 'fastify';
import { encode, type Answer } from './answers';

/** The shortest step of a dripping body, milliseconds. */
const DRIP_STEP_MS = 10;
/** Bytes at once of a body that drips slowly. */
const DROP_BYTES = 4;
/** Lets the first half of a body arrive before its connection is reset, milliseconds. */
const BEFORE_RESET_MS = 20;

/** The ways in which an answer can travel. */
export type Manner =
	| { kind: 'whole' }
	| { kind: 'drip'; bytesPerSecond: number }
	| { kind: 'endless'; fraction?: number }
	| { kind: 'truncate'; fraction: number }
	| { kind: 'shorten'; fraction: number }
	| { kind: 'reset' };

export function deliver(reply: FastifyReply, answer: Answer, manner: Manner): void {
	reply.request.record.status = answer.status;
	const { bytes, headers } = encode(answer);
	if (manner.kind === 'whole' || manner.kind === 'shorten') {
		const body = manner.kind === 'whole' ? bytes : part(bytes, manner.fraction);
		reply.code(answer.status).headers(headers).send(body);
		return;
	}
	reply.hijack();
	const { raw } = reply;
	const isEndless = manner.kind === 'endless';
	raw.writeHead(answer.status, {
		...headers,
		...(isEndless ? {} : { 'content-length': bytes.length }),
	});
	raw.flushHeaders();
	if (manner.kind === 'endless') {
		raw.write(part(bytes, manner.fraction ?? 1));
		return;
	}
	if (manner.kind === 'drip') {
		drip(reply, bytes, manner.bytesPerSecond);
	} else if (manner.kind === 'truncate') {
		raw.write(part(bytes, manner.fraction), () => raw.socket?.destroySoon());
	} else {
		raw.write(part(bytes, 0.5), () => {
			setTimeout(() => raw.socket?.resetAndDestroy(), BEFORE_RESET_MS).unref();
		});
	}
}

/** The connection dies without an answer. */
export function resetConnection(reply: FastifyReply): void {
	reply.hijack();
	reply.raw.socket?.resetAndDestroy();
}

function drip({ raw }: FastifyReply, bytes: Buffer, bytesPerSecond: number): void {
	const step = Math.max(DRIP_STEP_MS, (DROP_BYTES * 1000) / bytesPerSecond);
	const drop = Math.max(1, Math.round((bytesPerSecond * step) / 1000));
	let sent = 0;
	const timer = setInterval(() => {
		raw.write(bytes.subarray(sent, sent + drop));
		sent += drop;
		if (sent < bytes.length) return;
		clearInterval(timer);
		raw.end();
	}, step);
	raw.on('close', () => clearInterval(timer));
}

function part(bytes: Buffer, fraction: number): Buffer {
	return bytes.subarray(0, Math.floor(bytes.length * fraction));
}
