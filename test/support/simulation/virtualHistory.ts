/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import * as n8nWorkflow from 'n8n-workflow';
import type { IDataObject, IHttpRequestOptions, INodeExecutionData } from 'n8n-workflow';
import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { VirtualClock } from './virtualClock';
import { VirtualSegmind, virtualContext } from './virtualSegmind';

/** Segmind's time when a run begins; milliseconds since 1970. */
export const BEGINNING = Date.UTC(2026, 0, 31, 12);

/** What the history is asked for. */
export interface Question {
	/** How many questions there have been, this one included. */
	count: number;
	/** Of a list, from 1; NaN for a single request. */
	page: number;
	perPage: number;
	url: URL;
	/** Segmind's time; milliseconds since 1970. */
	now: number;
}

export interface HistoryReply {
	/** Default 200. */
	status?: number;
	/** As JSON; a text as it is. */
	body?: unknown;
	headers?: Record<string, string>;
	/** How long it takes; milliseconds. */
	takes?: number;
}

/** A run against a history. */
export interface Setting {
	answer(question: Question): HistoryReply;
	parameters?: IDataObject;
	/** Parameters that differ between the items; one item by default. */
	items?: IDataObject[];
	/** How far the machine's clock is behind Segmind's; milliseconds. */
	behind?: number;
	/** What becomes of the POST of a number, from 0; by default it is answered. */
	submit?(index: number, body: IDataObject): 'lost' | 'answered';
	/** The status call knows no job any more. */
	isForgotten?: boolean;
	/** How a file is answered, and after how many milliseconds. */
	file?: { status: number; takes?: number };
}

/** More questions than a list can need: an endless one fails here, and not by standing still. */
const MOST_QUESTIONS = 120;

export interface Report {
	items: INodeExecutionData[];
	/** The pages that were asked for. */
	pages: number[];
	questions: number;
	hints: string[];
	/** Bodies of the submits. */
	submits: IDataObject[];
	downloads: { underWay: number; most: number };
	/** How long the run took. */
	seconds: number;
}

/** A clock that the machine's owner has set. */
class MachineClock extends VirtualClock {
	constructor(private readonly behind: number) {
		super();
	}

	override date(): number {
		return BEGINNING - this.behind + this.now();
	}
}

const cut = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

type Items = typeof import('../../../nodes/shared/items');

/** Runs the node as a new n8n process does: the one before remembers its jobs, which have the same names here. */
async function inNewProcess<T>(run: (items: Items) => Promise<T>): Promise<T> {
	let done: Promise<T> | undefined;
	await jest.isolateModulesAsync(async () => {
		// What is n8n's stays: loading it takes longer than the run.
		jest.doMock('n8n-workflow', () => n8nWorkflow);
		done = run(await import('../../../nodes/shared/items'));
	});
	return await (done as Promise<T>);
}

/** Runs FaceSwap Comic on virtual time, against a history that answers as it is told. */
export async function runWithHistory(setting: Setting): Promise<Report> {
	const { items: given = [{}], parameters = {}, behind = 0, file = { status: 200 } } = setting;
	const clock = new MachineClock(behind);
	const server = 'https://api.test';
	const segmind = new VirtualSegmind(clock, { jobSeconds: () => 1 });
	const report: Report = {
		items: [],
		pages: [],
		questions: 0,
		hints: [],
		submits: [],
		downloads: { underWay: 0, most: 0 },
		seconds: 0,
	};
	const history = async (url: URL, signal?: AbortSignal) => {
		const page = Number(url.searchParams.get('page') ?? NaN);
		if (!Number.isNaN(page)) report.pages.push(page);
		const perPage = Number(url.searchParams.get('per_page'));
		const count = ++report.questions;
		if (count > MOST_QUESTIONS) throw new Error('the history is asked without end');
		const now = BEGINNING + clock.now();
		const {
			status = 200,
			body,
			headers = {},
			takes = 0,
		} = setting.answer({
			count,
			page,
			perPage,
			url,
			now,
		});
		await clock.wait(takes, signal);
		if (signal?.aborted) throw cut();
		const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
		return { statusCode: status, headers, body: Readable.from([text]) };
	};
	const download = async () => {
		const { underWay } = report.downloads;
		report.downloads.underWay++;
		report.downloads.most = Math.max(report.downloads.most, underWay + 1);
		await clock.wait(file.takes ?? 0);
		report.downloads.underWay--;
	};
	const send = async (options: IHttpRequestOptions) => {
		const url = new URL(options.url);
		if (url.hostname === 'history.test') return await history(url, options.abortSignal as never);
		if (url.hostname === 'cdn.test') {
			await download();
			if (file.status !== 200) {
				return { statusCode: file.status, headers: {}, body: Readable.from(['no']) };
			}
		}
		if (setting.isForgotten && url.pathname.includes('/requests/')) {
			return { statusCode: 404, headers: {}, body: Readable.from(['{"error":"expired"}']) };
		}
		const answer = segmind.request(options);
		if (options.method !== 'POST') return answer;
		const body = options.body as IDataObject;
		const fate = setting.submit?.(report.submits.push(body) - 1, body);
		if (fate === 'lost') throw cut();
		return answer;
	};
	const context = virtualContext(segmind, given.length, {});
	Object.assign(context, {
		getNodeParameter: (name: string, index: number, fallback: unknown) =>
			given[index]?.[name] ?? parameters[name] ?? fallback,
		getCredentials: async () => ({
			apiKey: 'SG_0000',
			baseUrl: server,
			storageUrl: server,
			historyUrl: 'https://history.test',
		}),
		addExecutionHints: ({ message }: { message: string }) => report.hints.push(message),
		continueOnFail: () => true,
		getTimezone: () => 'UTC',
	});
	Object.assign(context.helpers, {
		httpRequest: send,
		httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) =>
			await send(options),
	});
	const [items = []] = await clock.until(
		inNewProcess(async ({ runItems }) => await runItems(context, faceSwapComic, clock)),
	);
	return { ...report, items, seconds: clock.now() / 1000 };
}

/** A row of a finished job, as the SDK describes it. */
export const rowOf = (requestId: string, change: object = {}) => ({
	request_id: requestId,
	model_name: 'faceswap-comic',
	model_status: 'COMPLETED',
	model_created: new Date(BEGINNING - 60_000).toISOString(),
	credits_deduction: 0.065,
	generation_url: `https://cdn.test/files/${requestId}.jpg`,
	latency_ms: 1_000,
	...change,
});

export const rowsOf = (count: number, from = 0) =>
	Array.from({ length: count }, (_, index) => rowOf(`job-${from + index}`));
