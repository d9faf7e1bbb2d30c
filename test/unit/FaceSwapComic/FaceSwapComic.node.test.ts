import { FaceSwapComic } from '../../../nodes/FaceSwapComic/FaceSwapComic.node';
import {
	conditionsOf,
	propertyOf,
	rangesOf,
	requiredOf,
	surfaceOf,
	valuesOf,
} from '../../support/surface';

const node = new FaceSwapComic();
const { description } = node;
const { properties } = description;
const collection = (name: string) => propertyOf(properties, name).options ?? [];

const swap = { operation: ['swap'] };
const images = ['sourceImage', 'targetImage', 'maskImage'];

describe('the node FaceSwap Comic', () => {
	it('has the name and the version that saved workflows depend on', () => {
		expect(description).toMatchObject({
			name: 'faceSwapComic',
			displayName: 'FaceSwap Comic',
			version: 1,
		});
	});
});

describe('its parameters', () => {
	it('have the names, types and defaults of the interface', () => {
		expect(surfaceOf(properties)).toEqual([
			['operation', 'options', 'swap'],
			['priceNotice', 'notice', ''],
			['requestId', 'resourceLocator', { mode: 'list', value: '' }],
			['returnAll', 'boolean', false],
			['limit', 'number', 50],
			['downloadImages', 'boolean', true],
			['filters', 'collection', {}],
			['sourceImageInput', 'options', 'url'],
			['sourceImageUrl', 'string', ''],
			['sourceImageBinaryField', 'string', 'data'],
			['targetImageInput', 'options', 'url'],
			['targetImageUrl', 'string', ''],
			['targetImageBinaryField', 'string', 'data'],
			['maskImageInput', 'options', 'none'],
			['maskImageUrl', 'string', ''],
			['maskImageBinaryField', 'string', 'data'],
			['prompt', 'string', ''],
			['faceStrength', 'number', 0.8],
			['styleStrength', 'number', 0.8],
			['waitForCompletion', 'boolean', true],
			['additionalFields', 'collection', {}],
			['options', 'collection', {}],
		]);
	});

	it('have the ranges of the API', () => {
		expect(rangesOf(properties)).toEqual([
			['limit', 1, undefined, 0],
			['faceStrength', 0, 1, 2],
			['styleStrength', 0, 2, 2],
		]);
	});

	it('offer four operations, first what the node is there for', () => {
		expect(valuesOf(propertyOf(properties, 'operation'))).toEqual([
			'swap',
			'getResult',
			'getMany',
			'getBalance',
		]);
		expect(propertyOf(properties, 'operation').noDataExpression).toBe(true);
	});

	it.each([
		['sourceImageInput', ['binary', 'url']],
		['targetImageInput', ['binary', 'url']],
		['maskImageInput', ['binary', 'none', 'url']],
	])('offer the ways of an image: %s', (name, values) => {
		expect(valuesOf(propertyOf(properties, name))).toEqual(values);
	});

	it('are shown where they count', () => {
		const ofImages = images.flatMap((image) => [
			[`${image}Input`, swap],
			[`${image}Url`, { ...swap, [`${image}Input`]: ['url'] }],
			[`${image}BinaryField`, { ...swap, [`${image}Input`]: ['binary'] }],
		]);
		expect(conditionsOf(properties)).toEqual({
			...(Object.fromEntries(ofImages) as object),
			operation: undefined,
			priceNotice: swap,
			requestId: { operation: ['getResult'] },
			prompt: swap,
			faceStrength: swap,
			styleStrength: swap,
			additionalFields: swap,
			returnAll: { operation: ['getMany'] },
			limit: { operation: ['getMany'], returnAll: [false] },
			downloadImages: { operation: ['getMany'] },
			filters: { operation: ['getMany'] },
			waitForCompletion: { operation: ['swap', 'getResult'] },
			options: undefined,
		});
	});

	it('offer the jobs of the account by a list, or by their ID', () => {
		const { modes = [] } = propertyOf(properties, 'requestId');
		expect(modes.map(({ name, typeOptions }) => [name, typeOptions?.searchListMethod])).toEqual([
			['list', 'searchJobs'],
			['id', undefined],
		]);
		expect(Object.keys(node.methods.listSearch)).toEqual(['searchJobs']);
	});

	it('filter by state and time', () => {
		const filters = collection('filters');
		expect(surfaceOf(filters)).toEqual([
			['createdAfter', 'dateTime', ''],
			['createdBefore', 'dateTime', ''],
			['status', 'options', 'COMPLETED'],
		]);
		expect(valuesOf(propertyOf(filters, 'status'))).toEqual(['COMPLETED', 'FAILED', 'PENDING']);
	});

	it('must be filled in where an image is expected, so that the editor marks an empty node', () => {
		// The optional mask may stay empty, also where its Input is an expression.
		expect(requiredOf(properties)).toEqual(['sourceImageUrl', 'targetImageUrl']);
	});

	it('say what an image costs', () => {
		expect(propertyOf(properties, 'priceNotice').displayName).toContain('0.065 USD per image');
	});
});

describe('its additional fields', () => {
	const fields = collection('additionalFields');

	it('have the names, types and defaults of the API', () => {
		expect(surfaceOf(fields)).toEqual([
			['base64', 'boolean', false],
			['cfg', 'number', 1.6],
			['growMask', 'number', 0],
			['outputFormat', 'options', 'jpeg'],
			['outputQuality', 'number', 95],
			['seed', 'number', 63255],
			['steps', 'number', 10],
		]);
	});

	it('have the ranges of the API', () => {
		expect(rangesOf(fields)).toEqual([
			['cfg', 0.1, 10, 2],
			['growMask', 0, 100, 0],
			['outputQuality', 1, 100, 0],
			['seed', undefined, undefined, 0],
			['steps', 1, 50, 0],
		]);
	});

	it('offer the formats of the API', () => {
		expect(valuesOf(propertyOf(fields, 'outputFormat'))).toEqual(['jpeg', 'png', 'webp']);
	});
});

describe('its options', () => {
	const options = collection('options');

	it('have the names, types and defaults of the interface', () => {
		expect(surfaceOf(options)).toEqual([
			['fileName', 'string', ''],
			['imageDelivery', 'options', 'upload'],
			['maxConcurrency', 'number', 5],
			['maxCost', 'number', 1],
			['pollInterval', 'number', ''],
			['processingMode', 'options', 'queue'],
			['outputBinaryField', 'string', 'data'],
			['timeout', 'number', 600],
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

	it('name the unit of times', () => {
		expect(propertyOf(options, 'pollInterval').displayName).toBe('Poll Interval (Seconds)');
		expect(propertyOf(options, 'timeout').displayName).toBe('Timeout (Seconds)');
	});

	it('offer the values of the interface', () => {
		expect(valuesOf(propertyOf(options, 'imageDelivery'))).toEqual(['inline', 'upload']);
		expect(valuesOf(propertyOf(options, 'processingMode'))).toEqual(['queue', 'sync']);
	});

	it('hide what only counts for a submit', () => {
		const submitOnly = { '/operation': ['swap'] };
		expect(conditionsOf(options)).toMatchObject({
			imageDelivery: submitOnly,
			processingMode: submitOnly,
			timeout: undefined,
			outputBinaryField: undefined,
			fileName: undefined,
			pollInterval: undefined,
		});
	});
});
