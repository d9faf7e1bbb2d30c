import type { Observation, StoredImage } from '../../../nodes/shared/answers/observation';
import { observe, stateKind, type AnswerBody } from '../../../nodes/shared/answers/observe';
import { png } from '../../support/samples';

type Asked = Parameters<typeof observe>[0];

const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
const API = 'https://api.segmind.com';
const HERE = `${API}/v2/requests/${ID}`;
const IMAGE = 'https://cdn.segmind.com/results/1.jpeg';

const SUBMIT: Asked = { submit: true, isSync: false };
const SYNC: Asked = { submit: true, isSync: true };
const CHECK: Asked = { requestId: ID };

const stored: StoredImage = {
	binary: { data: '', mimeType: 'image/png' },
	fileName: 'a.png',
	mimeType: 'image/png',
	fileSize: 8,
	endMissing: false,
};

type Headers = Record<string, string>;

const observeBody = (asked: Asked, status: number, body: AnswerBody, headers: Headers = {}) =>
	observe(asked, { status, headers, url: HERE }, body);

const textOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));

const WHOLE_WHY = 'it is not an image';
const CUT_WHY = 'the transfer was cut off';

/** What an answer says that came as a whole: a text, or JSON. */
const read = (asked: Asked, status: number, body: unknown, headers?: Headers) =>
	observeBody(asked, status, { text: textOf(body), isWhole: true, why: WHOLE_WHY }, headers);

/** What one says that was cut off. */
const readCut = (asked: Asked, status: number, text: string, headers?: Headers) =>
	observeBody(asked, status, { text, isWhole: false, why: CUT_WHY }, headers);

const EVERY_STATUS = Array.from({ length: 500 }, (_, index) => 100 + index);
const from = (first: number, last: number) =>
	EVERY_STATUS.filter((status) => status >= first && status <= last);

/** The statuses under which a submit with this body says so. */
const statusesThatSay = (says: Observation['says'], body: AnswerBody, asked: Asked = SUBMIT) =>
	EVERY_STATUS.filter((status) => observeBody(asked, status, body).says === says);

const whole = (text: string): AnswerBody => ({ text, isWhole: true, why: WHOLE_WHY });
const cut = (text: string): AnswerBody => ({ text, isWhole: false, why: CUT_WHY });

