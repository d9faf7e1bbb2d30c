import {
	HEAD_BYTES,
	hasImageEnd,
	recogniseForeign,
	recogniseImage,
} from '../../nodes/shared/imageTypes';
import { avif, bmp, gif, heic, jpeg, png, tiff, video, webp } from './samples';

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

	it.each([
		['JPEG', jpeg.subarray(0, -1)],
		['JPEG of which only zeros are left', Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(70)])],
		['PNG', png.subarray(0, -9)],
		['WebP', webp.subarray(0, -1)],
	])('is missing: %s', (_, file) => {
		expect(ends(file)).toBe(false);
	});
});
