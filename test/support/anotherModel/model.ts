import type { SegmindModel } from '../../../nodes/shared/model';

/** A service that nobody offers: one image, two other fields, and a result apart from its state. */
export const restyle: SegmindModel = {
	title: 'Restyle',
	words: {
		swap: 'Restyle a picture',
		swapDescription: 'Draw a picture anew',
		getResult: 'Get the result of a restyle',
	},
	images: [
		{ name: 'image', field: 'image', label: 'Image', description: 'The picture to draw anew' },
	],
	mainImage: 'image',
	fields: [
		{
			name: 'strength',
			field: 'strength',
			label: 'Strength',
			type: 'number',
			min: 0,
			max: 1,
			default: 0.5,
			description: 'How much is painted anew',
		},
		{
			name: 'style',
			field: 'style',
			label: 'Style',
			type: 'choice',
			choices: [
				{ name: 'Ink', value: 'ink' },
				{ name: 'Oil', value: 'oil' },
			],
			default: 'ink',
			description: 'What it is painted with',
		},
	],
	inlineAs: 'base64',
	typicalSeconds: 9,
	typicalCost: 0.01,
	submitPath: '/v2/restyle',
	statusPath: (requestId) => `/v2/requests/${requestId}/status`,
	resultPath: (requestId) => `/v2/requests/${requestId}`,
};
