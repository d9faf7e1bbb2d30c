import type { INodeProperties } from 'n8n-workflow';
import type { Field, ImageField, NumberRange, SegmindModel } from '../model';
import { LIMIT_RANGE, OPTION_RANGES } from './read';

const onSwap = { show: { operation: ['swap'] } };

/** A number field with the range that is checked again before anything is sent. */
function numberProperty(
	{ label, min, max, integer, default: initial }: NumberRange,
	{ name, description, unit, precision = integer ? 0 : 2 }: NumberPanel,
): INodeProperties {
	return {
		displayName: unit === undefined ? label : `${label} (${unit})`,
		name,
		type: 'number',
		typeOptions: {
			...(min === undefined ? {} : { minValue: min }),
			...(max === undefined ? {} : { maxValue: max }),
			numberPrecision: precision,
		},
		default: initial,
		description,
	};
}

/** What the editor shows of a number besides its range. */
interface NumberPanel {
	name: string;
	description: string;
	/** Stands behind the label. */
	unit?: string;
	/** Digits behind the point. */
	precision?: number;
}

/** The parameter of a field of the request. */
function fieldProperty(field: Field): INodeProperties {
	const { name, label, description } = field;
	const common = { displayName: label, name, description };
	switch (field.type) {
		case 'number':
			return numberProperty(field, { name, description });
		case 'text': {
			const { placeholder } = field;
			return { ...common, type: 'string', typeOptions: { rows: 2 }, default: '', placeholder };
		}
		case 'choice':
			return { ...common, type: 'options', options: field.choices, default: field.default };
		case 'boolean':
			return { ...common, type: 'boolean', default: field.default };
	}
}

const byLabel = (a: INodeProperties, b: INodeProperties) =>
	a.displayName.localeCompare(b.displayName);

/** The fields that are always in sight, texts first. */
function fieldProperties({ fields }: SegmindModel): INodeProperties[] {
	const shown = fields.filter(({ optional }) => !optional);
	const texts = shown.filter(({ type }) => type === 'text');
	const others = shown.filter(({ type }) => type !== 'text');
	return [...texts, ...others].map((field) => ({
		...fieldProperty(field),
		displayOptions: onSwap,
	}));
}

/** Those that the user may add; they come last, as in n8n's own nodes. */
function additionalFields({ fields }: SegmindModel): INodeProperties[] {
	const optional = fields.filter(({ optional }) => optional).map(fieldProperty);
	if (optional.length === 0) return [];
	return [
		{
			displayName: 'Additional Fields',
			name: 'additionalFields',
			type: 'collection',
			placeholder: 'Add field',
			default: {},
			displayOptions: onSwap,
			options: optional.sort(byLabel),
		},
	];
}

/** What the node is to do. */
function operationProperty({ words, historyName }: SegmindModel): INodeProperties {
	const getMany = {
		name: 'Get Many',
		value: 'getMany',
		action: words.getMany ?? '',
		description: "List the jobs of this model from the account's history, without paying again",
	};
	// The editor offers the first one to whoever presses Enter: what the node is there for, not the alphabet's.
	const operations = [
		{
			name: 'Swap',
			value: 'swap',
			action: words.swap,
			description: words.swapDescription,
		},
		{
			name: 'Get Result',
			value: 'getResult',
			action: words.getResult,
			description: 'Fetch the image of an earlier run by its request ID, without paying again',
		},
	];
	if (historyName !== undefined) operations.push(getMany);
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: operations,
		default: 'swap',
	};
}

/** The price, in sight before anybody runs the node. */
const priceNotice = ({ typicalCost }: SegmindModel): INodeProperties => ({
	displayName: `Costs money: Segmind's listed price is ${typicalCost} USD for an image, and each input item makes one.`,
	name: 'priceNotice',
	type: 'notice',
	default: '',
	displayOptions: onSwap,
});

/** The request ID of *Get Result*. */
const requestIdProperty: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11',
	description:
		'The requestId that an earlier run of this node gave out, in its output or in its error. Segmind keeps results for one hour.',
	displayOptions: { show: { operation: ['getResult'] } },
};

/** The same as n8n's resource locator, for a service whose jobs the account's history lists. */
const locatorProperty: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		"The job whose image is to be fetched: one of the account's recent jobs, or the requestId that an earlier run of this node gave out, in its output or in its error",
	displayOptions: { show: { operation: ['getResult'] } },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a job...',
			typeOptions: { searchListMethod: 'searchJobs', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11',
		},
	],
};

const onOneJob = { show: { operation: ['swap', 'getResult'] } };
const onGetMany = { show: { operation: ['getMany'] } };

