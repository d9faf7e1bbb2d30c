import { createHash } from 'crypto';

/** A text without blanks that is longer holds a file; characters. */
const LONGEST = 2_000;

const MARK = /^\(\d+ characters, SHA-256 [0-9a-f]{16}…\)$/;

/** A text; where it holds a file, in its place what tells that file from others: it would fill memory and output. */
export function shortened(text: string): string {
	if (text.length <= LONGEST || text.includes(' ')) return text;
	const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
	return `(${text.length} characters, SHA-256 ${digest}…)`;
}

/** Whether a text stands in the place of a file. */
export const isShortened = (text: unknown): text is string =>
	typeof text === 'string' && MARK.test(text);
