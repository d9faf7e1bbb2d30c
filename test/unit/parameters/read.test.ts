import type { IExecuteFunctions } from 'n8n-workflow';
import { readListing } from '../../../nodes/shared/parameters/listing';
import { OPTIONS, readOptions, type Options } from '../../../nodes/shared/parameters/options';
import {
	inCollection,
	itemParameters,
	readBoolean,
	readChoice,
	readFields,
	readNumber,
	readRequestIdParameter,
	readText,
	type ItemParameters,
	type NumberRange,
} from '../../../nodes/shared/parameters/read';
import { characterSwap } from '../../../nodes/CharacterSwap/model';
import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { ItemProblem, moneyOf, type Problem } from '../../../nodes/shared/problems/problems';

const given = (values: Record<string, unknown>): ItemParameters => ({
	get: (name, absent) => (name in values ? values[name] : absent),
});

const options = (values: Record<string, unknown>) => readOptions(given({ options: values }));

function refusal(work: () => unknown): Problem {
	try {
		work();
	} catch (error) {
		if (error instanceof ItemProblem) return error.problem;
	}
	throw new TypeError('nothing was refused');
}

const STEPS: NumberRange = { label: 'Steps', min: 1, max: 50, integer: true };

describe('a number', () => {
	it.each<[string, unknown, number]>([
		['a number', 7, 7],
		['a text', '7', 7],
		['a text with white space', ' 7 ', 7],
		['the lower edge', 1, 1],
		['the upper edge', '50', 50],
		['a whole number with a point', '7.0', 7],
	])('is read from %s', (_, value, number) => {
		expect(readNumber(value, STEPS)).toBe(number);
	});

	it.each<[string, unknown, string]>([
		['below the range', 0, '0'],
		['above the range', 51, '51'],
		['no whole number', 7.5, '7.5'],
		['a text that is none', 'seven', '"seven"'],
		['NaN', NaN, 'NaN'],
		['infinite', Infinity, 'Infinity'],
		['infinite in words', '-Infinity', '"-Infinity"'],
		['a boolean', true, 'true'],
		['a list', [7], 'a list of 1'],
		['an object', {}, 'an object'],
	])('is refused when it is %s', (_, value, shown) => {
		expect(refusal(() => readNumber(value, STEPS))).toEqual({
			code: 'input',
			summary: `Steps must be a whole number from 1 to 50, but it is ${shown}`,
			hint: 'Correct Steps.',
		});
	});

	it.each([
		['', 'it is empty'],
		[' ', 'it is empty'],
		[null, 'its expression gives nothing'],
		[undefined, 'its expression gives nothing'],
	])('is refused when it is %j', (value, shown) => {
		const what = `Steps must be a whole number from 1 to 50, but ${shown}`;
		expect(refusal(() => readNumber(value, STEPS)).summary).toBe(what);
	});

	it.each([
		['from 0 to 1', { min: 0, max: 1 }, 2],
		['of at least 1', { min: 1 }, 0],
	])('tells its range: %s', (bounds, range, value) => {
		const { summary } = refusal(() => readNumber(value, { label: 'X', ...range }));
		expect(summary).toBe(`X must be a number ${bounds}, but it is ${value}`);
	});

	it('takes any number where there is no range', () => {
		expect(readNumber(-1e9, { label: 'X' })).toBe(-1e9);
	});
});

describe('the numbers among the options', () => {
	it.each<[keyof typeof OPTIONS, unknown, Partial<Options>]>([
		['timeout', 1, { timeoutMs: 1_000 }],
		['timeout', '2.5', { timeoutMs: 2_500 }],
		['timeout', 86_400, { timeoutMs: 86_400_000 }],
		['pollInterval', 0.1, { pollIntervalMs: 100 }],
		['pollInterval', '0.25', { pollIntervalMs: 250 }],
		['maxConcurrency', 1, { maxConcurrency: 1 }],
		['maxConcurrency', '50', { maxConcurrency: 50 }],
	])('%s takes %j', (name, value, read) => {
		expect(options({ [name]: value })).toMatchObject(read);
	});

	it.each<[keyof typeof OPTIONS, unknown]>([
		['timeout', 0.99],
		['timeout', 0],
		['timeout', -1],
		['timeout', NaN],
		['timeout', 'long'],
		['pollInterval', 0.09],
		['pollInterval', 0],
		['maxConcurrency', 0],
		['maxConcurrency', 51],
		['maxConcurrency', 1.5],
		['maxConcurrency', 'many'],
	])('%s refuses %j', (name, value) => {
		const { summary } = refusal(() => options({ [name]: value }));
		expect(summary).toContain(OPTIONS[name].label);
	});
});

