import type { IDataObject } from 'n8n-workflow';
import { readImagesIn, type ImageFile, type ImageIn } from '../images/imagesIn';
import { base64Length, Bytes } from '../kit/base64Body';
import { mainFieldOf } from '../model';
import { readListing } from '../parameters/listing';
import { operationsOf, waitForCompletion } from '../parameters/operations';
import { readOptions, type Options } from '../parameters/options';
import { itemParameters, readChoice, readFields, readRequestIdParameter } from '../parameters/read';
import { isAgentTool, type JobKey } from './ledger';
import { requestIdOf, type Attempt, type JobRecord } from './record';
import type { Run } from './run';

/** One input item and what the user asks for it, checked. */
export type Item = {
	index: number;
	options: Options;
	waitForCompletion: boolean;
	/** What the output file is called, where the user or the input says so; the extension follows the image. */
	baseName?: string;
} & (
	| {
			/** It buys a job. */
			operation: 'swap';
			images: ImageIn[];
			/** The request's other fields. */
			fields: IDataObject;
			/** The image is also wanted as Base64 text in the JSON output. */
			wantsBase64: boolean;
			/** Identifies it in the ledger. */
			jobKey: JobKey;
	  }
	/** It fetches the image of a job that was bought earlier. */
	| { operation: 'getResult'; requestId: string }
	/** It asks for the account's credits. */
	| { operation: 'getBalance' }
	/** It lists the account's jobs. */
	| ({ operation: 'getMany' } & ReturnType<typeof readListing>)
);

export type Swap = Extract<Item, { operation: 'swap' }>;
export type GetResult = Extract<Item, { operation: 'getResult' }>;
export type GetMany = Extract<Item, { operation: 'getMany' }>;

/** As much of a request ID as distinguishes files. */
const SHORT_ID = 8;

/**
 * Name of an item's output file: the user's, else that of the image that was changed, else the service's with the
 * beginning of the request ID.
 */
export function baseNameOf(
	{ model, account }: Run,
	{ baseName }: Pick<Item, 'baseName'>,
	requestId?: string,
): string {
	const service = model.title.toLowerCase().replaceAll(' ', '-');
	const id = requestId === undefined ? '' : `-${requestId.slice(0, SHORT_ID)}`;
	return account.mask(baseName ?? `${service}${id}`);
}

/**
 * Reads an item and checks all that can be checked before anything is sent. Each item is read twice, once to check
 * them all before the first one costs money, and again when its turn comes: keeping what was read would hold the
 * texts of all items' data URIs in memory at once.
 *
 * @throws ItemProblem for what cannot work
 */
export async function readItem(run: Run, index: number): Promise<Item> {
	const { model, context, clock } = run;
	const parameters = itemParameters(context, index);
	const operations = operationsOf(model).map(({ value }) => value);
	const operation = readChoice(parameters.get('operation', 'swap'), 'Operation', operations);
	// What is bought is never left to a default.
	const waits = waitForCompletion.read(parameters.get('waitForCompletion', true));
	const options = readOptions(parameters, model);
	const asked = { index, options, waitForCompletion: waits, baseName: options.fileName };
	if (operation === 'getResult') {
		return { ...asked, operation, requestId: readRequestIdParameter(parameters) };
	}
	if (operation === 'getMany') {
		const isAgents = isAgentTool(context);
		const [now, timeZone] = [clock.date(), context.getTimezone()];
		return { ...asked, operation, ...readListing(parameters, { isAgents, now, timeZone }) };
	}
	if (operation === 'getBalance') return { ...asked, operation };
	const fields = readFields(model, parameters);
	const images = await readImagesIn(context, model, { parameters, itemIndex: index });
	for (const image of images) {
		const hint = image.kind === 'file' && image.sizeHint;
		if (hint) run.progress.warnOnce('size', `Item ${index}: ${hint}`);
	}
	const main = mainFieldOf(model);
	// The image is the answer: there is nothing to come back for.
	const isSync = model.syncPath !== undefined && options.processingMode === 'sync';
	return {
		...asked,
		operation,
		waitForCompletion: waits || isSync,
		baseName: options.fileName ?? images.find(({ field }) => field === main)?.fileName,
		images,
		fields,
		wantsBase64: model.base64Field !== undefined && fields[model.base64Field] === true,
		// Another workflow is another job.
		jobKey: run.identify(index, images, { ...fields, workflowId: options.workflowId }),
	};
}

/** The same for a job under way: the history may know what the changed image was called. */
export function jobFileName(
	run: Run,
	{ baseName }: Item,
	{ record, attempt }: { record: JobRecord; attempt: Attempt },
): string {
	return baseNameOf(run, { baseName: baseName ?? attempt.changedFile }, requestIdOf(record));
}

/** The request body: each image as a URL, or inside it as the API takes it. */
export async function bodyOf(run: Run, { images, fields, options }: Swap): Promise<IDataObject> {
	const files = images.filter((image) => image.kind === 'file');
	const sent =
		options.imageDelivery === 'upload'
			? await run.uploads.urlsOf(files, options.timeoutMs, () => run.spending.check())
			: await Promise.all(files.map(async (file) => await inline(run, file)));
	const texts = images.map((image) => {
		const text = image.kind === 'url' ? image.url : sent[files.indexOf(image)];
		return [image.field, text] as const;
	});
	return { ...Object.fromEntries(texts), ...fields };
}

/** A file as the API takes it inside the request. */
async function inline({ model }: Run, file: ImageFile): Promise<string> {
	const prefix = model.inlineAs === 'dataUri' ? `data:${file.type.mimeType};base64,` : '';
	const text = new Bytes(file.size === undefined ? undefined : base64Length(file.size));
	await file.read(text);
	return `${prefix}${text.slice().toString('latin1')}`;
}
