/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';
import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { searchJobs } from '../../../nodes/shared/history/searchJobs';
import { sampleKey } from '../../support/samples';

const row = (index: number, change = {}) => ({
	request_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
	model_name: 'faceswap-comic',
	model_status: 'COMPLETED',
	credits_deduction: 0.065,
	model_created: '2026-11-26T17:30:00Z',
	request_body: { target_image: `https://x.test/page-${index}.png` },
	generation_url: 'https://cdn.test/a.png',
	...change,
});

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => row(index));

/** A history of some rows, in pages of at most so many. */
const historyOf =
	(rows: object[], { rowsAtMost = 100, total = true } = {}) =>
	({ searchParams }: URL) => {
		const size = Math.min(rowsAtMost, Number(searchParams.get('per_page')));
		const start = (Number(searchParams.get('page')) - 1) * size;
		return { data: rows.slice(start, start + size), ...(total ? { total: rows.length } : {}) };
	};

/** The editor's side, in front of a history that gives answers, or a status. */
function setUp(answer: (url: URL) => object | number, credential = {}) {
	const asked: URL[] = [];
	const send = async (_type: string, options: IHttpRequestOptions) => {
		const url = new URL(options.url);
		asked.push(url);
		const given = answer(url);
		const statusCode = typeof given === 'number' ? given : 200;
		return { statusCode, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(given))]) };
	};
	const editor = {
		getCredentials: async () => ({ apiKey: sampleKey, ...credential }),
		getNode: () => ({ name: 'FaceSwap Comic', type: 'x' }),
		getTimezone: () => 'America/New_York',
		helpers: { httpRequestWithAuthentication: send, httpRequest: send },
	} as unknown as ILoadOptionsFunctions;
	const search = async (filter?: string, token?: unknown) =>
		await searchJobs(editor, faceSwapComic, { filter, paginationToken: token });
	return { asked, search };
}

it('lists the recent jobs as a person knows them again: time, state, cost, name of the comic', async () => {
	const { asked, search } = setUp(
		historyOf([
			row(1),
			row(2, { model_status: 'FAILED', credits_deduction: 0, generation_url: null }),
			row(3, { model_status: 'PENDING', credits_deduction: null, request_body: null }),
			row(4, { model_created: null }),
		]),
	);
	expect(await search()).toEqual({
		results: [
			{ name: 'page-1.png · 2026-11-26 12:30 · completed · 0.065 USD', value: row(1).request_id },
			{ name: 'page-2.png · 2026-11-26 12:30 · failed · 0 USD', value: row(2).request_id },
			{ name: '00000000 · 2026-11-26 12:30 · running', value: row(3).request_id },
			{ name: 'page-4.png · completed · 0.065 USD', value: row(4).request_id },
		],
	});
	expect(asked).toHaveLength(1);
	expect(asked[0]?.origin).toBe('https://api.spotprod.segmind.com');
	expect(asked[0]?.pathname).toBe('/inference-request/request-history');
	expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
		page: '1',
		model_name: 'faceswap-comic',
		sort_order: 'desc',
	});
});

it('lists fifty at a time, each job once, and as many as there are', async () => {
	const { search } = setUp(historyOf([...rowsOf(120), row(119)]));
	const lists: unknown[][] = [];
	for (let token: unknown; lists.length === 0 || token !== undefined;) {
		const { results, paginationToken } = await search('', token);
		lists.push(results.map(({ value }) => value));
		token = paginationToken;
	}
	expect(lists.map(({ length }) => length)).toEqual([50, 50, 20]);
	expect(lists.flat()).toEqual(rowsOf(120).map(({ request_id }) => request_id));
});

it('has nothing more behind a full list', async () => {
	expect((await setUp(historyOf(rowsOf(50))).search()).paginationToken).toBeUndefined();
	expect((await setUp(historyOf(rowsOf(51))).search()).paginationToken).toBeDefined();
});

it('goes on where the server has shorter pages than it is asked for', async () => {
	const { search } = setUp(historyOf(rowsOf(45), { rowsAtMost: 20 }));
	expect((await search()).results).toHaveLength(45);
});

it('searches for what the list shows, or for an ID in any spelling', async () => {
	const { search } = setUp(historyOf(rowsOf(130)));
	const { request_id } = row(117);
	for (const text of [' PAGE-117 ', request_id, request_id.replaceAll('-', '')]) {
		expect((await search(text)).results.map(({ value }) => value)).toEqual([request_id]);
	}
	expect(await search('nothing of it')).toEqual({ results: [] });
});

it('ends its search after 200 jobs, and can go on from there', async () => {
	const { asked, search } = setUp(historyOf(rowsOf(350)));
	const { results, paginationToken } = await search('page-349');
	expect(results).toEqual([]);
	expect(asked.length).toBeLessThanOrEqual(3);
	expect((await search('page-349', paginationToken)).results).toHaveLength(1);
});

it('shows no key, should a row repeat it', async () => {
	const request_body = { target_image: `https://x.test/${sampleKey}.png` };
	const { results } = await setUp(historyOf([row(1, { request_body })])).search();
	expect(results[0]?.name).toContain('********.png');
});

it('says why there is no list', async () => {
	await expect(setUp(() => 401).search()).rejects.toThrow(
		"The account's request history could not be read (HTTP 401)",
	);
	const proxy = setUp(() => 500, { baseUrl: 'https://proxy.test' });
	await expect(proxy.search()).rejects.toThrow('This credential has no request history');
	expect(proxy.asked).toEqual([]);
});
