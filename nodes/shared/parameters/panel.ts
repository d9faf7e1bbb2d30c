import { NodeConnectionTypes, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';
import { CREDENTIAL } from '../http/account';
import type { ImageField, Parameter, SegmindModel } from '../model';
import { text } from './kinds';
import { FILTERS, LISTING } from './listing';
import { operationsOf, waitForCompletion } from './operations';
import { optionsOf } from './options';

const shownOn = (...operation: string[]) => ({ show: { operation } });
const onSwap = shownOn('swap');
const onGetMany = shownOn('getMany');

/** The price, in sight before anybody runs the node. */
const priceNotice = ({ typicalCost }: SegmindModel): INodeProperties => ({
	displayName: `Costs money: Segmind's listed price is ${typicalCost} USD per image, and each input item makes one.`,
	name: 'priceNotice',
	type: 'notice',
	default: '',
	displayOptions: onSwap,
});

const placeholder = 'e.g. 2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
const displayOptions = shownOn('getResult');

/** The request ID of *Get Result*. */
const plainRequestId = text(
	{ name: 'requestId', label: 'Request ID', placeholder, displayOptions },
	'The requestId from the output or the error of an earlier run of this node. Segmind keeps results for one hour.',
).property;

/** The same as n8n's resource locator, for a service whose jobs the account's history lists. */
const listedRequestId: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		"The job whose image to fetch: one of the account's recent jobs, or the requestId from the output or the error of an earlier run of this node",
	displayOptions,
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a job...',
			typeOptions: { searchListMethod: 'searchJobs', searchable: true },
		},
		{ displayName: 'By ID', name: 'id', type: 'string', placeholder },
	],
};

/** Says of a field that starts with Segmind's sample that it does, until something else is put in. */
const sampleNotice = ({ name, label, defaultUrl }: ImageField): INodeProperties => ({
	displayName: `This is Segmind's sample image, not your input. Enter your own address, or choose <i>Binary File</i> in ${label} Input.`,
	name: `${name}Notice`,
	type: 'notice',
	default: '',
	displayOptions: {
		show: { operation: ['swap'], [`${name}Input`]: ['url'], [`${name}Url`]: [defaultUrl] },
	},
});

/** The parameters of an image. */
function imageProperties(image: ImageField): INodeProperties[] {
	const { name, label, description, optional, defaultUrl = '' } = image;
	const usualInput = optional ? 'none' : 'url';
	const source =
		defaultUrl === ''
			? 'Segmind fetches it from there.'
			: "It starts out as Segmind's sample: enter your own.";
	const shownFor = (kind: string) => ({
		show: { operation: ['swap'], [`${name}Input`]: [kind] },
	});
	return [
		{
			displayName: `${label} Input`,
			name: `${name}Input`,
			type: 'options',
			options: [
				{
					name: 'Binary File',
					value: 'binary',
					description: 'A file that an earlier node outputs',
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
			default: defaultUrl,
			placeholder: 'e.g. https://example.com/picture.png',
			description: `Public address of the image (JPEG, PNG or WebP). ${source} A data URI works too, and is treated like a file.`,
			displayOptions: shownFor('url'),
		},
		...(defaultUrl === '' ? [] : [sampleNotice(image)]),
		{
			// The editor cuts labels after about 31 characters; the hint says the rest.
			displayName: `${label} Field`,
			name: `${name}BinaryField`,
			type: 'string',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the input field that holds the image file',
			description:
				'JPEG, PNG or WebP, at most 50 MB. 1024 pixels on the longer side are enough, and faster.',
			displayOptions: shownFor('binary'),
		},
	];
}

/** Parameters that the user may add. */
const collection = (
	shown: Pick<INodeProperties, 'displayName' | 'name' | 'placeholder' | 'displayOptions'>,
	parameters: Parameter[],
): INodeProperties => ({
	type: 'collection',
	default: {},
	...shown,
	options: parameters
		.map(({ property }) => property)
		.sort((a, b) => a.displayName.localeCompare(b.displayName)),
});

/** What *Get Many* lists. */
const listProperties: INodeProperties[] = [
	...Object.values(LISTING).map(({ property }) => ({ displayOptions: onGetMany, ...property })),
	collection(
		{
			displayName: 'Filters',
			name: 'filters',
			placeholder: 'Add Filter',
			displayOptions: onGetMany,
		},
		Object.values(FILTERS),
	),
];

/** All parameters of a service's node, as the editor shows them. */
function properties(model: SegmindModel): INodeProperties[] {
	const { images, fields, additionalFields, historyName } = model;
	const isListed = historyName !== undefined;
	const { property: wait } = waitForCompletion;
	const added = {
		displayName: 'Additional Fields',
		name: 'additionalFields',
		placeholder: 'Add field',
		displayOptions: onSwap,
	};
	const isText = ({ type }: INodeProperties) => type === 'string';
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operationsOf(model),
			default: 'swap',
		},
		priceNotice(model),
		...(isListed ? [listedRequestId, ...listProperties] : [plainRequestId]),
		...images.flatMap(imageProperties),
		// Texts come first.
		...Object.values(fields)
			.map(({ property }) => ({ ...property, displayOptions: onSwap }))
			.sort((a, b) => Number(isText(b)) - Number(isText(a))),
		{ ...wait, displayOptions: shownOn('swap', 'getResult') },
		// What the user may add comes last, as in n8n's own nodes.
		...(additionalFields ? [collection(added, Object.values(additionalFields))] : []),
		collection(
			{
				displayName: 'Options',
				name: 'options',
				placeholder: 'Add option',
				displayOptions: { hide: { operation: ['getBalance'] } },
			},
			optionsOf(model),
		),
	];
}

/** What the descriptions of all services' nodes have in common. */
export const commonDescription = (
	model: SegmindModel,
): Omit<INodeTypeDescription, 'name' | 'description'> => ({
	displayName: model.title,
	group: ['transform'],
	version: 1,
	defaults: { name: model.title },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	credentials: [{ name: CREDENTIAL, required: true }],
	properties: properties(model),
});
