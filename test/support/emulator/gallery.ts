import { namedInput, type InputReader, type NamedInput } from './inputs';
import type { Entry } from './ledger';
import { paint, paintPadded, paintVariant, type ImageFormat, type Picture } from './pictures';
import type { Job } from './types';
import { WORKFLOW_IMAGES } from './validation';

type Fields = Record<string, unknown>;

/** The workflow's own samples (seed), in the order of WORKFLOW_IMAGES. */
const SAMPLES = [
	'https://segmind-inference-inputs.s3.amazonaws.com/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg',
	'https://segmind-inference-inputs.s3.amazonaws.com/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg',
];
const DEFAULT_QUALITY = 95;

/** Draws the results: what a job would have made of its inputs, for everybody to see. */
export class Gallery {
	private readonly padded = new Map<ImageFormat, Promise<Picture>>();

	constructor(
		private readonly inputs: InputReader,
		private readonly imageBytes: number | undefined,
	) {}

	/** Takes the inputs out of the fields at once; the fields themselves are not kept. */
	faceSwap(fields: Fields): () => Promise<Picture> {
		const format = formatOf('faceswap-comic', fields);
		if (this.imageBytes !== undefined) return async () => await this.paddedPicture(format);
		const target = namedInput(String(fields.target_image));
		const source = namedInput(String(fields.source_image));
		const mask =
			fields.mask_image === undefined ? undefined : namedInput(String(fields.mask_image));
		const quality = Number(fields.output_quality ?? DEFAULT_QUALITY);
		const prompt = typeof fields.prompt === 'string' ? fields.prompt : '';
		const title = prompt ? `FaceSwap Comic: “${prompt}”` : 'FaceSwap Comic';
		const detail = faceSwapDetail(fields);
		return async () => {
			const [main, face, area] = await this.readAll([target, source, mask]);
			if (!main || !face) throw new Error('An input is missing');
			const insets = [
				{ input: face, shape: 'round' as const, label: 'source', corner: 'left' as const },
				...(area
					? [{ input: area, shape: 'card' as const, label: 'mask', corner: 'right' as const }]
					: []),
			];
			return await paint({ main, insets, caption: { title, detail }, format, quality });
		};
	}

	workflow(fields: Fields): () => Promise<Picture> {
		if (this.imageBytes !== undefined) return async () => await this.paddedPicture('png');
		const named = WORKFLOW_IMAGES.map((name, index) =>
			namedInput(String(fields[name] ?? SAMPLES[index])),
		);
		return async () => {
			const [reference, main] = await this.readAll(named);
			if (!main || !reference) throw new Error('An input is missing');
			return await paint({
				main,
				insets: [{ input: reference, shape: 'card', label: 'reference', corner: 'left' }],
				caption: {
					title: 'AI Character Swap',
					detail: 'the reference character, put into this picture',
				},
				format: 'png',
				quality: DEFAULT_QUALITY,
			});
		};
	}

	async image(entry: Entry, index = 0): Promise<Picture> {
		if (index === 0) return await entry.picture;
		const known = entry.variants.get(index);
		if (known) return await known;
		const variant = entry.picture.then(async (picture) => await paintVariant(picture, index));
		entry.variants.set(index, variant);
		return await variant;
	}

	/** Where the files server has it. */
	path({ requestId, service, body }: Job, index = 0): string {
		return `/results/${encodeURIComponent(requestId)}${index ? `-${index}` : ''}.${formatOf(service, body)}`;
	}

	private async readAll(inputs: Array<NamedInput | undefined>) {
		return await Promise.all(inputs.map(async (input) => input && (await this.inputs.read(input))));
	}

	private async paddedPicture(format: ImageFormat): Promise<Picture> {
		const picture = this.padded.get(format) ?? paintPadded(format, this.imageBytes ?? 0);
		this.padded.set(format, picture);
		return await picture;
	}
}

function formatOf(service: Job['service'], fields: Fields): ImageFormat {
	if (service === 'workflow') return 'png';
	const format = fields.output_format;
	return format === 'png' || format === 'webp' ? format : 'jpeg';
}

/** The numbers that went in; defaults as the API documents them (seed). */
function faceSwapDetail(fields: Fields): string {
	const shown: Array<[string, string, unknown]> = [
		['face', 'face_strength', 0.8],
		['style', 'style_strength', 0.8],
		['seed', 'seed', 63255],
		['steps', 'steps', 10],
		['cfg', 'cfg', 1.6],
	];
	return shown
		.map(([label, name, preset]) => `${label} ${String(fields[name] ?? preset)}`)
		.join(' · ');
}
