import type { SegmindModel } from '../shared/model';

/** Character Swap, a PixelFlow workflow, as Segmind's page describes it [seed]. */
export const characterSwap: SegmindModel = {
	title: 'Character Swap',
	images: [
		{
			name: 'referenceCharacterImage',
			field: 'reference_character_image',
			label: 'Reference Character Image',
		},
		{ name: 'characterImage', field: 'character_image', label: 'Character Image' },
	],
	mainImage: 'characterImage',
	inlineAs: 'dataUri',
	typicalSeconds: 72,
	typicalCost: 0.1522,
	submitPath: '/workflows/678aa4026426baad7e5392fb-v7',
	statusPath: (requestId) => `/workflows/request/${requestId}`,
	fields: () => ({}),
};
