import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { base64Length, Bytes } from '../kit/base64Body';
import { base64OfStored, finish, warnOfEnd, type Fetched } from './fetchImages';
import { follow, type Job } from './follow';
import { readImagesIn, type ImageIn } from '../images/imagesIn';
import { identityOf, type Memory, type Question } from './ledger';
import { outputItems, statusItem } from './outputItem';
import { readRequestId } from '../parameters/read';
import { happened, ItemProblem } from '../problems/problems';
import { stillUnconfirmed } from '../problems/problemTable';
import type { Metrics, RunningState, Ticket } from '../answers/answers';
import { goOn, type Item, type Run } from './run';
import { submit, type Answered, type Submitted } from './submit';

/** Everything about an item that is checked before anything is sent. */
interface Request {
	images: ImageIn[];
	fields: IDataObject;
}

/** Checks an item's parameters and files. Throws an `ItemProblem` for what cannot work. */
export async function checkItem(run: Run, item: Item): Promise<Request | undefined> {
	if (item.operation === 'getResult') {
		readRequestId(item.parameters);
		return undefined;
	}
	const fields = run.model.fields(item.parameters);
	run.model.wantsBase64?.(item.parameters);
	const images = await readImagesIn(run.context, run.model, item.parameters, item.index);
	return { images, fields };
}

/** What identifies a job. */
function questionOf(run: Run, item: Item, { images, fields }: Request): Question {
	const identities = images.map((image) => [
		image.field,
		image.kind === 'url' ? image.url : image.identity,
	]);
	// An agent that asks the same again gets the same job; its items have no order.
	const place = run.isAgents ? 'tool' : item.index;
	const asks = identityOf(run.model.submitPath, place, identities, fields);
	if (run.isAgents) return { key: asks, asks };
	// A try of the same item asks for the same job, even if an expression, a random seed, gives something new.
	return { key: identityOf(run.identity, item.index), asks };
}

/** The request body: each image as a URL, or inside it as the API takes it. */
async function bodyOf(run: Run, item: Item, { images, fields }: Request): Promise<IDataObject> {
	const sent = images.map(async (image): Promise<[string, string]> => {
		if (image.kind === 'url') return [image.field, image.url];
		if (item.options.imageDelivery === 'upload')
			return [image.field, await run.uploads.urlOf(image, item.options.timeout)];
		const prefix = run.model.inlineAs === 'dataUri' ? `data:${image.type.mimeType};base64,` : '';
		const text = new Bytes(image.size === undefined ? undefined : base64Length(image.size));
		await image.read(text);
		return [image.field, `${prefix}${text.slice().toString('latin1')}`];
	});
	return { ...Object.fromEntries(await Promise.all(sent)), ...fields };
}

/** As much of a request ID as tells files apart. */
const SHORT_ID = 8;

/**
 * The wish for the output file's name: the user's, else the name of the image that was changed, else the
 * service's with the beginning of the request ID.
 */
function wishOf(run: Run, item: Item, images: ImageIn[], requestId?: string): string {
	const main = run.model.images.find(({ name }) => name === run.model.mainImage)?.field;
	const input = images.find(({ field }) => field === main)?.fileName;
	const service = run.model.title.toLowerCase().replaceAll(' ', '-');
	const id = requestId === undefined ? '' : `-${requestId.slice(0, SHORT_ID)}`;
	return run.account.mask(item.options.fileName ?? input ?? `${service}${id}`);
}

/** What is known of an accepted job when its way begins. */
interface Opening {
	/** What the submit told, when it was only just made. */
	fresh?: { state: RunningState; metrics: Metrics };
	/** When Segmind accepted it; milliseconds on the clock of the run. */
	acceptedAt?: number;
}

function openJob(run: Run, item: Item, ticket: Ticket, { fresh, acceptedAt }: Opening): Job {
	const now = run.clock.now();
	const { state, metrics } = fresh ?? { state: 'QUEUED', metrics: {} };
	run.accepted.set(item.index, run.account.mask(ticket.requestId));
	return {
		ticket,
		startedAt: now,
		endsAt: now + item.options.timeout,
		fresh: fresh !== undefined,
		acceptedAt: fresh === undefined ? acceptedAt : now,
		state,
		metrics,
		polls: 0,
		refusals: 0,
		hangs: 0,
		words: '',
	};
}

/** Follows an accepted job to its images, or to its state when the user does not want to wait. */
async function followToItems(
	run: Run,
	item: Item,
	job: Job,
	wish: string,
): Promise<INodeExecutionData[]> {
	const followed = await follow(run, item, job, wish);
	if (followed.kind === 'running') return [statusItem(run, item, job)];
	let fetched: Fetched;
	if (followed.kind === 'image' && !followed.image.endMissing) {
		fetched = { images: [followed.image], texts: {} };
	} else {
		const known = followed.kind === 'outputs' ? followed.outputs : undefined;
		fetched = await finish(run, item, job, known, wish, job.endsAt);
	}
	return await toItems(
		run,
		item,
		fetched,
		job.ticket.requestId,
		job.metrics,
		job.startedAt,
		job.polls,
	);
}

async function toItems(
	run: Run,
	item: Item,
	fetched: Fetched,
	requestId: string | undefined,
	metrics: Metrics,
	startedAt: number,
	polls: number,
): Promise<INodeExecutionData[]> {
	const waitSeconds = Math.round(run.clock.now() - startedAt) / 1000;
	const base64 =
		item.operation === 'swap' && run.model.wantsBase64?.(item.parameters)
			? await Promise.all(fetched.images.map(async (image) => await base64OfStored(run, image)))
			: [];
	return outputItems(run, item, fetched, requestId, { ...metrics, waitSeconds, polls }, base64);
}