// The one answer after which a submit may leave again. Here it is a closed list, for every status there is.
describe('certainly no job', () => {
	/** Gateways that could not deliver the submit: no service, connection, handshake or address. */
	const NOT_DELIVERED = [503, 521, 522, 523, 525, 526, 530];
	const OTHERS_WORD = [...from(400, 499), ...NOT_DELIVERED];
	const OWN_WORD = from(400, 599);

	it.each<[string, AnswerBody, number[]]>([
		["Segmind's own word, an object", whole('{"error":"no"}'), OWN_WORD],
		['an object without words', whole('{}'), OWN_WORD],
		['a list', whole('["no"]'), OWN_WORD],
		['a text in JSON', whole('"no"'), OWN_WORD],
		['an error with a bare request ID', whole(`{"error":"no","request_id":"${ID}"}`), OWN_WORD],
		['an error that calls its state "error"', whole('{"status":"error"}'), OWN_WORD],
		['a web page', whole('<html><body>Bad Gateway</body></html>'), OTHERS_WORD],
		['text', whole('Bad Gateway'), OTHERS_WORD],
		['a number', whole('502'), OTHERS_WORD],
		['nothing', whole(''), OTHERS_WORD],
		['nothing of what was to come', cut(''), OTHERS_WORD],
		['a web page that breaks off', cut('<html><body>Bad Gat'), OTHERS_WORD],
		['JSON that breaks off', cut('{"error":"no'), OTHERS_WORD],
		['JSON that is complete, of more that was to come', cut('{"error":"no"}'), OTHERS_WORD],
		['a ticket', whole(`{"request_id":"${ID}","status":"QUEUED"}`), []],
		['a ticket that breaks off', cut(`{"request_id":"${ID}","status":"QUEUED","mess`), []],
		['a ticket with a URL', whole(`{"poll_url":"${API}/v1/requests/${ID}"}`), []],
		['a result', whole(`{"request_id":"${ID}","status":"COMPLETED","output":"${IMAGE}"}`), []],
		['an image', { image: stored }, []],
	])('is said with %s under these statuses alone', (_, body, statuses) => {
		for (const asked of [SUBMIT, SYNC]) {
			expect(statusesThatSay('notQueued', body, asked)).toEqual(statuses);
		}
	});

	it('is not said of a job that failed: only of the refusal that names none', () => {
		const failed = whole(`{"request_id":"${ID}","status":"FAILED"}`);
		// There the job may live; 422 is its end.
		const live = [408, 409, 422, 425, 429, ...from(500, 599)];
		const expected = from(400, 499).filter((status) => !live.includes(status));
		expect(statusesThatSay('notQueued', failed)).toEqual(expected);
		expect(statusesThatSay('failed', failed)).toEqual([...from(200, 299), 422]);
	});

	it('is never said in answer to a question for a job', () => {
		const bodies = ['{"error":"no"}', '', '<html>', '"no"'];
		for (const body of [...bodies.map(whole), ...bodies.map(cut)]) {
			expect(statusesThatSay('notQueued', body, CHECK)).toEqual([]);
		}
	});

	it('comes with what Segmind calls the request, but not with what a header calls it', () => {
		const refused = { says: 'notQueued', words: 'no', httpStatus: 500, isJson: true };
		const headers = { 'x-request-id': 'h-1' };
		expect(read(SUBMIT, 500, { error: 'no', request_id: ID }, headers)).toMatchObject({
			...refused,
			namedId: ID,
		});
		expect(read(SUBMIT, 500, { error: 'no' }, headers)).toMatchObject({
			...refused,
			namedId: undefined,
		});
	});
});

describe('an error status of somebody on the way', () => {
	it.each([500, 502, 504, 520, 524, 599])('leaves a submit open: HTTP %i', (status) => {
		const page = '<html><title>Sorry</title></html>';
		expect(read(SUBMIT, status, page, { 'x-request-id': 'h-1' })).toMatchObject({
			says: 'nothing',
			why: `something between n8n and Segmind answered HTTP ${status}`,
			words: 'Sorry',
			httpStatus: status,
			isJson: false,
			namedId: 'h-1',
		});
		expect(readCut(SUBMIT, status, '{"error":"no')).toMatchObject({ says: 'nothing', words: '' });
	});

	it.each([301, 303, 304])('leaves it open with a redirect, too: HTTP %i', (httpStatus) => {
		const seen = read(SUBMIT, httpStatus, { message: 'moved' });
		expect(seen).toMatchObject({ says: 'nothing', httpStatus, words: 'moved' });
		expect(seen.why).toBeUndefined();
	});
});

