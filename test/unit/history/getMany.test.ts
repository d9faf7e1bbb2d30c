import type { IDataObject } from 'n8n-workflow';
import {
	BEGINNING,
	rowOf,
	rowsOf,
	runWithHistory,
	type HistoryReply,
	type Question,
	type Setting,
} from '../../support/simulation/virtualHistory';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const bare = { operation: 'getMany', returnAll: true, downloadImages: false };

/** Lists without images. */
const list = async (answer: Setting['answer'], parameters: IDataObject = {}, more = {}) =>
	await runWithHistory({ answer, parameters: { ...bare, ...parameters }, ...more });

const idsOf = ({ items }: { items: Array<{ json: IDataObject }> }) =>
	items.map(({ json }) => json.requestId ?? json.error);

const namesOf = (rows: Array<{ request_id: string }>) => rows.map((row) => row.request_id);

/** A page of some rows. */
const pageOf = (
	rows: object[],
	{ page, perPage }: Question,
	{ rowsAtMost = Infinity, tellsTotal = true } = {},
): HistoryReply => {
	const size = Math.min(rowsAtMost, perPage);
	const data = rows.slice((page - 1) * size, page * size);
	return { body: { data, ...(tellsTotal ? { total: rows.length } : {}) } };
};

describe('where a list ends', () => {
	it.each([
		['behind shorter pages than it asked for, by the total', 23, { rowsAtMost: 7 }, [1, 2, 3, 4]],
		['as soon as the total is there', 14, { rowsAtMost: 7 }, [1, 2]],
		['with a short page, where no total is told', 19, { tellsTotal: false }, [1]],
		[
			'not with a page of twenty: a server may have no larger ones',
			41,
			{ rowsAtMost: 20, tellsTotal: false },
			[1, 2, 3],
		],
	])('%s', async (_, jobs, server, expected) => {
		const rows = rowsOf(jobs);
		const listed = await list((question) => pageOf(rows, question, server));
		expect(idsOf(listed)).toEqual(namesOf(rows));
		expect(listed.pages).toEqual(expected);
	});

	it('at the limit, without asking for more rows than it takes', async () => {
		const answer = (question: Question) => pageOf(rowsOf(90), question);
		const listed = await list(answer, { returnAll: false, limit: 45 });
		expect(listed.items).toHaveLength(45);
		expect(listed.pages).toEqual([1]);
	});

	it.each([
		['of this model', 'faceswap-comic', 45],
		['of other models', 'faceswap-comic-pro', 0],
	])(
		'although the server has no pages: it tells the same rows %s',
		async (_, model_name, count) => {
			const data = Array.from({ length: 45 }, (_, index) => rowOf(`job-${index}`, { model_name }));
			const listed = await list(() => ({ body: { data } }));
			expect(listed.items).toHaveLength(count);
			expect(listed.pages.length).toBeLessThanOrEqual(3);
		},
	);
});

it('a list is read no further than its window, should the server tell more', async () => {
	const rows = Array.from({ length: 1_000 }, (_, index) =>
		rowOf(`job-${index}`, { model_created: new Date(BEGINNING - index * HOUR).toISOString() }),
	);
	const listed = await list((question) => pageOf(rows, question), {
		filters: { createdAfter: BEGINNING - 120 * HOUR },
	});
	expect(idsOf(listed)).toEqual(namesOf(rows.slice(0, 121)));
	expect(listed.pages).toEqual([1, 2]);
});

it('a window of more than 31 days is read in pieces, all of it', async () => {
	const rows = Array.from({ length: 100 }, (_, day) =>
		[1, 2, 3].map((part) =>
			rowOf(`${day}-${part}`, {
				model_created: new Date(BEGINNING - (day + part / 4) * DAY).toISOString(),
			}),
		),
	).flat();
	const listed = await list(
		(question) => {
			const { from_date = '', to_date = '2026-01-31' } = Object.fromEntries(
				question.url.searchParams,
			);
			const span = (Date.parse(to_date) - Date.parse(from_date)) / DAY + 1;
			if (span > 31) return { status: 400 };
			const own = rows.filter(({ model_created }) => {
				const day = model_created.slice(0, 10);
				return day >= from_date && day <= to_date;
			});
			return pageOf(own, question);
		},
		{ filters: { createdAfter: BEGINNING - 90 * DAY } },
	);
	expect(idsOf(listed)).toEqual(namesOf(rows.slice(0, 270)));
});

