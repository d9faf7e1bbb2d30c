import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import {
	imageProperties,
	operationProperty,
	optionsProperty,
	requestIdProperty,
	waitProperty,
} from '../shared/parameters/panel';
import { runItems } from '../shared/items';
import { characterSwap } from './model';

/** The API's own samples [seed]. */
const SAMPLES = 'https://segmind-inference-inputs.s3.amazonaws.com';
const SAMPLE_REFERENCE = `${SAMPLES}/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg`;
const SAMPLE_PICTURE = `${SAMPLES}/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg`;

const URL_DESCRIPTION =
	"Public address of the image (JPEG, PNG or WebP). It starts with Segmind's sample: put your own in. A data URI works too, and is treated like a file.";

export class CharacterSwap implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Character Swap',
		name: 'characterSwap',
		icon: {
			light: 'file:../../icons/characterSwap.svg',
			dark: 'file:../../icons/characterSwap.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "swap" ? "swap character" : "get result" }}',
		description: 'Replace the character in a picture with another one, using Segmind',
		defaults: { name: 'Character Swap' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: [
			operationProperty(
				'Swap the character in a picture',
				'Put the character of one image into the picture of another (about 70 seconds, 0.15 USD)',
				'Get the result of a character swap',
			),
			requestIdProperty,
			...imageProperties({
				name: 'referenceCharacterImage',
				label: 'Reference Character Image',
				description: 'Who should appear: an image with this one character',
				defaultUrl: SAMPLE_REFERENCE,
				urlDescription: URL_DESCRIPTION,
			}),
			...imageProperties({
				name: 'characterImage',
				label: 'Character Image',
				description: 'The picture to change. Pictures with a single character work best.',
				defaultUrl: SAMPLE_PICTURE,
				urlDescription: URL_DESCRIPTION,
			}),
			waitProperty,
			optionsProperty(),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, characterSwap);
	}
}