describe('the options', () => {
	const defaults = {
		outputBinaryField: 'data',
		fileName: undefined,
		imageDelivery: 'upload',
		timeoutMs: 600_000,
		pollIntervalMs: undefined,
		processingMode: 'queue',
		maxConcurrency: 5,
		maxCostUsd: Infinity,
		workflowId: undefined,
	};

	it.each([
		['nothing was added', {}],
		['the collection is missing', { options: null }],
		['the collection is no object', { options: 'none' }],
		...[undefined, null, '', ' '].map((nothing): [string, Record<string, unknown>] => [
			`expressions gave ${JSON.stringify(nothing)}`,
			{
				options: {
					outputBinaryField: nothing,
					fileName: nothing,
					timeout: nothing,
					pollInterval: nothing,
					processingMode: nothing,
					maxConcurrency: nothing,
				},
			},
		]),
	])('have the defaults of the interface when %s', (_, values) => {
		expect(readOptions(given(values))).toEqual(defaults);
	});

	it('take what was added', () => {
		const added = {
			outputBinaryField: ' picture ',
			fileName: ' page ',
			imageDelivery: 'inline',
			processingMode: 'sync',
		};
		expect(options(added)).toEqual({
			...defaults,
			...added,
			outputBinaryField: 'picture',
			fileName: 'page',
		});
	});

	it('take an empty file name for none', () => {
		expect(options({ fileName: ' ' }).fileName).toBeUndefined();
	});

	it.each<[string, unknown, string]>([
		['outputBinaryField', [1], 'Put Output File in Field must be text, but it is a list of 1'],
		['fileName', true, 'File Name must be text, but it is true'],
		...[undefined, null].map((nothing): [string, unknown, string] => [
			'imageDelivery',
			nothing,
			'Image Delivery must be one of upload, inline, but its expression gives nothing',
		]),
		['imageDelivery', '', 'Image Delivery must be one of upload, inline, but it is empty'],
		['imageDelivery', 'mail', 'Image Delivery must be one of upload, inline, but it is "mail"'],
		['processingMode', 'v3', 'Processing Mode must be one of queue, sync, but it is "v3"'],
	])('refuse a wrong %s', (name, value, what) => {
		expect(refusal(() => options({ [name]: value })).summary).toBe(what);
	});
});

describe('a boolean', () => {
	it.each([
		[true, true],
		[false, false],
		['true', true],
		['false', false],
	])('is read from %j', (value, read) => {
		expect(readBoolean(value, 'Wait')).toBe(read);
	});

	it.each(['yes', '', 1, 0, null, undefined, {}])('is refused when it is %j', (value) => {
		expect(refusal(() => readBoolean(value, 'Wait')).summary).toMatch(
			/^Wait must be true or false/,
		);
	});
});

describe('a request ID', () => {
	it.each([
		'2c7f59ea-41f0',
		'A_b-9',
		' padded\n',
		'padded\u00a0',
		12345,
		'a/b',
		'a.b',
		'a:b',
		'~a',
		'a+b==',
		'ä',
		'%2e',
	])('may be %j', (value) => {
		expect(readRequestIdParameter(given({ requestId: value }))).toBe(String(value).trim());
	});

	it.each([[1], {}, true])('must be text: %j', (value) => {
		const problem = refusal(() => readRequestIdParameter(given({ requestId: value })));
		expect(problem.summary).toContain('Request ID must be text, but it is');
	});

	it.each(['', '  ', null, undefined])('must not be missing: %j', (value) => {
		expect(refusal(() => readRequestIdParameter(given({ requestId: value }))).summary).toBe(
			'Request ID is empty',
		);
	});

	it.each(['../x', 'a/../b', '..', '.', 'a b', 'https://x/y', 'a\nb', 'a\u0000', 'x'.repeat(201)])(
		'must not be %j',
		(value) => {
			const problem = refusal(() => readRequestIdParameter(given({ requestId: value })));
			expect(problem.code).toBe('input');
			expect(moneyOf(problem)).toBe('notSpent');
			expect(problem.summary).toContain('is not a request ID');
		},
	);

	it('is not repeated in full length when it is wrong', () => {
		const problem = refusal(() => readRequestIdParameter(given({ requestId: '/'.repeat(5_000) })));
		expect(problem.summary?.length).toBeLessThan(100);
	});
});