describe('while the list changes', () => {
	it.each([100, 130, 200])('rows that shift by %d between two pages are there', async (shift) => {
		const old = rowsOf(250);
		const now = [...rowsOf(shift, 1_000), ...old];
		const listed = await list((question) =>
			pageOf(question.count === 1 ? old : now, question, { tellsTotal: shift !== 130 }),
		);
		expect(idsOf(listed)).toEqual(expect.arrayContaining(namesOf(old)));
		expect(new Set(idsOf(listed)).size).toBe(listed.items.length);
	});

	it('a job that ends between two pages is one item, with its image', async () => {
		const [first, ...others] = rowsOf(101);
		const running = rowOf('job-0', { model_status: 'PENDING', generation_url: null });
		const listed = await list(({ page }) => ({
			body: { data: page === 1 ? [running, ...others.slice(0, 99)] : [first, ...others.slice(99)] },
		}));
		expect(listed.items).toHaveLength(101);
		expect(listed.items.find(({ json }) => json.requestId === 'job-0')?.json).toMatchObject({
			status: 'COMPLETED',
			imageUrl: 'https://cdn.test/files/job-0.jpg',
		});
	});

	it.each([
		['a row', [rowOf('a'), rowOf('a'), rowOf('b')]],
		[
			'a row in another spelling',
			[
				rowOf('A-1', { generation_url: 'https://x/1' }),
				rowOf('a1', { generation_url: 'https://x/1' }),
				rowOf('b'),
			],
		],
		[
			'an output in a row that differs',
			[rowOf('a'), rowOf('a', { latency_ms: 2_000, model_created: null }), rowOf('b')],
		],
		[
			'an output among others',
			[
				rowOf('a', { generation_url: ['https://x/1'] }),
				rowOf('a', { generation_url: ['https://x/1', 'https://x/1'] }),
				rowOf('b'),
			],
		],
	])('%s that is told twice is one item', async (_, data) => {
		const listed = await list(() => ({ body: { data } }));
		expect(idsOf(listed).map((id) => String(id).replace('-1', '1').toLowerCase())).toEqual([
			expect.stringMatching(/^a1?$/),
			'b',
		]);
	});

	it('further outputs of a request on the next page are items of their own', async () => {
		const more = rowOf('job-99', { generation_url: 'https://cdn.test/files/2.jpg' });
		const listed = await list((question) => pageOf([...rowsOf(100), more], question));
		expect(listed.items).toHaveLength(101);
		expect(idsOf(listed).filter((id) => id === 'job-99')).toHaveLength(2);
	});
});

describe('which jobs are listed', () => {
	const madeAt = (time: number) => rowOf('a', { model_created: new Date(time).toISOString() });

	it.each([1, 30, 60])(
		"none is too new, although the machine's clock is %d hours behind",
		async (hours) => {
			const answer = () => ({ body: { data: [madeAt(BEGINNING - 1_000)] } });
			expect(idsOf(await list(answer, {}, { behind: hours * HOUR }))).toEqual(['a']);
		},
	);

	it('those between two dates', async () => {
		const filters = { createdAfter: BEGINNING - 10 * HOUR, createdBefore: BEGINNING - 5 * HOUR };
		const ages = [1, 4.9, 5.1, 9.9, 10.1];
		const data = ages.map((age) => ({ ...madeAt(BEGINNING - age * HOUR), request_id: `${age}` }));
		expect(idsOf(await list(() => ({ body: { data } }), { filters }))).toEqual(['5.1', '9.9']);
	});

	it('one that is nested too deep is left out, and the others are there', async () => {
		const deep = `${'{"a":['.repeat(60_000)}${']}'.repeat(60_000)}`;
		for (const field of ['request_body', 'generation_url', 'error', 'model_name']) {
			const rows = JSON.stringify({ data: [rowOf('a'), rowOf('b', { [field]: '@' }), rowOf('c')] });
			for (const body of [
				rows.replace('"@"', deep),
				rows.replace('@', JSON.stringify(deep).slice(1, -1)),
			]) {
				const listed = await list(() => ({ body }));
				expect(JSON.stringify(idsOf(listed))).not.toContain('call stack');
				expect(idsOf(listed)).toEqual(expect.arrayContaining(['a', 'c']));
			}
		}
	});
});

