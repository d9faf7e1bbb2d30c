import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import {
	changedFileOf,
	readHistoryEntry,
	readHistoryPage,
	toldByHistory,
	type HistoryRow,
} from '../../../nodes/shared/answers/history';

const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
const URL = 'https://cdn.segmind.com/a.jpeg';

const row = {
	request_id: ID,
	model_name: 'faceswap-comic',
	model_status: 'COMPLETED',
	credits_deduction: 0.065,
	request_body: { prompt: 'happy' },
	generation_url: URL,
	latency_ms: 21_500,
	model_created: '2026-11-26T10:00:00Z',
};

const read = (change: object): HistoryRow | undefined =>
	readHistoryPage({ data: [{ ...row, ...change }] })?.rows[0];

describe('a row of the history', () => {
	it('tells of a job', () => {
		expect(read({})).toEqual({
			requestId: ID,
			model: 'faceswap-comic',
			state: 'COMPLETED',
			outputs: { images: [{ kind: 'url', url: URL }], texts: {}, untyped: { [URL]: 'output' } },
			createdAt: Date.UTC(2026, 10, 26, 10),
			cost: 0.065,
			latencySeconds: 21.5,
			input: { prompt: 'happy' },
			error: undefined,
		});
	});

	it.each([
		['COMPLETED', 'COMPLETED'],
		['succeeded', 'COMPLETED'],
		['FAILED', 'FAILED'],
		['timed out', 'FAILED'],
		['PENDING', 'PROCESSING'],
		['in progress', 'PROCESSING'],
	])('in the state %j', (model_status, state) => {
		expect(read({ model_status, generation_url: null })?.state).toBe(state);
	});

	it.each([
		[{ model_status: null }, 'COMPLETED'],
		[{ model_status: 'ODD' }, 'COMPLETED'],
		[{ model_status: 'ODD', generation_url: '' }, 'PROCESSING'],
		[{ model_status: null, generation_url: null, error: 'no face' }, 'FAILED'],
		[{ model_status: undefined, status: 'FAILED', generation_url: null }, 'FAILED'],
		// A job that ended badly has no image, whatever else it tells.
		[{ model_status: 'FAILED' }, 'FAILED'],
	])('whose state has to be told by the rest: %j', (change, state) => {
		expect(read(change)?.state).toBe(state);
	});

	it('of a failed job has its words', () => {
		expect(read({ model_status: 'FAILED', error: { message: 'no face' } })?.error).toBe('no face');
		expect(read({ model_status: 'FAILED', error: null })?.error).toBeUndefined();
		expect(read({ error: 'odd' })?.error).toBeUndefined();
	});

	const AT = Date.UTC(2026, 10, 26, 10, 30, 15, 250);

	it.each<[unknown, number | undefined]>([
		['2026-11-26T10:30:15.250Z', AT],
		['2026-11-26T10:30:15.250', AT],
		['2026-11-26 10:30:15.250', AT],
		['2026-11-26T10:30:15.250123', AT],
		['2026-11-26 10:30:15.250 UTC', AT],
		['2026-11-26T11:30:15.250+01:00', AT],
		['2026-11-26T11:30:15.250123+0100', AT],
		[AT, AT],
		[AT / 1000, AT],
		[String(Math.floor(AT / 1000)), Math.floor(AT / 1000) * 1000],
		['2026-11-26', Date.UTC(2026, 10, 26)],
		['yesterday', undefined],
		['', undefined],
		[null, undefined],
		[12, undefined],
	])('was made at %j', (model_created, createdAt) => {
		expect(read({ model_created })?.createdAt).toBe(createdAt);
	});

	it('has no time in a number that is called created by chance', () => {
		const row = { model_created: undefined, creator_id: AT, created_by: 'somebody' };
		expect(read(row)?.createdAt).toBeUndefined();
	});

	it('may call its time anything with "created"', () => {
		const date = new Date(AT).toISOString();
		const row = { model_created: undefined, created_by: 'somebody', request_created_on: date };
		expect(read(row)?.createdAt).toBe(AT);
	});

	it.each(['created_at', 'createdAt', 'timestamp'])('may call its time %s', (name) => {
		expect(read({ model_created: undefined, [name]: AT })?.createdAt).toBe(AT);
	});

	it('may have its numbers as texts, and its input as one', () => {
		expect(
			read({ credits_deduction: '0.065', latency_ms: '900', request_body: '{"seed": 7}' }),
		).toMatchObject({ cost: 0.065, latencySeconds: 0.9, input: { seed: 7 } });
		expect(read({ credits_deduction: 'much', latency_ms: null, request_body: 'x' })).toMatchObject({
			cost: undefined,
			latencySeconds: undefined,
			input: undefined,
		});
	});

	it.each([[[URL, `${URL}?2`]], [JSON.stringify([URL, `${URL}?2`])]])(
		'may have several outputs: %j',
		(generation_url) => {
			expect(read({ generation_url })?.outputs.images).toHaveLength(2);
		},
	);

	it.each([null, 'text', 7, [], {}, { request_id: '' }, { request_id: 'two words' }])(
		'is none that names no request: %j',
		(value) => {
			expect(readHistoryPage({ data: [value, row] })).toMatchObject({ count: 2, rows: [{}] });
			expect(readHistoryPage({ data: [value, row] })?.rows).toHaveLength(1);
		},
	);
});

