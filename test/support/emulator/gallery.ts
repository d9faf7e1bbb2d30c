import { namedInput, type InputReader, type NamedInput } from './inputs';
import type { Entry } from './ledger';
import type { EmulatedModel, Fields, ImageField } from './models';
import { paint, paintPadded, paintVariant, type ImageFormat, type Picture } from './pictures';

const DEFAULT_QUALITY = 95;

/** Draws the results: what a job would have made of its inputs, for everybody to see. */
export class Gallery {
	private readonly padded = new Map<ImageFormat, Promise<Picture>>();

	constructor(
		private readonly inputs: InputReader,
		private readonly imageBytes: number | undefined,
	) {}

	/** Takes the inputs out of the fields at once; the fields themselves are not kept. */
	paint(model: EmulatedModel, fields: Fields): () => Promise<Picture> {
		const format = formatOf(model, fields);
		if (this.imageBytes !== undefined) return async () => await this.paddedPicture(format);
		const named = namedImages(model, fields);
		const quality = Number(fields.output_quality ?? DEFAULT_QUALITY);
		const caption = model.caption?.(fields) ?? { title: model.title, detail: '' };
		return async () => {
			const images = await Promise.all(
				named.map(async ({ input, inset }) => ({ input: await this.inputs.read(input), inset })),
			);
			const main = images.find(({ inset }) => inset === undefined)?.input;
			if (!main) throw new Error('An input is missing');
			const insets = images.flatMap(({ input, inset }) => (inset ? [{ input, ...inset }] : []));
			return await paint({ main, insets, caption, format, quality });
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
	path({ job: { requestId, body }, model }: Entry, index = 0): string {
		return `/results/${encodeURIComponent(requestId)}${index ? `-${index}` : ''}.${formatOf(model, body)}`;
	}

	private async paddedPicture(format: ImageFormat): Promise<Picture> {
		const picture = this.padded.get(format) ?? paintPadded(format, this.imageBytes ?? 0);
		this.padded.set(format, picture);
		return await picture;
	}
}

function namedImages(
	{ images }: EmulatedModel,
	fields: Fields,
): Array<{ input: NamedInput; inset: ImageField['inset'] }> {
	return images.flatMap(({ field, sample, inset }) => {
		const value = fields[field] ?? sample;
		return value === undefined ? [] : [{ input: namedInput(String(value)), inset }];
	});
}

function formatOf({ format }: EmulatedModel, { output_format: asked }: Fields): ImageFormat {
	return asked === 'jpeg' || asked === 'png' || asked === 'webp' ? asked : format;
}
