import type { IExecuteFunctions } from 'n8n-workflow';
import { parseJson } from './json';

type BinarySource = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/** The stream type of n8n's helpers. */
export type Body = Exclude<BinarySource, Buffer | Uint8Array>;

const asBuffer = (chunk: unknown): Buffer =>
	Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string | Uint8Array);

/** The beginning of a body. */
export interface Head {
	bytes: Buffer;
	/**
	 * How far the body is: more may come, these bytes are all of it, or the transfer broke before there were
	 * enough of them.
	 */
	end: 'open' | 'whole' | 'broken';
}

/** Whether JSON may be whole with this chunk: small chunks may be many. */
const endsLikeJson = (chunk: unknown): boolean =>
	/[}\]]\s*$/.test(asBuffer(chunk).subarray(-TAIL_BYTES).toString('latin1'));

/** Whether some bytes are a whole JSON object or list: nothing but white space can follow. */
export function isWholeJson(bytes: Buffer): boolean {
	const text = bytes.toString('utf8').trim();
	return /[}\]]$/.test(text) && typeof parseJson(text) === 'object';
}

/**
 * Takes a look at the first bytes of a body and puts them back, so that whoever reads it next still gets
 * all of it. The body is left paused.
 *
 * @param atLeast how many bytes to wait for; fewer come back when the body is shorter
 * @param onWhole called when what has come is complete JSON, although the body hasn't ended
 */
export async function peek(body: Body, atLeast: number, onWhole?: () => void): Promise<Head> {
	if ((body as Body & { destroyed?: boolean }).destroyed) {
		return { bytes: Buffer.alloc(0), end: 'broken' };
	}
	return await new Promise((resolve) => {
		const chunks: Buffer[] = [];
		let length = 0;
		const settle = (head: Head) => {
			body.removeListener('data', onData);
			body.removeListener('end', onEnd);
			body.removeListener('error', onBroken);
			body.removeListener('close', onBroken);
			resolve(head);
		};
		const onData = (chunk: unknown) => {
			chunks.push(asBuffer(chunk));
			length += asBuffer(chunk).length;
			const bytes = Buffer.concat(chunks);
			if (length < atLeast) {
				if (onWhole && isWholeJson(bytes)) onWhole();
				return;
			}
			body.pause();
			body.unshift(bytes);
			settle({ bytes, end: 'open' });
		};
		const onEnd = () => settle({ bytes: Buffer.concat(chunks), end: 'whole' });
		const onBroken = () => {
			// A stream that fails later must not bring the process down for want of a listener.
			body.on('error', () => undefined);
			settle({ bytes: Buffer.concat(chunks), end: 'broken' });
		};
		body.on('error', onBroken);
		body.on('close', onBroken);
		body.on('end', onEnd);
		body.on('data', onData);
	});
}

/** What passed through a body that somebody else reads. */
export interface Passage {
	bytes: number;
	/** The last bytes that passed, up to 64. */
	tail: Buffer;
}

const TAIL_BYTES = 64;

/**
 * Watches a paused body while another reader consumes it. A listener on a stream that was paused on purpose
 * starts nothing: it only hears what the reader pulls. A reader that merely listens starts nothing either, and
 * n8n's stores in a database, in S3 and in memory are such readers: the body begins to flow when one comes.
 *
 * @param limit bytes after which the transfer is ended with an error
 * @param onBytes called whenever bytes have come
 */
export function watch(body: Body, limit: number, onBytes?: () => void): Passage {
	const passage: Passage = { bytes: 0, tail: Buffer.alloc(0) };
	body.pause();
	body.on('data', (chunk: unknown) => {
		const buffer = asBuffer(chunk);
		onBytes?.();
		passage.bytes += buffer.length;
		passage.tail =
			buffer.length >= TAIL_BYTES
				? Buffer.from(buffer.subarray(-TAIL_BYTES))
				: Buffer.concat([passage.tail, buffer]).subarray(-TAIL_BYTES);
		if (passage.bytes > limit) discard(body);
	});
	// Node.js tells of a listener before it adds it, and lets the body flow only after the current step.
	body.on('newListener', (event: unknown) => {
		if (event === 'data') body.resume();
	});
	return passage;
}

/** Plain answers are shorter than this; bytes. */
const LARGE = 64 * 1024;

/** As much of a body as arrived. */
export interface Arrived {
	bytes: Buffer;
	/** False when the transfer broke off, or was ended at the limit. */
	complete: boolean;
}

/** Who hears of a body while it is read. */
export interface Hearers {
	/** So much has come that this is more than a plain answer. */
	onLarge?(): void;
	/** What has come is complete JSON, although the body hasn't ended. */
	onWhole?(): void;
	/** More bytes have come. */
	onBytes?(): void;
}

/**
 * Reads a body to its end, or as far as it comes.
 *
 * @param limit bytes; a longer body is not read on
 */
export async function readWhatArrives(
	body: Body,
	limit: number,
	{ onLarge, onWhole, onBytes }: Hearers = {},
): Promise<Arrived> {
	const chunks: Buffer[] = [];
	let length = 0;
	let complete = false;
	try {
		for await (const chunk of body) {
			chunks.push(asBuffer(chunk));
			length += asBuffer(chunk).length;
			onBytes?.();
			if (length > limit) break;
			if (length > LARGE) {
				onLarge?.();
				onLarge = undefined;
			} else if (onWhole && endsLikeJson(chunk) && isWholeJson(Buffer.concat(chunks))) {
				onWhole();
				onWhole = undefined;
			}
		}
		complete = length <= limit;
	} catch {
		// What broke off, or was ended, may have been all there is.
		complete = length <= LARGE && isWholeJson(Buffer.concat(chunks));
	}
	return { bytes: Buffer.concat(chunks), complete };
}

/**
 * Reads a body to its end.
 *
 * @param limit bytes; a longer body is not read on
 * @returns undefined when the transfer broke or the body is longer than `limit`
 */
export async function readAll(body: Body, limit: number): Promise<Buffer | undefined> {
	const { bytes, complete } = await readWhatArrives(body, limit);
	return complete ? bytes : undefined;
}

/** Ends a transfer that nobody wants any more. */
export function discard(body: Body): void {
	body.on('error', () => undefined);
	// n8n's stream type leaves out `destroy`, which every Node.js stream has.
	(body as Body & { destroy?: (error?: Error) => void }).destroy?.(new Error('transfer ended'));
}
