import { BINARY_ENCODING, type IDataObject } from 'n8n-workflow';
import type { Answer, StoredImage } from '../answers/answers';
import { addText, type ImageSource, type Outputs } from '../answers/outputs';
import { exchange } from '../http/exchange';
import { readReply, storeBuffer } from '../images/store';
import { linkSignals } from '../kit/signals';
import { FETCH, hangingAfter } from '../limits';
import { ItemProblem, type Problem } from '../problems/problems';
import { finishedWithoutImage, imageNotFetched } from '../problems/problemTable';
import { readRetryAfter } from '../rateLimit/headers';
import { check } from './follow';
import { isQueued, type Job } from './job';
import type { Check } from './readCheck';
import { throwIfStopping, type Run } from './run';

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

/** Why an image did not come. */
interface Miss {
	why: string;
	url?: string;
	/** All of an answer came, and it is no image. */
	isOther?: boolean;
	/** It will not come any more. */
	isGone?: boolean;
	/** How long the server asks to wait; milliseconds. */
	wait?: number;
}

/** How far fetching the images of a job is. */
interface Fetching {
	run: Run;
	job: Job;
	signal: AbortSignal;
	/** Milliseconds on the clock of the run. */
	endsAt: number;
	/** When it ends once there is something to hand out; the same. */
	endsWithImagesAt: number;
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
	hopelessRounds: number;
}

const timeLeft = ({ run, endsAt }: Fetching): number => endsAt - run.clock.now();

const imageOrMiss = (answer: Answer): StoredImage | Miss => {
	if (answer.kind === 'image') return answer;
	if (answer.kind === 'unreadable') return { why: answer.why, isOther: answer.isWhole };
	return { why: 'it is not an image', isOther: true };
};

async function download(
	fetching: Fetching,
	url: string,
	baseName: string,
): Promise<StoredImage | Miss> {
	const { run, job, signal } = fetching;
	const { clock, context } = run;
	// Half of the time that is left: a transfer that crawls must leave some for another try.
	const half = timeLeft(fetching) / 2;
	const end = clock.now() + half;
	const deadline = Math.min(half, hangingAfter(job.item.options.timeout, fetching.hangs, half));
	const image = await exchange(
		run,
		{ method: 'download', signal, depart: () => ({ url, deadline }) },
		async (sent, transfer): Promise<StoredImage | Miss> => {
			if (transfer.isLate) fetching.hangs++;
			if (sent.kind === 'noReply') return { why: sent.detail };
			const answer = await readReply(context, sent, {
				baseName,
				signal: transfer.signal,
				onImage: () => transfer.extend(end - clock.now(), deadline),
				onBytes: transfer.onBytes,
			});
			if (transfer.isLate) fetching.hangs++;
			if (sent.status < 300) return imageOrMiss(answer);
			const wait = readRetryAfter(sent.headers['retry-after'], clock.date());
			const isGone = job.isOld && [403, 404, 410].includes(sent.status);
			return { why: `HTTP ${sent.status}`, wait, isGone };
		},
	);
	return image ?? { why: 'there was no time left for it' };
}

/** Tells the user of an image that may have been cut off, and is all that there is. */
function warnOfEnd({ run, job }: Fetching, { fileName }: StoredImage, more = ''): void {
	run.progress.warn(
		`${fileName} (item ${job.item.index}) stops without the end of its file format${more}: look at it before you use it.`,
	);
}

/** A file without its format's end mark counts as cut off, unless the same bytes come a second time. */
function accept(fetching: Fetching, index: number, image: StoredImage | Miss): StoredImage | Miss {
	if (!('kind' in image) || !image.endMissing) return image;
	if (fetching.endless.get(index) === image.fileSize) {
		warnOfEnd(fetching, image, ', twice in the same place');
		return image;
	}
	fetching.endless.set(index, image.fileSize);
	return { why: 'the image stops in the middle' };
}

