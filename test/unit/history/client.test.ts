import { spansOf } from '../../../nodes/shared/history/client';
import { rowOf, runWithHistory } from '../../support/simulation/virtualHistory';

const at = (text: string) => Date.parse(`${text}Z`);

const NOW = at('2026-11-26T10:00');

describe('the days that a window asks for', () => {
	it.each<[string, number, number | undefined, object[]]>([
		[
			'a week, a day more at the beginning, and as long as Segmind has this day',
			at('2026-11-19T10:00'),
			undefined,
			[{ from_date: '2026-11-18' }],
		],
		[
			'a time that ended days ago, with a day more at the end, too',
			at('2026-11-19T10:00'),
			at('2026-11-20T23:00'),
			[{ from_date: '2026-11-18', to_date: '2026-11-21' }],
		],
		[
			'yesterday, which may not be over where Segmind is',
			at('2026-11-25T00:00'),
			at('2026-11-25T23:00'),
			[{ from_date: '2026-11-24' }],
		],
		[
			'more than 31 days, in pieces without a gap, newest first',
			at('2026-09-15T00:00'),
			undefined,
			[
				{ from_date: '2026-10-30' },
				{ from_date: '2026-10-02', to_date: '2026-10-29' },
				{ from_date: '2026-09-14', to_date: '2026-10-01' },
			],
		],
		['nothing of what has not come yet', at('2026-12-24T00:00'), undefined, []],
		[
			'what may have come where Segmind is',
			at('2026-11-27T00:00'),
			at('2026-11-28T00:00'),
			[{ from_date: '2026-11-26' }],
		],
	])('%s', (_, after, before, spans) => {
		expect(spansOf({ after, before }, NOW)).toEqual(spans);
	});
});

describe('Get Result after the hour', () => {
	const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
	const bare = ID.replaceAll('-', '');

	/** Fetches a job that only the history knows any more. */
	const fetch = async (answer: Parameters<typeof runWithHistory>[0]['answer'], requestId = ID) =>
		await runWithHistory({
			answer,
			isForgotten: true,
			parameters: { operation: 'getResult', requestId, options: { timeout: 300 } },
		});

	const found = (requestId = ID, change = {}) => ({ body: rowOf(requestId, change) });

	it.each([
		['503', { status: 503 }],
		['429', { status: 429 }],
		['nothing in time', { takes: 17_000 }],
	])('reading goes on after four times %s', async (_, reply) => {
		const { items } = await fetch(({ count }) => (count <= 4 ? { ...found(), ...reply } : found()));
		expect(items[0]?.binary?.data).toBeDefined();
	});

	it.each([
		[ID, bare],
		[bare, ID],
	])('%s is found as %s', async (asked, known) => {
		const { items, questions } = await fetch(
			({ url }) => (url.pathname.endsWith(`/${known}`) ? found(known) : { status: 404 }),
			asked,
		);
		expect(items[0]?.binary?.data).toBeDefined();
		expect(questions).toBe(2);
	});

	it.each([
		['faceswap-comic', true],
		['FaceSwap Comic', true],
		['segmind/faceswap-comic', true],
		['v2/faceswap_comic', true],
		['faceswap-comic-v4', true],
		['faceswap-comic-pro', false],
		['my-faceswap-comic', false],
	])('is of this model by the name %s: %j', async (model_name, isOwn) => {
		const { items } = await fetch(() => found(ID, { model_name }));
		expect(items[0]?.binary?.data !== undefined).toBe(isOwn);
	});

	it.each<[string, object, string]>([
		['another request', { request_id: 'another' }, 'does not show it either'],
		[
			'a failed job',
			{ model_status: 'FAILED', error: 'no face' },
			'could not make this image: "no face"',
		],
	])('says that the row is of %s', async (_, change, words) => {
		const { items } = await fetch(() => found(ID, change));
		expect(items[0]?.json.error).toContain(words);
	});

	it('has all outputs of the request', async () => {
		const urls = [1, 2].map((number) => `https://cdn.test/files/${number}.jpg`);
		const rows = urls.map((generation_url) => rowOf(ID, { generation_url }));
		const { items } = await fetch(() => ({ body: { data: rows } }));
		expect(items.map(({ json }) => json.imageUrl)).toEqual(urls);
	});
});
