import { CharacterSwap } from '../../../nodes/CharacterSwap/CharacterSwap.node';
import {
	conditionsOf,
	propertyOf,
	rangesOf,
	requiredOf,
	surfaceOf,
	valuesOf,
} from '../../support/surface';

const node = new CharacterSwap();
const { description } = node;
const { properties } = description;
const options = propertyOf(properties, 'options').options ?? [];

const SAMPLES = 'https://segmind-inference-inputs.s3.amazonaws.com';
const REFERENCE = `${SAMPLES}/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg`;
const PICTURE = `${SAMPLES}/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg`;

const swap = { operation: ['swap'] };

describe('the node Character Swap', () => {
	it('has the name and the version that saved workflows depend on', () => {
		expect(description).toMatchObject({
			name: 'characterSwap',
			displayName: 'Character Swap',
			version: 1,
		});
	});
});

describe('its parameters', () => {
	it("have the names, types and defaults of the interface, with the API's own samples", () => {
		expect(surfaceOf(properties)).toEqual([
			['operation', 'options', 'swap'],
			['priceNotice', 'notice', ''],
			['requestId', 'string', ''],
			['referenceCharacterImageInput', 'options', 'url'],
			['referenceCharacterImageUrl', 'string', REFERENCE],
			['referenceCharacterImageNotice', 'notice', ''],
			['referenceCharacterImageBinaryField', 'string', 'data'],
			['characterImageInput', 'options', 'url'],
			['characterImageUrl', 'string', PICTURE],
			['characterImageNotice', 'notice', ''],
			['characterImageBinaryField', 'string', 'data'],
			['waitForCompletion', 'boolean', true],
			['options', 'collection', {}],
		]);
	});

	it('offer three operations, and two ways for each image', () => {
		expect(valuesOf(propertyOf(properties, 'operation'))).toEqual([
			'swap',
			'getResult',
			'getBalance',
		]);
		expect(valuesOf(propertyOf(properties, 'referenceCharacterImageInput'))).toEqual([
			'binary',
			'url',
		]);
		expect(valuesOf(propertyOf(properties, 'characterImageInput'))).toEqual(['binary', 'url']);
	});

	it('are shown where they count', () => {
		const samples = { referenceCharacterImage: REFERENCE, characterImage: PICTURE };
		const ofImages = Object.entries(samples).flatMap(([image, sample]) => [
			[`${image}Input`, swap],
			[`${image}Url`, { ...swap, [`${image}Input`]: ['url'] }],
			[`${image}Notice`, { ...swap, [`${image}Input`]: ['url'], [`${image}Url`]: [sample] }],
			[`${image}BinaryField`, { ...swap, [`${image}Input`]: ['binary'] }],
		]);
		expect(conditionsOf(properties)).toEqual({
			...(Object.fromEntries(ofImages) as object),
			operation: undefined,
			priceNotice: swap,
			requestId: { operation: ['getResult'] },
			waitForCompletion: { operation: ['swap', 'getResult'] },
			options: undefined,
		});
	});

	it('must be filled in where an image is expected', () => {
		expect(requiredOf(properties)).toEqual(['referenceCharacterImageUrl', 'characterImageUrl']);
	});

	it('say what an image costs, and beside each field that it holds a sample', () => {
		expect(propertyOf(properties, 'priceNotice').displayName).toContain('0.1522 USD per image');
		for (const image of ['referenceCharacterImage', 'characterImage']) {
			expect(propertyOf(properties, `${image}Notice`).displayName).toContain('sample image');
		}
	});
});

describe('its options', () => {
	it('have the names, types and defaults of the interface, without a processing mode', () => {
		expect(surfaceOf(options)).toEqual([
			['fileName', 'string', ''],
			['imageDelivery', 'options', 'upload'],
			['maxConcurrency', 'number', 5],
			['maxCost', 'number', 1],
			['pollInterval', 'number', ''],
			['outputBinaryField', 'string', 'data'],
			['timeout', 'number', 600],
			['workflowId', 'string', '678aa4026426baad7e5392fb-v7'],
		]);
	});

	it('have the ranges of the interface', () => {
		expect(rangesOf(options)).toEqual([
			['maxConcurrency', 1, 50, 0],
			['maxCost', 0, undefined, 4],
			['pollInterval', 0.1, undefined, 1],
			['timeout', 1, undefined, 0],
		]);
	});

	it('offer two ways of delivery, for a submit only', () => {
		const delivery = propertyOf(options, 'imageDelivery');
		expect(valuesOf(delivery)).toEqual(['inline', 'upload']);
		expect(delivery.displayOptions).toEqual({ show: { '/operation': ['swap'] } });
	});
});
