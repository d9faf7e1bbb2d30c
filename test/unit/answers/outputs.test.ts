import { addText, base64OfImage, readOutputs } from '../../../nodes/shared/answers/outputs';
import { jpeg, png, webp } from '../../support/samples';

const A = 'https://cdn.segmind.com/a.jpeg';
const B = 'https://cdn.segmind.com/b.png';
const BASE64 = png.toString('base64');

const url = (address: string) => ({ kind: 'url', url: address });
const keyed = (keyname: string, data: unknown, type?: string) => ({
	keyname,
	value: type === undefined ? { data } : { data, type },
});

describe('the place of a single image', () => {
	it.each<[string, unknown]>([
		['images, as the documentation has it', { images: [{ url: A, content_type: 'image/jpeg' }] }],
		['images, as plain URLs', { images: [A] }],
		['image, a URL', { image: A }],
		['image, an object', { image: { url: A } }],
		['image_url', { image_url: A }],
		['output, a URL', { output: A }],
		['output with white space around it', { output: ` ${A}\n` }],
		['output, a list', { output: [A] }],
		['output, a list of objects', { output: [{ url: A }] }],
		['output, an object', { output: { url: A } }],
		['output, an object of key and URL', { output: { character_swap_image: A } }],
		['output, under image', { output: { image: A } }],
		['output, under output_image', { output: { output_image: A } }],
		['output, under image_url', { output: { image_url: A } }],
		['output, a keyed list [docs]', { output: [keyed('x', A, 'image')] }],
		['output, a keyed object', { output: keyed('x', A, 'image') }],
		['output, a keyed list without types', { output: [keyed('x', A)] }],
		[
			'output, keyed with the type null',
			{ output: [{ keyname: 'x', value: { data: A, type: null } }] },
		],
		['output, keyed without data', { output: [{ keyname: 'x', value: A }] }],
		['output, a JSON string of a keyed list', { output: JSON.stringify([keyed('x', A, 'image')]) }],
		['output, a JSON string of an object', { output: JSON.stringify({ image: A }) }],
		['output, a JSON string of a list', { output: JSON.stringify([A]) }],
		['output, a JSON string of a string', { output: JSON.stringify(A) }],
		['data, a URL', { data: A }],
		['data, an object', { data: { image: A } }],
		['base64, a URL after all', { base64: A }],
		['url', { url: A }],
		['result', { result: { images: [{ url: A }] } }],
		['the answer, a list', [A]],
		['the answer, a string', A],
	])('is found: %s', (_, answer) => {
		expect(readOutputs(answer)).toMatchObject({ images: [url(A)], texts: {} });
	});

	it.each(['', null, 'application/octet-stream', 'binary/octet-stream'])(
		'is found in images with the content type %j, which storages give too',
		(type) => {
			const answer = { images: [{ url: A, content_type: type }] };
			expect(readOutputs(answer).images).toEqual([url(A)]);
		},
	);
});

describe('an image inside the answer', () => {
	const dataUri = `data:image/png;base64,${BASE64}`;

	it.each<[string, unknown]>([
		['image', { image: BASE64 }],
		['output', { output: BASE64 }],
		['data', { data: BASE64 }],
		['base64', { base64: BASE64 }],
		['images[0]', { images: [BASE64] }],
		['image as a data URI', { image: dataUri }],
		['output as a data URI', { output: dataUri }],
		['data as a data URI', { data: dataUri }],
		['base64 as a data URI', { base64: dataUri }],
		['images[0] as a data URI', { images: [dataUri] }],
		['images[0].url as a data URI', { images: [{ url: dataUri }] }],
		['images[0].data', { images: [{ data: BASE64 }] }],
		['a workflow output', { output: [keyed('x', dataUri, 'image')] }],
	])('is found under %s', (_, answer) => {
		expect(readOutputs(answer).images).toEqual([{ kind: 'base64', base64: BASE64 }]);
	});

	it.each([
		['JPEG', jpeg],
		['PNG', png],
		['WebP', webp],
	])('is told from words when it is a %s', (_, file) => {
		expect(base64OfImage(file.toString('base64'))).toBe(file.toString('base64'));
	});

	it.each([
		['a short text', 'iVBORw0KGgo'],
		['a long text', 'A comic face that smiles at the reader, and then once more. '.repeat(3)],
		['a long word', 'a'.repeat(200)],
		['Base64 of something else', Buffer.alloc(100, 'text').toString('base64')],
		['a URL', A],
		['a data URI that is not Base64', 'data:image/svg+xml,%3Csvg%3E'],
	])('is not seen in %s', (_, text) => {
		expect(base64OfImage(text)).toBeUndefined();
	});
});

