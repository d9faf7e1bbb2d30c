import { createHash } from 'crypto';

/** A text without blanks that is longer holds a file, or a signed URL; characters. */
const LONGEST_TEXT = 2_000;

/** What identifies a text, in its place. */
export function digestOf(text: string): string {
	const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
	return `(${text.length} characters, SHA-256 ${digest}…)`;
}

/** A value; a text that holds a file as its digest: the file would fill memory and output. */
export const elide = <T>(value: T): T | string =>
	typeof value !== 'string' || value.length <= LONGEST_TEXT || value.includes(' ')
		? value
		: digestOf(value);
