import type { SegmindModel } from '../shared/model';
import { readFields, wantsBase64 } from './fields';

/** FaceSwap Comic, as Segmind's page and documentation describe it [seed, docs]. */
export const faceSwapComic: SegmindModel = {
	title: 'FaceSwap Comic',
	images: [
		{ name: 'sourceImage', field: 'source_image', label: 'Source Image' },
		{ name: 'targetImage', field: 'target_image', label: 'Target Image' },
		{ name: 'maskImage', field: 'mask_image', label: 'Mask Image', optional: true },
	],
	mainImage: 'targetImage',
	inlineAs: 'base64',
	typicalSeconds: 21,
	typicalCost: 0.065,
	submitPath: '/v2/faceswap-comic',
	syncPath: '/v1/faceswap-comic',
	statusPath: (requestId) => `/v2/requests/${requestId}/status`,
	resultPath: (requestId) => `/v2/requests/${requestId}`,
	fields: readFields,
	wantsBase64,
};
