import { BINARY_ENCODING } from 'n8n-workflow';
import { readAll } from './body';
import { linkSignals } from './clock';
import { hangingAfter, look, resultUrl, type Job } from './follow';
import { readContent, storeBuffer, type Content, type StoredImage } from './imagesOut';
import type { ImageSource, Outputs } from './outputs';
import { ItemProblem, type Problem } from './problems';
import { imageNotFetched } from './problemTable';
import { goOn, type Item, type Run } from './run';

/** An image of a finished job, in n8n's binary store. */
interface FetchedImage extends StoredImage {
	imageUrl?: string;
}

/** What a finished job brought. */
export interface Fetched {
	images: FetchedImage[];
	texts: Outputs['texts'];
}

/** Tries to fetch an image from its URL. A result that Segmind does not give is asked for as long as there is time. */
const TRIES = 5;

/** The pause after a first try, which doubles with each further one, and the most it grows to; milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Fetching gets at least this long, or the item's timeout where that is shorter; milliseconds. */
const LEAST_TIME = 60_000;

interface Fetching {
	run: Run;
	item: Item;
	signal: AbortSignal;
	/** Milliseconds since the epoch. */
	endsAt: number;
	/** Name of the output file without the number that several images get. */
	wish: string;
	/** By image: bytes that came the last time, when they stopped without an end mark. */
	endless: Map<number, number>;
}

async function fetchImage(fetching: Fetching, source: ImageSource, wish: string): Promise<Content> {
	const { run, signal } = fetching;
	if (source.kind === 'base64') {
		return await storeBuffer(run.context, Buffer.from(source.base64, BINARY_ENCODING), wish);
	}
	// Half of the time that is left: a transfer that crawls must leave some for another try.
	const half = run.clock.deadline((fetching.endsAt - run.clock.now()) / 2);
	const hanging = run.clock.deadline(hangingAfter(fetching.item));
	const linked = linkSignals(signal, half, hanging);
	try {
		const sent = await run.api.download(source.url, linked.signal);
		if (sent.kind === 'noReply') return { kind: 'bad', why: sent.detail };
		const content = await readContent(run.context, sent, {
			wish,
			signal: linked.signal,
			onImage: () => linked.exchange(hanging),
		});
		if (content.kind !== 'answer') return content;
		return { kind: 'bad', why: sent.status < 300 ? 'it is not an image' : `HTTP ${sent.status}` };
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
function accept(fetching: Fetching, index: number, content: Content): StoredImage | string {
	if (content.kind !== 'image') return content.kind === 'bad' ? content.why : 'it is not an image';
	if (!content.endMissing) return content;
	if (fetching.endless.get(index) === content.fileSize) {
		warnOfEnd(fetching.run, fetching.item, content, ', twice in the same place');
		return content;
	}
	fetching.endless.set(index, content.fileSize);
	return 'the image stops in the middle';
}

const numbered = (wish: string, index: number): string =>
	index === 0 ? wish : `${wish.replace(/\.[A-Za-z0-9]{2,5}$/, '')}-${index + 1}`;

/**
 * Brings the images of a finished job into n8n's binary store. The job is paid, so what fails is tried again,
 * from a fresh look at the result where there is one.
 *
 * @param job undefined for a synchronous answer, which can be asked for no second time
 * @param known what the job's answer already told
 * @throws ItemProblem with the request ID and the image's URL when it stays bad, Stopped when the run ends
 */
export async function finish(
	run: Run,
	item: Item,
	job: Job | undefined,
	known: Outputs | undefined,
	wish: string,
): Promise<Fetched> {
	const least = Math.min(LEAST_TIME, item.options.timeout);
	const time = Math.max(least, (job?.endsAt ?? 0) - run.clock.now());
	const linked = linkSignals(run.ending, run.clock.deadline(time));
	const { signal } = linked;
	const endsAt = run.clock.now() + time;
	const fetching: Fetching = { run, item, signal, endsAt, wish, endless: new Map() };
	const done = new Map<number, FetchedImage>();
	let outputs = known;
	let why: string | undefined;
	let failedUrl: string | undefined;
	let refusal: Problem | undefined;
	try {
		for (let round = 0, tries = 0; ; round++) {
			let isPassing = false;
			if (job && (!outputs || round > 0)) {
				const seen = await look(run, item, job, resultUrl({ run, job }), wish);
				refusal = seen.kind === 'refused' ? seen.problem : undefined;
				isPassing = seen.kind === 'passing' || seen.kind === 'running';
				if (seen.kind === 'image') {
					const image = accept(fetching, 0, seen.image);
					if (typeof image !== 'string') return { images: [image], texts: {} };
					why = image;
				}
				// What an earlier look told still counts where this one tells nothing.
				if (seen.kind === 'outputs') outputs = seen.outputs;
				if (seen.kind === 'passing') why = seen.why;
				if (seen.kind === 'running') why = 'Segmind says that it still runs';
			}
			const problem = outputs ? await fetchAll(fetching, outputs, done) : undefined;
			if (outputs && !problem) {
				return {
					images: [...done.entries()].sort(([a], [b]) => a - b).map(([, image]) => image),
					texts: outputs.texts,
				};
			}
			goOn(run);
			// A try that the end of the time cut short says less than the one before it.
			if (problem && !(why && signal.aborted)) why = problem.why;
			failedUrl = problem?.url ?? failedUrl;
			if (problem || !isPassing || !item.waitForCompletion) tries++;
			if (tries === TRIES || signal.aborted) break;
			await run.clock.wait(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** round), signal);
			goOn(run);
		}
		if (refusal && !outputs) throw new ItemProblem({ ...refusal, money: 'spent' });
		throw new ItemProblem(
			imageNotFetched(why ?? 'its answer names no image', {
				requestId: job?.ticket.requestId ?? run.accepted.get(item.index),
				imageUrl: failedUrl,
				sync: job === undefined,
			}),
		);
	} finally {
		linked.release();
	}
}

async function fetchAll(
	fetching: Fetching,
	outputs: Outputs,
	done: Map<number, FetchedImage>,
): Promise<{ why: string; url?: string } | undefined> {
	for (const [index, source] of outputs.images.entries()) {
		if (done.has(index)) continue;
		const content = await fetchImage(fetching, source, numbered(fetching.wish, index));
		const image = accept(fetching, index, content);
		const url = source.kind === 'url' ? source.url : undefined;
		if (typeof image === 'string') return { why: image, url };
		done.set(index, { ...image, imageUrl: url });
	}
	return undefined;
}

/** The Base64 text of a stored image. */
export async function base64OfStored(run: Run, { binary }: StoredImage): Promise<string> {
	if (!binary.id) return binary.data;
	const stream = await run.context.helpers.getBinaryStream(binary.id);
	return (await readAll(stream, Infinity))?.toString('base64') ?? '';
}
