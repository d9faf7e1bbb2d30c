import {
	HEAD_BYTES,
	hasImageEnd,
	recogniseForeign,
	recogniseImage,
} from '../../../nodes/shared/kit/imageTypes';
import { avif, bmp, gif, heic, jpeg, png, tiff, video, webp } from '../../support/samples';

const binary = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The first box of a file of the ISO family. */
function isoFile(major: string, ...compatible: string[]): Buffer {
	const box = binary(`....ftyp${major}\0\0\0\0${compatible.join('')}`);
	box.writeUInt32BE(box.length);
	return box;
}

const head = (file: Buffer): Buffer => file.subarray(0, HEAD_BYTES);

describe('an image', () => {
	it.each([
		['JPEG', jpeg, 'image/jpeg', 'jpg'],
		['PNG', png, 'image/png', 'png'],
		['WebP', webp, 'image/webp', 'webp'],
		['GIF', gif, 'image/gif', 'gif'],
		['old GIF', Buffer.from('GIF87a and more'), 'image/gif', 'gif'],
		['BMP', bmp, 'image/bmp', 'bmp'],
		['TIFF', tiff, 'image/tiff', 'tiff'],
		['big-endian TIFF', Buffer.from('MM\0*more'), 'image/tiff', 'tiff'],
		['AVIF', avif, 'image/avif', 'avif'],
		['AVIF sequence', Buffer.from('\0\0\0\x20ftypavis'), 'image/avif', 'avif'],
		...['mif1', 'mif2', 'msf1', 'miaf'].flatMap((major) =>
			['avif', 'avis'].map((brand): [string, Buffer, string, string] => [
				`AVIF as ${major} with ${brand}`,
				isoFile(major, 'miaf', 'MA1B', brand),
				'image/avif',
				'avif',
			]),
		),
		[
			'AVIF behind many other brands',
			isoFile('mif1', ...Array<string>(200).fill('miaf'), 'avif'),
			'image/avif',
			'avif',
		],
	])('is recognised by its first bytes: %s', (_, file, mimeType, extension) => {
		expect(recogniseImage(head(file))).toEqual({ mimeType, extension });
		expect(recogniseForeign(head(file))).not.toBe('a web page (HTML)');
	});

	it.each([
		['nothing', Buffer.alloc(0)],
		['one byte', Buffer.from([0xff])],
		['two bytes of a JPEG', Buffer.from([0xff, 0xd8])],
		['seven bytes of a PNG', png.subarray(0, 7)],
		['a sound in RIFF', Buffer.from('RIFF\0\0\0\0WAVEfmt ')],
		['a text that starts with BM', Buffer.from('BMW is a maker of cars and motorcycles.')],
		['BM alone', Buffer.from('BM')],
		['text', Buffer.from('a picture of a knight')],
		['HEIC', heic],
		['HEIC that says so first', isoFile('heic', 'mif1', 'avif')],
		['a brand behind the list of brands', Buffer.concat([isoFile('mif1', 'heic'), binary('avif')])],
		['a version that reads like a brand', isoFile('mif1', 'heic').fill('avif', 12, 16)],
		['a video', video],
		['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">')],
	])('is not seen in %s', (_, file) => {
		expect(recogniseImage(head(file))).toBeUndefined();
	});
});

/** Each place whose byte tells what the file is, by the kind of file. */
const MAGIC: Array<[string, Buffer, number[]]> = [
	['JPEG', jpeg, [0, 1, 2]],
	['PNG', png, [0, 1, 2, 3, 4, 5, 6, 7]],
	['WebP', webp, [0, 1, 2, 3, 8, 9, 10, 11]],
	['GIF', gif, [0, 1, 2, 3, 4, 5]],
	['BMP', bmp, [0, 1, 6, 7, 8, 9]],
	['TIFF', tiff, [0, 1, 2, 3]],
	['AVIF', avif, [4, 5, 6, 7, 8, 9, 10, 11]],
];

it.each(MAGIC)('%s is known by each of its first bytes', (_, file, places) => {
	for (const place of places) {
		const other = Buffer.from(head(file));
		other[place] = (other[place] as number) ^ 0x55;
		expect([place, recogniseImage(other)]).toEqual([place, undefined]);
	}
});

