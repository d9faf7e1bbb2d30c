import type { HistoryRow } from '../../../nodes/shared/answers/history';
import { findRow, type Asked } from '../../../nodes/shared/history/match';
import { markOf, shortened } from '../../../nodes/shared/kit/longText';

const SENT = Date.UTC(2026, 10, 26, 10);

const asked: Asked = {
	fields: { target_image: 'https://x/y.png', face_strength: 0.8, base64: false, prompt: 'happy' },
	files: {},
	sentAt: SENT,
	endedAt: SENT + 5_000,
};

const row = (requestId: string, change: Partial<HistoryRow> = {}): HistoryRow => ({
	requestId,
	state: 'PROCESSING',
	outputs: { images: [], texts: {}, untyped: {} },
	createdAt: SENT + 300,
	input: { ...asked.fields, seed: 63255 },
	...change,
});

const nothing = { skew: 0, isTaken: () => false, equals: 0, lost: 0 };

const found = (rows: HistoryRow[], more = {}, what = asked) =>
	findRow(what, rows, { ...nothing, ...more })?.requestId;

it('the row that asks for the same is it, with defaults added', () => {
	expect(found([row('a')])).toBe('a');
	expect(found([])).toBeUndefined();
});

it.each<[string, object]>([
	['numbers as texts', { face_strength: '0.80' }],
	['booleans as texts', { base64: 'false' }],
	['blanks around a text', { prompt: ' happy ' }],
])('%s are the same', (_, input) => {
	expect(found([row('a', { input: { ...asked.fields, ...input } })])).toBe('a');
});

it.each<[string, object]>([
	['another number', { face_strength: 0.81 }],
	['no number', { face_strength: '' }],
	['null', { face_strength: null }],
	['another text', { prompt: 'Happy' }],
	['another image', { target_image: 'https://x/z.png' }],
	['an object', { prompt: { text: 'happy' } }],
	['nothing', { prompt: undefined }],
	['another choice', { base64: true }],
])('%s is another job', (_, input) => {
	expect(found([row('a', { input: { ...asked.fields, ...input } })])).toBeUndefined();
});

it('a row that tells no input or no time is none', () => {
	expect(found([row('a', { input: undefined })])).toBeUndefined();
	expect(found([row('a', { createdAt: undefined })])).toBeUndefined();
});

it.each([
	[-2_001, false],
	[-2_000, true],
	[180_000, true],
	[180_001, false],
])('a row that was made %i ms after the submit: %j', (after, isFound) => {
	expect(found([row('a', { createdAt: SENT + after })])).toBe(isFound ? 'a' : undefined);
});

it("Segmind's clock may be another one", () => {
	const ahead = row('a', { createdAt: SENT + 600_000 });
	expect(found([ahead])).toBeUndefined();
	expect(found([ahead], { skew: 600_000 })).toBe('a');
	expect(found([row('a')], { skew: 600_000 })).toBeUndefined();
});

it('a row of another item or try is not taken', () => {
	const isTaken = (requestId: string) => requestId === 'ab';
	expect(found([row('a-B')], { isTaken })).toBeUndefined();
	expect(found([row('a-B'), row('c')], { isTaken })).toBe('c');
});

it('the one next to the submit is taken of several: another execution may have lost the others', () => {
	const later = row('b', { createdAt: SENT + 900 });
	const earlier = row('c', { createdAt: SENT - 1_500 });
	expect(found([later, row('a'), earlier])).toBe('a');
	expect(found([later, earlier])).toBe('b');
	const skewed = { skew: 1_000 };
	expect(found([later, earlier], skewed)).toBe('b');
});

it('as many are left as equal submits have no answer yet', () => {
	expect(found([row('a')], { equals: 1 })).toBeUndefined();
	const later = row('b', { createdAt: SENT + 900 });
	expect(found([later, row('a')], { equals: 1 })).toBe('a');
});

it("equal submits that were lost too may have each other's: it is the same image", () => {
	expect(found([row('a')], { lost: 1 })).toBe('a');
});

describe('where images travelled inside the submit', () => {
	const photo = (letter: string) => shortened(letter.repeat(3_000));
	const inside: Asked = { ...asked, files: { source_image: photo('A') } };
	const withPhoto = (requestId: string, source_image?: unknown, change: Partial<HistoryRow> = {}) =>
		row(requestId, { input: { ...asked.fields, source_image } as never, ...change });
	const foundInside = (rows: HistoryRow[], more = {}) => found(rows, more, inside);

	it('the row that repeats them is it, and never one that repeats others', () => {
		expect(foundInside([withPhoto('b', photo('B')), withPhoto('a', photo('A'))])).toBe('a');
		expect(foundInside([withPhoto('b', photo('B'))])).toBeUndefined();
		expect(foundInside([withPhoto('c'), withPhoto('a', photo('A'))])).toBe('a');
		expect(foundInside([withPhoto('a', photo('A'))], { lost: 1 })).toBe('a');
	});

	it.each([
		['left out', undefined],
		['cut', 'data:image/png;base64,AAAA…'],
		['stored', 'https://x/stored.png'],
	])('a single row in which they are %s is it', (_, told) => {
		expect(foundInside([withPhoto('a', told)])).toBe('a');
		expect(foundInside([withPhoto('a', told), withPhoto('b', told)])).toBeUndefined();
		expect(foundInside([withPhoto('a', told), withPhoto('A', told)])).toBe('a');
	});

	it('a small image is told apart, too, and never kept', () => {
		const small: Asked = { ...asked, files: { source_image: markOf('AAAA') } };
		expect(found([withPhoto('b', 'BBBB'), withPhoto('a', 'AAAA')], {}, small)).toBe('a');
	});

	it('none is it as long as it may be that of an equal submit', () => {
		expect(foundInside([withPhoto('a')], { equals: 1 })).toBeUndefined();
		expect(foundInside([withPhoto('a')], { lost: 1 })).toBeUndefined();
	});

	it.each([
		[7_000, true],
		[7_001, false],
	])('none is it that was made after the submit was given up: %i ms, %j', (after, isFound) => {
		const later = { createdAt: SENT + after };
		expect(foundInside([withPhoto('a', undefined, later)])).toBe(isFound ? 'a' : undefined);
		expect(foundInside([withPhoto('a', photo('A'), later)])).toBe('a');
	});
});

it('two outputs of a request are one job', () => {
	expect(found([row('a'), row('A')])).toBe('a');
	expect(found([row('a'), row('A')], { equals: 1 })).toBeUndefined();
});
