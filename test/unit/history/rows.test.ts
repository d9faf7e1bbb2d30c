import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import {
	changedFileOf,
	joinRows,
	readPage,
	type HistoryRow,
} from '../../../nodes/shared/history/rows';
import { digestOf } from '../../../nodes/shared/kit/longText';

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

const page = (answer: unknown) => readPage(answer, 'https://history.test/', 0);

const read = (change: object): HistoryRow | undefined =>
	page({ data: [{ ...row, ...change }] })?.rows[0];

describe('a row of the history', () => {
	it('is about a job', () => {
		expect(read({})).toEqual({
			requestId: ID,
			model: 'faceswap-comic',
			state: 'COMPLETED',
			outputs: { images: [{ kind: 'url', url: URL }], texts: {}, untyped: { [URL]: 'output' } },
			createdAtMs: Date.UTC(2026, 10, 26, 10),
			aheadMs: 0,
			costUsd: 0.065,
			latencySeconds: 21.5,
			input: { prompt: 'happy' },
			error: undefined,
		});
	});

	it.each([
		[{ model_status: 'COMPLETED' }, 'COMPLETED'],
		[{ model_status: 'succeeded' }, 'COMPLETED'],
		[{ model_status: 'timed out' }, 'FAILED'],
		[{ model_status: 'PENDING' }, 'PROCESSING'],
		[{ model_status: 'in progress' }, 'PROCESSING'],
		// Where the state has to be read from the rest:
		[{ model_status: null, generation_url: URL }, 'COMPLETED'],
		[{ model_status: 'ODD', generation_url: URL }, 'COMPLETED'],
		[{ model_status: 'ODD' }, 'PROCESSING'],
		[{ model_status: 'ODD', error: 'no face' }, 'FAILED'],
		[{ model_status: undefined, status: 'FAILED' }, 'FAILED'],
		// A job that ended badly has no image, whatever else its row has.
		[{ model_status: 'FAILED', generation_url: URL }, 'FAILED'],
	])('%j is %s', (change, state) => {
		expect(read({ generation_url: null, ...change })?.state).toBe(state);
	});

	it('of a failed job has its words', () => {
		expect(read({ model_status: 'FAILED', error: { message: 'no face' } })?.error).toBe('no face');
		expect(read({ model_status: 'FAILED', error: null })?.error).toBeUndefined();
		expect(read({ error: 'odd' })?.error).toBeUndefined();
	});

	const AT = Date.UTC(2026, 10, 26, 10, 30, 15, 250);

	it.each<[unknown, number | undefined]>([
		['2026-11-26T10:30:15.250Z', AT],
		['2026-11-26 10:30:15.250', AT],
		['2026-11-26T10:30:15.250123', AT],
		['2026-11-26 10:30:15.250 UTC', AT],
		['2026-11-26T11:30:15.250123+0100', AT],
		[AT, AT],
		[AT / 1000, AT],
		[` ${AT / 1000} `, AT],
		['2026-11-26', Date.UTC(2026, 10, 26)],
		['yesterday', undefined],
		['a1790000000', undefined],
		['1790000000a', undefined],
		['Nov 2026', undefined],
		['', undefined],
		[null, undefined],
		[12, undefined],
	])('was made at %j', (model_created, createdAtMs) => {
		expect(read({ model_created })?.createdAtMs).toBe(createdAtMs);
	});

	it.each([
		[{ created_at: AT }, AT],
		[{ timestamp: AT }, AT],
		[{ created_by: 'somebody', request_created_on: new Date(AT).toISOString() }, AT],
		[{ creator_id: AT, created_by: 'somebody' }, undefined],
	])('may name its time otherwise: %j', (change, createdAtMs) => {
		expect(read({ model_created: undefined, ...change })?.createdAtMs).toBe(createdAtMs);
	});

	it.each([
		[{ request_id: undefined, requestId: 'r-2' }, { requestId: 'r-2' }],
		[{ request_id: undefined, id: 'r-3' }, { requestId: 'r-3' }],
		[{ credits_deduction: ' 0.07 ' }, { costUsd: 0.07 }],
		[{ credits_deduction: ' ' }, { costUsd: undefined }],
		[{ credits_deduction: true }, { costUsd: undefined }],
		[{ latency_ms: '900' }, { latencySeconds: 0.9 }],
		[{ latency_ms: null }, { latencySeconds: undefined }],
		[{ model_name: ' faceswap-comic ' }, { model: 'faceswap-comic' }],
		[{ request_body: '{"seed": 7}' }, { input: { seed: 7 } }],
		[{ request_body: 'x' }, { input: undefined }],
		[{ request_body: undefined, input: { seed: 7 } }, { input: { seed: 7 } }],
	])('may have the rest in other places and shapes: %j', (change, expected) => {
		expect(read(change)).toMatchObject(expected);
	});

	it('has files in its input as their length and digest', () => {
		const file = 'A'.repeat(3_000);
		expect(
			read({ request_body: { source_image: file, prompt: 'a b '.repeat(1_000) } })?.input,
		).toEqual({ source_image: digestOf(file), prompt: 'a b '.repeat(1_000) });
	});

	it.each([
		{ request_body: `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}` },
		{ generation_url: `${'['.repeat(60_000)}${']'.repeat(60_000)}` },
	])('leaves out a text in it that nests too deep: %#', (value) => {
		expect(page({ data: [{ ...row, ...value }] })).toMatchObject({
			count: 1,
			rows: [{ requestId: row.request_id }],
		});
	});

	it.each([
		null,
		'text',
		7,
		[],
		{},
		{ request_id: '' },
		{ request_id: 'two words' },
		{ ...row, request_body: { a: JSON.parse(`${'['.repeat(150)}${']'.repeat(150)}`) as unknown } },
	])('is none that names no request, or is nested too deep: %#', (value) => {
		expect(page({ data: [value, { ...row, request_id: 'good' }] })).toMatchObject({
			count: 2,
			rows: [{ requestId: 'good' }],
		});
	});
});

