import { hasInvisible, trimInvisible, withoutInvisible } from '../../../nodes/shared/kit/invisible';

const INVISIBLE = [
	['a zero-width blank', '\u200b'],
	['a mark of direction', '\u202e'],
	['an isolate', '\u2066'],
	['a byte order mark', '\ufeff'],
	['a soft hyphen', '\u00ad'],
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

it.each(['\u0007', '\u0085', '\u3164', '\u034f', '\ud83e'])(
	'finds and takes out %j',
	(character) => {
		expect(hasInvisible(`a${character}b`)).toBe(true);
		expect(withoutInvisible(`a${character}b`)).toBe('ab');
	},
);

it.each(['👩\u200d🎨', '❤\ufe0f', 'می\u200cخواهم'])(
	'leaves what shapes a character to a text, not to a name: %j',
	(text) => {
		expect(hasInvisible(text)).toBe(false);
		expect(trimInvisible(text)).toBe(text);
		expect(withoutInvisible(text)).toHaveLength(text.length - 1);
	},
);

it('takes out the halves of characters, but halves no character', () => {
	expect(withoutInvisible('a\ud83eb\udd8a🦊')).toBe('ab🦊');
	expect(trimInvisible('\u200b🦊\u200b')).toBe('🦊');
});
