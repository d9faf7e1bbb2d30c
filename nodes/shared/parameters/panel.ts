import type { INodeProperties } from 'n8n-workflow';
import { OPTION_RANGES, type NumberRange } from './read';

/** What the editor shows of an image that a service takes. */
export interface ImageDescription {
	/** Prefix of the parameters' names. */
	name: string;
	label: string;
	/** What the image is for, as a sentence. */
	description: string;
	/** URL that the field starts with. */
	defaultUrl?: string;
	/** It may be left out, and is at first. */
	optional?: boolean;
	/** More for the tooltip of the URL. */
	urlDescription?: string;
}

const onSwap = { show: { operation: ['swap'] } };

/** A number field with the range that is checked again before anything is sent. */
export function numberProperty(
	name: string,
	range: NumberRange,
	description: string,
	precision?: number,
): INodeProperties {
	const { min, max, default: initial } = range;
	return {
		displayName: range.label,
		name,
		type: 'number',
		typeOptions: {
			...(min === undefined ? {} : { minValue: min }),
			...(max === undefined ? {} : { maxValue: max }),
			numberPrecision: precision ?? (range.integer ? 0 : 2),
		},
		default: initial,
		description,
	};
}

/** What the node is to do. */
export function operationProperty(
	swapAction: string,
	swapDescription: string,
	resultAction: string,
): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Get Result',
				value: 'getResult',
				action: resultAction,
				description: 'Fetch the image of an earlier run by its request ID, without paying again',
			},
			{ name: 'Swap', value: 'swap', action: swapAction, description: swapDescription },
		],
		default: 'swap',
	};
}

/** The request ID of *Get Result*. */
export const requestIdProperty: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11',
	description:
		'The requestId that an earlier run of this node gave out, in its output or in its error. Segmind keeps results for one hour.',
	displayOptions: { show: { operation: ['getResult'] } },
};

/** Whether the node waits for the image. */
export const waitProperty: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'waitForCompletion',
	type: 'boolean',
	default: true,
	description:
		'Whether to wait until the image is ready. When off, the node outputs the request ID and the status at once, and "Get Result" fetches the image later.',
};

/** The three parameters of an image. */
export function imageProperties(image: ImageDescription): INodeProperties[] {
	const { name, label, description, optional } = image;
	const input = `${name}Input`;
	const usualInput = optional ? 'none' : 'url';
	const usualUrl = image.defaultUrl ?? '';
	const shownFor = (kind: string) => ({ show: { operation: ['swap'], [input]: [kind] } });
	return [
		{
			displayName: `${label} Input`,
			name: input,
			type: 'options',
			options: [
				{
					name: 'Binary File',
					value: 'binary',
					description: 'A file that an earlier node has put out',
				},
				...(optional ? [{ name: 'None', value: 'none', description: 'Leave it out' }] : []),
				{ name: 'URL', value: 'url', description: 'The public address of an image, or a data URI' },
			],
			default: usualInput,
			description,
			// A description shows on hovering only; which image is which must be in sight.
			hint: description,
			displayOptions: onSwap,
		},
		{
			displayName: `${label} URL`,
			name: `${name}Url`,
			type: 'string',
			default: usualUrl,
			placeholder: 'e.g. https://example.com/picture.png',
			description:
				image.urlDescription ??
				'Public address of the image (JPEG, PNG or WebP). Segmind fetches it from there. A data URI works too, and is treated like a file.',
			displayOptions: shownFor('url'),
		},
		{
			// The editor cuts labels after about 31 characters; the hint says the rest.
			displayName: `${label} Field`,
			name: `${name}BinaryField`,
			type: 'string',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the input field that holds the image file',
			description: 'JPEG, PNG or WebP, at most 50 MB; 1024 pixels on the longer side are enough',
			displayOptions: shownFor('binary'),
		},
	];
}

const fileOptions: INodeProperties[] = [
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. page-01',
		description:
			'Name of the output file. Its extension always follows the real image type. When empty, it is named after the changed image, or after the request ID.',
	},
	{
		displayName: 'Image Delivery',
		name: 'imageDelivery',
		type: 'options',
		options: [
			{
				name: 'Inline',
				value: 'inline',
				description: 'Inside the request: nothing is stored, but the request grows by the files',
			},
			{
				name: 'Upload',
				value: 'upload',
				description: "To Segmind's storage, under a lasting public URL",
			},
		],
		default: 'upload',
		description: 'How binary files and data URIs travel to Segmind',
		displayOptions: { show: { '/operation': ['swap'] } },
	},
];

/** The `options` collection; a service may add its own. */
export function optionsProperty(own: INodeProperties[] = []): INodeProperties {
	const options: INodeProperties[] = [
		...fileOptions,
		numberProperty(
			'maxConcurrency',
			OPTION_RANGES.maxConcurrency,
			'How many jobs are in flight at once when there are several items. The node keeps to the limit of your plan by itself. Each image takes at least two requests: the free plan (5 a minute) gives two images a minute however many are in flight, the pro plan (50 a minute) has enough for five and more.',
		),
		numberProperty(
			'pollInterval',
			OPTION_RANGES.pollInterval,
			'Seconds between two status checks. When not set, the node paces itself by how long such jobs usually take and by the limit of your plan.',
			1,
		),
		{
			displayName: 'Put Output File in Field',
			name: 'outputBinaryField',
			type: 'string',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the output field to put the image in',
			description: 'Name of the binary field for the image',
		},
		numberProperty(
			'timeout',
			OPTION_RANGES.timeout,
			'Seconds to wait for one job. A job that takes longer goes on at Segmind, and "Get Result" fetches its image.',
			0,
		),
		...own,
	];
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: options.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}
