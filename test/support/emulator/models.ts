import type { Caption, Inset } from './artwork';
import { flag, oneOf, range, seed, text, whole, type Check } from './checks';
import type { ImageFormat } from './pictures';

/** A request's body, or a job's. */
export type Fields = Record<string, unknown>;

/** An image of the request. */
export interface ImageField {
	field: string;
	/** What Segmind takes where the request names none. */
	sample?: string;
	/** How it shows in the result; without, it is the picture that the result is made of. */
	inset?: Pick<Inset, 'shape' | 'label'> & { corner: 'left' | 'right' };
}

interface AnyModel {
	/** What the ledger calls it. */
	service: string;
	title: string;
	/** USD for one run. */
	costUsd: number;
	/** Of one run. */
	typicalSeconds: number;
	images: ImageField[];
	/** Every other field, with what it may hold. */
	fields: Record<string, Check>;
	/** The images and fields that a request must have. */
	required: string[];
	/** Of a result whose request names no `output_format`. */
	format: ImageFormat;
	/** What it uses when none is sent. */
	defaultSeed?: number;
	/** What the account's history calls it, where its jobs are in there. */
	historyName?: string;
	/** What is written below the picture; by default the title. */
	caption?: (fields: Fields) => Caption;
}

/** On Segmind's queue: its images are bare Base64 or URLs. */
export interface QueueModel extends AnyModel {
	kind: 'queue';
	submitPath: string;
	/** Where it runs while the connection is held open. */
	syncPath?: string;
}

/** A workflow, below /workflows: its images are data URIs or URLs. */
export interface WorkflowModel extends AnyModel {
	kind: 'workflow';
	/** The versions that run; any other is retired. */
	workflowIds: string[];
	/** Names the image in its output. */
	keyname: string;
}

export type EmulatedModel = QueueModel | WorkflowModel;

const FACE_SWAP_SEED = 63255;

/** All that the emulator knows of single models: another one is another entry. */
export const MODELS: EmulatedModel[] = [
	// [seed]
	{
		kind: 'queue',
		service: 'faceswap-comic',
		title: 'FaceSwap Comic',
		submitPath: '/v2/faceswap-comic',
		syncPath: '/v1/faceswap-comic',
		historyName: 'faceswap-comic',
		costUsd: 0.065,
		typicalSeconds: 21,
		images: [
			{ field: 'source_image', inset: { shape: 'round', label: 'source', corner: 'left' } },
			{ field: 'target_image' },
			{ field: 'mask_image', inset: { shape: 'card', label: 'mask', corner: 'right' } },
		],
		fields: {
			prompt: text,
			face_strength: range(0, 1),
			style_strength: range(0, 2),
			cfg: range(0.1, 10),
			steps: whole(1, 50),
			seed,
			grow_mask: whole(0, 100),
			output_format: oneOf('jpeg', 'png', 'webp'),
			output_quality: whole(1, 100),
			base64: flag,
		},
		required: ['source_image', 'target_image'],
		format: 'jpeg',
		defaultSeed: FACE_SWAP_SEED,
		caption: ({ prompt, ...fields }) => ({
			title: prompt ? `FaceSwap Comic: “${String(prompt)}”` : 'FaceSwap Comic',
			// The numbers that went in; defaults as the API documents them.
			detail: [
				['face', fields.face_strength ?? 0.8],
				['style', fields.style_strength ?? 0.8],
				['seed', fields.seed ?? FACE_SWAP_SEED],
				['steps', fields.steps ?? 10],
				['cfg', fields.cfg ?? 1.6],
			]
				.map((shown) => shown.join(' '))
				.join(' · '),
		}),
	},
	// AI Character Swap [seed]; the history isn't known to have runs of workflows [docs].
	{
		kind: 'workflow',
		service: 'workflow',
		title: 'Character Swap',
		workflowIds: ['678aa4026426baad7e5392fb-v7'],
		keyname: 'character_swap_image',
		costUsd: 0.1522,
		typicalSeconds: 72,
		images: [
			{
				field: 'reference_character_image',
				sample:
					'https://segmind-inference-inputs.s3.amazonaws.com/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg',
				inset: { shape: 'card', label: 'reference', corner: 'left' },
			},
			{
				field: 'character_image',
				sample:
					'https://segmind-inference-inputs.s3.amazonaws.com/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg',
			},
		],
		fields: {},
		required: [],
		format: 'png',
		caption: () => ({
			title: 'AI Character Swap',
			detail: 'the reference character, put into this picture',
		}),
	},
];
