import type { SegmindModel } from '../../../nodes/shared/model';
import { choice, number } from '../../../nodes/shared/parameters/kinds';

/** A service that nobody offers: one image, two other fields, and a result apart from its state. */
export const restyle: SegmindModel = {
	title: 'Restyle',
	words: {
		swap: { name: 'Restyle', action: 'Restyle a picture', description: 'Draw a picture anew' },
		getResult: 'Get the result of a restyle',
	},
	images: [
		{ name: 'image', field: 'image', label: 'Image', description: 'The picture to draw anew' },
	],
	mainImage: 'image',
	fields: {
		strength: number(
			{ name: 'strength', label: 'Strength', min: 0, max: 1, default: 0.5 },
			'How much is painted anew',
		),
		style: choice(
			{ name: 'style', label: 'Style' },
			{ ink: ['Ink'], oil: ['Oil'] },
			'What it is painted with',
		),
	},
	inlineAs: 'base64',
	typicalSeconds: 9,
	typicalCost: 0.01,
	submitPath: '/v2/restyle',
	statusPath: (requestId) => `/v2/requests/${requestId}/status`,
	resultPath: (requestId) => `/v2/requests/${requestId}`,
};
