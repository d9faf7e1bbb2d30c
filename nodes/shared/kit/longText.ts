import { createHash } from 'crypto';

/** A text without blanks that is longer holds a file; characters. */
const LONGEST = 2_000;

const MARK = /^\(\d+ characters, SHA-256 [0-9a-f]{16}…\)$/;

/** What tells a text from others, in its place. */
export function markOf(text: string): string {
	const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
	return `(${text.length} characters, SHA-256 ${digest}…)`;
}

/** A text; where it holds a file, what tells that from others: it would fill memory and output. */
export const shortened = (text: string): string =>
	text.length <= LONGEST || text.includes(' ') ? text : markOf(text);

/** Whether a text stands in the place of a file. */
export const isShortened = (text: unknown): text is string =>
	typeof text === 'string' && MARK.test(text);