/** What *Get Many* lists, by n8n's usual names. */
const listProperties: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: onGetMany,
	},
	{
		...numberProperty(LIMIT_RANGE, {
			name: 'limit',
			description: 'Max number of results to return',
		}),
		displayOptions: { show: { operation: ['getMany'], returnAll: [false] } },
	},
	{
		displayName: 'Download Images',
		name: 'downloadImages',
		type: 'boolean',
		default: true,
		description:
			"Whether to fetch each finished job's image. Segmind keeps files for seven days; a job whose image is gone comes without one.",
		displayOptions: onGetMany,
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		displayOptions: onGetMany,
		options: [
			{
				displayName: 'Created After',
				name: 'createdAfter',
				type: 'dateTime',
				default: '',
				description:
					'Only jobs from this time on. Without it: from seven days before Created Before, or before now.',
			},
			{
				displayName: 'Created Before',
				name: 'createdBefore',
				type: 'dateTime',
				default: '',
				description: 'Only jobs up to this time',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: [
					{ name: 'Completed', value: 'COMPLETED' },
					{ name: 'Failed', value: 'FAILED' },
					{ name: 'Pending', value: 'PENDING' },
				],
				default: 'COMPLETED',
				description: 'Only jobs in this state',
			},
		],
	},
];

/** Whether the node waits for the image. */
const waitProperty: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'waitForCompletion',
	type: 'boolean',
	default: true,
	description:
		'Whether to wait until the image is ready. When off, the node outputs the request ID and the status at once, and "Get Result" fetches the image later.',
};

/** Says of a field that starts with Segmind's sample that it does, until something else is put in. */
function sampleNotice({ name, label, defaultUrl }: ImageField): INodeProperties[] {
	if (defaultUrl === undefined) return [];
	return [
		{
			displayName: `This is Segmind's sample image, not your input. Put in an address of your own, or choose <i>Binary File</i> in ${label} Input.`,
			name: `${name}Notice`,
			type: 'notice',
			default: '',
			displayOptions: {
				show: { operation: ['swap'], [`${name}Input`]: ['url'], [`${name}Url`]: [defaultUrl] },
			},
		},
	];
}

/** The parameters of an image. */
function imageProperties(image: ImageField): INodeProperties[] {
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
			// An Input that is an expression shows the field of an optional image, too, which may stay empty then.
			...(optional ? {} : { required: true }),
			default: usualUrl,
			placeholder: 'e.g. https://example.com/picture.png',
			description:
				image.urlDescription ??
				'Public address of the image (JPEG, PNG or WebP). Segmind fetches it from there. A data URI works too, and is treated like a file.',
			displayOptions: shownFor('url'),
		},
		...sampleNotice(image),
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
			'Name of the output file. Its extension always follows the real image type. When empty, it is named after the changed image where the node knows its name, else after the request ID.',
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
	{
		displayName: 'Put Output File in Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output field to put the image in',
		description: 'Name of the binary field for the image',
	},
];

/** How the request travels, where a service has two ways. */
const processingModeProperty: INodeProperties = {
	displayName: 'Processing Mode',
	name: 'processingMode',
	type: 'options',
	options: [
		{
			name: 'Queue',
			value: 'queue',
			description: 'Submit, then check the status: survives a cut connection',
		},
		{
			name: 'Sync',
			value: 'sync',
			description:
				'Hold one connection until the image comes: a cut connection may lose a paid image',
		},
	],
	default: 'queue',
	description:
		'How the node talks to Segmind. Where there is no queue, it uses Sync by itself. Sync always waits for the image.',
	displayOptions: { show: { '/operation': ['swap'] } },
};

const numberOptions: INodeProperties[] = [
	numberProperty(OPTION_RANGES.maxConcurrency, {
		name: 'maxConcurrency',
		description:
			'How many jobs are in flight at once when there are several items. The node keeps to the limit of your plan by itself. Each image takes at least two requests: the free plan (5 a minute) gives two images a minute however many are in flight, the pro plan (50 a minute) has enough for five and more.',
	}),
	{
		...numberProperty(OPTION_RANGES.pollInterval, {
			name: 'pollInterval',
			unit: 'Seconds',
			description:
				'Time between two status checks. As long as it is empty, the node paces itself by how long such jobs usually take and by the limit of your plan. A fixed interval can use that limit up: 5 seconds make 12 requests a minute, of which the free plan has 5.',
			precision: 1,
		}),
		placeholder: 'e.g. 15',
	},
	numberProperty(OPTION_RANGES.timeout, {
		name: 'timeout',
		unit: 'Seconds',
		description:
			'How long one job is waited for. A job that takes longer goes on at Segmind, and "Get Result" fetches its image.',
		precision: 0,
	}),
];

/** The `options` collection. */
function optionsProperty({ syncPath }: SegmindModel): INodeProperties {
	const options = [...fileOptions, ...numberOptions];
	if (syncPath !== undefined) options.push(processingModeProperty);
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: options.sort(byLabel),
	};
}

/** All parameters of a service's node, as the editor shows them. */
export function properties(model: SegmindModel): INodeProperties[] {
	return [
		operationProperty(model),
		priceNotice(model),
		...(model.historyName === undefined
			? [requestIdProperty]
			: [locatorProperty, ...listProperties]),
		...model.images.flatMap(imageProperties),
		...fieldProperties(model),
		...(model.historyName === undefined
			? [waitProperty]
			: [{ ...waitProperty, displayOptions: onOneJob }]),
		...additionalFields(model),
		optionsProperty(model),
	];
}
