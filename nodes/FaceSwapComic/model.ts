import type { SegmindModel } from '../shared/model';
import { boolean, choice, number, text } from '../shared/parameters/kinds';

/** FaceSwap Comic, as Segmind's page and documentation describe it, with their defaults and ranges [seed, docs]. */
export const faceSwapComic: SegmindModel = {
	title: 'FaceSwap Comic',
	words: {
		swap: {
			name: 'Swap',
			action: 'Swap a face into a comic',
			description:
				'Put the face of one image into the comic of another (about 20 seconds, 0.065 USD)',
		},
		getResult: 'Get the result of a face swap',
		getMany: 'Get many face swaps',
	},
	images: [
		{
			name: 'sourceImage',
			field: 'source_image',
			label: 'Source Image',
			description: 'The face: a photo with one clear face',
		},
		{
			name: 'targetImage',
			field: 'target_image',
			label: 'Target Image',
			description: 'The comic: the picture that gets the face',
		},
		{
			name: 'maskImage',
			field: 'mask_image',
			label: 'Mask Image',
			description:
				'Only needed when the wrong face is swapped: white where the face may be changed, black elsewhere',
			optional: true,
		},
	],
	mainImage: 'targetImage',
	fields: {
		face_strength: number(
			{ name: 'faceStrength', label: 'Face Strength', min: 0, max: 1, default: 0.8 },
			'How strongly the face is kept, from 0 to 1: higher for more likeness, lower for more of the comic. Many use 0.95.',
		),
		style_strength: number(
			{ name: 'styleStrength', label: 'Style Strength', min: 0, max: 2, default: 0.8 },
			'How strongly the face takes on the drawing style, from 0 to 2: higher for more style, lower for more likeness. Many use 0.6.',
		),
		prompt: text(
			{
				name: 'prompt',
				label: 'Prompt',
				typeOptions: { rows: 2 },
				placeholder: 'e.g. happy, eyes closed',
			},
			'Expression or mood of the face, such as happy, crying or sleeping. Can be left empty.',
		),
	},
	additionalFields: {
		cfg: number(
			{ name: 'cfg', label: 'CFG', min: 0.1, max: 10, default: 1.6 },
			'Guidance scale: how closely the result follows the prompt, from 0.1 to 10',
		),
		steps: number(
			{ name: 'steps', label: 'Steps', min: 1, max: 50, integer: true, default: 10 },
			'Inference steps, from 1 to 50: more bring out finer detail and take longer. For comics, many use 15.',
		),
		seed: number(
			{ name: 'seed', label: 'Seed', integer: true, default: 63255 },
			'The same seed with the same images gives the same result. Change it for another variant.',
		),
		grow_mask: number(
			{ name: 'growMask', label: 'Grow Mask', min: 0, max: 100, integer: true, default: 0 },
			'Pixels by which the mask is widened on all sides, from 0 to 100: more lets the change blend in around the face. With a mask, many use 10.',
		),
		output_quality: number(
			{
				name: 'outputQuality',
				label: 'Output Quality',
				min: 1,
				max: 100,
				integer: true,
				default: 95,
			},
			'Quality of a JPEG or WebP result, from 1 to 100: 100 is best and largest',
		),
		output_format: choice(
			{ name: 'outputFormat', label: 'Output Format' },
			{ jpeg: ['JPEG'], png: ['PNG'], webp: ['WebP'] },
			'File type of the result',
		),
		base64: boolean(
			{ name: 'base64', label: 'Base64 in JSON', default: false },
			'Whether to also put the image into the JSON output as Base64 text, in the field "base64". You get the binary file either way.',
		),
	},
	base64Field: 'base64',
	inlineAs: 'base64',
	typicalSeconds: 21,
	typicalCost: 0.065,
	submitPath: '/v2/faceswap-comic',
	syncPath: '/v1/faceswap-comic',
	historyName: 'faceswap-comic',
	statusPath: (requestId) => `/v2/requests/${requestId}/status`,
	resultPath: (requestId) => `/v2/requests/${requestId}`,
};
