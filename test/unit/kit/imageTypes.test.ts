import {
	HEAD_BYTES,
	hasImageEnd,
	recogniseForeign,
	recogniseImage,
} from '../../../nodes/shared/kit/imageTypes';
import { avif, bmp, gif, heic, jpeg, png, tiff, video, webp } from '../../support/samples';

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
	])('is recognised by its first bytes: %s', (_, file, mimeType, extension) => {
		expect(recogniseImage(head(file))).toEqual({ mimeType, extension });
		expect(recogniseForeign(head(file))).not.toBe('HTML');
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
	it.each([
		['HEIC', heic, 'HEIC'],
		['HEIF of another brand', Buffer.from('\0\0\0\x20ftypmif1'), 'HEIC'],
		['a video', video, 'video'],
		['a PDF', Buffer.from('%PDF-1.7\n'), 'PDF'],
		['an archive', Buffer.from('PK\x03\x04'), 'ZIP'],
		['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), 'SVG'],
		['an SVG in capitals', Buffer.from(' <SVG>'), 'SVG'],
		['an SVG after an XML line', Buffer.from('<?xml version="1.0"?>\n<svg>'), 'SVG'],
		['a page', Buffer.from('<!DOCTYPE html><html>'), 'HTML'],
		['a page after a byte order mark', Buffer.from('\ufeff\n<html>'), 'HTML'],
		['a JSON object', Buffer.from('{"error": "x"}'), 'JSON'],
		['a JSON list', Buffer.from('  [1]'), 'JSON'],
	])('is called what it is: %s', (_, file, name) => {
		expect(recogniseForeign(head(file))).toBe(name);
	});

	it.each([
		['nothing', Buffer.alloc(0)],
		['words', Buffer.from('hello')],
		['noise', Buffer.alloc(64, 3)],
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
