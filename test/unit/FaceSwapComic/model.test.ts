import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';

describe('FaceSwap Comic as a service', () => {
	it('takes three images by the names of the API', () => {
		expect(
			faceSwapComic.images.map(({ name, field, optional }) => [name, field, optional]),
		).toEqual([
			['sourceImage', 'source_image', undefined],
			['targetImage', 'target_image', undefined],
			['maskImage', 'mask_image', true],
		]);
	});

	it('changes the comic, and takes images inside a request as bare Base64', () => {
		expect(faceSwapComic).toMatchObject({ mainImage: 'targetImage', inlineAs: 'base64' });
	});

	it('has the endpoints of the API', () => {
		expect(faceSwapComic.submitPath).toBe('/v2/faceswap-comic');
		expect(faceSwapComic.syncPath).toBe('/v1/faceswap-comic');
		expect(faceSwapComic.statusPath('r-1')).toBe('/v2/requests/r-1/status');
		expect(faceSwapComic.resultPath?.('r-1')).toBe('/v2/requests/r-1');
	});

	it('has the time and the price of its page', () => {
		expect(faceSwapComic).toMatchObject({ typicalSeconds: 21, typicalCost: 0.065 });
	});
});