describe('an answer to a submit that cannot be read', () => {
	it.each<[string, unknown, string]>([
		['text', 'Internal Polling Error', 'Internal Polling Error'],
		['an object without a job', { message: 'Hello' }, 'Hello'],
		['a text among unknown fields', { output: 'Hello' }, 'Hello'],
		['JSON that ends too early', '{"status": "COMPL', '{"status": "COMPL'],
		['a list', [1, 2], '1; 2'],
		['an empty object', {}, WHOLE_WHY],
		['null', null, 'null'],
		['a number', 7, '7'],
		['a boolean', true, WHOLE_WHY],
		['an empty list', [], WHOLE_WHY],
		['nothing', '', WHOLE_WHY],
		['white space', ' \n', WHOLE_WHY],
	])('leaves it open, and says what a person would read: %s', (_, body, words) => {
		expect(read(SUBMIT, 200, body)).toMatchObject({ says: 'nothing', words, why: undefined });
		expect(read(SYNC, 200, body)).toMatchObject({ says: 'nothing', words });
	});

	it('is the page of somebody on the way where it is HTML', () => {
		const why = 'something between n8n and Segmind answered with a web page';
		const page = ' <html><head><title>Sign in</title></head></html>';
		expect(read(SUBMIT, 200, page)).toMatchObject({ says: 'nothing', words: 'Sign in', why });
		expect(readCut(SUBMIT, 200, ' <html>')).toMatchObject({ says: 'nothing', words: CUT_WHY, why });
	});

	it('is the image itself, and paid for, where a synchronous one was to be an image', () => {
		const headers = { 'content-type': 'Image/JPEG', 'x-request-id': 'h-1' };
		const seen = readCut(SYNC, 200, '\uFFFD\uFFFD', headers);
		expect(seen).toMatchObject({ says: 'finished', why: CUT_WHY, namedId: 'h-1' });
		expect(readCut(SUBMIT, 200, '\uFFFD', headers).says).toBe('nothing');
		expect(readCut(SYNC, 200, '\uFFFD', { 'content-type': 'text/html; image/x' }).says).toBe(
			'nothing',
		);
		expect(readCut(SYNC, 500, '\uFFFD', headers).says).toBe('nothing');
	});
});

describe('the ticket of an accepted job', () => {
	it('is the queue ticket of v2 [docs], with the URLs of state and result', () => {
		const ticket = {
			request_id: ID,
			status: 'QUEUED',
			poll_url: `${API}/v1/requests/${ID}`,
			status_url: `${HERE}/status`,
			response_url: HERE,
		};
		expect(read(SUBMIT, 200, ticket)).toEqual({
			says: 'running',
			state: 'QUEUED',
			ticket: { requestId: ID, statusUrl: `${HERE}/status`, resultUrl: HERE },
			namedId: ID,
			metrics: {},
		});
	});

	it.each<[string, number, object]>([
		['the ticket of a workflow [seed]', 200, { status: 'QUEUED', request_id: ID, message: 'ok' }],
		['one without a state', 200, { request_id: ID }],
		['one that came with 202', 202, { request_id: ID, status: 'QUEUED' }],
		['one with the ID in camel case', 200, { requestId: ID }],
		['one that calls the ID just id', 200, { id: ID, status: 'queued' }],
		['one with a URL alone', 200, { poll_url: `${API}/v1/requests/${ID}` }],
	])('is %s', (_, status, body) => {
		const seen = { says: 'running', state: 'QUEUED', ticket: { requestId: ID } };
		expect(read(SUBMIT, status, body)).toMatchObject(seen);
	});

	it.each<[string, object]>([
		['a URL to ask at', { poll_url: `${API}/v1/x` }],
		['a URL of its state', { status_url: `${API}/x` }],
		['a URL of its result', { response_url: `${API}/x` }],
		['a state', { status: 'QUEUED' }],
		['another state', { status: 'processing' }],
		['the end of a job', { status: 'COMPLETED' }],
	])('counts under an error status with %s', (_, rest) => {
		for (const status of [301, 304, 400, 409, 429, 500, 502, 504]) {
			const body = { request_id: ID, ...rest };
			const seen = { says: 'running', state: 'QUEUED', ticket: { requestId: ID } };
			expect(read(SUBMIT, status, body)).toMatchObject(seen);
			expect(readCut(SUBMIT, status, `${textOf(body).slice(0, -1)},"mess`)).toMatchObject(seen);
		}
	});

	it.each(['FAILED', 'timeout'])('counts with the state %s where the job may live', (state) => {
		const body = { request_id: ID, status: state };
		for (const status of [302, 408, 409, 425, 429, 500, 504]) {
			expect(read(SUBMIT, status, body).ticket).toMatchObject({ requestId: ID });
		}
		for (const status of [400, 401, 403, 404, 406, 499]) {
			expect(read(SUBMIT, status, body).ticket).toBeUndefined();
		}
	});

	it.each([{}, { status: 'error' }, { status: 500 }, { status: 'odd' }])(
		'is none under an error status with a bare request ID: %j',
		(rest) => {
			const body = { request_id: ID, error: 'no', ...rest };
			expect(read(SUBMIT, 500, body)).toMatchObject({ says: 'notQueued', words: 'no' });
			const text = `${textOf(body).slice(0, -1)},"mess`;
			const seen = readCut(SUBMIT, 500, text);
			expect(seen.says).toBe('nothing');
			expect(seen.ticket).toBeUndefined();
		},
	);

	it('is saved out of an answer that breaks off, or is not quite JSON', () => {
		const seen = { says: 'running', state: 'QUEUED', ticket: { requestId: ID } };
		expect(readCut(SUBMIT, 200, `{"request_id":"${ID}","pol`)).toMatchObject(seen);
		expect(read(SUBMIT, 200, `ok {"request_id":"${ID}"}`)).toMatchObject(seen);
		expect(readCut(SUBMIT, 299, `{"request_id":"${ID}"`)).toMatchObject(seen);
		expect(readCut(SUBMIT, 300, `{"request_id":"${ID}"`).says).toBe('nothing');
	});
});

