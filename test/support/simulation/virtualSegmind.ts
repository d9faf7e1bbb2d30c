/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { RateLimit, type RateLimitOptions } from '../emulator/rateLimit';
import type { VirtualClock } from './virtualClock';

const IMAGE = Buffer.concat([
	Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
	Buffer.alloc(96, 1),
	Buffer.from([0xff, 0xd9]),
]);

const HOUR = 3_600_000;

interface Reply {
	statusCode: number;
	headers: Record<string, string>;
	body: Readable;
}

/** How a virtual Segmind behaves. */
export interface VirtualOptions {
	/** None by default. */
	limit?: RateLimitOptions;
	/** What a job takes; seconds. */
	jobSeconds: (index: number) => number;
	/** How long a request travels, and an answer; milliseconds. Not at all by default. */
	latency?: () => number;
	/** Whether the result's URL reports the state of a job that still runs; default true. */
	resultReportsState?: boolean;
	/** What goes wrong with a request, if anything. */
	fault?: (request: { method: string; url: URL; nowMs: number }) => VirtualFault | undefined;
	/** The node has On Error: Continue. */
	continues?: boolean;
}

/** An error status, or headers of a good answer, or an answer that never arrives. */
export type VirtualFault = { status?: number; headers: Record<string, string> } | { isLost: true };

/** As little of Segmind as a run needs, on virtual time and without a network: for runs that take hours. */
export class VirtualSegmind {
	/** When each job was accepted; milliseconds. */
	readonly accepted: number[] = [];

	/** Requests answered with 429: when; milliseconds. */
	readonly refused: number[] = [];

	/** Requests that the limit took. */
	admitted = 0;

	/** What was asked for, and when: for looking at a run. */
	readonly log: string[] = [];

	private readonly limit: RateLimit;

	constructor(
		private readonly clock: VirtualClock,
		readonly options: VirtualOptions,
	) {
		this.limit = new RateLimit(options.limit);
	}

	/** A request that travels there and back. */
	async send(options: IHttpRequestOptions): Promise<Reply> {
		const { latency } = this.options;
		if (latency) await this.clock.wait(latency());
		const answer = this.request(options);
		if (latency) await this.clock.wait(latency());
		return answer;
	}

	request({ method, url }: IHttpRequestOptions): Reply {
		const { pathname: path } = new URL(url);
		if (path.startsWith('/files/')) return reply(200, IMAGE);
		const now = this.clock.now();
		const fault = this.options.fault?.({
			method: String(method),
			url: new URL(url),
			nowMs: now,
		});
		if (fault && 'status' in fault) {
			this.log.push(`${(now / 1000).toFixed(1)} ${fault.status} ${path}`);
			return reply(fault.status ?? 500, { error: 'no' }, fault.headers);
		}
		const { wait, headers } = this.limit.ask('key', false, now, this.clock.date());
		this.log.push(`${(now / 1000).toFixed(1)} ${wait === undefined ? method : '429'} ${path}`);
		if (wait !== undefined) {
			this.refused.push(now);
			return reply(429, { error: 'rate limited' }, headers);
		}
		this.admitted++;
		const { status = 200, body } = this.answer(String(method), path);
		if (fault && 'isLost' in fault) {
			throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
		}
		return reply(status, body, { ...headers, ...fault?.headers });
	}

	private answer(method: string, path: string): { status?: number; body: object } {
		const now = this.clock.now();
		if (method === 'POST') {
			this.accepted.push(now);
			return { body: { request_id: `job-${this.accepted.length - 1}`, status: 'QUEUED' } };
		}
		const [, id = '', asksState] = /requests\/job-(\d+)(\/status)?/.exec(path) ?? [];
		const started = this.accepted[Number(id)] ?? Infinity;
		if (now - started > HOUR) return { status: 404, body: { error: 'expired' } };
		const isDone = now - started >= this.options.jobSeconds(Number(id)) * 1000;
		if (!isDone && !asksState && this.options.resultReportsState === false) {
			return { status: 404, body: { error: 'no result yet' } };
		}
		if (!isDone) return { body: { status: 'PROCESSING' } };
		const images = asksState ? {} : { images: [{ url: `https://cdn.test/files/${id}.jpg` }] };
		return { body: { status: 'COMPLETED', ...images } };
	}
}

function reply(statusCode: number, body: object | Buffer, headers = {}): Reply {
	const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
	return { statusCode, headers, body: Readable.from([bytes], { objectMode: false }) };
}

/** What the node sees of n8n when it runs against a virtual Segmind. */
export function virtualContext(
	segmind: VirtualSegmind,
	items: number,
	parameters: Record<string, unknown>,
): IExecuteFunctions {
	const store = {};
	const send = async (options: IHttpRequestOptions) => await segmind.send(options);
	return {
		getInputData: () => Array.from({ length: items }, () => ({ json: {} })),
		getNode: () => ({ name: 'Segmind', type: 'n8n-nodes-segmind.faceSwapComic' }),
		getNodeParameter: (name: string, itemIndex: number, fallback: unknown) =>
			name === 'prompt' ? `page ${itemIndex}` : (parameters[name] ?? fallback),
		getCredentials: async () => ({
			apiKey: 'SG_0000',
			baseUrl: 'https://api.test',
			storageUrl: 'https://api.test',
			historyUrl: 'https://history.test',
		}),
		getExecutionCancelSignal: () => undefined,
		getContext: () => store,
		getExecutionId: () => 'e-1',
		getWorkflowDataProxy: () => ({ $runIndex: 0 }),
		continueOnFail: () => segmind.options.continues === true,
		logger: { info: () => undefined, debug: () => undefined, warn: () => undefined },
		sendMessageToUI: () => undefined,
		addExecutionHints: () => undefined,
		helpers: {
			httpRequest: send,
			httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) =>
				await send(options),
			prepareBinaryData: async (source: Readable | Buffer, fileName: string, mimeType: string) => {
				if (!Buffer.isBuffer(source)) for await (const chunk of source) void chunk;
				return { data: '', id: fileName, fileName, mimeType };
			},
		},
	} as unknown as IExecuteFunctions;
}
