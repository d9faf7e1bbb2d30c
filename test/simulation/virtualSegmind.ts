/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import type { VirtualClock } from './virtualClock';

const IMAGE = Buffer.concat([
	Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
	Buffer.alloc(96, 1),
	Buffer.from([0xff, 0xd9]),
]);

const MINUTE = 60_000;

interface Reply {
	statusCode: number;
	headers: Record<string, string>;
	body: Readable;
}

/** As little of Segmind as a run needs, on virtual time and without a network: for runs that take hours. */
export class VirtualSegmind {
	readonly accepted: number[] = [];

	/** Requests answered with 429. */
	refused = 0;

	/** Requests that counted against the limit. */
	admitted = 0;

	private windowEnds = 0;

	private inWindow = 0;

	/**
	 * @param perMinute requests that one minute's window takes
	 * @param jobSeconds what a job takes
	 */
	constructor(
		private readonly clock: VirtualClock,
		private readonly perMinute: number,
		private readonly jobSeconds: number,
	) {}

	request({ method, url }: IHttpRequestOptions): Reply {
		const path = new URL(url).pathname;
		if (path.startsWith('/files/')) return reply(200, IMAGE);
		const wait = this.limit();
		if (wait > 0) {
			this.refused++;
			return reply(
				429,
				{ error: 'rate limited' },
				{ 'retry-after': String(Math.ceil(wait / 1000)) },
			);
		}
		this.admitted++;
		if (method === 'POST') {
			this.accepted.push(this.clock.now());
			return reply(200, { request_id: `job-${this.accepted.length - 1}`, status: 'QUEUED' });
		}
		const [, id = '', rest] = /requests\/job-(\d+)(\/status)?/.exec(path) ?? [];
		const started = this.accepted[Number(id)] ?? Infinity;
		if (this.clock.now() - started > 60 * MINUTE) return reply(404, { error: 'expired' });
		const done = this.clock.now() - started >= this.jobSeconds * 1000;
		if (!done) return reply(200, { status: 'PROCESSING' });
		return reply(200, {
			status: 'COMPLETED',
			...(rest ? {} : { images: [{ url: `https://cdn.test/files/${id}.jpg` }] }),
		});
	}

	/** Milliseconds until the limit clears; 0 when it takes the request. */
	private limit(): number {
		const now = this.clock.now();
		if (now >= this.windowEnds) {
			this.windowEnds = now + MINUTE;
			this.inWindow = 0;
		}
		if (this.inWindow >= this.perMinute) return this.windowEnds - now;
		this.inWindow++;
		return 0;
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
	const send = async (options: IHttpRequestOptions) => segmind.request(options);
	return {
		getInputData: () => Array.from({ length: items }, () => ({ json: {} })),
		getNode: () => ({ name: 'Segmind', type: 'n8n-nodes-segmind.faceSwapComic' }),
		getNodeParameter: (name: string, itemIndex: number, fallback: unknown) =>
			name === 'prompt' ? `page ${itemIndex}` : (parameters[name] ?? fallback),
		getCredentials: async () => ({
			apiKey: 'SG_0000',
			baseUrl: 'https://api.test',
			storageUrl: 'https://api.test',
		}),
		getExecutionCancelSignal: () => undefined,
		getContext: () => store,
		getExecutionId: () => 'e-1',
		getWorkflowDataProxy: () => ({ $runIndex: 0 }),
		continueOnFail: () => false,
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
