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
import { additionalFieldsProperty, fieldProperties } from './fields';
import { faceSwapComic } from './model';

export class FaceSwapComic implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'FaceSwap Comic',
		name: 'faceSwapComic',
		icon: {
			light: 'file:../../icons/faceSwapComic.svg',
			dark: 'file:../../icons/faceSwapComic.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "swap" ? "swap face" : "get result" }}',
		description: 'Put a real face into a comic or an illustration, using Segmind',
		defaults: { name: 'FaceSwap Comic' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'segmindApi', required: true }],
		properties: [
			operationProperty(
				'Swap a face into a comic',
				'Put the face of one image into the comic of another (about 20 seconds, 0.065 USD)',
				'Get the result of a face swap',
			),
			requestIdProperty,
			...imageProperties({
				name: 'sourceImage',
				label: 'Source Image',
				description: 'The face: a photo with one clear face',
			}),
			...imageProperties({
				name: 'targetImage',
				label: 'Target Image',
				description: 'The comic: the picture that the face is put into',
			}),
			...imageProperties({
				name: 'maskImage',
				label: 'Mask Image',
				description:
					'Only needed when the wrong face is swapped: white where the face may be changed, black elsewhere',
				optional: true,
			}),
			...fieldProperties,
			waitProperty,
			additionalFieldsProperty,
			optionsProperty([
				{
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
								'Hold one connection until the image comes: a cut connection loses a paid image',
						},
					],
					default: 'queue',
					description:
						'How the node talks to Segmind. Where there is no queue, it uses Sync by itself. Sync always waits for the image.',
					displayOptions: { show: { '/operation': ['swap'] } },
				},
			]),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, faceSwapComic);
	}
}
