import type { IDataObject } from 'n8n-workflow';
import { exchange, type Line } from '../http/exchange';
import type { Sent } from '../http/api';
import { apiWords } from '../answers/apiWords';
import { readAll } from '../kit/streams';
import { base64Length, Bytes } from '../kit/base64Body';
import { raceWithAbort } from '../kit/signals';
import { contentIdentity } from './binaryFile';
import type { ImageFile } from './imagesIn';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import { parseBody } from '../kit/json';
import { joinUrl, parseHttpUrl } from '../kit/urls';
import { UPLOAD } from '../limits';

/** The body of a call around its files, and room for that besides one file; bytes. */
const OPENING = '{"data_urls":[';
const CLOSING = ']}';
const FRAME = 100;

/** Larger files, and those of unknown size, travel alone; bytes. */
const LARGE = 4 * 1024 * 1024;

const LONGEST_ANSWER = 1024 * 1024;

const urlsIn = (answer: unknown): string[] => {
	if (typeof answer !== 'object' || answer === null) return [];
	// SDK: file_urls; older documentation: urls.
	const { file_urls: fileUrls, urls } = answer as IDataObject;
	const list = Array.isArray(fileUrls) ? fileUrls : Array.isArray(urls) ? urls : [];
	return list.filter((url): url is string => typeof url === 'string' && Boolean(parseHttpUrl(url)));
};

/** One call: its files' URLs, or why there are none. */
type Call = Promise<string[] | ItemProblem>;

/**
 * Brings files to Segmind's storage: the small ones of an item in one call, each content once a run, however many items use
 * it. One call is under way at a time, so that large files are in memory one by one.
 */
export class Uploads {
	/** By where the file is stored: the call that it is in, and its place there. */
	private readonly calls = new Map<string, { call: Call; place: number }>();

	/** By content: the same file may be stored many times. */
	private readonly contents = new Map<string, string>();

	private last: Promise<unknown> = Promise.resolve();

	private readonly endpoint: string;

	/** @param signal ends uploads under way, and with them everybody who waits for one */
	constructor(
		private readonly line: Line,
		storageUrl: string,
		private readonly signal: AbortSignal,
	) {
		this.endpoint = joinUrl(storageUrl, '/upload-asset');
	}

	/**
	 * The persistent URLs of an item's files.
	 *
	 * @param patience how long it is tried, and how long a rate limit may let nothing through; milliseconds
	 * @throws ItemProblem when one could not be uploaded, Stopped when the run ends
	 */
	async urlsOf(files: ImageFile[], patience: number): Promise<string[]> {
		for (;;) {
			const own = this.begin(files, patience);
			const all = Promise.all(files.map(async ({ identity }) => await this.urlOf(identity)));
			const urls = await raceWithAbort(all, this.signal);
			if (!urls) throw new Stopped();
			const failed = (await Promise.all(own)).find((result) => result instanceof ItemProblem);
			if (failed) throw failed;
			if (urls.every((url) => url !== undefined)) return urls;
			// Another item's call failed, perhaps because of another file in it.
		}
	}

	/** Starts the calls for the files that are in none yet. */
	private begin(files: ImageFile[], patience: number): Call[] {
		const fresh = files.filter(
			({ identity }, index) =>
				!this.calls.has(identity) &&
				files.findIndex((other) => other.identity === identity) === index,
		);
		const isLarge = ({ size = Infinity }: ImageFile) => size > LARGE;
		const groups = [
			fresh.filter((file) => !isLarge(file)),
			...fresh.filter(isLarge).map((f) => [f]),
		];
		return groups
			.filter((group) => group.length > 0)
			.map((group) => {
				const call: Call = this.last
					.then(async () => await this.upload(group, patience))
					.catch(asProblem);
				this.last = call;
				group.forEach(({ identity }, place) => this.calls.set(identity, { call, place }));
				void call.then((urls) => {
					if (!(urls instanceof ItemProblem)) return;
					group.forEach(({ identity }) => this.calls.delete(identity));
				});
				return call;
			});
	}

