import { apiWords } from '../../../nodes/shared/answers/apiWords';

describe('the words of an error body', () => {
	it.each<[string, unknown, string]>([
		['{error}', { error: 'Invalid Image' }, 'Invalid Image'],
		['{message}', { message: 'Not found' }, 'Not found'],
		['{detail}', { detail: 'Unauthorized' }, 'Unauthorized'],
		['{error: {message}}', { error: { message: 'Invalid', code: 7 } }, 'Invalid'],
		['{error_message}', { error_message: 'Timed out' }, 'Timed out'],
		['{error: true, message}', { error: true, message: 'Not so' }, 'Not so'],
		['{error: "", message}', { error: '', message: 'Not so' }, 'Not so'],
		['{error: null, detail}', { error: null, detail: 'Not so' }, 'Not so'],
		['{error, message}', { message: 'Bad Request', error: 'steps' }, 'steps'],
		['a number', { error: 42 }, '42'],
		['a list', { errors: [], error: ['a', 'b'] }, 'a; b'],
		['a list with gaps', { error: ['', 'a', {}, null, 'b'] }, 'a; b'],
		['a step without words', { error: [{ model: 'segment', error: '' }] }, ''],
		['text', 'Internal Polling Error', 'Internal Polling Error'],
		['nothing', {}, ''],
		['null', null, ''],
		['an error without words', { error: { code: {} } }, ''],
		['empty text', '  \n ', ''],
	])('are found in %s', (_, body, words) => {
		expect(apiWords(body)).toBe(words);
	});

	it('name the fields of a validation error', () => {
		const detail = [
			{ loc: ['body', 'steps'], msg: 'must be at most 50', type: 'value_error' },
			{ loc: ['body', 'images', 0], msg: 'field required', type: 'missing' },
		];
		expect(apiWords({ detail })).toBe('steps: must be at most 50; images.0: field required');
	});

	it('name the models that failed in a workflow', () => {
		const error = [
			{ model: 'segment', error: 'no person' },
			{ model: 'paint', error: { message: 'no mask' } },
		];
		expect(apiWords({ error })).toBe('segment: no person; paint: no mask');
	});

	const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown =>
		levels === 0 ? 'deep' : wrap(nested(levels - 1, wrap));

	it.each([
		['objects', (inner: unknown) => ({ error: inner })],
		['lists', (inner: unknown) => [inner]],
	])('are looked for in %s five deep, and no deeper', (_, wrap) => {
		expect(apiWords(nested(5, wrap))).toBe('deep');
		expect(apiWords(nested(6, wrap))).toBe('');
	});

	it('end with a body that nests without end', () => {
		let body: unknown = 'deep';
		for (let depth = 0; depth < 50; depth++) body = { error: body };
		expect(apiWords(body)).toBe('');
	});
});

describe('the words of HTML', () => {
	it.each([
		['<h1>405</h1><p>Method Not Allowed</p>', '405 Method Not Allowed'],
		[
			'<!doctype html><html><head><title>502 Bad Gateway</title><style>p{}</style></head><body></body></html>',
			'502 Bad Gateway',
		],
		['<body><script>alert("x")</script>Sorry</body>', 'Sorry'],
		['<p>a&nbsp;&amp;&nbsp;b &lt;c&gt; &quot;d&quot;</p>', "a & b <c> 'd'"],
		['<html><head><meta charset="utf-8"></head><body>Sorry</body>', 'Sorry'],
		['<html><head><title>502</title></head>Sorry', '502 Sorry'],
		['<style>p { color: red }</style>Sorry', 'Sorry'],
		['One<script>1</script>two', 'One two'],
		['<script>"<head><title>No</title>"</script>Sorry', 'Sorry'],
		['<p>cut off in a <b', 'cut off in a'],
	])('come out of %j without tags', (html, words) => {
		expect(apiWords(html)).toBe(words);
	});

	it('are not looked for in a comparison', () => {
		expect(apiWords({ error: 'steps must be < 50 and > 0' })).toBe('steps must be < 50 and > 0');
	});
});

describe('the length of the words', () => {
	it('ends at 300 characters, with a sign that there was more', () => {
		const words = apiWords({ error: 'x'.repeat(5000) });
		expect(words).toHaveLength(300);
		expect(words.endsWith('…')).toBe(true);
	});

	it('ends with the last word that fits', () => {
		expect(apiWords(`${'x'.repeat(298)} ${'y'.repeat(9)}`)).toBe(`${'x'.repeat(298)}…`);
	});

	it('keeps 300 characters as they are', () => {
		expect(apiWords('y'.repeat(300))).toBe('y'.repeat(300));
	});

	it('makes one line of many', () => {
		expect(apiWords('a\r\n\t b\n\nc')).toBe('a b c');
	});
});