/** Name of the image of an index: several of one job are numbered. */
const numbered = (baseName: string, index: number): string =>
	index === 0 ? baseName : `${baseName.replace(/\.[A-Za-z0-9]{2,5}$/, '')}-${index + 1}`;

async function fetchImage(
	fetching: Fetching,
	index: number,
	source: ImageSource,
): Promise<StoredImage | Miss> {
	const baseName = numbered(fetching.job.baseName, index);
	if (source.kind === 'url') {
		return accept(fetching, index, await download(fetching, source.url, baseName));
	}
	const bytes = Buffer.from(source.base64, BINARY_ENCODING);
	const stored = await storeBuffer(fetching.run.context, bytes, baseName);
	return accept(fetching, index, imageOrMiss(stored));
}

/** Why a check of the result brings nothing new. */
function whyNothing(seen: Check): string | undefined {
	if (seen.kind === 'transient') return seen.why;
	if (seen.kind === 'running') return 'Segmind says that it still runs';
	return seen.kind === 'error' ? seen.problem.words || seen.problem.what : undefined;
}

/**
 * Asks for the job's result again, as far as that is due. The image may be the answer itself.
 *
 * @returns whether the result is only not there yet
 */
async function checkResult(fetching: Fetching, round: number): Promise<boolean> {
	const { run, job } = fetching;
	if (!isQueued(job) || (job.outputs && !FETCH.asksAgain(round))) return false;
	job.image = undefined;
	const seen = await check(run, job, 'result');
	if (seen.kind === 'failed') throw new ItemProblem(seen.problem);
	fetching.refusal = seen.kind === 'refused' ? seen.problem : undefined;
	if (job.image) return false;
	const why = whyNothing(seen);
	if (why !== undefined) fetching.misses = [{ why }];
	const isNotThere = seen.kind === 'transient' || seen.kind === 'running';
	if (!job.outputs && job.words !== '' && !isNotThere) {
		const { requestId, words, metrics } = job;
		throw new ItemProblem(finishedWithoutImage(words, metrics.cost, requestId));
	}
	return isNotThere;
}

/** A URL that nobody calls an image, and that is none, is an output of another kind, if there is an image at all. */
function setApartOthers({ done, others }: Fetching, outputs: Outputs, misses: Map<number, Miss>) {
	if (done.size === 0) return;
	for (const [index, { url, isOther }] of misses) {
		if (!isOther || url === undefined || !(url in outputs.untyped)) continue;
		others.add(index);
		misses.delete(index);
	}
}

/** Fetches what is still missing of the job's images, all of it once. */
async function fetchMissing(fetching: Fetching, outputs: Outputs): Promise<void> {
	const { done, others, signal } = fetching;
	const misses = new Map<number, Miss>();
	for (const [index, source] of outputs.images.entries()) {
		if (done.has(index) || others.has(index)) continue;
		const image = await fetchImage(fetching, index, source);
		const url = source.kind === 'url' ? source.url : undefined;
		if ('kind' in image) done.set(index, { ...image, imageUrl: url });
		else misses.set(index, { ...image, url });
	}
	setApartOthers(fetching, outputs, misses);
	// A try that the end of the time cut short says less than the one before it.
	if (misses.size > 0 && fetching.misses.length > 0 && signal.aborted) return;
	fetching.misses = [...misses.values()];
}

/** All that arrived, in the order of the answer. */
function fetchedOf({ done, others, job: { outputs }, misses }: Fetching): Fetched {
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
	const own = Math.min(FETCH.longestPause, FETCH.firstPause * 2 ** round);
	return Math.max(own, Math.min(asked, timeLeft(fetching) / 2));
}

