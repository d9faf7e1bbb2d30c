/**
 * Characters that nobody sees: controls, marks of format and of direction, lone halves of a character, what a font may
 * ignore, and the blank of Braille. A plain blank is none of them.
 */
const INVISIBLE = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{NChar}\u2800]`;

/** Those that shape their neighbours: joiners, and the selectors behind many an emoji. */
const SHAPING = String.raw`(?:\u200c|\u200d|[\ufe00-\ufe0f])`;

const EACH = new RegExp(INVISIBLE, 'gu');
const OUT_OF_PLACE = new RegExp(`(?!${SHAPING})${INVISIBLE}`, 'u');

/**
 * White space, and what copying leaves at the ends of a text. Controls are no accident; and halves of a character stay,
 * as what is asked about is one half at a time.
 */
const AT_AN_END = /[\s\p{Cf}\u2800]/u;

/** Whether a text has an invisible character that shapes none of its neighbours. */
export const hasInvisible = (text: string): boolean => OUT_OF_PLACE.test(text);

/** A text without any invisible character. */
export const withoutInvisible = (text: string): string => text.replace(EACH, '');

/** A text without white space and marks that nobody sees at its ends. The time it takes is that of the ends. */
export function trimInvisible(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && AT_AN_END.test(text.charAt(start))) start++;
	while (end > start && AT_AN_END.test(text.charAt(end - 1))) end--;
	return text.slice(start, end);
}
