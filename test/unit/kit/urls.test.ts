import {
	fileNameOfUrl,
	isOwnOrigin,
	joinUrl,
	pathBelow,
	parseHttpUrl,
	resolveUrl,
} from '../../../nodes/shared/kit/urls';

describe('an http(s) URL', () => {
	it.each(['https://api.segmind.com', 'http://127.0.0.1:3000/x?y#z', 'HTTPS://EXAMPLE.COM/'])(
		'is %s',
		(text) => {
			expect(parseHttpUrl(text)?.href).toBe(new URL(text).href);
		},
	);

	it.each(['', 'example.com/a.png', '/a.png', 'ftp://x/y', 'data:,x', 'file:///x', 'https://'])(
		'is not %j',
		(text) => {
			expect(parseHttpUrl(text)).toBeUndefined();
		},
	);
});

describe('joining a base URL and a path', () => {
	it.each([
		['https://api.segmind.com', 'https://api.segmind.com/v1/x'],
		['https://api.segmind.com/', 'https://api.segmind.com/v1/x'],
		['https://api.segmind.com///', 'https://api.segmind.com/v1/x'],
		[' https://proxy.test/segmind ', 'https://proxy.test/segmind/v1/x'],
		['https://proxy.test/segmind/', 'https://proxy.test/segmind/v1/x'],
	])('takes %j', (base, url) => {
		expect(joinUrl(base, '/v1/x')).toBe(url);
	});
});

describe('an own origin', () => {
	const bases = ['https://api.segmind.com/prefix', ' https://storage.test:8443 ', 'not a URL'];

	it.each([
		'https://api.segmind.com/v1/x',
		'https://api.segmind.com:443/v1/x',
		'HTTPS://API.SEGMIND.COM/v1/x',
		'https://storage.test:8443/upload-asset',
		'https://somebody@api.segmind.com/v1/x',
	])('is that of %s', (url) => {
		expect(isOwnOrigin(url, bases)).toBe(true);
	});

	it.each([
		'http://api.segmind.com/v1/x',
		'https://api.segmind.com:8443/v1/x',
		'https://storage.test/upload-asset',
		'https://api.segmind.com.evil.com/v1/x',
		'https://evil.com/api.segmind.com',
		'https://api.segmind.com@evil.com/v1/x',
		'https://evil.com\\@api.segmind.com/',
		'https://evil.com#@api.segmind.com/',
		'https://sub.api.segmind.com/',
		'not a URL',
		'',
	])('is not that of %s', (url) => {
		expect(isOwnOrigin(url, bases)).toBe(false);
	});
});

describe('the target of a redirect', () => {
	const from = 'https://api.segmind.com/v1/x?y=1';

	it.each([
		['https://cdn.test/a.png', 'https://cdn.test/a.png'],
		['/v2/z', 'https://api.segmind.com/v2/z'],
		['z', 'https://api.segmind.com/v1/z'],
		['//cdn.test/a.png', 'https://cdn.test/a.png'],
		['?y=2', 'https://api.segmind.com/v1/x?y=2'],
	])('is seen from where it came: %s', (location, target) => {
		expect(resolveUrl(location, from)).toBe(target);
	});

	it.each(['file:///etc/passwd', 'data:image/png;base64,AAAA', 'javascript:1', 'https://'])(
		'is never %s',
		(location) => {
			expect(resolveUrl(location, from)).toBeUndefined();
		},
	);
});

describe('the file name in a URL', () => {
	it.each([
		['https://cdn.test/a/page-01.png?x=1#y', 'page-01.png'],
		['https://cdn.test/b%C3%A4r%20eins.jpg', 'bär eins.jpg'],
		['https://cdn.test/100%25.png', '100%.png'],
		['https://cdn.test/%E0%A4%A', '%E0%A4%A'],
		['https://cdn.test/page-2023-12-31.png', 'page-2023-12-31.png'],
		['https://cdn.test/face.png', 'face.png'],
		['https://cdn.test/20231231.png', '20231231.png'],
		['https://cdn.test/44e264ec-4ae7-4d90-bb3a-fb6215fcd359.png', undefined],
		['https://cdn.test/44E264EC-4AE7-4D90-BB3A-FB6215FCD359', undefined],
		[
			'https://x.test/44e264ec-4ae7-4d90-bb3a-fb6215fcd359-29570e4d-b67e-4612-bbb6-ae4802b672a1_1.png',
			undefined,
		],
		['https://cdn.test/d41d8cd98f00b204e9800998ecf8427e.jpeg', undefined],
		[
			'https://cdn.test/hero-44e264ec-4ae7-4d90-bb3a-fb6215fcd359.png',
			'hero-44e264ec-4ae7-4d90-bb3a-fb6215fcd359.png',
		],
		['https://cdn.test/', undefined],
		['https://cdn.test/folder/', undefined],
		['not a URL', undefined],
	])('of %s is %j', (url, name) => {
		expect(fileNameOfUrl(url)).toBe(name);
	});
});

describe('the path below a base URL', () => {
	it.each<[string, string[], string | undefined]>([
		['https://a.test/v1/x', ['https://a.test'], '/v1/x'],
		['https://a.test/v1/x?y=z', ['https://a.test/'], '/v1/x'],
		['https://a.test/p/v1/x', ['https://a.test/p'], '/v1/x'],
		['https://a.test/p/v1/x', [' https://a.test/p// '], '/v1/x'],
		['https://a.test/p//v1/x', ['https://a.test/p'], '//v1/x'],
		['https://a.test/p/q/x', ['https://a.test', 'https://a.test/p/q', 'https://a.test/p'], '/x'],
		['https://a.test/p/x', ['https://b.test/p', 'https://a.test'], '/p/x'],
		['https://a.test/pq/x', ['https://a.test/p'], undefined],
		['https://a.test/x/p/', ['https://a.test/p'], undefined],
		['https://a.test/x', ['https://a.test/p'], undefined],
		['https://a.test/x', ['https://b.test', 'https://a.test:8443', 'no URL'], undefined],
		['http://a.test/x', ['https://a.test'], undefined],
		['no URL', ['https://a.test'], undefined],
		['https://a.test/x', [], undefined],
	])('of %j below %j is %j', (url, baseUrls, path) => {
		expect(pathBelow(url, baseUrls)).toBe(path);
	});
});
