import { isShortened, shortened } from '../../../nodes/shared/kit/longText';

const LONG = 'A'.repeat(2_001);

it.each([
	['a short text', 'A'.repeat(2_000)],
	['a long text of words', 'word '.repeat(1_000)],
])('%s stays', (_, text) => {
	expect(shortened(text)).toBe(text);
	expect(isShortened(shortened(text))).toBe(false);
});

it('a long text without blanks is shortened to what tells it from others', () => {
	expect(shortened(LONG)).toMatch(/^\(2001 characters, SHA-256 [0-9a-f]{16}…\)$/);
	expect(shortened(LONG)).toBe(shortened('A'.repeat(2_001)));
	expect(shortened(LONG)).not.toBe(shortened(`B${LONG.slice(1)}`));
	expect(isShortened(shortened(LONG))).toBe(true);
});

it.each([undefined, 7, LONG, `x${shortened(LONG)}`, `${shortened(LONG)}x`])(
	'is no shortened text: %#',
	(value) => {
		expect(isShortened(value)).toBe(false);
	},
);
