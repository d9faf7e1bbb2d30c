import { BINARY_ENCODING, type IDataObject } from 'n8n-workflow';
import { readAll } from '../kit/streams';
import { linkSignals } from '../kit/clock';
import { hangingAfter, look, type Job, type Look } from './follow';
import { readRetryAfter } from '../http/gate';
import { readContent, storeBuffer, type Content, type StoredImage } from '../images/store';
import { addText, type ImageSource, type Outputs } from '../answers/outputs';
import { ItemProblem, type Problem } from '../problems/problems';
import { finishedWithoutImage, imageNotFetched } from '../problems/problemTable';
import { goOn, type Item, type Run } from './run';

/** An image of a finished job, in n8n's binary store. */
interface FetchedImage extends StoredImage {
	imageUrl?: string;
}

/** An image of a finished job that could not be fetched, while others could. */
export interface MissingImage {
	/** Unless it came as Base64 text. */
	imageUrl?: string;
	reason: string;
}

/** What a finished job brought. */
export interface Fetched {
	images: FetchedImage[];
	texts: Outputs['texts'];
	missing?: MissingImage[];
}

/** Tries at what doesn't look as if it would pass: a page in the place of an image, a refused result. */
const HOPELESS_TRIES = 5;

/** The pause after a first try, which doubles with each further one, and the most it grows to; milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Fetching gets at least this long, or the item's timeout where that is shorter; milliseconds. */
const LEAST_TIME = 60_000;

/** Why an image did not come. */
interface Miss {
	why: string;
	url?: string;
	/** All of an answer came, and it is no image. */
	isOther?: boolean;
	/** How long the server asks to wait; milliseconds. */
	wait?: number;
}

interface Fetching {
	run: Run;
	item: Item;
	/** Undefined for a synchronous answer, which can be asked for no second time. */
	job?: Job;
	signal: AbortSignal;
	/** Milliseconds on the clock of the run. */
	endsAt: number;
	/** When it ends once there is something to hand out; the same. */
	endsWithImagesAt: number;
	/** Name of the output file without the number that several images get. */
	wish: string;
	/** What the job's answers have told. */
	outputs?: Outputs;
	/** By image. */
	done: Map<number, FetchedImage>;
	/** By image: outputs that turned out to be something else. */
	others: Set<number>;
	/** By image: bytes that came the last time, when they stopped without an end mark. */
	endless: Map<number, number>;
	/** Downloads whose answer didn't come in time: the next one gets twice as long. */
	hangs: number;
	/** What is missing after the last round, first things first. */
	misses: Miss[];
	/** Why there is no result, if that is so. */
	refusal?: Problem;
	hopelessTries: number;
}

const timeLeft = ({ run, endsAt }: Fetching): number => endsAt - run.clock.now();

async function fetchImage(
	fetching: Fetching,
	source: ImageSource,
	wish: string,
): Promise<Content | Miss> {
	const { run, signal, item } = fetching;
	if (source.kind === 'base64') {
		return await storeBuffer(run.context, Buffer.from(source.base64, BINARY_ENCODING), wish);
	}
	// Half of the time that is left: a transfer that crawls must leave some for another try.
	const half = run.clock.deadline(timeLeft(fetching) / 2);
	const hanging = run.clock.deadline(hangingAfter(item, fetching.hangs, timeLeft(fetching) / 2));
	const linked = linkSignals(signal, half, hanging);
	try {
		const sent = await run.api.download(source.url, linked.signal);
		if (hanging.aborted) fetching.hangs++;
		if (sent.kind === 'noReply') return { why: sent.detail };
		const content = await readContent(run.context, sent, {
			wish,
			signal: linked.signal,
			onImage: () => linked.exchange(hanging),
		});
		if (sent.status >= 300) {
			const wait = readRetryAfter(sent.headers['retry-after'], run.clock.date());
			return { why: `HTTP ${sent.status}`, wait };
		}
		if (content.kind === 'answer') return { why: 'it is not an image', isOther: true };
		return content.kind === 'bad' ? { why: content.why, isOther: content.isWhole } : content;
	} finally {
		linked.release();
	}
}

/** Tells the user of an image that may have been cut off, and is all that there is. */
export function warnOfEnd(run: Run, item: Item, { fileName }: StoredImage, more = ''): void {
	run.progress.warn(
		`${fileName} (item ${item.index}) stops without the end of its file format${more}: look at it before you use it.`,
	);
}

