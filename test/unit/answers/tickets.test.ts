import {
	isRequestId,
	namedIdOf,
	normalizeId,
	readRequestId,
	salvageFields,
	ticketOf,
} from '../../../nodes/shared/answers/tickets';

const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
const API = 'https://api.segmind.com';

describe('a request ID', () => {
	it.each([
		'../../v1/x',
		'..',
		'.',
		'a..b',
		'a b',
		'a\tb',
		'',
		'a\u0007',
		'a\u200b',
		'x'.repeat(201),
	])('is not %j', (id) => {
		expect(isRequestId(id)).toBe(false);
		expect(readRequestId(id)).toBeUndefined();
		expect(ticketOf({ request_id: id })).toBeUndefined();
	});

	it.each([ID, 'a/b', 'a.b', 'a:b', 'a~b', 'a+b==', 'a%2fb', 'a?b', 'ä', 'a\\b', 'x'.repeat(200)])(
		'may be %j, as it stands or at the end of a URL',
		(id) => {
			expect(isRequestId(id)).toBe(true);
			expect(readRequestId(` ${id}\n`)).toBe(id);
			expect(ticketOf({ request_id: id })?.requestId).toBe(id);
			const poll_url = `${API}/v2/requests/${encodeURIComponent(id)}/status`;
			expect(ticketOf({ poll_url })?.requestId).toBe(id);
		},
	);

	it('may be a number, as some write it', () => {
		expect(readRequestId(7)).toBe('7');
	});

	it.each([2 ** 60, 1.5, null, { id: ID }, [ID], true])('is not %j either', (id) => {
		expect(readRequestId(id)).toBeUndefined();
	});

	it('is compared without dashes and case', () => {
		expect(normalizeId(ID.replaceAll('-', '').toUpperCase())).toBe(normalizeId(ID));
		expect(normalizeId(`${ID}1`)).not.toBe(normalizeId(ID));
	});
});

describe('a ticket', () => {
	it('prefers the URL of the state, and names that of the result', () => {
		const urls = { status_url: `${API}/s`, poll_url: `${API}/p`, response_url: `${API}/r` };
		expect(ticketOf({ request_id: ID, ...urls })).toEqual({
			requestId: ID,
			statusUrl: `${API}/s`,
			resultUrl: `${API}/r`,
		});
		expect(ticketOf({ request_id: ID, poll_url: `${API}/p` })).toEqual({
			requestId: ID,
			statusUrl: `${API}/p`,
			resultUrl: undefined,
		});
	});

	it.each<[string, Record<string, unknown>, string]>([
		['request_id', { request_id: 'a', requestId: 'b', id: 'c', poll_url: `${API}/d` }, 'a'],
		['requestId', { request_id: '', requestId: 'b', id: 'c', poll_url: `${API}/d` }, 'b'],
		['id', { id: 'c', poll_url: `${API}/d` }, 'c'],
		['the URL of its state', { id: 7, poll_url: `${API}/d/`, response_url: `${API}/e` }, 'd'],
		['the URL of its result', { poll_url: 'none', response_url: `${API}/e` }, 'e'],
		['a URL that is not encoded as it should be', { poll_url: `${API}/100%` }, '100%'],
	])('is called after %s', (_, answer, requestId) => {
		expect(ticketOf(answer as never)?.requestId).toBe(requestId);
	});

	it.each([{}, { poll_url: 'none' }, { poll_url: API }, { poll_url: '' }, { request_id: null }])(
		'is not %j',
		(answer) => {
			expect(ticketOf(answer)).toBeUndefined();
		},
	);

	it('is something else than the name of the job that an answer is about', () => {
		expect(namedIdOf({ request_id: ID, requestId: 'b' })).toBe(ID);
		expect(namedIdOf({ requestId: 'b' })).toBe('b');
		expect(namedIdOf({ id: ID, poll_url: `${API}/${ID}` })).toBeUndefined();
	});
});

describe('a ticket that was cut off', () => {
	it.each<[string, string | undefined]>([
		['{"status": "QUEUED", "request_id": "r-1", "poll_url": "https://ap', 'r-1'],
		['{"request_id":"A_b-9"', 'A_b-9'],
		['{"request_id" :\n "r-1"}', 'r-1'],
		['{"request_id": "r-1', undefined],
		['{"request_id": "../../x"', undefined],
		['{"request_id": "a b"', undefined],
		['{"request_id": ""', undefined],
		['{"request_id": 7', undefined],
		['{"request_id": 7,', '7'],
		['{"request_id": "a\\/b+c=="', 'a/b+c=='],
		['{"poll_url": "https:\\/\\/x.test\\/r-1", "mess', 'r-1'],
		['{"status_url": "https://x.test/a%2Fb/status", "mess', 'a/b'],
		['', undefined],
	])('still names its job where that stands there whole, in %j: %j', (body, requestId) => {
		expect(ticketOf(salvageFields(body))?.requestId).toBe(requestId);
	});

	it.each<[string, object]>([
		['{"request_id": "r-1", "error": "no', {}],
		['{"request_id": "r-1", "status": "error", "mess', { status: 'error' }],
		['{"request_id": "r-1", "status": "QUEUED", "mess', { status: 'QUEUED' }],
		[
			'{"request_id": "r-1", "poll_url": "https://x.test/r-1", "mess',
			{ poll_url: 'https://x.test/r-1' },
		],
		[
			'{"request_id": "r-1", "response_url": "https://x.test/r-1"',
			{ response_url: 'https://x.test/r-1' },
		],
		['{"request_id": "r-1", "poll_url": "https://x.test/r', {}],
	])('has a URL and a state where those do: %j', (body, rest) => {
		expect(salvageFields(body)).toEqual({ request_id: 'r-1', ...rest });
	});

	it('has the first of several fields of a name, and no number but as a request ID', () => {
		const body =
			'{"request_id": 7, "status": 200, "a": {"request_id": "b", "status": "QUEUED"}, "status": "DONE';
		expect(salvageFields(`${body}"`)).toEqual({ request_id: '7', status: 'QUEUED' });
	});
});
