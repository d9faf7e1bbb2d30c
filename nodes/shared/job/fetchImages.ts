import { BINARY_ENCODING } from 'n8n-workflow';
import type { StoredImage } from '../answers/observation';
import type { AnswerBody } from '../answers/observe';
import type { ImageSource } from '../answers/outputs';
import { receive, storeImage } from '../images/store';
import { requestTimeoutMs } from '../limits';
import { readRetryAfter } from '../rateLimit/headers';
import { jobFileName, type Item } from './item';
import {
	NOTHING_FETCHED,
	type Attempt,
	type DownloadFailure,
	type JobRecord,
	type Seen,
} from './record';
import type { Run } from './run';

/** A round with less time than this is cut short in any case. */
const LEAST_ROUND_MS = 100;

/** Name of the image at a place: several of one job are numbered. */
const numbered = (baseName: string, place: number): string =>
	place === 0 ? baseName : `${baseName.replace(/\.[A-Za-z0-9]{2,5}$/, '')}-${place + 1}`;

/** Fetches what is still missing of a finished job's images, all of it once. */
export async function fetchImages(
	run: Run,
	item: Item,
	{ record, attempt }: { record: JobRecord; attempt: Attempt },
): Promise<Seen> {
	const { clock, stop } = run;
	const { images: sources = [], untyped = {} } = record.outputs ?? {};
	const endsAtMs = attempt.fetchEndsAtMs ?? attempt.endsAtMs;
	const isShort = endsAtMs - clock.now() < LEAST_ROUND_MS;
	const baseName = jobFileName(run, item, { record, attempt });
	const before = attempt.fetched ?? NOTHING_FETCHED;
	const images = { ...before.images };
	const truncatedSizes = { ...before.truncatedSizes };
	const nonImageOutputs = [...before.nonImageOutputs];
	const failures = new Map<number, DownloadFailure>();
	const waits = { timeouts: attempt.timeouts, retryAfterMs: 0 };
	for (const [place, source] of sources.entries()) {
		if (place in images || nonImageOutputs.includes(place)) continue;
		const name = numbered(baseName, place);
		const image = await fetchOne(run, attempt, { source, name, endsAtMs }, waits);
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
	// A URL that nobody calls an image, and that is none, is an output of another kind, if there is an image at all.
	for (const [place, { isOther, imageUrl = '' }] of failures) {
		if (Object.keys(images).length === 0 || !isOther || !(imageUrl in untyped)) continue;
		nonImageOutputs.push(place);
		failures.delete(place);
	}
	// A round that the end of the time cut short says less than the one before it.
	const isCut = stop.newWork.aborted || isShort || clock.now() >= endsAtMs;
	const saysLess = isCut && failures.size > 0 && before.failures.length > 0;
	const named = saysLess ? before.failures : [...failures.values()];
	const fetched = { images, truncatedSizes, nonImageOutputs, failures: named };
	return { says: 'fetched', fetched, ...waits };
}

const imageOrFailure = (body: AnswerBody): StoredImage | DownloadFailure =>
	'image' in body ? body.image : { why: body.why, isOther: body.isWhole };

/** Fetches one image, and adds to `waits` what it shows of the time that others need. */
async function fetchOne(
	{ clock, context, http, stop }: Run,
	{ timeoutMs: itemTimeoutMs, isOld }: Attempt,
	{ source, name: baseName, endsAtMs }: { source: ImageSource; name: string; endsAtMs: number },
	waits: { timeouts: number; retryAfterMs: number },
): Promise<StoredImage | DownloadFailure> {
	if (source.kind === 'base64') {
		const bytes = Buffer.from(source.base64, BINARY_ENCODING);
		return imageOrFailure(await storeImage(context, bytes, { baseName, head: bytes }));
	}
	// Half of the time that is left: a transfer that crawls must leave some for another try.
	const halfMs = (endsAtMs - clock.now()) / 2;
	const halfEndsAtMs = clock.now() + halfMs;
	const timeoutMs = Math.min(halfMs, requestTimeoutMs(itemTimeoutMs, waits.timeouts, halfMs));
	const beforeSend = () => ({ url: source.url, timeoutMs });
	const request = { method: 'GET', signal: stop.newWork, beforeSend } as const;
	return await http.send(request, async (sent, transfer) => {
		if (sent.kind === 'noReply') {
			if (transfer.isLate) waits.timeouts++;
			return { why: sent.detail };
		}
		const body = await receive(context, sent, {
			baseName,
			signal: transfer.signal,
			onImage: () => transfer.extend(halfEndsAtMs - clock.now(), timeoutMs),
			onBytes: transfer.onBytes,
		});
		if (transfer.isLate) waits.timeouts++;
		if (sent.status < 300) return imageOrFailure(body);
		const retryAfterMs = readRetryAfter(sent.headers['retry-after'], clock.date()) ?? 0;
		waits.retryAfterMs = Math.max(waits.retryAfterMs, retryAfterMs);
		const isGone = isOld && [403, 404, 410].includes(sent.status);
		return { why: `HTTP ${sent.status}`, isGone };
	});
}