/** A file without its format's end mark counts as cut off, unless the same bytes come a second time. */
function accept(fetching: Fetching, index: number, content: Content | Miss): StoredImage | Miss {
	if (!('kind' in content)) return content;
	if (content.kind !== 'image') {
		return { why: content.kind === 'bad' ? content.why : 'it is not an image' };
	}
	if (!content.endMissing) return content;
	if (fetching.endless.get(index) === content.fileSize) {
		warnOfEnd(fetching.run, fetching.item, content, ', twice in the same place');
		return content;
	}
	fetching.endless.set(index, content.fileSize);
	return { why: 'the image stops in the middle' };
}

const numbered = (wish: string, index: number): string =>
	index === 0 ? wish : `${wish.replace(/\.[A-Za-z0-9]{2,5}$/, '')}-${index + 1}`;

/** Rounds in which the result is asked for anew: its URLs may have changed. Each time costs a request. */
const asksAgain = (round: number): boolean => [1, 2, 4, 8, 16, 32].includes(round);

/**
 * Looks at the job's result again, as far as that is due. Gives the image where it is the answer itself.
 *
 * @returns whether the result is only not there yet
 */
async function lookAtResult(
	fetching: Fetching,
	round: number,
): Promise<{ image?: StoredImage; isPassing?: boolean }> {
	const { run, item, job, wish, outputs } = fetching;
	if (!job || (outputs && !asksAgain(round))) return {};
	const seen: Look = await look(run, item, job, 'result', wish);
	fetching.refusal = seen.kind === 'refused' ? seen.problem : undefined;
	if (seen.kind === 'image') {
		const image = accept(fetching, 0, seen.image);
		if ('kind' in image) return { image };
		fetching.misses = [image];
	}
	// What an earlier look told still counts where this one tells nothing.
	if (seen.kind === 'outputs') fetching.outputs = seen.outputs;
	if (seen.kind === 'passing') fetching.misses = [{ why: seen.why }];
	if (seen.kind === 'running') fetching.misses = [{ why: 'Segmind says that it still runs' }];
	if (seen.kind === 'error') fetching.misses = [{ why: seen.problem.words || seen.problem.what }];
	const isPassing = seen.kind === 'passing' || seen.kind === 'running';
	const isSaid = !fetching.outputs && job.words !== '' && !isPassing;
	if (isSaid) {
		const { ticket, words, metrics } = job;
		throw new ItemProblem(finishedWithoutImage(words, metrics.cost, ticket.requestId));
	}
	return { isPassing };
}

/** Fetches what is still missing of the job's images, all of it once. */
async function fetchMissing(fetching: Fetching, outputs: Outputs): Promise<void> {
	const misses = new Map<number, Miss>();
	for (const [index, source] of outputs.images.entries()) {
		if (fetching.done.has(index) || fetching.others.has(index)) continue;
		const content = await fetchImage(fetching, source, numbered(fetching.wish, index));
		const image = accept(fetching, index, content);
		const url = source.kind === 'url' ? source.url : undefined;
		if ('kind' in image) fetching.done.set(index, { ...image, imageUrl: url });
		else misses.set(index, { ...image, url });
	}
	// A URL that nobody calls an image, and that is none, is an output of another kind, if there is an image at all.
	for (const [index, { url, isOther }] of misses) {
		if (!isOther || url === undefined || !(url in outputs.untyped)) continue;
		if (fetching.done.size === 0) continue;
		fetching.others.add(index);
		misses.delete(index);
	}
	const { signal } = fetching;
	// A try that the end of the time cut short says less than the one before it.
	if (misses.size > 0 && fetching.misses.length > 0 && signal.aborted) return;
	fetching.misses = [...misses.values()];
}

/** All that arrived, in the order of the answer. */
function fetchedOf({ done, others, outputs, misses }: Fetching): Fetched {
	const texts: IDataObject = { ...outputs?.texts };
	for (const index of others) {
		const source = outputs?.images[index];
		if (source?.kind !== 'url') continue;
		addText(texts, outputs?.untyped[source.url] ?? 'output', source.url);
	}
	const images = [...done.entries()].sort(([a], [b]) => a - b).map(([, image]) => image);
	const missing = misses.map(({ why, url }) => ({ imageUrl: url, reason: why }));
	return { images, texts, ...(missing.length > 0 ? { missing } : {}) };
}

