import { parseBody, pathsTo } from '../../../nodes/shared/kit/json';

const isOne = (value: unknown) => value === 1;

it.each<[unknown, string[]]>([
	[1, ['']],
	[2, []],
	[null, []],
	[[2, 1], ['[1]']],
	[{ a: { b: [{ c: 1 }] } }, ['.a.b[0].c']],
	[{ a: { b: { c: { d: 1 } } } }, ['.a.b.c.d']],
	[{ a: { b: { c: { d: { e: 1 } } } } }, []],
	[{ 'two words': 1, $x: 1, '1': 1, 'a.b': [1] }, ['["1"]', '["two words"]', '.$x', '["a.b"][0]']],
])('the way to something in %j', (value, paths) => {
	expect(pathsTo(isOne, value)).toEqual(paths);
});

it.each([
	['\uFEFF{"a": 1}', { a: 1 }],
	['{"a": NaN, "b": -Infinity, "c": "NaN"}', { a: null, b: null, c: 'NaN' }],
	['{"a": "\\"NaN", "b": [Infinity]}', { a: '"NaN', b: [null] }],
	['{"a": Nanna}', undefined],
])('a body that JSON alone does not take: %j', (body, value) => {
	expect(parseBody(body)).toEqual(value);
});
