import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../http/api';
import { apiWords } from '../answers/apiWords';
import { readAll } from '../kit/streams';
import { base64Length, Bytes } from '../kit/base64Body';
import { linkSignals, raceWithAbort, type Clock } from '../kit/clock';
import type { Gate } from '../http/gate';
import { contentIdentity, type ImageIn } from './imagesIn';
import { ItemProblem, Stopped, type Problem } from '../problems/problems';
import { unreachable, uploadFailed } from '../problems/problemTable';
import { parseBody } from '../answers/answers';
import { parseHttpUrl } from '../kit/urls';

type File = Extract<ImageIn, { kind: 'file' }>;

interface Pending {
	file: File;
	/** How long it is tried, and how long a rate limit may let nothing through; milliseconds. */
	patience: number;
	settle(url: string | ItemProblem): void;
}

/** A file of a call, and where its data URI lies in the body, quotes included. */
interface Entry {
	pending: Pending;
	start: number;
	end: number;
}

interface Batch {
	body: Bytes;
	entries: Entry[];
}

/** Most files in one call, and most Base64 characters once there is more than one. */
const MOST_FILES = 10;
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** An upload costs nothing, so it is tried again whatever happened, after 1, 2, 4 and 8 seconds. */
const TRIES = 5;

/** The body of a call around its files, and room for that besides one file; bytes. */
const OPENING = '{"data_urls":[';
const CLOSING = ']}';
const FRAME = 100;

const LONGEST_ANSWER = 1024 * 1024;

/** One upload call may take half of the item's timeout within these bounds; milliseconds. */
const SHORTEST_DEADLINE = 10_000;
const UPLOAD_DEADLINE = 300_000;

const urlsIn = (answer: unknown): string[] => {
	if (typeof answer !== 'object' || answer === null) return [];
	// SDK: file_urls; older documentation: urls.
	const { file_urls: fileUrls, urls } = answer as IDataObject;
	const list = Array.isArray(fileUrls) ? fileUrls : Array.isArray(urls) ? urls : [];
	return list.filter((url): url is string => typeof url === 'string' && Boolean(parseHttpUrl(url)));
};

const bodyOfOne = ({ body }: Batch, { start, end }: Entry): Buffer =>
	Buffer.concat([Buffer.from(OPENING), body.slice(start, end), Buffer.from(CLOSING)]);

/**
 * Brings files to Segmind's storage: each content once a run, however many items use it, and those that are
 * due at the same time in few calls.
 */
export class Uploads {
	/** By where the file is stored, and by its content: the same file may be stored many times. */
	private readonly urls = new Map<string, Promise<string | ItemProblem>>();

	private readonly contents = new Map<string, Promise<string | ItemProblem>>();

	private waiting: Pending[] = [];

	private busy = false;

	constructor(
		private readonly api: Api,
		private readonly gate: Gate,
		private readonly clock: Clock,
		private readonly endpoint: string,
		private readonly signal: AbortSignal,
	) {}

	/**
	 * The file's persistent URL.
	 *
	 * @param patience how long it is tried, and how long a rate limit may let nothing through; milliseconds
	 * @throws ItemProblem when it could not be uploaded, Stopped when the run ends
	 */
	async urlOf(file: File, patience: number): Promise<string> {
		let upload = this.urls.get(file.identity);
		if (!upload) {
			upload = new Promise((settle) => this.waiting.push({ file, patience, settle }));
			this.urls.set(file.identity, upload);
			void this.work();
		}
		const url = await raceWithAbort(upload, this.signal);
		if (url === undefined) throw new Stopped();
		if (typeof url === 'string') return url;
		this.urls.delete(file.identity);
		throw url;
	}