/** How long to wait before the next round; at the most so long that there is time for another one. Milliseconds. */
function pauseAfter(fetching: Fetching, round: number): number {
	const asked = Math.max(0, ...fetching.misses.map(({ wait }) => wait ?? 0));
	const own = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** round);
	return Math.max(own, Math.min(asked, timeLeft(fetching) / 2));
}

/** Whether another round makes no sense, or would take too long. */
function isOver(fetching: Fetching, isPassing: boolean): boolean {
	const { run, item, signal, done, misses, outputs } = fetching;
	const isHopeless = outputs ? misses.every(({ isOther }) => isOther) : !isPassing;
	if (isHopeless || !item.waitForCompletion) fetching.hopelessTries++;
	const isLate = done.size > 0 && run.clock.now() >= fetching.endsWithImagesAt;
	return signal.aborted || isLate || fetching.hopelessTries >= HOPELESS_TRIES;
}

/** Goes through the images again and again, until all are there or it makes no sense any more. */
async function fetchAll(fetching: Fetching): Promise<Fetched | undefined> {
	const { run, signal } = fetching;
	for (let round = 0; ; round++) {
		const { image, isPassing = false } = await lookAtResult(fetching, round);
		if (image) return { images: [image], texts: {} };
		const { outputs } = fetching;
		if (outputs) {
			await fetchMissing(fetching, outputs);
			if (fetching.misses.length === 0) return fetchedOf(fetching);
		}
		goOn(run);
		if (isOver(fetching, isPassing)) return undefined;
		await run.clock.wait(pauseAfter(fetching, round), signal);
		goOn(run);
	}
}

/** Tells the user of images that could not be fetched, while others could. */
function warnOfMissing({ run, item }: Fetching, missing: MissingImage[]): void {
	const list = missing.map(({ imageUrl, reason }) => `${imageUrl ?? 'one'} (${reason})`);
	run.progress.warn(
		`Item ${item.index}: ${missing.length} more image(s) of this job could not be fetched: ${list.join(', ')}. The output names them under "missingImages"; "Get Result" tries again.`,
	);
}

/**
 * Brings the images of a finished job into n8n's binary store. The job is paid, so what fails is tried again as
 * long as there is time, from a fresh look at the result where there is one. Where some images come and others
 * don't, those that came are handed out.
 *
 * @param job undefined for a synchronous answer, which can be asked for no second time
 * @param known what the job's answer already told
 * @param endsAt when the item's time is up; milliseconds on the clock of the run
 * @throws ItemProblem with the request ID and the image's URL when no image comes, Stopped when the run ends
 */
export async function finish(
	run: Run,
	item: Item,
	job: Job | undefined,
	known: Outputs | undefined,
	wish: string,
	endsAt: number,
): Promise<Fetched> {
	const now = run.clock.now();
	const least = now + Math.min(LEAST_TIME, item.options.timeout);
	const end = Math.max(least, endsAt);
	const linked = linkSignals(run.ending, run.clock.deadline(end - now));
	const fetching: Fetching = {
		run,
		item,
		job,
		signal: linked.signal,
		endsAt: end,
		endsWithImagesAt: least,
		wish,
		outputs: known,
		done: new Map(),
		others: new Set(),
		endless: new Map(),
		hangs: 0,
		misses: [],
		hopelessTries: 0,
	};
	try {
		const all = await fetchAll(fetching);
		if (all) return all;
		const some = fetchedOf(fetching);
		if (some.images.length === 0) throw new ItemProblem(problemOf(fetching));
		warnOfMissing(fetching, some.missing ?? []);
		return some;
	} finally {
		linked.release();
	}
}

function problemOf({ run, item, job, refusal, outputs, misses }: Fetching): Problem {
	if (refusal && !outputs) return { ...refusal, money: 'spent' };
	const [first] = misses;
	return imageNotFetched(first?.why ?? 'its answer names no image', {
		requestId: job?.ticket.requestId ?? run.accepted.get(item.index),
		imageUrl: first?.url,
		sync: job === undefined,
	});
}

/** An image of the binary store as Base64 text. */
export async function base64OfStored(run: Run, { binary }: StoredImage): Promise<string> {
	if (!binary.id) return binary.data;
	const stream = await run.context.helpers.getBinaryStream(binary.id);
	return (await readAll(stream, Infinity))?.toString('base64') ?? '';
}