async function swap(run: Run, item: Item): Promise<INodeExecutionData[]> {
	const request = await checkItem(run, item);
	if (!request) return [];
	const question = questionOf(run, item, request);
	const { key } = question;
	run.keys.set(item.index, key);
	// Items of an agent's call may ask the same at the same time: the later one gets what the first brings.
	for (let before = run.busy.get(key); before; before = run.busy.get(key)) await before;
	const done = swapOnce(run, item, request, question);
	const leave = () => void run.busy.delete(key);
	run.busy.set(key, done.then(leave, leave));
	return await done;
}

async function swapOnce(
	run: Run,
	item: Item,
	request: Request,
	question: Question,
): Promise<INodeExecutionData[]> {
	const { key } = question;
	const memory = run.ledger.recall(question);
	if (memory.kind === 'finished') {
		return memory.items.map((done) => ({ ...done, pairedItem: { item: item.index } }));
	}
	if (memory.kind === 'unconfirmed') {
		throw new ItemProblem({
			...stillUnconfirmed(memory.trouble),
			requestId: memory.requestId,
		});
	}
	const items = await itemsFor(run, item, request, question, memory).catch((error: unknown) => {
		if (error instanceof ItemProblem) {
			const { problem } = error;
			run.ledger.troubled(key, run.account.mask(happened(problem)), problem.over === true);
			if (problem.money === 'notSpent') run.ledger.cost(key, 0);
		}
		throw error;
	});
	if (items.every(({ binary }) => binary !== undefined)) run.ledger.finished(key, items);
	const { cost } = (items[0]?.json.metrics ?? {}) as Metrics;
	if (typeof cost === 'number') run.ledger.cost(key, cost);
	return items;
}

/** Goes on where an earlier try stopped, or buys the job. */
async function itemsFor(
	run: Run,
	item: Item,
	request: Request,
	question: Question,
	memory: Exclude<Memory, { kind: 'finished' | 'unconfirmed' }>,
): Promise<INodeExecutionData[]> {
	if (memory.kind === 'none') return await buy(run, item, request, question);
	if (memory.kind === 'accepted') {
		return await continueJob(run, item, memory, request.images);
	}
	const wish = wishOf(run, item, request.images, memory.requestId);
	return await fetchAnswered(run, item, { ...memory, metrics: {}, sentAt: run.clock.now() }, wish);
}

/** A job that an earlier try bought. */
async function continueJob(
	run: Run,
	item: Item,
	{ ticket, sentAt }: Extract<Memory, { kind: 'accepted' }>,
	images: ImageIn[],
): Promise<INodeExecutionData[]> {
	const age = Math.max(0, run.clock.date() - sentAt);
	const job = openJob(run, item, ticket, { acceptedAt: run.clock.now() - age });
	if (!item.waitForCompletion) return [statusItem(run, item, job)];
	return await followToItems(run, item, job, wishOf(run, item, images, ticket.requestId));
}

/** Apart from what follows it: the body may be large, and is not to be held while the job runs. */
async function submitRequest(
	run: Run,
	item: Item,
	request: Request,
	question: Question,
): Promise<Submitted> {
	const nameFor = (requestId?: string) => wishOf(run, item, request.images, requestId);
	return await submit(run, item, await bodyOf(run, item, request), question, nameFor);
}

/** Buys a job. */
async function buy(
	run: Run,
	item: Item,
	request: Request,
	question: Question,
): Promise<INodeExecutionData[]> {
	const submitted = await submitRequest(run, item, request, question);
	if (submitted.kind === 'ticket') {
		const job = openJob(run, item, submitted.ticket, { fresh: submitted });
		run.progress.accepted(item.index, job.ticket.requestId);
		if (!item.waitForCompletion) return [statusItem(run, item, job)];
		goOn(run);
		const name = wishOf(run, item, request.images, submitted.ticket.requestId);
		return await followToItems(run, item, job, name);
	}
	const wish = wishOf(run, item, request.images, submitted.requestId);
	return await fetchAnswered(run, item, submitted, wish);
}

/** What a synchronous answer brought, with its images. */
async function fetchAnswered(
	run: Run,
	item: Item,
	answered: Answered,
	wish: string,
): Promise<INodeExecutionData[]> {
	const { requestId, metrics, sentAt } = answered;
	if (requestId !== undefined) run.accepted.set(item.index, run.account.mask(requestId));
	let fetched: Fetched;
	if ('image' in answered) {
		if (answered.image.endMissing) warnOfEnd(run, item, answered.image);
		fetched = { images: [answered.image], texts: {} };
	} else {
		const endsAt = sentAt + item.options.timeout;
		fetched = await finish(run, item, undefined, answered.outputs, wish, endsAt);
	}
	return await toItems(run, item, fetched, requestId, metrics, sentAt, 0);
}

/** The output items of one input item. Throws an `ItemProblem`, or `Stopped` when the run ends. */
export async function runJob(run: Run, item: Item): Promise<INodeExecutionData[]> {
	if (item.operation === 'swap') return await swap(run, item);
	const requestId = readRequestId(item.parameters);
	const job = openJob(run, item, { requestId }, {});
	const wish = run.account.mask(item.options.fileName ?? requestId);
	return await followToItems(run, item, job, wish);
}