describe('a file that is no image', () => {
	const svg = '<svg xmlns="http://www.w3.org/2000/svg">';
	const latin = (file: Buffer) => Buffer.from(file.toString('latin1'));
	const asText = (file: Buffer) => Buffer.from(file.toString('utf8'));

	it.each<[string, Buffer, string]>([
		['HEIC', heic, 'a HEIC photo'],
		['HEIF of another brand', Buffer.from('\0\0\0\x20ftypmif1'), 'a HEIC photo'],
		...['heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'avci', 'vvic', 'msf1', 'miaf'].map(
			(brand): [string, Buffer, string] => [brand, isoFile(brand, 'mif1'), 'a HEIC photo'],
		),
		['a raw photo', isoFile('crx ', 'crx ', 'isom'), 'a RAW photo'],
		['a video', video, 'a video'],
		['a PDF', Buffer.from('%PDF-1.7\n'), 'a PDF'],
		['an archive', Buffer.from('PK\x03\x04'), 'a ZIP archive'],
		['an SVG', Buffer.from(svg), 'an SVG drawing'],
		['an SVG in capitals', Buffer.from(' <SVG>'), 'an SVG drawing'],
		['an SVG after an XML line', Buffer.from(`<?xml version="1.0"?>\n${svg}`), 'an SVG drawing'],
		[
			'an SVG after a comment',
			Buffer.from(`<!-- ${'Made with <g> '.repeat(40)}-->\n${svg}`),
			'an SVG drawing',
		],
		[
			'an SVG after its document type',
			Buffer.from(
				'\ufeff<?xml version="1.0"?>\r\n<!-- a --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x" [<!ENTITY a "b">]>',
			),
			'an SVG drawing',
		],
		['an SVG with a prefix', Buffer.from('<?xml version="1.0"?><svg:svg>'), 'an SVG drawing'],
		[
			'an expired link of S3',
			Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'),
			'an XML document',
		],
		['one of Azure', Buffer.from('\ufeff<?xml version="1.0"?><Error><Code>x'), 'an XML document'],
		['one without its XML line', Buffer.from('<Error><Code>NoSuchKey'), 'an XML document'],
		[
			'XML that does not say more',
			Buffer.from(`<?xml version="1.0"?><!-- ${'x'.repeat(2000)}`),
			'an XML document',
		],
		['a page', Buffer.from('<!DOCTYPE html><html>'), 'a web page (HTML)'],
		[
			'a page after an XML line',
			Buffer.from('<?xml version="1.0"?>\n<html xmlns="x">'),
			'a web page (HTML)',
		],
		['a page after a byte order mark', Buffer.from('\ufeff\n<html>'), 'a web page (HTML)'],
		['a piece of a page', Buffer.from('<h1>Not found</h1>'), 'a web page (HTML)'],
		['a JSON object', Buffer.from('{"error": "x"}'), 'JSON text'],
		['a JSON list', Buffer.from('  [1]'), 'JSON text'],
		...[jpeg, png, webp, gif].flatMap((file): Array<[string, Buffer, string]> => [
			['Base64', Buffer.from(file.toString('base64')), 'Base64 text'],
			['Base64 for URLs', Buffer.from(file.toString('base64url')), 'Base64 text'],
			['a data URI', Buffer.from(`data:image/png;base64,${file.toString('base64')}`), 'a data URI'],
		]),
		['a PNG read as UTF-8', asText(png), 'a file that was damaged by being read as text'],
		['a JPEG read as UTF-8', asText(jpeg), 'a file that was damaged by being read as text'],
		['a PNG read as Latin-1', latin(png), 'a file that was damaged by being read as text'],
		['a JPEG read as Latin-1', latin(jpeg), 'a file that was damaged by being read as text'],
		[
			'a PNG read as Windows-1252',
			Buffer.from('‰PNG\r\n'),
			'a file that was damaged by being read as text',
		],
		[
			'a WebP read as UTF-8',
			asText(Buffer.concat([webp.subarray(0, 4), binary('\xf4\xa2\xff\0WEBP')])),
			'a file that was damaged by being read as text',
		],
	])('is called what it is: %s', (_, file, name) => {
		expect(recogniseImage(head(file))).toBeUndefined();
		expect(recogniseForeign(head(file))).toBe(name);
	});

	it.each([
		['nothing', Buffer.alloc(0)],
		['words', Buffer.from('hello')],
		['many words', Buffer.from('hello world '.repeat(20))],
		['one long word', Buffer.from('hello'.repeat(20))],
		['words that begin like a data URI', Buffer.from('data: 7, 8, 9')],
		['noise', Buffer.alloc(64, 3)],
		['bytes that are no text', Buffer.alloc(1000, 0xfe)],
	])('stays without a name when nobody can tell: %s', (_, file) => {
		expect(recogniseForeign(file)).toBeUndefined();
	});
});

describe('the end of an image', () => {
	const ends = (file: Buffer, bytes = file.length): boolean => {
		const type = recogniseImage(file);
		return type !== undefined && hasImageEnd(type, file, file.subarray(-64), bytes);
	};

	it.each([
		['JPEG', jpeg],
		['JPEG with zeros behind it', Buffer.concat([jpeg, Buffer.alloc(10)])],
		['PNG', png],
		['WebP', webp],
		['WebP with a padding byte', Buffer.concat([webp, Buffer.alloc(1)])],
		['GIF, which needs none', gif],
		['BMP, which needs none', bmp],
		['TIFF, which needs none', tiff],
		['AVIF, which needs none', avif],
	])('is there: %s', (_, file) => {
		expect(ends(file)).toBe(true);
	});

	const JPEG = { mimeType: 'image/jpeg', extension: 'jpg' };
	const WEBP = { mimeType: 'image/webp', extension: 'webp' };

	it.each<[string, number[], boolean]>([
		['its two bytes alone', [0xff, 0xd9], true],
		['its second byte alone', [0xd9], false],
		['another first byte', [1, 2, 0, 0xd9], false],
		['another second byte', [1, 2, 0xff, 0xd8], false],
		['nothing', [], false],
		['zeros only', [0, 0, 0], false],
	])('of a JPEG is two bytes: %s', (_, tail, there) => {
		expect(hasImageEnd(JPEG, jpeg, Buffer.from(tail), 100)).toBe(there);
	});

	it('of a WebP is told by its length, which the first eight bytes hold', () => {
		expect(hasImageEnd(WEBP, webp.subarray(0, 8), Buffer.alloc(0), 102)).toBe(true);
		expect(hasImageEnd(WEBP, webp.subarray(0, 8), Buffer.alloc(0), 101)).toBe(false);
		expect(hasImageEnd(WEBP, webp.subarray(0, 7), Buffer.alloc(0), 102)).toBe(false);
	});

	it.each([
		['JPEG', jpeg.subarray(0, -1)],
		['JPEG of which only zeros are left', Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(70)])],
		['PNG', png.subarray(0, -9)],
		['WebP', webp.subarray(0, -1)],
	])('is missing: %s', (_, file) => {
		expect(ends(file)).toBe(false);
	});
});
