import { parseBody, readAnswer, salvageRequestId } from '../../../nodes/shared/answers/answers';

const IMAGE = 'https://cdn.segmind.com/results/1.jpeg';

const read = (status: number, body: unknown) =>
	readAnswer(status, typeof body === 'string' ? body : JSON.stringify(body));

describe('a refusal', () => {
	it.each([400, 401, 403, 404, 405, 406, 410, 422, 429, 500, 502, 504, 302])(
		'reads HTTP %i as one',
		(status) => {
			const answer = { kind: 'refused', status, words: 'Not so', isJson: true };
			expect(read(status, { error: 'Not so' })).toEqual(answer);
		},
	);

	it.each([
		['an error body that calls its state "error"', { status: 'error', message: 'Not so' }],
		['a running state', { status: 'PROCESSING', message: 'Not so' }],
		['an unknown state', { status: 'BAD', message: 'Not so' }],
		['a numeric state', { status: 500, message: 'Not so' }],
		['a bare JSON text', '"Not so"'],
	])('stays one with %s', (_, body) => {
		const answer = { kind: 'refused', status: 500, words: 'Not so', isJson: true };
		expect(read(500, body)).toEqual(answer);
	});

	it.each([
		['text', 'Not so'],
		['HTML', '<html><body><p>Not so</p></body></html>'],
		['JSON that breaks off', '{"error": "Not so'],
		['a number', '502'],
	])('is not Segmind’s own word with %s', (_, body) => {
		expect(read(502, body)).toMatchObject({ kind: 'refused', status: 502, isJson: false });
	});

	it('stays one without a body', () => {
		expect(read(502, '')).toEqual({ kind: 'refused', status: 502, words: '', isJson: false });
	});

	it('is no result, whatever picture it mentions', () => {
		expect(read(500, { status: 'COMPLETED', output: IMAGE }).kind).toBe('refused');
	});
});

describe('an answer that is none', () => {
	it.each([
		['HTML', '<html><head><title>Sign in</title></head></html>', 'Sign in'],
		['truncated JSON', '{"status": "COMPL', '{"status": "COMPL'],
		['an empty body', '', ''],
		['white space', ' \n', ''],
		['an empty object', '{}', ''],
		['null', 'null', ''],
		['a list without images', '[1, 2]', '1; 2'],
		['text', 'Internal Polling Error', 'Internal Polling Error'],
	])('is unreadable: %s', (_, body, words) => {
		const answer = read(200, body);
		expect(answer.kind).toBe('unreadable');
		if (words !== '') expect(answer).toHaveProperty('words', words);
	});

	it('parses JSON, and gives undefined for anything else', () => {
		expect(parseBody('{"a":1}')).toEqual({ a: 1 });
		expect(parseBody('{"a":')).toBeUndefined();
	});
});

describe('the request ID in an answer that was cut off', () => {
	it.each([
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
	])('is saved from %j: %j', (body, requestId) => {
		expect(salvageRequestId(200, body)).toBe(requestId);
	});

	it.each([
		['{"request_id": "r-1", "error": "no', undefined],
		['{"request_id": "r-1", "status": "error", "mess', undefined],
		['{"request_id": "r-1", "status": "QUEUED", "mess', 'r-1'],
		['{"request_id": "r-1", "poll_url": "https://x.test/r-1", "mess', 'r-1'],
	])('is saved under an error status from %j: %j', (body, requestId) => {
		expect(salvageRequestId(500, body)).toBe(requestId);
	});
});
