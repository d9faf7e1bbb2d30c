import { apiWords } from '../answers/apiWords';
import type { HttpClient } from '../http/client';
import { base64Length, Bytes } from '../kit/base64Body';
import { isObject, parseBody } from '../kit/json';
import { raceWithAbort } from '../kit/signals';
import { readAll } from '../kit/streams';
import { joinUrl, parseHttpUrl } from '../kit/urls';
import { UPLOAD } from '../limits';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import type { ImageFile } from './imagesIn';

/** Room in the body of a call besides one file; bytes. */
const FRAME_BYTES = 100;

/** Larger files, and those of unknown size, travel alone. */
const LARGE_FILE_BYTES = 4 * 1024 * 1024;

const LONGEST_UPLOAD_ANSWER_BYTES = 1024 * 1024;

function urlsIn(answer: unknown): string[] {
	// SDK: file_urls; older documentation: urls.
	const { file_urls: fileUrls, urls } = isObject(answer) ? answer : {};
	const list = [fileUrls, urls].find((value): value is unknown[] => Array.isArray(value)) ?? [];
	return list.filter((url): url is string => typeof url === 'string' && Boolean(parseHttpUrl(url)));
}

/**
 * Brings files to Segmind's storage: the small ones of an item in one call, each once a run, however many items use it.
 * Items take turns, so that large files are in memory one by one.
 */
export class Uploads {
	/** By a file's identity. */
	private readonly urls = new Map<string, string>();

	/** The item whose turn it is, or the last one. */
	private last: Promise<unknown> = Promise.resolve();

	/** When a call last ended without an answer that counts, whatever its files, and why. */
	private trouble: { problem?: Problem; atMs: number } = { atMs: -Infinity };

	private readonly endpoint: string;

	/** @param signal ends uploads under way, and with them everybody who waits for one */
	constructor(
		private readonly http: HttpClient,
		storageUrl: string,
		private readonly signal: AbortSignal,
	) {
		this.endpoint = joinUrl(storageUrl, '/upload-asset');
	}

	/**
	 * The persistent URLs of an item's files.
	 *
	 * @param patienceMs how long it is tried, and how long a rate limit may let nothing through
	 * @param check throws when nothing more is to be uploaded
	 * @throws ItemProblem when one could not be uploaded, Stopped when the run ends
	 */
	async urlsOf(files: ImageFile[], patienceMs: number, check: () => void): Promise<string[]> {
		const isUploaded = files.every(({ identity }) => this.urls.has(identity));
		if (!isUploaded) {
			const sinceMs = this.http.clock.now();
			const turn = this.last.then(async () => {
				check();
				const { problem, atMs } = this.trouble;
				// Else the storage's trouble would add up over all who wait.
				if (problem && atMs > sinceMs) throw new ItemProblem(problem);
				await this.uploadMissing(files, patienceMs);
			});
			this.last = turn.catch(() => undefined);
			await raceWithAbort(turn, this.signal);
			if (this.signal.aborted) throw new Stopped();
		}
		return files.map(({ identity }) => this.urls.get(identity) ?? '');
	}

	private async uploadMissing(files: ImageFile[], patienceMs: number): Promise<void> {
		const missing = files.filter(({ identity }) => !this.urls.has(identity));
		const each = [...new Map(missing.map((file) => [file.identity, file])).values()];
		const isLarge = ({ size = Infinity }: ImageFile) => size > LARGE_FILE_BYTES;
		const small = each.filter((file) => !isLarge(file));
		const calls = [
			...(small.length > 0 ? [small] : []),
			...each.filter(isLarge).map((file) => [file]),
		];
		for (const call of calls) {
			const urls = await this.upload(call, patienceMs);
			call.forEach(({ identity }, place) => this.urls.set(identity, urls[place] ?? ''));
		}
	}

	/** One call, tried again as long as that may help: a URL for each of some files. */
	private async upload(files: ImageFile[], patienceMs: number): Promise<string[]> {
		const size = files[0]?.size;
		const body = new Bytes(size === undefined ? undefined : base64Length(size) + FRAME_BYTES);
		for (const [place, file] of files.entries()) {
			body.ascii(`${place === 0 ? '{"data_urls":[' : ','}"data:${file.type.mimeType};base64,`);
			await file.read(body);
			body.ascii('"');
		}
		body.ascii(']}');
		const { clock, limiter } = this.http;
		const endsAtMs = clock.now() + patienceMs;
		for (let tries = 1; ;) {
			const answer = await this.send(body.slice(), files.length, patienceMs);
			if (Array.isArray(answer)) return answer;
			const { problem, isTransient } = answer;
			const nowMs = clock.now();
			const isHeldUp = problem.httpStatus === 429;
			const goesOn = isHeldUp
				? !limiter.budget.isStuck(nowMs, patienceMs)
				: isTransient && tries < UPLOAD.tries && nowMs <= endsAtMs;
			if (!goesOn) {
				if (isHeldUp || isTransient) this.trouble = { problem, atMs: nowMs };
				throw new ItemProblem(problem);
			}
			if (!isHeldUp) await clock.wait(UPLOAD.pauseMs(tries++), this.signal);
		}
	}

	/** Sends a call once: a URL for each of its files, or why there are none. */
	private async send(
		body: Buffer,
		files: number,
		patienceMs: number,
	): Promise<string[] | { problem: Problem; isTransient: boolean }> {
		const { signal, endpoint: url } = this;
		const beforeSend = () => ({ url, body, timeoutMs: UPLOAD.deadlineMs(patienceMs) });
		const request = { method: 'POST', turn: {}, signal, beforeSend } as const;
		return await this.http.send(request, async (sent) => {
			if (sent.kind === 'noReply') {
				const { neverSent, isTransient, detail: why } = sent;
				const problem: Problem = neverSent
					? { code: 'unreachable', why, host: parseHttpUrl(url)?.host }
					: { code: 'uploadFailed', words: why };
				return { problem, isTransient };
			}
			const { status } = sent;
			const text = (await readAll(sent.body, LONGEST_UPLOAD_ANSWER_BYTES))?.toString('utf8') ?? '';
			const answer = parseBody(text);
			const urls = urlsIn(answer);
			if (status < 300 && urls.length === files && new Set(urls).size === files) return urls;
			// Where submits go says nothing of the storage.
			const isElsewhere = status < 400 || status === 404 || status === 405;
			const problem: Problem = {
				code: isElsewhere ? 'uploadFailed' : 'uploadRefused',
				httpStatus: status < 300 ? undefined : status,
				words: apiWords(answer ?? text),
			};
			return { problem, isTransient: status < 300 || status >= 500 };
		});
	}
}
