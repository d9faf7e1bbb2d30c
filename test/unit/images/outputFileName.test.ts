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
		['x'.repeat(300), `${'x'.repeat(200)}.jpg`],
	])('%j becomes %j', (wish, name) => {
		expect(outputFileName(wish, JPEG)).toBe(name);
	});
});