describe('what a row has in other places or shapes', () => {
	it.each([
		['the request ID', { request_id: undefined, requestId: 'r-2' }, { requestId: 'r-2' }],
		['a bare ID', { request_id: undefined, id: 'r-3' }, { requestId: 'r-3' }],
		['a cost as text', { credits_deduction: ' 0.07 ' }, { cost: 0.07 }],
		['no cost at all', { credits_deduction: ' ' }, { cost: undefined }],
		['a cost that is none', { credits_deduction: true }, { cost: undefined }],
		[
			'a name with blanks around it',
			{ model_name: ' faceswap-comic ' },
			{ model: 'faceswap-comic' },
		],
		[
			'an error beside a state that nobody has told of',
			{ model_status: 'ODD', generation_url: null, error: 'x' },
			{ state: 'FAILED' },
		],
		[
			'seconds since 1970 as text',
			{ model_created: ' 1790000000.5 ' },
			{ createdAt: 1_790_000_000_500 },
		],
		['a text with digits', { model_created: 'a1790000000' }, { createdAt: undefined }],
		['digits with a text', { model_created: '1790000000a' }, { createdAt: undefined }],
		['a date without a day', { model_created: 'Nov 2026' }, { createdAt: undefined }],
	])('%s', (_, change, told) => {
		expect(read(change)).toMatchObject(told);
	});
});

describe('the file that a job was to change', () => {
	const nameOf = (request_body?: unknown) =>
		changedFileOf(read({ request_body }) as HistoryRow, faceSwapComic);

	it('is called as its URL ends', () => {
		expect(nameOf({ target_image: 'https://x.test/page-7.png' })).toBe('page-7.png');
	});

	it.each([[undefined], [{}], [{ target_image: 7 }], [{ target_image: 'no URL' }]])(
		'has no name in %j',
		(body) => {
			expect(nameOf(body)).toBeUndefined();
		},
	);
});

describe('a page of the history', () => {
	it('may be empty', () => {
		expect(readHistoryPage({ data: [], total: 0 })).toEqual({ rows: [], count: 0, total: 0 });
	});

	it.each(['data', 'results', 'items', 'rows', 'requests'])('has its rows in %s', (name) => {
		expect(readHistoryPage({ [name]: [row] })?.rows).toHaveLength(1);
		expect(readHistoryPage({ data: { [name]: [row] } })?.rows).toHaveLength(1);
	});

	it('may call its total otherwise', () => {
		expect(readHistoryPage({ data: [row], total_count: 9 })?.total).toBe(9);
		expect(readHistoryPage({ data: [row], total: 8 })?.total).toBe(8);
	});

	it.each([
		[[row]],
		[{ data: [row] }],
		[{ data: { data: [row], total: 1 } }],
		[{ results: [row] }],
		[{ data: { items: [row] } }],
	])('%#', (answer) => {
		expect(readHistoryPage(answer)?.rows.map(({ requestId }) => requestId)).toEqual([ID]);
	});

	it.each([null, 'text', {}, { data: {} }, { data: 'x' }, [1, 2], { data: [{}] }])(
		'is not %j',
		(answer) => {
			expect(readHistoryPage(answer)).toBeUndefined();
		},
	);
});

describe('the answer about one request', () => {
	it.each([[row], [{ data: row }], [{ data: [row] }], [[row]]])('%#', (answer) => {
		expect(readHistoryEntry(answer, ID)?.requestId).toBe(ID);
		expect(readHistoryEntry(answer, ID.toUpperCase().replaceAll('-', ''))?.requestId).toBe(ID);
		expect(readHistoryEntry(answer, 'another')).toBeUndefined();
	});

	it('has all outputs of the request, which are several rows', () => {
		const other = { ...row, generation_url: `${URL}?2` };
		const entry = readHistoryEntry([row, { ...row, request_id: 'x' }, other], ID);
		expect(entry?.outputs.images).toEqual([
			{ kind: 'url', url: URL },
			{ kind: 'url', url: `${URL}?2` },
		]);
		expect(entry?.cost).toBe(0.065);
	});
});

it.each([
	['COMPLETED', { kind: 'finished', metrics: { cost: 0.065 } }],
	['FAILED', { kind: 'failed', state: 'FAILED', known: true, words: '' }],
	['PENDING', { kind: 'running', state: 'PROCESSING' }],
])('a row is an answer to a status check: %s', (model_status, told) => {
	const known = read({ model_status }) as HistoryRow;
	expect(toldByHistory(known)).toMatchObject({ about: ID, ...told });
	expect(toldByHistory({ ...known, cost: undefined })).toMatchObject({ metrics: {} });
});