describe("reading goes on for the item's time", () => {
	const options = { timeout: 300 };
	const finallyTold = (until: number, before: HistoryReply) => (question: Question) =>
		question.count <= until ? before : pageOf(rowsOf(3), question);

	it.each<[string, HistoryReply]>([
		['429', { status: 429, body: { error: 'slow down' } }],
		['503', { status: 503, body: 'busy' }],
		['500 with JSON', { status: 500, body: { error: 'oops' } }],
	])('after eight times %s', async (_, reply) => {
		const listed = await list(finallyTold(8, reply), { options });
		expect(idsOf(listed)).toEqual(namesOf(rowsOf(3)));
		expect(listed.seconds).toBeLessThan(300);
	});

	it.each([17, 50, 90])('where a page takes %d seconds', async (seconds) => {
		const answer = (question: Question) => ({
			...pageOf(rowsOf(250), question),
			takes: seconds * 1_000,
		});
		const listed = await list(answer, { options: { timeout: 600 } });
		expect(idsOf(listed)).toEqual(namesOf(rowsOf(250)));
	});

	it('and no longer', async () => {
		const listed = await list(() => ({ status: 503 }), { options: { timeout: 60 } });
		expect(listed.items[0]?.json.error).toMatch(
			/could not be read \(HTTP 503\).*Nothing was spent/,
		);
		expect(listed.seconds).toBeGreaterThan(55);
		expect(listed.seconds).toBeLessThanOrEqual(60);
	});

	it.each<[string, HistoryReply, number]>([
		['refuses', { status: 401 }, 1],
		['is somebody else', { body: '<html>Welcome</html>' }, 3],
	])('but not where the server %s', async (_, reply, questions) => {
		const listed = await list(() => reply, { options });
		expect(listed.items[0]?.json.error).toContain('could not be read');
		expect(listed.questions).toBe(questions);
	});
});

describe('images', () => {
	const parameters = { operation: 'getMany' };
	const answer = (question: Question) => pageOf(rowsOf(12), question);

	it.each([
		[600, 30, 60],
		[10, 5, 10],
	])('are waited for a minute each, or the Timeout: %d s', async (timeout, least, most) => {
		const { items, hints, seconds } = await runWithHistory({
			answer: (question) => pageOf(rowsOf(1), question),
			parameters: { ...parameters, options: { timeout } },
			file: { status: 503 },
		});
		expect(items.map(({ binary }) => binary)).toEqual([undefined]);
		expect(hints.join()).toContain('job-0');
		expect(seconds).toBeGreaterThan(least);
		expect(seconds).toBeLessThanOrEqual(most);
	});

	it.each([1, 2])(
		'come as many at a time as Max Concurrency says: %d input item(s)',
		async (count) => {
			const { items, downloads } = await runWithHistory({
				answer,
				parameters: { ...parameters, options: { maxConcurrency: 4 } },
				items: Array.from({ length: count }, () => ({})),
				file: { status: 200, takes: 1_000 },
			});
			expect(items).toHaveLength(12 * count);
			expect(items.every(({ binary }) => binary?.data !== undefined)).toBe(true);
			expect(downloads.most).toBe(4);
		},
	);

	it('that do not come are named in one warning, up to five', async () => {
		const { items, hints } = await runWithHistory({
			answer: (question) =>
				pageOf(
					rowsOf(7).map((row) => ({ ...row, model_created: '2026-01-30T12:00:00Z' })),
					question,
				),
			parameters,
			file: { status: 404 },
		});
		expect(items).toHaveLength(7);
		expect(hints).toHaveLength(1);
		expect(hints[0]).toMatch(
			/^.*7 image\(s\) could not be fetched: (job job-\d: [^;]*; ){5}and 2 more/,
		);
	});
});
