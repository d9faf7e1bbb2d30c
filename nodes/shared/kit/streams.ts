import type { IExecuteFunctions } from 'n8n-workflow';
import { parseJson } from './json';

/** The stream type of n8n's helpers. */
export type Body = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/** Plain answers are shorter than this. */
const PLAIN_ANSWER_BYTES = 64 * 1024;

/** As many last bytes as show whether an image ends there. */
const TAIL_BYTES = 64;

/** What is called while a body is read. */
export interface ReadCallbacks {
	/** More bytes have come. */
	onBytes?(): void;
	/** It is clear that an image comes, as it is or inside a long answer: that may take longer. */
	onImage?(): void;
	/** What has come is complete JSON, although the body hasn't ended: nothing more is worth waiting for. */
	onWhole?(): void;
}

const asBuffer = (chunk: unknown): Buffer =>
	Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string | Uint8Array);

/** Whether chunks are a whole JSON object or list: nothing but white space can follow. */
function areWholeJson(chunks: Buffer[]): boolean {
	// Small chunks may be many: only one that can be the last is worth a look at all.
	if (!/[}\]\s]/.test(chunks.at(-1)?.subarray(-1).toString('latin1') ?? '')) return false;
	const text = Buffer.concat(chunks).toString('utf8').trim();
	return /[}\]]$/.test(text) && typeof parseJson(text) === 'object';
}

/**
 * Reads a body until so many bytes have come. These it puts back, and leaves the body paused: whoever reads it next
 * still gets all of it.
 *
 * @returns what came, and how far the body is: more may come, these bytes are all of it, or the transfer broke before
 * there were enough of them. Short JSON that is complete counts as all.
 */
export async function readFirst(
	body: Body,
	enoughBytes: number,
	{ onBytes, onImage, onWhole }: ReadCallbacks = {},
): Promise<{ bytes: Buffer; end: 'open' | 'whole' | 'broken' }> {
	if (body.destroyed) return { bytes: Buffer.alloc(0), end: 'broken' };
	const chunks: Buffer[] = [];
	let length = 0;
	return await new Promise((resolve) => {
		const settle = (end: 'open' | 'whole' | 'broken') => {
			const bytes = Buffer.concat(chunks);
			for (const [event, listener] of Object.entries(listeners)) body.off(event, listener);
			if (end === 'open') {
				body.pause();
				body.unshift(bytes);
			}
			resolve({ bytes, end });
		};
		const onBroken = () => {
			// A stream that fails later must not bring the process down for want of a listener.
			body.on('error', () => undefined);
			const isWhole = length <= PLAIN_ANSWER_BYTES && areWholeJson(chunks);
			settle(isWhole ? 'whole' : 'broken');
		};
		const onData = (chunk: unknown) => {
			const buffer = asBuffer(chunk);
			chunks.push(buffer);
			length += buffer.length;
			onBytes?.();
			if (length >= enoughBytes) settle('open');
			else if (length > PLAIN_ANSWER_BYTES) {
				onImage?.();
				onImage = undefined;
			} else if (onWhole && areWholeJson(chunks)) {
				onWhole();
				onWhole = undefined;
			}
		};
		const onEnd = () => settle('whole');
		const listeners = { error: onBroken, close: onBroken, end: onEnd, data: onData };
		for (const [event, listener] of Object.entries(listeners)) body.on(event, listener);
		body.resume();
	});
}

/**
 * Reads a body to its end.
 *
 * @returns undefined when the transfer broke or the body is longer than `limitBytes`: then it is not read on
 */
export async function readAll(body: Body, limitBytes: number): Promise<Buffer | undefined> {
	const { bytes, end } = await readFirst(body, limitBytes + 1);
	if (end === 'open') discard(body);
	return end === 'whole' ? bytes : undefined;
}

/**
 * Counts what passes through a paused body while another reader consumes it, and keeps its tail. A listener on a stream
 * that was paused on purpose starts nothing: it only hears what the reader pulls. A reader that merely listens starts
 * nothing either, and n8n's stores in a database, in S3 and in memory are such readers: the body begins to flow when
 * one comes.
 *
 * @param limitBytes after which the transfer is ended with an error
 */
export function watch(body: Body, limitBytes: number, onBytes?: () => void) {
	const passed: { bytes: number; tail: Buffer } = { bytes: 0, tail: Buffer.alloc(0) };
	body.pause();
	body.on('data', (chunk: unknown) => {
		const buffer = asBuffer(chunk);
		onBytes?.();
		passed.bytes += buffer.length;
		const last = Buffer.concat([passed.tail, buffer.subarray(-TAIL_BYTES)]);
		passed.tail = last.subarray(-TAIL_BYTES);
		if (passed.bytes > limitBytes) discard(body);
	});
	// Node.js tells of a listener before it adds it, and lets the body flow only after the current step.
	body.on('newListener', (event: unknown) => {
		if (event === 'data') body.resume();
	});
	return passed;
}

/** Ends a transfer that nobody wants any more. */
export function discard(body: Body): void {
	body.on('error', () => undefined);
	body.destroy(new Error('transfer ended'));
}