describe('the state of a job', () => {
	it.each([
		['QUEUED', 'QUEUED'],
		['queued', 'QUEUED'],
		['IN_QUEUE', 'QUEUED'],
		['PENDING', 'QUEUED'],
		['PROCESSING', 'PROCESSING'],
		['in progress', 'PROCESSING'],
		['IN-PROGRESS', 'PROCESSING'],
		[' RUNNING ', 'PROCESSING'],
	])('%j is %s', (status, state) => {
		for (const asked of [SUBMIT, CHECK]) {
			const seen = read(asked, 200, { status, request_id: ID, output: '' });
			expect(seen).toMatchObject({ says: 'running', state });
		}
		expect(stateKind(status)).toBe(state);
	});

	it('does not take the input picture of a running job for its result', () => {
		const seen = read(CHECK, 200, { status: 'PROCESSING', image: IMAGE, output: [IMAGE] });
		expect(seen.says).toBe('running');
		expect(seen).not.toHaveProperty('outputs');
	});

	it.each(['FLYING', 'REVIEW NEEDED'])('may pass where it is unknown: %s', (status) => {
		const state = status.replace(' ', '_');
		const words = `Segmind reports the state "${state}"`;
		const running = { says: 'running', state: 'PROCESSING' };
		expect(read(CHECK, 200, { status })).toMatchObject({ ...running, words });
		expect(read(CHECK, 200, { status, message: 'wait' })).toMatchObject({
			...running,
			words: `${words}: wait`,
		});
		expect(read(CHECK, 200, { status, error: 'odd' })).toMatchObject({
			says: 'failed',
			isKnownState: false,
			state,
			words: 'odd',
		});
		expect(stateKind(status)).toBeUndefined();
	});

	it.each([undefined, null, 7, {}])('is none at all: %j', (state) => {
		expect(stateKind(state)).toBeUndefined();
	});

	it.each(['COMPLETED', 'SUCCEEDED', 'succeeded', 'Success'])('is the end: %s', (status) => {
		expect(read(CHECK, 200, { status, output: IMAGE }).says).toBe('finished');
		expect(stateKind(status)).toBe('finished');
	});

	it.each(['FAILED', 'failed', 'CANCELLED', 'TIMED_OUT', 'ERROR'])(
		'is the end without an image: %s',
		(status) => {
			expect(read(CHECK, 200, { status })).toMatchObject({ says: 'failed', isKnownState: true });
			expect(stateKind(status)).toBe('failed');
		},
	);
});