describe('several outputs', () => {
	it('come in the order of the answer', () => {
		expect(readOutputs({ images: [{ url: B }, { url: A }] }).images).toEqual([url(B), url(A)]);
		expect(readOutputs({ output: { first: B, second: A } }).images).toEqual([url(B), url(A)]);
	});

	it('come once, though the answer repeats them', () => {
		expect(readOutputs({ images: [{ url: A }, { url: A }], output: A }).images).toEqual([url(A)]);
	});

	it('come from the best place only, since the others repeat it', () => {
		expect(readOutputs({ images: [{ url: A }], output: B }).images).toEqual([url(A)]);
	});

	it('come from the next place when the best is empty', () => {
		expect(readOutputs({ images: [], image: null, output: B }).images).toEqual([url(B)]);
	});

	it('keep the texts of a workflow apart from its images', () => {
		const output = JSON.stringify([
			keyed('caption', 'A knight', 'text'),
			keyed('image', A, 'image'),
			keyed('count', 3, 'number'),
			keyed('source', B, 'text'),
		]);
		const outputs = readOutputs({ status: 'COMPLETED', output });
		expect(outputs.images).toEqual([url(A)]);
		expect(outputs.texts).toEqual({ caption: 'A knight', count: 3, source: B });
	});

	it.each(['url', 'URI', 'file', 'image_list'])(
		'of the type %s may be images beside others',
		(type) => {
			const output = [keyed('x', A, type), keyed('caption', 'A knight', 'text')];
			expect(readOutputs({ output })).toMatchObject({
				images: [url(A)],
				texts: { caption: 'A knight' },
			});
		},
	);

	it('keep what they are declared as whole: JSON, lists, empty texts', () => {
		const meta = { score: 1, url: B, parts: [1, 2] };
		const output = [
			keyed('image', A, 'image'),
			keyed('meta', meta, 'json'),
			keyed('tags', ['a', 'b'], 'text'),
			keyed('empty', '', 'text'),
		];
		expect(readOutputs({ output })).toMatchObject({
			images: [url(A)],
			texts: { meta, tags: ['a', 'b'], empty: '' },
		});
	});

	it('keep each part of what is not declared', () => {
		const output = { image: A, sizes: [1, 2] };
		expect(readOutputs({ output }).texts).toEqual({ sizes: 1, sizes2: 2 });
	});

	it('keep two texts of the same name', () => {
		const output = [keyed('note', 'one', 'text'), keyed('note', 'two', 'text'), keyed('x', A)];
		expect(readOutputs({ output }).texts).toEqual({ note: 'one', note2: 'two' });
	});

	it('leave the URLs of a text output among the texts, also when they are a list', () => {
		const output = [keyed('image', A, 'image'), keyed('sources', [B], 'text')];
		expect(readOutputs({ output }).images).toEqual([url(A)]);
	});

	it('keep the texts of an object of keys', () => {
		const outputs = readOutputs({ output: { caption: 'A knight', image: A } });
		expect(outputs).toMatchObject({ images: [url(A)], texts: { caption: 'A knight' } });
	});
});

describe('what is no image', () => {
	const odd = (text: string) => base64OfImage(text);

	it('is a text that is too short for Base64', () => {
		expect(odd(BASE64.slice(0, 79))).toBeUndefined();
		expect(odd(BASE64.slice(0, 80))).toBe(BASE64.slice(0, 80));
	});

	it.each([
		['other characters before it', `!!${BASE64}`],
		['other characters in it', `${BASE64.slice(0, 20)}!${BASE64.slice(20)}`],
		['words before a data URI', `see data:image/png;base64,${'please log in '.repeat(20)}`],
	])('is Base64 with %s', (_, text) => {
		expect(odd(text)).toBeUndefined();
	});

	it.each<[string, unknown, object]>([
		['a number in a text', '42', { output: '42' }],
		['null', { a: null }, {}],
		['an empty text', ['', 'a'], { output: 'a' }],
		['a value without a key', { value: 'words' }, { value: 'words' }],
		['a key without a value', { keyname: 'x' }, { keyname: 'x' }],
		['a URL of another type', { url: A, type: 'video' }, { output: A }],
		['a URL of another content type', { url: A, content_type: 'video/mp4' }, { output: A }],
		['data of another type', { data: 'words', type: 'text' }, { output: 'words' }],
		[
			'three texts of the same name',
			[keyed('out', 'a', 'text'), keyed('out', 'b', 'text'), keyed('out', 'c', 'text')],
			{ out: 'a', out2: 'b', out3: 'c' },
		],
	])('stays a text: %s', (_, output, texts) => {
		const outputs = readOutputs({ output });
		expect(outputs.images).toEqual([]);
		expect(outputs.texts).toStrictEqual(texts);
	});

	it('has the name "output" where the answer is a text', () => {
		expect(readOutputs('words').texts).toEqual({ output: 'words' });
	});
});

