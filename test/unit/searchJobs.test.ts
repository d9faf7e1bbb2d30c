/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';
import { faceSwapComic } from '../../nodes/FaceSwapComic/model';
import { searchJobs } from '../../nodes/shared/searchJobs';
import { sampleKey } from '../support/samples';

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

/** The editor's side, in front of a history of these pages. */
function setUp(pages: unknown[], credential = {}) {
	const asked: URL[] = [];
	const answer = async (_type: string, { url }: IHttpRequestOptions) => {
		asked.push(new URL(url));
		const page = pages[asked.length - 1];
		const status = typeof page === 'number' ? page : 200;
		const body = Readable.from([Buffer.from(JSON.stringify(page))]);
		return { statusCode: status, headers: {}, body };
	};
	const editor = {
		getCredentials: async () => ({ apiKey: sampleKey, ...credential }),
		getNode: () => ({ name: 'FaceSwap Comic', type: 'x' }),
		getTimezone: () => 'America/New_York',
		helpers: { httpRequestWithAuthentication: answer, httpRequest: answer },
	} as unknown as ILoadOptionsFunctions;
	const search = async (filter?: string, token?: string) =>
		await searchJobs(editor, faceSwapComic, { filter, paginationToken: token });
	return { asked, search };
}

it('lists the recent jobs as a person knows them again: time, state, cost, name of the comic', async () => {
	const { asked, search } = setUp([
		{
			data: [
				row(1),
				row(2, { model_status: 'FAILED', credits_deduction: 0, generation_url: null }),
				row(3, { model_status: 'PENDING', credits_deduction: null, request_body: null }),
				row(4, { model_created: null }),
			],
		},
	]);
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

it('goes on with the next page, and lists several outputs of a request once', async () => {
	const full = Array.from({ length: 50 }, (_, index) => row(index));
	const { asked, search } = setUp([{ data: full }, { data: [row(50), row(50)] }]);
	const first = await search();
	expect(first.results).toHaveLength(50);
	expect(first.paginationToken).toBe('2');
	expect(await search('', '2')).toMatchObject({ results: [{ value: row(50).request_id }] });
	expect(asked.map(({ searchParams }) => searchParams.get('page'))).toEqual(['1', '2']);
});

it('goes on where the server has shorter pages than it is asked for', async () => {
	const rows = Array.from({ length: 45 }, (_, index) => row(index));
	const pages = [0, 20, 40].map((start) => ({ data: rows.slice(start, start + 20), total: 45 }));
	expect((await setUp(pages).search()).paginationToken).toBe('2');
	const { asked, search } = setUp([...pages, { data: [], total: 45 }]);
	expect((await search(' PAGE-44 ')).results).toHaveLength(1);
	expect(asked.length).toBeGreaterThanOrEqual(3);
	expect((await setUp([{ data: rows.slice(0, 20), total: 20 }]).search()).paginationToken).toBe(
		undefined,
	);
});

it('searches several pages for what the list shows, or for an ID in any spelling', async () => {
	const full = Array.from({ length: 50 }, (_, index) => row(index));
	const pages = [{ data: full }, { data: [row(77)] }];
	expect((await setUp(pages).search(' PAGE-77 ')).results.map(({ value }) => value)).toEqual([
		row(77).request_id,
	]);
	const bare = row(77).request_id.replaceAll('-', '');
	expect((await setUp(pages).search(bare)).results).toHaveLength(1);
	expect((await setUp(pages).search('nothing of it')).results).toEqual([]);
});

it('ends its search after four pages, and can go on from there', async () => {
	const full = Array.from({ length: 50 }, (_, index) => row(index));
	const { asked, search } = setUp(Array.from({ length: 5 }, () => ({ data: full })));
	expect(await search('nothing of it')).toEqual({ results: [], paginationToken: '5' });
	expect(asked).toHaveLength(4);
});

it('shows no key, should a row repeat it', async () => {
	const request_body = { target_image: `https://x.test/${sampleKey}.png` };
	const { results } = await setUp([{ data: [row(1, { request_body })] }]).search();
	expect(results[0]?.name).toContain('********.png');
});

it('says why there is no list', async () => {
	await expect(setUp([401]).search()).rejects.toThrow(
		"The account's request history could not be read (HTTP 401)",
	);
	const proxy = setUp([], { baseUrl: 'https://proxy.test' });
	await expect(proxy.search()).rejects.toThrow('no request history behind this credential');
	expect(proxy.asked).toEqual([]);
});