describe('a finished job', () => {
	const url = (address: string) => ({ kind: 'url', url: address });
	const imagesOf = (seen: Observation) => seen.outputs?.images;

	it('has the result of v2 [docs] with all of its metrics', () => {
		const metrics = { cost: 0.065, inference_time: 20.1, queue_time: 0.4, total_time: 20.5 };
		const images = [{ url: IMAGE, content_type: 'image/jpeg', file_size: 9 }];
		const body = { status: 'COMPLETED', request_id: ID, images, output: IMAGE, metrics };
		const seen = read(CHECK, 200, body);
		expect(seen).toMatchObject({ says: 'finished', ticket: { requestId: ID }, metrics, words: '' });
		expect(imagesOf(seen)).toEqual([url(IMAGE)]);
	});

	it('has the result of a workflow: JSON inside a JSON string [seed]', () => {
		const output = JSON.stringify([{ keyname: 'swap', value: { data: IMAGE, type: 'image' } }]);
		expect(imagesOf(read(CHECK, 200, { status: 'COMPLETED', output }))).toEqual([url(IMAGE)]);
	});

	it('may come without any image', () => {
		const seen = { says: 'finished', outputs: { images: [] }, words: '' };
		expect(read(CHECK, 200, { status: 'COMPLETED', output: '' })).toMatchObject(seen);
	});

	it.each<[string, object]>([
		['an error', { error: 'NSFW content' }],
		['an error message', { error_message: { message: 'NSFW content' } }],
		['an output', { output: 'NSFW content' }],
		[
			'a text output',
			{ output: [{ keyname: 'x', value: { data: 'NSFW content', type: 'text' } }] },
		],
	])('has words in the place of an image: %s', (_, rest) => {
		const seen = { says: 'finished', outputs: { images: [] }, words: 'NSFW content' };
		expect(read(CHECK, 200, { status: 'COMPLETED', ...rest })).toMatchObject(seen);
		const more = { status: 'COMPLETED', output: '', ...rest, message: 'done' };
		expect(read(CHECK, 200, more)).toMatchObject(seen);
	});

	it('needs no words beside an image', () => {
		const body = { status: 'COMPLETED', images: [IMAGE], error: 'upscaling was left out' };
		expect(read(CHECK, 200, body)).toMatchObject({ says: 'finished', words: '' });
	});

	it.each([
		['/results/1.jpeg', `${API}/results/1.jpeg`],
		['//cdn.segmind.com/1.jpeg', 'https://cdn.segmind.com/1.jpeg'],
		['../1.jpeg', `${API}/v2/1.jpeg`],
		['./1.jpeg', `${API}/v2/requests/1.jpeg`],
	])('names its image as seen from the answer: %s', (named, address) => {
		const seen = read(CHECK, 200, { status: 'COMPLETED', images: [{ url: named }] });
		expect(imagesOf(seen)).toEqual([url(address)]);
	});

	it.each<[string, unknown]>([
		['an object', { image: png.toString('base64') }],
		['an object with an error field of null', { output: png.toString('base64'), error: null }],
		['a bare string', JSON.stringify(`data:image/png;base64,${png.toString('base64')}`)],
		['a list', [png.toString('base64')]],
	])('may be a synchronous answer without a state: %s', (_, body) => {
		const seen = read(SYNC, 200, body);
		expect(seen.says).toBe('finished');
		expect(imagesOf(seen)).toEqual([{ kind: 'base64', base64: png.toString('base64') }]);
	});

	it('is no picture that an error mentions', () => {
		const seen = read(CHECK, 500, { status: 'COMPLETED', output: IMAGE, request_id: ID });
		expect(seen.says).toBe('nothing');
		expect(seen).not.toHaveProperty('outputs');
	});

	it.each([SUBMIT, SYNC, CHECK])('may be the image itself: %j', (asked) => {
		expect(observeBody(asked, 200, { image: stored })).toMatchObject({
			says: 'finished',
			image: stored,
		});
	});
});