describe('other parameters', () => {
	it.each([
		['  words ', 'words'],
		['\u200b\ufeff some words\u2060\u00a0', 'some words'],
		['\u200b', ''],
		[7, '7'],
		[null, ''],
		[undefined, ''],
	])('as a text: %j', (value, text) => {
		expect(readText(value, 'X')).toBe(text);
	});

	it.each([
		[{}, 'an object'],
		[[1, 2], 'a list of 2'],
		[true, 'true'],
		['a [object Object]', '"a [object Object]"'],
	])('as a text must be one: %j', (value, shown) => {
		expect(refusal(() => readText(value, 'X'))).toEqual({
			code: 'input',
			summary: `X must be text, but it is ${shown}`,
			hint: 'Correct X: it takes text.',
		});
	});

	it.each([
		[{ a: 1 }, { a: 1 }],
		[null, {}],
		[[1], {}],
		['x', {}],
	])('as a collection: %j', (value, collection) => {
		const { get } = inCollection(given({ x: value }), 'x');
		expect({ a: get('a') }).toEqual(collection);
		expect(get('b', 'absent')).toBe('absent');
	});

	it('as one of several values', () => {
		expect(readChoice('b', 'X', ['a', 'b'])).toBe('b');
		expect(refusal(() => readChoice(1, 'X', ['1'])).summary).toContain('must be one of 1');
	});

	it("come from n8n for the item's own index, and with what counts when they are absent", () => {
		const getNodeParameter = jest.fn(() => 'value');
		const context = { getNodeParameter } as unknown as IExecuteFunctions;
		expect(itemParameters(context, 3).get('prompt')).toBe('value');
		expect(getNodeParameter).toHaveBeenCalledWith('prompt', 3, null);
		itemParameters(context, 3).get('prompt', 'usual');
		expect(getNodeParameter).toHaveBeenLastCalledWith('prompt', 3, 'usual');
	});
});

describe("a request's fields", () => {
	const fields = (values: Record<string, unknown>) => readFields(faceSwapComic, given(values));
	const added = (additionalFields: Record<string, unknown>) => fields({ additionalFields });

	it('are those that the panel always shows, and of the others those that were added', () => {
		expect(fields({})).toEqual({ face_strength: 0.8, style_strength: 0.8 });
		expect(fields({ prompt: ' happy ', faceStrength: '0.5', styleStrength: 2 })).toEqual({
			prompt: 'happy',
			face_strength: 0.5,
			style_strength: 2,
		});
		expect(added({ seed: 7, outputFormat: 'png', base64: 'true', steps: '20' })).toMatchObject({
			seed: 7,
			output_format: 'png',
			base64: true,
			steps: 20,
		});
		expect(readFields(characterSwap, given({}))).toEqual({});
	});

	it.each([undefined, null, '', ' '])('are not sent when they are %j', (nothing) => {
		expect(fields({ prompt: nothing, faceStrength: nothing, styleStrength: nothing })).toEqual({});
		const additional = { seed: nothing, outputFormat: nothing, base64: nothing };
		expect(added(additional)).toEqual({ face_strength: 0.8, style_strength: 0.8 });
	});

	it.each([
		[{ faceStrength: 1.1 }, 'Face Strength must be'],
		[{ additionalFields: { outputFormat: 'gif' } }, 'Output Format must be one of jpeg, png, webp'],
		[{ additionalFields: { base64: 'maybe' } }, 'Base64 in JSON must be true or false'],
		[{ additionalFields: { steps: 0 } }, 'Steps must be'],
	])('are refused where they are wrong: %j', (values, words) => {
		expect(refusal(() => fields(values)).summary).toContain(words);
	});
});

