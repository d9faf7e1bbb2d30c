import type { INodeProperties } from 'n8n-workflow';
import { numberProperty } from '../../../nodes/shared/parameters/panel';
import type { SegmindModel } from '../../../nodes/shared/model';
import { readNumber, readText } from '../../../nodes/shared/parameters/read';

const STRENGTH = { label: 'Strength', min: 0, max: 1, default: 0.5 };

const onSwap = { show: { operation: ['swap'] } };

/** The node's own parameters, besides its image. */
export const restyleProperties: INodeProperties[] = [
	{ ...numberProperty('strength', STRENGTH, 'How much is painted anew'), displayOptions: onSwap },
];

/** A service that nobody offers: one image, one number, and a result apart from its state. */
export const restyle: SegmindModel = {
	title: 'Restyle',
	images: [{ name: 'image', field: 'image', label: 'Image' }],
	mainImage: 'image',
	inlineAs: 'base64',
	typicalSeconds: 9,
	typicalCost: 0.01,
	submitPath: '/v2/restyle',
	statusPath: (requestId) => `/v2/requests/${requestId}/status`,
	resultPath: (requestId) => `/v2/requests/${requestId}`,
	fields: (parameters) => ({
		strength: readNumber(parameters.get('strength'), STRENGTH),
		style: readText('ink'),
	}),
};