describe('a failed job', () => {
	const models = [
		{ model: 'a', error: 'x' },
		{ model: 'b', error: 'y' },
	];

	it.each<[string, number, object, string]>([
		['error, a string [seed]', 200, { error: 'No face found' }, 'No face found'],
		['error with 422 [docs]', 422, { error: 'No face found' }, 'No face found'],
		['error, an object', 200, { error: { message: 'No face' } }, 'No face'],
		['error, a list of models', 200, { error: [models[0]] }, 'a: x'],
		['error_message, a string', 200, { error_message: 'No face' }, 'No face'],
		['error_message, an object', 200, { error_message: { error: 'No face' } }, 'No face'],
		['error_message, a list of models', 200, { error_message: models }, 'a: x; b: y'],
		['no words at all', 200, {}, ''],
	])('says FAILED with %s', (_, status, rest, words) => {
		const body = { status: 'FAILED', request_id: ID, metrics: { cost: 0 }, ...rest };
		for (const asked of [SUBMIT, CHECK]) {
			expect(read(asked, status, body)).toMatchObject({
				says: 'failed',
				state: 'FAILED',
				isKnownState: true,
				words,
				ticket: { requestId: ID },
				metrics: { cost: 0 },
			});
		}
	});

	it('is not said by any other error status: there it is said of the request', () => {
		for (const status of [401, 404, 429, 500, 502, 503, 504]) {
			for (const state of ['failed', 'FAILURE', 'timeout', 'CANCELLED']) {
				expect(read(CHECK, status, { status: state, error: 'no' }).says).not.toBe('failed');
			}
		}
	});

	it.each(['error', 'error_message'])('is not said by an %s and nothing else [field]', (name) => {
		for (const asked of [SUBMIT, CHECK]) {
			expect(read(asked, 200, { [name]: 'no' })).toMatchObject({ says: 'error', words: 'no' });
		}
	});
});

describe('a question for a job', () => {
	it('has no answer in what passes: time-outs, the rate limit and server errors [docs]', () => {
		// A cache's 304 says nothing of the job; a redirect leads away for good.
		const others3xx = from(300, 399).filter(
			(status) => ![301, 302, 303, 307, 308].includes(status),
		);
		const passing = [...others3xx, 408, 425, 429, ...from(500, 599)];
		const others = EVERY_STATUS.filter((status) => status < 200 || status >= 300);
		for (const status of others) {
			const seen = read(CHECK, status, '');
			const says = passing.includes(status) ? 'nothing' : 'refused';
			expect([status, seen.says]).toEqual([status, says]);
			if (says === 'nothing') expect(seen.why).toBe(`HTTP ${status}`);
		}
		expect(read(CHECK, 500, { error: 'sorry' })).toMatchObject({ says: 'nothing', why: 'sorry' });
		expect(read(CHECK, 429, '')).toMatchObject({ isHeldUp: true });
		expect(read(CHECK, 500, '')).toMatchObject({ isHeldUp: false });
	});

	it.each([302, 400, 401, 403, 404, 405, 409, 410])('is refused with HTTP %i', (httpStatus) => {
		const seen = { says: 'refused', httpStatus, words: 'no', isJson: true };
		expect(read(CHECK, httpStatus, { error: 'no' })).toMatchObject(seen);
		expect(read(CHECK, httpStatus, '<p>no</p>')).toMatchObject({ ...seen, isJson: false });
	});

	it('is a failed job with 422 and JSON [docs], and refused with a page', () => {
		expect(read(CHECK, 422, { error: 'no face' })).toMatchObject({
			says: 'failed',
			isKnownState: true,
			words: 'no face',
			httpStatus: 422,
		});
		expect(read(CHECK, 422, { status: 'error', detail: 'x' })).toMatchObject({ says: 'failed' });
		expect(read(CHECK, 422, '<p>no</p>').says).toBe('refused');
	});

	it.each([200, 401, 422, 500])('has no answer in one that was cut off: HTTP %i', (status) => {
		for (const text of ['', '{"status":"FAILED"', `{"request_id":"${ID}","status":"COMPLETED"}`]) {
			expect(readCut(CHECK, status, text)).toMatchObject({
				says: 'nothing',
				why: CUT_WHY,
				isWhole: false,
			});
		}
	});

	it.each(['', '{}', '<html>', 'null'])('has no answer in %j, all of which came', (body) => {
		const seen = { says: 'nothing', why: WHOLE_WHY, isWhole: true };
		expect(read(CHECK, 200, body)).toMatchObject(seen);
	});

	it.each<[string, number, object]>([
		['running', 200, { status: 'QUEUED' }],
		['finished', 200, { status: 'COMPLETED', output: IMAGE }],
		['failed', 200, { status: 'FAILED' }],
		['failed with 422', 422, { error: 'no' }],
		['an error', 200, { error: 'no' }],
	])('has no answer in what is said about another job: %s', (_, status, body) => {
		const other = read(CHECK, status, { ...body, request_id: 'other', metrics: { cost: 9 } });
		expect(other).toEqual({ says: 'nothing', why: 'it answers about another job, other' });
		const same = { ...body, request_id: ID.toUpperCase().replaceAll('-', '') };
		expect(read(CHECK, status, same).says).not.toBe('nothing');
	});

	it('is refused by a refusal, whatever job that names', () => {
		expect(read(CHECK, 403, { request_id: 'other', error: 'no' }).says).toBe('refused');
	});

	it('is not answered by a header', () => {
		const headers = { 'x-request-id': 'trace-1' };
		const seen = read(CHECK, 200, { status: 'QUEUED' }, headers);
		expect(seen).toMatchObject({ says: 'running', namedId: undefined });
	});
});

