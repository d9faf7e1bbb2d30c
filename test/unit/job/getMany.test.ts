/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { runItems } from '../../../nodes/shared/items';
import { VirtualClock } from '../../support/simulation/virtualClock';
import { VirtualSegmind, virtualContext } from '../../support/simulation/virtualSegmind';

/** Virtual time that begins in 2026. */
class Clock extends VirtualClock {
	override date(): number {
		return Date.UTC(2026, 0, 31) + this.now();
	}
}

/** How the history and the files behave. */
interface Setting {
	/** Jobs in the history. */
	jobs: number;
	/** Rows of a page, whatever is asked for. */
	rowsAtMost?: number;
	tellsTotal?: boolean;
	/** How a file is answered, and after how many milliseconds. */
	file?: { status: number; after?: number };
	inputItems?: number;
	/** How old the jobs are; seconds. */
	age?: number;
}

/** Lists the jobs of an account, and tells what was asked for on the way. */
async function list(setting: Setting, parameters: IDataObject = {}) {
	const { jobs, rowsAtMost = Infinity, tellsTotal = true, inputItems = 1, age = 5 } = setting;
	const { file: { status, after = 0 } = { status: 200 } } = setting;
	const clock = new Clock();
	const segmind = new VirtualSegmind(clock, { jobSeconds: () => 1 });
	const pages: number[] = [];
	const warnings: string[] = [];
	const downloads = { underWay: 0, most: 0 };
	const createdAt = new Date(clock.date() - age * 1000).toISOString();
	const rows = Array.from({ length: jobs }, (_, index) => ({
		request_id: `job-${index}`,
		model_name: 'faceswap-comic',
		model_status: 'COMPLETED',
		model_created: createdAt,
		generation_url: `https://cdn.test/files/${index}.jpg`,
		latency_ms: 1000,
	}));
	const page = (url: URL) => {
		const number = Number(url.searchParams.get('page'));
		const size = Math.min(rowsAtMost, Number(url.searchParams.get('per_page')));
		pages.push(number);
		const data = rows.slice((number - 1) * size, number * size);
		const body = { data, ...(tellsTotal ? { total: rows.length } : {}) };
		return { statusCode: 200, headers: {}, body: Readable.from([JSON.stringify(body)]) };
	};
	const send = async (options: IHttpRequestOptions) => {
		const url = new URL(options.url);
		if (url.hostname === 'history.test') return page(url);
		downloads.most = Math.max(downloads.most, ++downloads.underWay);
		await clock.wait(after);
		downloads.underWay--;
		if (status === 200) return segmind.request(options);
		return { statusCode: status, headers: {}, body: Readable.from(['no']) };
	};
	const context = virtualContext(segmind, inputItems, { operation: 'getMany', ...parameters });
	Object.assign(context, {
		getCredentials: async () => ({
			apiKey: 'SG_0000',
			baseUrl: 'https://api.test',
			storageUrl: 'https://api.test',
			historyUrl: 'https://history.test',
		}),
		addExecutionHints: ({ message }: { message: string }) => warnings.push(message),
		getTimezone: () => 'UTC',
	});
	Object.assign(context.helpers, {
		httpRequest: send,
		httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) =>
			await send(options),
	} as unknown as IExecuteFunctions['helpers']);
	const [items = []] = await clock.until(runItems(context, faceSwapComic, clock));
	return { items, pages, warnings, downloads, seconds: clock.now() / 1000 };
}

const withoutImages = { returnAll: true, downloadImages: false };

describe('where pages end', () => {
	it('goes on behind shorter pages than it asked for, as long as a total says that there is more', async () => {
		const { items, pages } = await list({ jobs: 23, rowsAtMost: 7 }, withoutImages);
		expect(items.map(({ json }) => json.requestId)).toEqual(
			Array.from({ length: 23 }, (_, index) => `job-${index}`),
		);
		expect(pages).toEqual([1, 2, 3, 4]);
	});

	it('asks no further once as many were told as the total says', async () => {
		const { items, pages } = await list({ jobs: 14, rowsAtMost: 7 }, withoutImages);
		expect(items).toHaveLength(14);
		expect(pages).toEqual([1, 2]);
	});

	it('takes a short page for the last one where no total is told', async () => {
		const { items, pages } = await list({ jobs: 19, tellsTotal: false }, withoutImages);
		expect(items).toHaveLength(19);
		expect(pages).toEqual([1]);
	});

	it('goes on where a page has twenty rows and no total is told: a server may have no larger ones', async () => {
		const setting = { jobs: 41, rowsAtMost: 20, tellsTotal: false };
		const { items, pages } = await list(setting, withoutImages);
		expect(items).toHaveLength(41);
		expect(pages).toEqual([1, 2, 3]);
	});

	it('asks for no more rows than it takes, but for twenty', async () => {
		const { items, pages } = await list({ jobs: 90 }, { limit: 45, downloadImages: false });
		expect(items).toHaveLength(45);
		expect(pages).toEqual([1]);
	});
});

describe('images', () => {
	it('are waited for a minute each, although the Timeout is longer', async () => {
		const late = { jobs: 1, file: { status: 503 } };
		const { items, warnings, seconds } = await list(late, { options: { timeout: 600 } });
		expect(items.map(({ binary }) => binary)).toEqual([undefined]);
		expect(warnings).toEqual([expect.stringContaining('job-0')]);
		expect(seconds).toBeGreaterThan(30);
		expect(seconds).toBeLessThanOrEqual(60);
	});

	it('are waited for no longer than the Timeout', async () => {
		const late = { jobs: 1, file: { status: 503 } };
		const { seconds } = await list(late, { options: { timeout: 10 } });
		expect(seconds).toBeLessThanOrEqual(10);
	});

	it('come as many at a time as Max Concurrency says', async () => {
		const setting = { jobs: 12, file: { status: 200, after: 1000 } };
		const { items, downloads, seconds } = await list(setting, { options: { maxConcurrency: 4 } });
		expect(items.every(({ binary }) => binary?.data !== undefined)).toBe(true);
		expect(downloads.most).toBe(4);
		expect(seconds).toBeCloseTo(3, 1);
	});

	it('share it where several input items list', async () => {
		const setting = { jobs: 12, file: { status: 200, after: 1000 }, inputItems: 2 };
		const { items, downloads } = await list(setting, { options: { maxConcurrency: 4 } });
		expect(items).toHaveLength(24);
		expect(downloads.most).toBe(4);
	});

	it('that do not come are told of in one warning, by name up to five', async () => {
		const gone = { jobs: 7, file: { status: 404 }, age: 86_400 };
		const { items, warnings } = await list(gone);
		expect(items).toHaveLength(7);
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toMatch(/^.*7 image\(s\) did not come: (job job-\d: [^;]*; ){5}and 2 more/);
	});
});
