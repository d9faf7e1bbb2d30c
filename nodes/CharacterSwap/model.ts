import type { SegmindModel } from '../shared/model';

/** The API's own samples [seed]. */
const SAMPLES = 'https://segmind-inference-inputs.s3.amazonaws.com';
const SAMPLE_REFERENCE = `${SAMPLES}/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg`;
const SAMPLE_PICTURE = `${SAMPLES}/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg`;

const WORKFLOW_ID = '678aa4026426baad7e5392fb-v7';

/** Character Swap, a PixelFlow workflow, as Segmind's page describes it [seed]. */
export const characterSwap: SegmindModel = {
	title: 'Character Swap',
	words: {
		swap: {
			name: 'Swap',
			action: 'Swap the character in a picture',
			description:
				'Put the character of one image into the picture of another (about 70 seconds, 0.15 USD)',
		},
		getResult: 'Get the result of a character swap',
	},
	images: [
		{
			name: 'referenceCharacterImage',
			field: 'reference_character_image',
			label: 'Reference Character Image',
			description: 'Who should appear: an image of this one character',
			defaultUrl: SAMPLE_REFERENCE,
		},
		{
			name: 'characterImage',
			field: 'character_image',
			label: 'Character Image',
			description: 'The picture to change. Pictures with a single character work best.',
			defaultUrl: SAMPLE_PICTURE,
		},
	],
	mainImage: 'characterImage',
	fields: {},
	inlineAs: 'dataUri',
	typicalSeconds: 72,
	typicalCost: 0.1522,
	submitPath: `/workflows/${WORKFLOW_ID}`,
	workflowId: WORKFLOW_ID,
	statusPath: (requestId) => `/workflows/request/${requestId}`,
};