describe('what Get Many lists', () => {
	const NOW = Date.UTC(2026, 10, 26, 12);
	const DAY = 86_400_000;
	const around = { isAgents: false, now: NOW, timeZone: 'Europe/Berlin' };
	const listing = (values: Record<string, unknown>, isAgents = false) =>
		readListing(given(values), { ...around, isAgents });
	const filters = (values: Record<string, unknown>) => listing({ filters: values }).filters;

	it('are the jobs of the last seven days, of any state', () => {
		expect(filters({})).toEqual({ after: NOW - 7 * DAY });
		expect(filters({ status: '', createdAfter: '', createdBefore: null })).toEqual(filters({}));
		expect(listing({}).filters).toEqual(filters({}));
	});

	it.each([
		['COMPLETED', 'COMPLETED'],
		['FAILED', 'FAILED'],
		['PENDING', 'PROCESSING'],
	])('may have the status %s', (status, state) => {
		expect(filters({ status }).state).toBe(state);
	});

	it('begin a week before the end where only that is given', () => {
		const before = Date.UTC(2026, 9, 1, 10);
		expect(filters({ createdBefore: '2026-10-01T12:00:00' })).toMatchObject({
			after: before - 7 * DAY,
			before,
		});
		const later = '2026-12-24T12:00:00Z';
		expect(filters({ createdBefore: later })).toMatchObject({
			after: NOW - 7 * DAY,
			before: Date.parse(later),
		});
	});

	it('may begin at a time in milliseconds or in seconds, but not before there was anything', () => {
		const time = Date.UTC(2026, 5, 1);
		expect(filters({ createdAfter: time }).after).toBe(time);
		expect(filters({ createdAfter: time / 1000 }).after).toBe(time);
		expect(filters({ createdAfter: '1999-01-01' }).after).toBe(Date.UTC(2020, 0, 1));
	});

	it('may begin in the future, but not after the end that is given', () => {
		expect(filters({ createdAfter: '2027-01-01T00:00:00Z' })).toMatchObject({
			after: Date.UTC(2027, 0, 1),
			before: undefined,
		});
		const day = '2026-11-20T00:00:00Z';
		expect(filters({ createdAfter: day, createdBefore: day })).toMatchObject({
			after: Date.parse(day),
			before: Date.parse(day),
		});
		const turned = { createdAfter: '2026-11-21', createdBefore: '2026-11-20' };
		expect(refusal(() => filters(turned))).toMatchObject({
			code: 'input',
			summary: 'Created After is later than Created Before',
			hint: 'Correct one of the two dates.',
		});
	});

	it.each([
		['a text of milliseconds', String(Date.UTC(2026, 5, 1)), Date.UTC(2026, 5, 1)],
		['a text of seconds', String(Date.UTC(2026, 5, 1) / 1000), Date.UTC(2026, 5, 1)],
		['a date of JavaScript', new Date('2026-06-01'), Date.UTC(2026, 5, 1)],
	])('may begin at %s', (_, createdAfter, after) => {
		expect(filters({ createdAfter }).after).toBe(after);
	});

	it.each(['order 12', '7', '12', '12:00', '46352', '12.11.2026', 46352, 20261126, 7, 1 / 0])(
		'take nothing for a date that might be one of several: %j',
		(createdAfter) => {
			const { summary } = refusal(() => filters({ createdAfter }));
			expect(summary).toBe(`Created After is not a date: "${createdAfter}"`);
		},
	);

	it.each([[['2026-11-26']], [[2026, 11, 26]]])('take no list for a date: %j', (createdAfter) => {
		expect(refusal(() => filters({ createdAfter })).summary).toMatch(
			/^Created After is not a date/,
		);
	});

	it.each([
		[
			{ createdAfter: 'soon' },
			'Created After is not a date: "soon"',
			'Correct Created After: a date like 2026-11-26 or 2026-11-26T10:00:00, or a time in milliseconds.',
		],
		[
			{ createdBefore: {} },
			'Created Before is not a date',
			'Correct Created Before: a date like 2026-11-26 or 2026-11-26T10:00:00, or a time in milliseconds.',
		],
		[{ status: 'DONE' }, 'Status must be one of COMPLETED, FAILED, PENDING', 'Correct Status.'],
	])('are refused where something is wrong: %j', (values, what, hint) => {
		const problem = refusal(() => filters(values));
		expect(problem.summary).toContain(what);
		expect(problem.hint).toBe(hint);
	});

	it('are fifty, as many as are asked for, or all, with their images or without', () => {
		expect(listing({})).toMatchObject({ limit: 50, downloads: true });
		expect(listing({ limit: '7', downloadImages: 'false' })).toMatchObject({
			limit: 7,
			downloads: false,
		});
		expect(listing({ limit: '', returnAll: null, downloadImages: '' })).toEqual(listing({}));
		expect(listing({ limit: 7, returnAll: true }).limit).toBe(Infinity);
		expect(refusal(() => listing({ limit: 0 })).summary).toContain('Limit must be');
	});

	it('are few for an agent, and without their images', () => {
		const all = { limit: 7, returnAll: true, downloadImages: true };
		expect(listing(all, true)).toMatchObject({ limit: 7, downloads: false });
	});
});

it('a request ID may come out of a list', () => {
	const id = (requestId: unknown) => readRequestIdParameter(given({ requestId }));
	expect(id({ __rl: true, mode: 'list', value: 'r-1' })).toBe('r-1');
	expect(refusal(() => id({ mode: 'list' })).summary).toBe('Request ID is empty');
});
