import { elide } from '../../../nodes/shared/kit/longText';

const LONG = 'A'.repeat(2_001);

it.each([
	['a short text', 'A'.repeat(2_000)],
	['a long text of words', 'word '.repeat(1_000)],
	['a number', 7],
	['a list', [LONG]],
])('%s stays', (_, value) => {
	expect(elide(value)).toBe(value);
});

it('a long text without blanks becomes what tells it from others', () => {
	expect(elide(LONG)).toMatch(/^\(2001 characters, SHA-256 [0-9a-f]{16}…\)$/);
	expect(elide(LONG)).toBe(elide('A'.repeat(2_001)));
	expect(elide(LONG)).not.toBe(elide(`B${LONG.slice(1)}`));
	expect(elide(elide(LONG))).toBe(elide(LONG));
});
