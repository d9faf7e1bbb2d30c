import { BINARY_ENCODING } from 'n8n-workflow';
import type { StoredImage } from '../answers/observation';
import type { AnswerBody } from '../answers/observe';
import type { ImageSource, Outputs } from '../answers/outputs';
import { exchange } from '../http/exchange';
import { receive, storeBuffer } from '../images/store';
import { linkSignals } from '../kit/signals';
import { requestTimeoutMs } from '../limits';
import { readRetryAfter } from '../rateLimit/headers';
import { jobFileName, type Item } from './item';
import type { Attempt, DownloadFailure, Fetched, FetchedImage, JobRecord, Seen } from './record';
import type { Run } from './run';

/** A round with less time than this is cut short in any case. */
const LEAST_ROUND_MS = 100;

/** A round of downloads under way. */
interface Round {
	run: Run;
	attempt: Attempt;
	/** Name of the output file. */
	baseName: string;
	/** Ends with the time that there is, and with the run. */
	signal: AbortSignal;
	/** Milliseconds that there were at its beginning. */
	leftMs: number;
	/** How often a download has not come in time, and how long servers ask to wait; milliseconds. */
	timeouts: number;
	retryAfterMs: number;
}

/** Fetches what is still missing of a finished job's images, all of it once. */
export async function fetchImages(
	run: Run,
	item: Item,
	{ record, attempt }: { record: JobRecord; attempt: Attempt },
): Promise<Seen> {
	const { outputs = { images: [], texts: {}, untyped: {} } } = record;
	const leftMs = (attempt.fetchEndsAtMs ?? attempt.endsAtMs) - run.clock.now();
	const linked = linkSignals(run.stop.newWork, run.clock.deadline(leftMs));
	const { timeouts } = attempt;
	const baseName = jobFileName(run, item, { record, attempt });
	const { signal } = linked;
	const round: Round = { run, attempt, baseName, signal, leftMs, timeouts, retryAfterMs: 0 };
	try {
		const fetched = await fetchMissing(round, outputs);
		return { says: 'fetched', fetched, timeouts: round.timeouts, retryAfterMs: round.retryAfterMs };
	} finally {
		linked.release();
	}
}

const NOTHING: Fetched = { images: {}, nonImageOutputs: [], truncatedSizes: {}, failures: [] };

async function fetchMissing(round: Round, outputs: Outputs): Promise<Fetched> {
	const { attempt, signal } = round;
	const before = attempt.fetched ?? NOTHING;
	const images = { ...before.images };
	const truncatedSizes = { ...before.truncatedSizes };
	const nonImageOutputs = [...before.nonImageOutputs];
	const failures = new Map<number, DownloadFailure>();
	for (const [place, source] of outputs.images.entries()) {
		if (place in images || nonImageOutputs.includes(place)) continue;
		const image = await fetchOne(round, place, source);
		const imageUrl = source.kind === 'url' ? source.url : undefined;
		if ('why' in image) failures.set(place, { ...image, imageUrl });
		else if (!image.endMissing || truncatedSizes[place] === image.fileSize) {
			images[place] = { ...image, imageUrl };
		} else {
			// Cut off, unless the same bytes come a second time.
			truncatedSizes[place] = image.fileSize;
			failures.set(place, { why: 'the image stops in the middle', imageUrl });
		}
	}
	if (Object.keys(images).length > 0) {
		for (const place of nonImages(outputs, failures)) {
			nonImageOutputs.push(place);
			failures.delete(place);
		}
	}
	// A round that the end of the time cut short says less than the one before it.
	const isCut = signal.aborted || round.leftMs < LEAST_ROUND_MS;
	const isCutShort = failures.size > 0 && before.failures.length > 0 && isCut;
	const told = isCutShort ? before.failures : [...failures.values()];
	return { images, truncatedSizes, nonImageOutputs, failures: told };
}

/** A URL that nobody calls an image, and that is none, is an output of another kind, if there is an image at all. */
function nonImages({ untyped }: Outputs, failures: Map<number, DownloadFailure>): number[] {
	return [...failures]
		.filter(([, { isOther, imageUrl }]) => isOther && imageUrl !== undefined && imageUrl in untyped)
		.map(([place]) => place);
}

/** Name of the image at a place: several of one job are numbered. */
const numbered = (baseName: string, place: number): string =>
	place === 0 ? baseName : `${baseName.replace(/\.[A-Za-z0-9]{2,5}$/, '')}-${place + 1}`;

const imageOrFailure = (body: AnswerBody): StoredImage | DownloadFailure => {
	if ('image' in body) return body.image;
	return { why: body.why, isOther: body.isWhole };
};

async function fetchOne(
	round: Round,
	place: number,
	source: ImageSource,
): Promise<FetchedImage | DownloadFailure> {
	const { run } = round;
	const baseName = numbered(round.baseName, place);
	if (source.kind === 'url') return await download(round, source.url, baseName);
	const bytes = Buffer.from(source.base64, BINARY_ENCODING);
	return imageOrFailure(await storeBuffer(run.context, bytes, baseName));
}

async function download(
	round: Round,
	url: string,
	baseName: string,
): Promise<StoredImage | DownloadFailure> {
	const { run, attempt, signal } = round;
	const { clock, context } = run;
	// Half of the time that is left: a transfer that crawls must leave some for another try.
	const halfMs = ((attempt.fetchEndsAtMs ?? attempt.endsAtMs) - clock.now()) / 2;
	const endsAtMs = clock.now() + halfMs;
	const deadline = Math.min(halfMs, requestTimeoutMs(attempt.timeoutMs, round.timeouts, halfMs));
	const image = await exchange(
		run,
		{ method: 'download', signal, depart: () => ({ url, deadline }) },
		async (sent, transfer): Promise<StoredImage | DownloadFailure> => {
			if (sent.kind === 'noReply') {
				if (transfer.isLate) round.timeouts++;
				return { why: sent.detail };
			}
			const body = await receive(context, sent, {
				baseName,
				signal: transfer.signal,
				onImage: () => transfer.extend(endsAtMs - clock.now(), deadline),
				onBytes: transfer.onBytes,
			});
			if (transfer.isLate) round.timeouts++;
			if (sent.status < 300) return imageOrFailure(body);
			const retryAfterMs = readRetryAfter(sent.headers['retry-after'], clock.date()) ?? 0;
			round.retryAfterMs = Math.max(round.retryAfterMs, retryAfterMs);
			const isGone = attempt.isOld && [403, 404, 410].includes(sent.status);
			return { why: `HTTP ${sent.status}`, isGone };
		},
	);
	return image ?? { why: 'there was no time left for it' };
}