describe('an answer without an image', () => {
	it.each<[string, unknown]>([
		['nothing', {}],
		['empty places', { images: [], output: '', image: null }],
		['empty JSON', { output: '[]' }],
		['a request for a file of the machine', { output: 'file:///etc/passwd' }],
		['another protocol', { images: [{ url: 'ftp://example.com/a.png' }] }],
		['broken JSON', { output: '[{"keyname": "x", "value"' }],
		['a number', 7],
	])('gives none: %s', (_, answer) => {
		expect(readOutputs(answer).images).toEqual([]);
	});

	it('still gives its texts', () => {
		const answer = { output: [keyed('caption', 'A knight', 'text')] };
		expect(readOutputs(answer).texts).toEqual({ caption: 'A knight' });
	});
});

describe('what an answer does not call an image', () => {
	const untyped = (answer: object) => readOutputs(answer).untyped;

	it.each<[string, object, object]>([
		['images', { images: [A] }, {}],
		['image', { image: A }, {}],
		['image_url', { image_url: A }, {}],
		['a type that says image', { output: [keyed('x', A, 'image')] }, {}],
		['a content type that says image', { output: { url: A, content_type: 'image/png' } }, {}],
		['output', { output: A }, { [A]: 'output' }],
		['a list under output', { output: [A, B] }, { [A]: 'output', [B]: 'output' }],
		['a name of its own', { output: { preview: A, other: B } }, { [A]: 'preview', [B]: 'other' }],
		["a workflow's name", { output: [keyed('x', A)] }, { [A]: 'x' }],
		['media', { output: [keyed('x', A, 'media')] }, { [A]: 'x' }],
		['a type for bytes', { output: [keyed('x', A, 'application/octet-stream')] }, { [A]: 'x' }],
		['a type for addresses', { output: [keyed('x', A, 'url')] }, { [A]: 'x' }],
		['the first of two names', { output: { one: A, two: A } }, { [A]: 'one' }],
	])('is known by its name: %s', (_, answer, expected) => {
		expect(untyped(answer)).toEqual(expected);
	});

	it('leaves out what an answer calls something else', () => {
		const { images, texts } = readOutputs({
			output: [keyed('x', A, 'image'), keyed('clip', B, 'video/mp4')],
		});
		expect(images).toEqual([url(A)]);
		expect(texts).toEqual({ clip: B });
	});
});

describe('an address without a host', () => {
	const from = 'https://api.segmind.com/v2/requests/r1';
	it.each([
		['/files/a.png', 'https://api.segmind.com/files/a.png'],
		['./a.png', 'https://api.segmind.com/v2/requests/a.png'],
		['../a.png', 'https://api.segmind.com/v2/a.png'],
		['//cdn.segmind.com/a.png', 'https://cdn.segmind.com/a.png'],
	])("belongs to the answer's own: %s", (text, address) => {
		expect(readOutputs({ image: text }, from).images).toEqual([url(address)]);
	});

	it('is a text where nobody knows whose it is, and where it has spaces', () => {
		expect(readOutputs({ image: '/files/a.png' })).toMatchObject({
			images: [],
			texts: { image: '/files/a.png' },
		});
		expect(readOutputs({ output: '/ or so' }, from)).toMatchObject({
			images: [],
			texts: { output: '/ or so' },
		});
	});
});

it('keeps texts of one name apart', () => {
	const texts = {};
	for (const value of ['a', 'b', 'c']) addText(texts, 'words', value);
	addText(texts, '__proto__', 'd');
	addText(texts, 'toString', 'e');
	expect(texts).toEqual({ words: 'a', words2: 'b', words3: 'c', proto: 'd', toString: 'e' });
});
