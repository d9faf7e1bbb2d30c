import type { Body } from './streams';

/** Room to begin with when nobody knows how much will come; bytes. */
const FIRST_ROOM = 64 * 1024;

/** Characters of the Base64 text of so many bytes. */
export const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/**
 * Base64 in its usual alphabet and padding. The alphabet for URLs (Gmail's files have it), missing padding, white
 * space and a data URI's beginning are put right.
 *
 * @returns undefined when the text is no Base64
 */
export function plainBase64(text: string): string | undefined {
	// Most texts are plain: they are not copied.
	if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
	const bare = text
		.replace(/^data:[^,]*;base64,/i, '')
		.replace(/\s+/g, '')
		.replace(/-/g, '+')
		.replace(/_/g, '/')
		.replace(/={1,2}$/, '');
	if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined;
	return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/**
 * One growing run of bytes, for a request that holds files as Base64: a file's text is written straight to its
 * place, so that a large file is in memory once and not as bytes, as text, as JSON and as that JSON's bytes.
 */
export class Bytes {
	private room: Buffer;

	/** Bytes written so far. */
	length = 0;

	/** @param expected how many bytes will come, as far as that is known */
	constructor(expected = FIRST_ROOM) {
		this.room = Buffer.allocUnsafe(expected);
	}

	/** Writes a text whose characters are all plain ASCII: Base64, or JSON's own. */
	ascii(text: string): void {
		const needed = this.length + text.length;
		if (needed > this.room.length) {
			const larger = Buffer.allocUnsafe(Math.max(needed, this.room.length * 2));
			this.room.copy(larger, 0, 0, this.length);
			this.room = larger;
		}
		this.length += this.room.write(text, this.length, 'latin1');
	}

	/**
	 * Writes a body as Base64.
	 *
	 * @param limit bytes of the body; a longer one is not read on
	 * @returns whether all of it arrived
	 */
	async base64(body: Body, limit: number): Promise<boolean> {
		let read = 0;
		// Three bytes make four characters; what is left over waits for the next chunk.
		let rest: Buffer = Buffer.alloc(0);
		try {
			for await (const chunk of body) {
				const bytes = Buffer.concat([rest, Buffer.from(chunk as Uint8Array)]);
				read += bytes.length - rest.length;
				if (read > limit) return false;
				const whole = bytes.length - (bytes.length % 3);
				this.ascii(bytes.toString('base64', 0, whole));
				rest = bytes.subarray(whole);
			}
		} catch {
			return false;
		}
		this.ascii(rest.toString('base64'));
		return true;
	}

	/** A view of what was written from `start` to `end`. */
	slice(start = 0, end = this.length): Buffer {
		return this.room.subarray(start, end);
	}
}