	private async urlOf(identity: string): Promise<string | undefined> {
		const { call, place = 0 } = this.calls.get(identity) ?? {};
		const urls = await call;
		return Array.isArray(urls) ? urls[place] : undefined;
	}

	/** Uploads those of some files whose content is new. */
	private async upload(files: ImageFile[], patience: number): Call {
		const [first] = files;
		const body = new Bytes(
			first?.size === undefined ? undefined : base64Length(first.size) + FRAME,
		);
		const contents: string[] = [];
		body.ascii(OPENING);
		const places: string[] = [];
		for (const file of files) {
			const before = body.length;
			if (contents.length > 0) body.ascii(',');
			body.ascii(`"data:${file.type.mimeType};base64,`);
			const start = body.length;
			const problem = await file.read(body).then(() => undefined, asProblem);
			if (problem) return problem;
			const content = contentIdentity(body.slice(start));
			places.push(content);
			body.ascii('"');
			if (this.contents.has(content)) body.cutTo(before);
			else contents.push(content);
		}
		body.ascii(CLOSING);
		const urls =
			contents.length === 0 ? [] : await this.send(body.slice(), contents.length, patience);
		if (urls instanceof ItemProblem) return urls;
		urls.forEach((url, index) => this.contents.set(contents[index] as string, url));
		return places.map((content) => this.contents.get(content) as string);
	}

	/** One call, tried again as long as that may help. Gives a URL for each of `files`, or the problem. */
	private async send(body: Buffer, files: number, patience: number): Call {
		const { clock, limiter } = this.line;
		const startedAt = clock.now();
		let problem: Problem = { code: 'uploadFailed' };
		let tries = 0;
		while (!this.signal.aborted) {
			const attempt = await this.sendOnce(body, files, patience);
			if (Array.isArray(attempt)) return attempt;
			problem = attempt.problem;
			if (problem.httpStatus === 429) {
				if (limiter.budget.isStuck(clock.now(), patience)) break;
				continue;
			}
			tries++;
			const isLate = clock.now() - startedAt > patience;
			if (tries === UPLOAD.tries || !attempt.isTransient || isLate) break;
			await clock.wait(UPLOAD.pauseMs(tries), this.signal);
		}
		return new ItemProblem(problem);
	}

	private async sendOnce(
		body: Buffer,
		files: number,
		patience: number,
	): Promise<string[] | Failure> {
		const { signal, endpoint } = this;
		const depart = () => ({ url: endpoint, body, deadline: UPLOAD.deadlineMs(patience) });
		const result = await exchange(
			this.line,
			{ method: 'post', turn: { signal }, signal, depart },
			async (sent) => await readUpload(sent, files, endpoint),
		);
		return result ?? { problem: { code: 'uploadFailed' }, isTransient: false };
	}
}

/** Why a call brought no URLs. */
interface Failure {
	problem: Problem;
	isTransient: boolean;
}

/** A URL for each of `files`, or why there is none. */
async function readUpload(
	sent: Sent,
	files: number,
	endpoint: string,
): Promise<string[] | Failure> {
	if (sent.kind === 'noReply') {
		const { neverSent, isTransient, detail: why } = sent;
		const host = parseHttpUrl(endpoint)?.host;
		const problem: Problem = neverSent
			? { code: 'unreachable', why, host }
			: { code: 'uploadFailed', words: why };
		return { problem, isTransient };
	}
	const body = (await readAll(sent.body, LONGEST_ANSWER))?.toString('utf8') ?? '';
	const answer = parseBody(body);
	const urls = urlsIn(answer);
	if (sent.status < 300 && urls.length === files) return urls;
	const { status } = sent;
	// Where submits go says nothing of the storage.
	const isElsewhere = status < 400 || status === 404 || status === 405;
	return {
		problem: {
			code: isElsewhere ? 'uploadFailed' : 'uploadRefused',
			httpStatus: status < 300 ? undefined : status,
			words: apiWords(answer ?? body),
		},
		isTransient: status < 300 || status >= 500,
	};
}

function asProblem(error: unknown): ItemProblem {
	return error instanceof ItemProblem ? error : new ItemProblem({ code: 'uploadFailed' });
}