/** Whether another round makes no sense, or would take too long. */
function isOver(fetching: Fetching, isNotThere: boolean): boolean {
	const { run, job, signal, done, misses } = fetching;
	const isHopeless = job.outputs ? misses.every(({ isOther }) => isOther) : !isNotThere;
	if (isHopeless || !job.item.waitForCompletion) fetching.hopelessRounds++;
	const isLate = done.size > 0 && run.clock.now() >= fetching.endsWithImagesAt;
	const isGone = misses.length > 0 && misses.every((miss) => miss.isGone);
	return signal.aborted || isLate || isGone || fetching.hopelessRounds >= FETCH.hopelessRounds;
}

/** Whether all images came in one round. The image that is the answer itself is all there is. */
async function fetchRound(fetching: Fetching): Promise<boolean> {
	const { image, outputs } = fetching.job;
	if (image) {
		fetching.job.image = undefined;
		const accepted = accept(fetching, 0, image);
		fetching.misses = 'kind' in accepted ? [] : [accepted];
		if ('kind' in accepted) {
			fetching.done = new Map([[0, accepted]]);
			return true;
		}
	}
	if (!outputs) return false;
	await fetchMissing(fetching, outputs);
	return fetching.misses.length === 0;
}

/** Goes through the images again and again, until all are there or it makes no sense any more. */
async function fetchAll(fetching: Fetching): Promise<boolean> {
	const { run, signal } = fetching;
	for (let round = 0; ; round++) {
		const isNotThere = await checkResult(fetching, round);
		if (await fetchRound(fetching)) return true;
		throwIfStopping(run);
		if (isOver(fetching, isNotThere)) return false;
		await run.clock.wait(pauseAfter(fetching, round), signal);
		throwIfStopping(run);
	}
}

/** Tells the user of images that could not be fetched, while others could. */
function warnOfMissing({ run, job }: Fetching, missing: MissingImage[]): void {
	const list = missing.map(({ imageUrl, reason }) => `${imageUrl ?? 'one'} (${reason})`);
	run.progress.warn(
		`Item ${job.item.index}: ${missing.length} more image(s) of this job could not be fetched: ${list.join(', ')}. The output names them under "missingImages"; "Get Result" tries again.`,
	);
}

function problemOf({ job, refusal, misses }: Fetching): Problem {
	if (refusal && !job.outputs) return { ...refusal, money: 'spent' };
	const [first] = misses;
	return imageNotFetched(first?.why ?? 'its answer names no image', {
		requestId: job.requestId,
		imageUrl: first?.url,
		sync: job.ticket === undefined,
		isOld: job.isOld,
	});
}

/**
 * Brings the images of a finished job into n8n's binary store. The job is paid, so what fails is tried again as
 * long as there is time, from a fresh look at the result where there is one. Where some images come and others
 * don't, those that came are handed out.
 *
 * @throws ItemProblem with the request ID and the image's URL when no image comes, Stopped when the run ends
 */
export async function fetchImages(run: Run, job: Job): Promise<Fetched> {
	const now = run.clock.now();
	const least = now + Math.min(FETCH.leastTime, job.item.options.timeout);
	const endsAt = Math.max(least, job.endsAt);
	const linked = linkSignals(run.stop.newWork, run.clock.deadline(endsAt - now));
	const fetching: Fetching = {
		run,
		job,
		signal: linked.signal,
		endsAt,
		endsWithImagesAt: least,
		done: new Map(),
		others: new Set(),
		endless: new Map(),
		hangs: 0,
		misses: [],
		hopelessRounds: 0,
	};
	try {
		if (job.image && (!job.image.endMissing || !job.ticket)) {
			// It is all there is: a synchronous answer can be asked for no second time.
			if (job.image.endMissing) warnOfEnd(fetching, job.image);
			return { images: [job.image], texts: {} };
		}
		if (await fetchAll(fetching)) return fetchedOf(fetching);
		const some = fetchedOf(fetching);
		if (some.images.length === 0) throw new ItemProblem(problemOf(fetching));
		warnOfMissing(fetching, some.missing ?? []);
		return some;
	} finally {
		linked.release();
	}
}
