import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { numberProperty } from '../shared/parameters/panel';
import {
	readBoolean,
	readChoice,
	readCollection,
	readNumber,
	readText,
	type ItemParameters,
	type NumberRange,
} from '../shared/parameters/read';

const FORMATS = ['jpeg', 'png', 'webp'] as const;

/** Defaults and ranges of the API's page [seed]. */
const RANGES = {
	faceStrength: { label: 'Face Strength', min: 0, max: 1, default: 0.8 },
	styleStrength: { label: 'Style Strength', min: 0, max: 2, default: 0.8 },
	cfg: { label: 'CFG', min: 0.1, max: 10, default: 1.6 },
	steps: { label: 'Steps', min: 1, max: 50, integer: true, default: 10 },
	seed: { label: 'Seed', integer: true, default: 63255 },
	growMask: { label: 'Grow Mask', min: 0, max: 100, integer: true, default: 0 },
	outputQuality: { label: 'Output Quality', min: 1, max: 100, integer: true, default: 95 },
} satisfies Record<string, NumberRange>;

/** The optional numbers, with the API's name for each. */
const OPTIONAL_NUMBERS: Array<[keyof typeof RANGES, string]> = [
	['cfg', 'cfg'],
	['steps', 'steps'],
	['seed', 'seed'],
	['growMask', 'grow_mask'],
	['outputQuality', 'output_quality'],
];

const onSwap = { show: { operation: ['swap'] } };

/** The parameters of FaceSwap Comic that are always in sight, besides its images. */
export const fieldProperties: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. happy, eyes closed',
		description:
			'Expression or mood of the face, such as happy, crying or sleeping. May stay empty.',
		displayOptions: onSwap,
	},
	{
		...numberProperty(
			'faceStrength',
			RANGES.faceStrength,
			'How strongly the face is kept: 0 lets the comic win, 1 keeps the face as it is',
		),
		displayOptions: onSwap,
	},
	{
		...numberProperty(
			'styleStrength',
			RANGES.styleStrength,
			'How strongly the face takes on the drawing style of the comic, from 0 to 2',
		),
		displayOptions: onSwap,
	},
];

/** Those that the user may add; they come last, as in n8n's own nodes. */
export const additionalFieldsProperty: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'collection',
	placeholder: 'Add field',
	default: {},
	displayOptions: onSwap,
	options: [
		{
			displayName: 'Base64 in JSON',
			name: 'base64',
			type: 'boolean',
			default: false,
			description:
				'Whether to put the image as Base64 text into the JSON output too, in the field "base64". The binary file is there in any case.',
		},
		numberProperty(
			'cfg',
			RANGES.cfg,
			'Guidance scale: how closely the result follows the prompt, from 0.1 to 10',
		),
		numberProperty(
			'growMask',
			RANGES.growMask,
			'Pixels by which the mask is widened on all sides, from 0 to 100',
		),
		{
			displayName: 'Output Format',
			name: 'outputFormat',
			type: 'options',
			options: [
				{ name: 'JPEG', value: 'jpeg' },
				{ name: 'PNG', value: 'png' },
				{ name: 'WebP', value: 'webp' },
			],
			default: 'jpeg',
			description: 'File type of the result',
		},
		numberProperty(
			'outputQuality',
			RANGES.outputQuality,
			'Quality of a JPEG or WebP result: 100 is best and largest',
		),
		numberProperty(
			'seed',
			RANGES.seed,
			'The same seed with the same images gives the same result. Change it for another variant.',
		),
		numberProperty(
			'steps',
			RANGES.steps,
			'Inference steps, from 1 to 50: more bring out finer detail and take longer',
		),
	],
};

/** The request body's fields besides the images. What the user did not add is not sent. */
export function readFields(parameters: ItemParameters): IDataObject {
	const prompt = readText(parameters.get('prompt'));
	const added = readCollection(parameters, 'additionalFields');
	const optional = OPTIONAL_NUMBERS.filter(([name]) => added[name] !== undefined);
	return {
		face_strength: readNumber(
			parameters.get('faceStrength') ?? RANGES.faceStrength.default,
			RANGES.faceStrength,
		),
		style_strength: readNumber(
			parameters.get('styleStrength') ?? RANGES.styleStrength.default,
			RANGES.styleStrength,
		),
		...(prompt === '' ? {} : { prompt }),
		...Object.fromEntries(
			optional.map(([name, field]) => [field, readNumber(added[name], RANGES[name])]),
		),
		...(added.outputFormat === undefined
			? {}
			: { output_format: readChoice(added.outputFormat, 'Output Format', FORMATS) }),
		...(added.base64 === undefined ? {} : { base64: wantsBase64(parameters) }),
	};
}

/** Whether the JSON output is to hold the image as Base64 text. */
export function wantsBase64(parameters: ItemParameters): boolean {
	return readBoolean(
		readCollection(parameters, 'additionalFields').base64 ?? false,
		'Base64 in JSON',
	);
}
