import type { IDataObject } from 'n8n-workflow';
import type { HistoryWindow } from '../history/client';
import { readImagesIn, type ImageFile, type ImageIn } from '../images/imagesIn';
import { base64Length, Bytes } from '../kit/base64Body';
import { mainFieldOf } from '../model';
import {
	itemParameters,
	orUsual,
	readBoolean,
	readChoice,
	readFields,
	readFilters,
	readLimit,
	readOptions,
	readRequestId,
	type ItemParameters,
	type Options,
} from '../parameters/read';
import { isAgentTool, type JobKey } from './ledger';
import { requestIdOf, type Attempt, type JobRecord } from './record';
import type { Run } from './run';

/** One input item and what the user asks for it, checked. */
interface Asked {
	index: number;
	options: Options;
	waitForCompletion: boolean;
	/** What the output file is called, where the user or the input says so; the extension follows the image. */
	baseName?: string;
}

/** An item that buys a job. */
export interface Swap extends Asked {
	operation: 'swap';
	images: ImageIn[];
	/** The request's other fields. */
	fields: IDataObject;
	/** The image is also wanted as Base64 text in the JSON output. */
	wantsBase64: boolean;
	/** Identifies it in the ledger. */
	jobKey: JobKey;
}

/** An item that fetches the image of a job that was bought earlier. */
export interface GetResult extends Asked {
	operation: 'getResult';
	requestId: string;
}

/** An item that lists the account's jobs. */
export interface GetMany extends Asked {
	operation: 'getMany';
	/** At most so many output items. */
	limit: number;
	/** Each finished job's image is fetched, too. */
	downloads: boolean;
	filters: HistoryWindow;
}

export type Item = Swap | GetResult | GetMany;

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

async function readSwap(run: Run, asked: Asked, parameters: ItemParameters): Promise<Swap> {
	const { model, context } = run;
	const { index, options } = asked;
	const fields = readFields(model, parameters);
	const images = await readImagesIn(context, model, { parameters, itemIndex: index });
	const main = mainFieldOf(model);
	const input = images.find(({ field }) => field === main)?.fileName;
	// The image is the answer: there is nothing to come back for.
	const isSync = model.syncPath !== undefined && options.processingMode === 'sync';
	return {
		...asked,
		operation: 'swap',
		waitForCompletion: asked.waitForCompletion || isSync,
		baseName: options.fileName ?? input,
		images,
		fields,
		wantsBase64: model.base64Field !== undefined && fields[model.base64Field] === true,
		jobKey: run.identify(index, images, fields),
	};
}

/** As an AI agent's tool, the list is short, and without files. */
function readGetMany(run: Run, asked: Asked, parameters: ItemParameters): GetMany {
	const isAgents = isAgentTool(run.context);
	const returnAll = readBoolean(orUsual(parameters.get('returnAll'), false), 'Return All');
	const downloads = readBoolean(orUsual(parameters.get('downloadImages'), true), 'Download Images');
	return {
		...asked,
		operation: 'getMany',
		baseName: asked.options.fileName,
		limit: returnAll && !isAgents ? Infinity : readLimit(parameters),
		downloads: downloads && !isAgents,
		filters: readFilters(parameters, run.clock.date(), run.context.getTimezone()),
	};
}

/**
 * Reads an item and checks all that can be checked before anything is sent. Each item is read twice, once to check
 * them all before the first one costs money, and again when its turn comes: keeping what was read would hold the
 * texts of all items' data URIs in memory at once.
 *
 * @throws ItemProblem for what cannot work
 */
export async function readItem(run: Run, index: number): Promise<Item> {
	const parameters = itemParameters(run.context, index);
	const operation = readChoice(
		parameters.get('operation', 'swap'),
		'Operation',
		run.model.historyName === undefined
			? (['swap', 'getResult'] as const)
			: (['swap', 'getResult', 'getMany'] as const),
	);
	const asked: Asked = {
		index,
		waitForCompletion: readBoolean(
			parameters.get('waitForCompletion', true),
			'Wait for Completion',
		),
		options: readOptions(parameters),
	};
	if (operation === 'swap') return await readSwap(run, asked, parameters);
	if (operation === 'getMany') return readGetMany(run, asked, parameters);
	const requestId = readRequestId(parameters);
	return { ...asked, operation, requestId, baseName: asked.options.fileName };
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
			? await run.uploads.urlsOf(files, options.timeoutMs)
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
