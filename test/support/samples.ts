/** Looks like a key of Segmind, and is none. */
export const sampleKey = ['SG', '0123456789abcdef'].join('_');

// Files as short as their recognition allows, for tests that never look at the picture.

const filler = Buffer.alloc(90, 7);

const binary = (text: string): Buffer => Buffer.from(text, 'latin1');

const sized = (tag: string, bytes: number): Buffer => {
	const head = Buffer.alloc(12);
	head.write('RIFF', 0, 'latin1');
	head.writeUInt32LE(bytes - 8, 4);
	head.write(tag, 8, 'latin1');
	return head;
};

const bitmapHead = (): Buffer => {
	const head = Buffer.alloc(26);
	head.write('BM', 0, 'latin1');
	head.writeUInt32LE(126, 2);
	return head;
};

export const jpeg = Buffer.concat([
	Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
	filler,
	Buffer.from([0xff, 0xd9]),
]);

export const png = Buffer.concat([
	binary('\x89PNG\r\n\x1a\n'),
	filler,
	binary('\0\0\0\0IEND\xae\x42\x60\x82'),
]);

export const webp = Buffer.concat([sized('WEBP', 102), filler]);

export const gif = Buffer.concat([binary('GIF89a'), filler]);

export const bmp = Buffer.concat([bitmapHead(), filler]);

export const tiff = Buffer.concat([binary('II*\0'), filler]);

export const avif = Buffer.concat([binary('\0\0\0\x20ftypavif'), filler]);

export const heic = Buffer.concat([binary('\0\0\0\x20ftypheic'), filler]);

export const video = Buffer.concat([binary('\0\0\0\x20ftypisom'), filler]);