describe('what the headers add', () => {
	const headers = { 'x-request-id': ' h-1 ', 'x-remaining-credits': ' 4.2 ' };

	it.each<[string, AnswerBody]>([
		['an image', { image: stored }],
		['a state without a request ID', whole('{"status":"QUEUED"}')],
		['words', whole('{"error":"no"}')],
		['nothing', whole('')],
		['a page', whole('<html>')],
		['half a page', cut('<html>')],
	])('names the job of a submit that is answered with %s', (_, body) => {
		const seen = observeBody(SYNC, 200, body, headers);
		expect(seen).toMatchObject({ namedId: 'h-1', metrics: { remaining_credits: 4.2 } });
		expect(seen.ticket).toBeUndefined();
	});

	it('does not name it where the answer does, or where it is no request ID', () => {
		expect(read(SUBMIT, 200, { request_id: ID }, headers).namedId).toBe(ID);
		expect(read(SUBMIT, 200, '', { 'x-request-id': 'a b' }).namedId).toBeUndefined();
	});

	it.each(['', ' ', 'many', 'Infinity'])('says nothing of the credits: %j', (text) => {
		expect(read(CHECK, 404, {}, { 'x-remaining-credits': text }).metrics).toEqual({});
	});

	it('says less of the credits than the answer itself', () => {
		const body = { status: 'QUEUED', remaining_credits: 3 };
		expect(read(CHECK, 200, body, headers).metrics).toEqual({ remaining_credits: 3 });
		expect(read(CHECK, 401, {}, headers).metrics).toEqual({ remaining_credits: 4.2 });
	});
});

describe('the metrics of an answer', () => {
	it('stand beside its state, or on their own', () => {
		const metrics = {
			cost: 0.1,
			inference_time: 1,
			queue_time: 2,
			total_time: 3,
			remaining_credits: 4,
		};
		const beside = { status: 'QUEUED', ...metrics, other: 5, cost_text: '2' };
		expect(read(CHECK, 200, beside).metrics).toEqual(metrics);
		expect(read(CHECK, 200, { status: 'QUEUED', metrics }).metrics).toEqual(metrics);
		expect(read(CHECK, 200, { status: 'QUEUED', cost: '0.1' }).metrics).toEqual({});
	});

	it.each([null, 'none', [1], {}])('are none: %j', (metrics) => {
		expect(read(CHECK, 200, { status: 'PROCESSING', metrics }).metrics).toEqual({});
	});
});