describe('an answer of the history', () => {
	it.each([
		[[row]],
		[{ data: [row] }],
		[{ data: { data: [row] } }],
		[{ results: [row] }],
		[{ data: { items: [row] } }],
		[{ rows: [row] }],
		[{ requests: [row] }],
		// A single request:
		[row],
		[{ data: row }],
	])('has its rows in other places: %#', (answer) => {
		expect(page(answer)?.rows.map(({ requestId }) => requestId)).toEqual([ID]);
	});

	it('may be empty, and say how many entries there are', () => {
		expect(page({ data: [], total: 0 })).toEqual({ rows: [], count: 0, total: 0 });
		expect(page({ data: [row], total_count: 9 })?.total).toBe(9);
		expect(page({ data: [row], total: '8' })?.total).toBe(8);
	});

	it.each([null, 'text', 7, {}, { data: {} }, { data: 'x' }, [1, 2], { data: [{}] }])(
		'can not be read: %j',
		(answer) => {
			expect(page(answer)).toBeUndefined();
		},
	);
});

describe('the rows of one request', () => {
	const of = (...changes: object[]) =>
		page({ data: changes.map((change) => ({ ...row, ...change })) })?.rows ?? [];

	it('are one, with all outputs, each once, and the cost of one', () => {
		const rows = of(
			{},
			{ request_id: ID.toUpperCase() },
			{ generation_url: `${URL}?2` },
			{ request_id: 'x' },
		);
		const joined = joinRows(rows, new Map());
		expect(joined.map(({ requestId }) => requestId)).toEqual([ID, 'x']);
		expect(joined[0]?.outputs.images).toEqual([
			{ kind: 'url', url: URL },
			{ kind: 'url', url: `${URL}?2` },
		]);
		expect(joined[0]?.outputs.untyped).toEqual({ [URL]: 'output', [`${URL}?2`]: 'output' });
		expect(joined[0]?.costUsd).toBe(0.065);
	});

	const running = { model_status: 'PENDING', generation_url: null, credits_deduction: null };

	it('say how it has ended since it was first listed, and not how it was before', () => {
		const [first] = joinRows(of(running, {}), new Map());
		expect(first).toMatchObject({ state: 'COMPLETED', costUsd: 0.065 });
		expect(first?.outputs.images).toHaveLength(1);
		const [later] = joinRows(of({}, running), new Map());
		expect(later).toMatchObject({ state: 'COMPLETED', costUsd: 0.065 });
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
