import { outputFileName } from '../../../nodes/shared/images/store';

const JPEG = { mimeType: 'image/jpeg', extension: 'jpg' };

describe('the name of an output file', () => {
	it.each([
		['page-01', 'page-01.jpg'],
		['page-01.png', 'page-01.jpg'],
		['page-01.JPEG', 'page-01.jpg'],
		['chapter.2', 'chapter.2.jpg'],
		['../../etc/passwd', 'passwd.jpg'],
		['C:\\pictures\\me.webp', 'me.jpg'],
		['..hidden', 'hidden.jpg'],
		['a\u0000b\nc<d>:"|?*e\u007f', 'abcde.jpg'],
		[' "me" ', 'me.jpg'],
		['Größe 東京 🦊.png', 'Größe 東京 🦊.jpg'],
		['', 'image.jpg'],
		['/', 'image.jpg'],
		['.png', 'image.jpg'],
		['x'.repeat(300), `${'x'.repeat(251)}.jpg`],
		['photo\u202egpj.exe.png', 'photogpj.exe.jpg'],
		['\u200bpage\u00ad \u0085\u009f1\ufeff\u2028\u{e0041}\u2800', 'page 1.jpg'],
		['\u202e.png', 'image.jpg'],
		['a\ud83eb\udd8a', 'ab.jpg'],
	])('%j becomes %j', (wish, name) => {
		expect(outputFileName(wish, JPEG)).toBe(name);
	});

	it.each([
		['Japanese', '漫'.repeat(120), '漫'.repeat(83)],
		['an emoji at the cut', `${'x'.repeat(249)}🦊`, 'x'.repeat(249)],
		['one that just fits', `${'x'.repeat(247)}🦊`, `${'x'.repeat(247)}🦊`],
		['a flag', `${'x'.repeat(246)}🇯🇵`, 'x'.repeat(246)],
		['a skin tone', `${'x'.repeat(246)}👍🏽`, 'x'.repeat(246)],
		['an accent behind its letter', `${'x'.repeat(250)}e\u0301`, 'x'.repeat(250)],
		['a blank at the cut', `${'x'.repeat(250)} y`, 'x'.repeat(250)],
		['nothing but one endless character', `e${'\u0301'.repeat(500)}`, 'image'],
		['a very long one', '漫🦊'.repeat(500_000), '漫🦊'.repeat(35) + '漫'],
	])('has at most 255 bytes, in whole characters: %s', (_, wish, stem) => {
		const name = outputFileName(wish, JPEG);
		expect(name).toBe(`${stem}.jpg`);
		expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
	});
});
