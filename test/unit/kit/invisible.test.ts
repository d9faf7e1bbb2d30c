import { hasInvisible, trimInvisible, withoutInvisible } from '../../../nodes/shared/kit/invisible';

const INVISIBLE = [
	['a control', '\u0007'],
	['a C1 control', '\u0085'],
	['a zero-width blank', '\u200b'],
	['a joiner', '\u200d'],
	['a mark of direction', '\u202e'],
	['an isolate', '\u2066'],
	['a byte order mark', '\ufeff'],
	['a soft hyphen', '\u00ad'],
	['a variation selector', '\ufe0f'],
	['a Hangul filler', '\u3164'],
	['a line separator', '\u2028'],
	['a blank of Braille', '\u2800'],
] as const;

describe.each(INVISIBLE)('%s', (_, character) => {
	it('is found, taken out and trimmed', () => {
		expect(hasInvisible(`a${character}b`)).toBe(true);
		expect(withoutInvisible(`${character}a${character}b`)).toBe('ab');
		expect(trimInvisible(` ${character}a${character}b${character} \n`)).toBe(`a${character}b`);
		expect(trimInvisible(character)).toBe('');
	});
});

it.each(['a b', 'Größe', '東京', '🦊', 'e\u0301', '𝒳'])('leaves what can be seen: %j', (text) => {
	expect(hasInvisible(text)).toBe(false);
	expect(withoutInvisible(text)).toBe(text);
	expect(trimInvisible(text)).toBe(text);
});

it('takes out the halves of characters, but halves no character', () => {
	expect(withoutInvisible('a\ud83eb\udd8a🦊')).toBe('ab🦊');
	expect(trimInvisible('\u200b🦊\u200b')).toBe('🦊');
});
