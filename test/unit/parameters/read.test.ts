import type { IExecuteFunctions } from 'n8n-workflow';
import {
	itemParameters,
	OPTION_RANGES,
	readBoolean,
	readChoice,
	readCollection,
	readNumber,
	readOptions,
	readRequestId,
	readText,
	type ItemParameters,
} from '../../../nodes/shared/parameters/read';
import type { NumberRange } from '../../../nodes/shared/model';
import { ItemProblem, type Problem } from '../../../nodes/shared/problems/problems';

const given = (values: Record<string, unknown>): ItemParameters => ({
	get: (name) => values[name] ?? null,
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

const STEPS: NumberRange = { label: 'Steps', min: 1, max: 50, integer: true, default: 10 };

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
		['an empty text', '', '""'],
		['white space', ' ', '" "'],
		['NaN', NaN, 'NaN'],
		['infinite', Infinity, 'Infinity'],
		['infinite in words', '-Infinity', '"-Infinity"'],
		['null', null, 'null'],
		['missing', undefined, 'undefined'],
		['a boolean', true, 'true'],
		['a list', [7], '7'],
		['an object', {}, '[object Object]'],
	])('is refused when it is %s', (_, value, shown) => {
		expect(refusal(() => readNumber(value, STEPS))).toEqual({
			blame: 'input',
			what: `Steps must be a whole number from 1 to 50, but it is ${shown}`,
			hint: 'Correct Steps.',
			money: 'notSpent',
		});
	});

	it.each([
		['from 0 to 1', { min: 0, max: 1 }, 2],
		['of at least 1', { min: 1 }, 0],
	])('tells its range: %s', (bounds, range, value) => {
		const { what } = refusal(() => readNumber(value, { label: 'X', default: 1, ...range }));
		expect(what).toBe(`X must be a number ${bounds}, but it is ${value}`);
	});

	it('takes any number where there is no range', () => {
		expect(readNumber(-1e9, { label: 'X', default: 0 })).toBe(-1e9);
	});
});

describe('the numbers among the options', () => {
	it.each<[keyof typeof OPTION_RANGES, unknown, number]>([
		['timeout', 1, 1_000],
		['timeout', '2.5', 2_500],
		['timeout', 86_400, 86_400_000],
		['pollInterval', 0.1, 100],
		['pollInterval', '0.25', 250],
		['maxConcurrency', 1, 1],
		['maxConcurrency', '50', 50],
	])('%s takes %j', (name, value, read) => {
		expect(options({ [name]: value })[name]).toBe(read);
	});

	it.each<[keyof typeof OPTION_RANGES, unknown]>([
		['timeout', 0.99],
		['timeout', 0],
		['timeout', -1],
		['timeout', NaN],
		['timeout', 'long'],
		['pollInterval', 0.09],
		['pollInterval', 0],
		['pollInterval', ''],
		['maxConcurrency', 0],
		['maxConcurrency', 51],
		['maxConcurrency', 1.5],
		['maxConcurrency', 'many'],
	])('%s refuses %j', (name, value) => {
		const { what } = refusal(() => options({ [name]: value }));
		expect(what).toContain(OPTION_RANGES[name].label);
	});
});

describe('the options', () => {
	const defaults = {
		outputBinaryField: 'data',
		fileName: undefined,
		imageDelivery: 'upload',
		timeout: 600_000,
		pollInterval: undefined,
		processingMode: 'queue',
		maxConcurrency: 5,
	};

	it.each([
		['nothing was added', {}],
		['the collection is missing', { options: null }],
		['the collection is no object', { options: 'none' }],
		['expressions gave nothing', { options: { timeout: null, imageDelivery: null } }],
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

	it.each([
		['outputBinaryField', ' ', 'Put Output File in Field is empty'],
		['imageDelivery', 'mail', 'Image Delivery must be one of upload, inline, but it is "mail"'],
		['processingMode', 'v3', 'Processing Mode must be one of queue, sync, but it is "v3"'],
	])('refuse a wrong %s', (name, value, what) => {
		expect(refusal(() => options({ [name]: value })).what).toBe(what);
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
		expect(refusal(() => readBoolean(value, 'Wait')).what).toMatch(/^Wait must be true or false/);
	});
});

describe('a request ID', () => {
	it.each([
		'2c7f59ea-41f0',
		'A_b-9',
		' padded\n',
		12345,
		'a/b',
		'a.b',
		'a:b',
		'~a',
		'a+b==',
		'ä',
		'%2e',
	])('may be %j', (value) => {
		expect(readRequestId(given({ requestId: value }))).toBe(String(value).trim());
	});

	it.each(['', '  ', null, {}])('must not be missing: %j', (value) => {
		expect(refusal(() => readRequestId(given({ requestId: value }))).what).toBe(
			'Request ID is empty',
		);
	});

	it.each(['../x', 'a/../b', '..', '.', 'a b', 'https://x/y', 'a\nb', 'a\u0000', 'x'.repeat(201)])(
		'must not be %j',
		(value) => {
			const problem = refusal(() => readRequestId(given({ requestId: value })));
			expect(problem).toMatchObject({ blame: 'input', money: 'notSpent' });
			expect(problem.what).toContain('is not a request ID');
		},
	);

	it('is not repeated in full length when it is wrong', () => {
		const problem = refusal(() => readRequestId(given({ requestId: '/'.repeat(5_000) })));
		expect(problem.what.length).toBeLessThan(100);
	});
});

describe('other parameters', () => {
	it.each([
		['  words ', 'words'],
		[7, '7'],
		[null, ''],
		[undefined, ''],
		[{}, ''],
		[true, ''],
	])('as a text: %j', (value, text) => {
		expect(readText(value)).toBe(text);
	});

	it.each([
		[{ a: 1 }, { a: 1 }],
		[null, {}],
		[[1], {}],
		['x', {}],
	])('as a collection: %j', (value, collection) => {
		expect(readCollection(given({ x: value }), 'x')).toEqual(collection);
	});

	it('as one of several values', () => {
		expect(readChoice('b', 'X', ['a', 'b'])).toBe('b');
		expect(refusal(() => readChoice(1, 'X', ['1'])).what).toContain('must be one of 1');
	});

	it("come from n8n for the item's own index, and null when they are hidden", () => {
		const getNodeParameter = jest.fn(() => 'value');
		const context = { getNodeParameter } as unknown as IExecuteFunctions;
		expect(itemParameters(context, 3).get('prompt')).toBe('value');
		expect(getNodeParameter).toHaveBeenCalledWith('prompt', 3, null);
	});
});
