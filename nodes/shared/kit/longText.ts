import { createHash } from 'crypto';

/** A text without blanks that is longer holds a file, or a signed URL; characters. */
const LONGEST_TEXT = 2_000;

const DIGEST = /^\(\d+ characters, SHA-256 [0-9a-f]{16}…\)$/;

/** What identifies a text, in its place. */
export function digestOf(text: string): string {
	const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
	return `(${text.length} characters, SHA-256 ${digest}…)`;
}

/** A text; where it holds a file, its digest: the file would fill memory and output. */
export const elide = (text: string): string =>
	text.length <= LONGEST_TEXT || text.includes(' ') ? text : digestOf(text);

/** Whether a text is the digest of another one. */
export const isDigest = (text: string): boolean => DIGEST.test(text);
