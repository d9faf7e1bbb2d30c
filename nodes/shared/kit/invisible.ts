/**
 * Characters that nobody sees: controls, marks of format and of direction, lone halves of a character, what a font may
 * ignore, and the blank of Braille. A plain blank is none of them.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{NChar}\u2800]/u;

const EACH_INVISIBLE = new RegExp(INVISIBLE, 'gu');

/** Whether there is one that nobody sees in a text. */
export const hasInvisible = (text: string): boolean => INVISIBLE.test(text);

/** A text without them. */
export const withoutInvisible = (text: string): string => text.replace(EACH_INVISIBLE, '');

/** A text without white space and invisible characters at its ends. Long texts are not searched. */
export function trimInvisible(text: string): string {
	// Half of a character is no reason to take the other half away.
	const isBlank = (at: number) => /[\s\p{Cc}\p{Cf}\p{DI}\u2800]/u.test(text.charAt(at));
	let start = 0;
	let end = text.length;
	while (start < end && isBlank(start)) start++;
	while (end > start && isBlank(end - 1)) end--;
	return text.slice(start, end);
}
