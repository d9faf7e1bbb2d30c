import type { IDataObject } from 'n8n-workflow';
import { characterSwap } from '../../../nodes/CharacterSwap/model';
import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { matches, type SentJob } from '../../../nodes/shared/history/matching';
import type { HistoryRow } from '../../../nodes/shared/history/rows';
import { digestOf, elide } from '../../../nodes/shared/kit/longText';

const SENT = Date.UTC(2026, 10, 26, 10);

const asked: SentJob = {
	fields: {
		source_image: 'https://x/face.png',
		target_image: 'https://x/y.png',
		face_strength: 0.8,
		base64: false,
		prompt: 'happy',
	},
	sentAtMs: SENT,
};

const row = (change: Partial<HistoryRow> = {}): HistoryRow => ({
	requestId: 'a',
	state: 'PROCESSING',
	outputs: { images: [], texts: {}, untyped: {} },
	createdAtMs: SENT + 300,
	aheadMs: 0,
	input: asked.fields,
	...change,
});

/** Whether a row with some other fields is that of the submit. */
const isIt = (input: IDataObject, fields: IDataObject = {}): boolean =>
	matches(
		row({ input: { ...asked.fields, ...fields, ...input } }),
		{ ...asked, fields: { ...asked.fields, ...fields } },
		faceSwapComic,
	);

it('a row that asks for the same is that of the submit', () => {
	expect(isIt({})).toBe(true);
	expect(matches(row({ input: undefined }), asked, faceSwapComic)).toBe(false);
});

describe('what was sent is equal', () => {
	it.each<[string, IDataObject]>([
		['a number as text', { face_strength: '0.80' }],
		['a boolean as text', { base64: 'false' }],
		['blanks around a text', { prompt: ' happy ' }],
	])('%s', (_, input) => {
		expect(isIt(input)).toBe(true);
	});

	it.each<[string, IDataObject]>([
		['another number', { face_strength: 0.81 }],
		['no number', { face_strength: '' }],
		['null', { face_strength: null }],
		['a boolean for a number', { face_strength: true }],
		['another text', { prompt: 'Happy' }],
		['another image', { target_image: 'https://x/z.png' }],
		['an object', { prompt: { text: 'happy' } }],
		['a list', { prompt: ['happy'] }],
		['nothing', { prompt: undefined }],
		['another choice', { base64: true }],
	])('not %s', (_, input) => {
		expect(isIt(input)).toBe(false);
	});

	it.each([
		['a URL', `https://x/${'a'.repeat(4_000)}.png`],
		['a text', 'a happy face '.repeat(300)],
	])('%s in full length', (_, text) => {
		expect(isIt({ prompt: elide(text) }, { prompt: elide(text) })).toBe(true);
		expect(isIt({ prompt: elide(text) }, { prompt: text })).toBe(true);
		expect(isIt({ prompt: elide(`${text.slice(0, -1)}!`) }, { prompt: elide(text) })).toBe(false);
	});
});

describe('what was not sent is absent, empty or at its default', () => {
	it.each<IDataObject>([
		{ mask_image: '' },
		{ mask_image: null },
		{ mask_image: [] },
		{ mask_image: {} },
		{ seed: 63255 },
		{ seed: '63255' },
		{ cfg: 1.6, steps: 10, grow_mask: 0, output_format: 'jpeg', output_quality: '95' },
		{ webhook: ' ' },
	])('as in %j', (input) => {
		expect(isIt(input)).toBe(true);
	});

	it.each<IDataObject>([
		{ mask_image: 'https://x/mask.png' },
		{ mask_image: 'undefined' },
		{ seed: 7 },
		{ cfg: 1.7 },
		{ output_format: 'png' },
		{ style_strength: 0 },
		// Nobody knows what else there is, nor its default.
		{ webhook: 'https://x/hook' },
	])('not as in %j', (input) => {
		expect(isIt(input)).toBe(false);
	});

	it('a prompt is empty by default, base64 off, an image what the API takes', () => {
		const { prompt, base64, ...fields } = asked.fields;
		const isOne = (input: IDataObject) =>
			matches(row({ input: { ...fields, ...input } }), { ...asked, fields }, faceSwapComic);
		expect(isOne({ prompt: '', base64: false })).toBe(true);
		expect(isOne({ prompt })).toBe(false);
		expect(isOne({ base64: true })).toBe(false);
		expect(base64).toBe(false);
		const [image] = characterSwap.images;
		const input = { [image?.field ?? '']: image?.defaultUrl };
		expect(matches(row({ input }), { ...asked, fields: {} }, characterSwap)).toBe(true);
	});
});

describe('an image inside the request counts where the row repeats it', () => {
	const photo = 'A'.repeat(3_000);

	it.each([
		['in full', photo, elide(photo), true],
		['in full, a small one', 'AAAA', 'AAAA', true],
		['as another one', photo, elide('B'.repeat(3_000)), false],
		['as another small one', 'AAAA', 'BBBB', false],
		['not at all', photo, undefined, false],
		['cut off', photo, 'data:image/png;base64,AAAA…', false],
		['as where it is stored', photo, 'https://x/stored.png', false],
	])('%s', (_, sent, listed, expected) => {
		expect(isIt({ source_image: listed }, { source_image: digestOf(sent) })).toBe(expected);
	});
});

describe('a row was made when the submit was sent', () => {
	it.each([
		[-2_001, 0, false],
		[-2_000, 0, true],
		[180_000, 0, true],
		[180_001, 0, false],
		// By Segmind's clock:
		[600_000, 600_000, true],
		[300, 600_000, false],
		[-600_000, -600_000, true],
		// A difference that may be none:
		[300, 1_999, true],
		[-2_000, 1_999, true],
	])('%d ms after it, with a clock that is %d ms ahead: %j', (after, aheadMs, expected) => {
		const made = row({ createdAtMs: SENT + after, aheadMs });
		expect(matches(made, asked, faceSwapComic)).toBe(expected);
	});

	it('one that does not say when is none', () => {
		expect(matches(row({ createdAtMs: undefined }), asked, faceSwapComic)).toBe(false);
	});
});
