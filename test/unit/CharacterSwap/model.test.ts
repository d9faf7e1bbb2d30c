import { characterSwap } from '../../../nodes/CharacterSwap/model';
import { readFields } from '../../../nodes/shared/parameters/read';

describe('Character Swap as a service', () => {
	it('takes two images by the names of the API', () => {
		expect(
			characterSwap.images.map(({ name, field, optional }) => [name, field, optional]),
		).toEqual([
			['referenceCharacterImage', 'reference_character_image', undefined],
			['characterImage', 'character_image', undefined],
		]);
	});

	it('changes the picture, and takes images inside a request as data URIs', () => {
		expect(characterSwap).toMatchObject({ mainImage: 'characterImage', inlineAs: 'dataUri' });
	});

	it('has the endpoints of the workflow', () => {
		expect(characterSwap.submitPath).toBe('/workflows/678aa4026426baad7e5392fb-v7');
		expect(characterSwap.statusPath('r-1')).toBe('/workflows/request/r-1');
		expect(characterSwap.resultPath).toBeUndefined();
		expect(characterSwap.syncPath).toBeUndefined();
	});

	it('sends nothing but the images', () => {
		expect(readFields(characterSwap, { get: () => 'anything' })).toEqual({});
		expect(characterSwap.base64Field).toBeUndefined();
	});

	it('has the time and the price of its page', () => {
		expect(characterSwap).toMatchObject({ typicalSeconds: 72, typicalCost: 0.1522 });
	});
});