	private async work(): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		// Whoever asks in the same moment travels along.
		await this.clock.wait(0);
		while (this.waiting.length > 0) await this.sendNext();
		this.busy = false;
	}

	private async sendNext(): Promise<void> {
		const batch = await this.collect();
		const { entries } = batch;
		if (entries.length === 0) return;
		const patience = Math.max(...entries.map(({ pending }) => pending.patience));
		const urls = await this.send(batch.body.slice(), entries.length, patience);
		if (
			urls instanceof ItemProblem &&
			[400, 413, 415, 422].includes(urls.problem.httpCode ?? 0) &&
			entries.length > 1
		) {
			// One file may have spoilt the call for the others.
			for (const entry of entries) {
				const alone = await this.send(bodyOfOne(batch, entry), 1, patience);
				entry.pending.settle(alone instanceof ItemProblem ? alone : (alone[0] as string));
			}
			return;
		}
		for (const [index, { pending }] of entries.entries()) {
			pending.settle(urls instanceof ItemProblem ? urls : (urls[index] as string));
		}
	}

	/** The files of the next call, already in its body. */
	private async collect(): Promise<Batch> {
		const size = this.waiting[0]?.file.size;
		const body = new Bytes(size === undefined ? undefined : base64Length(size) + FRAME);
		const entries: Entry[] = [];
		body.ascii(OPENING);
		while (entries.length < MOST_FILES && (entries.length === 0 || body.length < MOST_CHARACTERS)) {
			const pending = this.waiting.shift();
			if (!pending) break;
			const before = body.length;
			if (entries.length > 0) body.ascii(',');
			const start = body.length;
			body.ascii(`"data:${pending.file.type.mimeType};base64,`);
			const contentStart = body.length;
			const problem = await pending.file.read(body).catch(asProblem);
			const same = problem ? undefined : this.sameContent(body.slice(contentStart), pending);
			if (problem || same) {
				body.cutTo(before);
				if (problem) pending.settle(problem);
				void same?.then(pending.settle);
				continue;
			}
			body.ascii('"');
			entries.push({ pending, start, end: body.length });
		}
		body.ascii(CLOSING);
		return { body, entries };
	}

	/** The upload of the same content, where there is one; else the file's own becomes that. */
	private sameContent(
		content: Buffer,
		pending: Pending,
	): Promise<string | ItemProblem> | undefined {
		const identity = contentIdentity(content);
		const same = this.contents.get(identity);
		if (same) return same;
		const upload = this.urls.get(pending.file.identity);
		if (upload) this.contents.set(identity, upload);
		void upload?.then((url) => {
			if (typeof url !== 'string') this.contents.delete(identity);
		});
		return undefined;
	}

	/** One call, tried again as long as that may help. Gives a URL for each of `files`, or the problem. */
	private async send(
		body: Buffer,
		files: number,
		patience: number,
	): Promise<string[] | ItemProblem> {
		const startedAt = this.clock.now();
		let problem = uploadFailed(undefined, '');
		let tries = 0;
		while (!this.signal.aborted) {
			const attempt = await this.sendOnce(body, files, patience);
			if (Array.isArray(attempt)) return attempt;
			problem = attempt.problem;
			if (problem.httpCode === 429) {
				if (this.gate.isStuck(patience)) break;
				continue;
			}
			tries++;
			if (tries === TRIES || !attempt.passing || this.clock.now() - startedAt > patience) break;
			await this.clock.wait(500 * 2 ** tries, this.signal);
		}
		return new ItemProblem(problem);
	}

	private async sendOnce(
		request: Buffer,
		files: number,
		patience: number,
	): Promise<string[] | { problem: Problem; passing: boolean }> {
		await this.gate.pass({ signal: this.signal });
		const linked = linkSignals(
			this.signal,
			this.clock.deadline(Math.max(SHORTEST_DEADLINE, Math.min(UPLOAD_DEADLINE, patience / 2))),
		);
		try {
			const sent = await this.api.post(this.endpoint, request, linked.signal);
			if (sent.kind === 'noReply') {
				const { neverSent, passing, detail } = sent;
				return {
					problem: neverSent ? unreachable(detail) : uploadFailed(undefined, detail),
					passing,
				};
			}
			const body = (await readAll(sent.body, LONGEST_ANSWER))?.toString('utf8') ?? '';
			const answer = parseBody(body);
			const urls = urlsIn(answer);
			if (sent.status < 300 && urls.length === files) return urls;
			const status = sent.status < 300 ? undefined : sent.status;
			return {
				problem: uploadFailed(status, apiWords(answer ?? body)),
				passing: status === undefined || status >= 500,
			};
		} finally {
			linked.release();
		}
	}
}

function asProblem(error: unknown): ItemProblem {
	return error instanceof ItemProblem ? error : new ItemProblem(uploadFailed(undefined, ''));
}
