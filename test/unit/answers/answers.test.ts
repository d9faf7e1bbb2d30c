import {
	isAboutAnother,
	isRequestId,
	parseBody,
	readAnswer,
} from '../../../nodes/shared/answers/answers';
import { png } from '../../support/samples';

const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';
const API = 'https://api.segmind.com';
const IMAGE = 'https://cdn.segmind.com/results/1.jpeg';

const read = (status: number, body: unknown) =>
	readAnswer(status, typeof body === 'string' ? body : JSON.stringify(body));

const url = (address: string) => ({ kind: 'url', url: address });

describe('the ticket of an accepted job', () => {
	it('reads the queue ticket of v2 [docs], with the URLs of state and result', () => {
		const ticket = {
			request_id: ID,
			status: 'QUEUED',
			poll_url: `${API}/v1/requests/${ID}`,
			status_url: `${API}/v2/requests/${ID}/status`,
			response_url: `${API}/v2/requests/${ID}`,
		};
		expect(read(200, ticket)).toEqual({
			kind: 'running',
			state: 'QUEUED',
			ticket: {
				requestId: ID,
				statusUrl: `${API}/v2/requests/${ID}/status`,
				resultUrl: `${API}/v2/requests/${ID}`,
			},
			about: ID,
			metrics: {},
		});
	});

	it('reads a v1 ticket, which names a poll URL only', () => {
		const poll = `${API}/v1/requests/${ID}`;
		expect(read(200, { request_id: ID, status: 'QUEUED', poll_url: poll })).toMatchObject({
			kind: 'running',
			ticket: { requestId: ID, statusUrl: poll, resultUrl: undefined },
		});
	});

	it('reads the ticket of a workflow [seed]', () => {
		const poll = `${API}/workflows/request/${ID}`;
		const body = { status: 'QUEUED', request_id: ID, poll_url: poll, message: 'Request queued' };
		expect(read(200, body)).toMatchObject({
			kind: 'running',
			state: 'QUEUED',
			ticket: { requestId: ID, statusUrl: poll },
		});
	});

	it.each([
		['a ticket without a state', 200, { request_id: ID }],
		['a ticket that came with 202', 202, { request_id: ID, status: 'QUEUED' }],
		['a ticket with the ID in camel case', 200, { requestId: ID }],
		['a ticket that calls the ID just id', 200, { id: ID, status: 'queued' }],
	])('reads %s', (_, status, body) => {
		expect(read(status, body)).toMatchObject({
			kind: 'running',
			state: 'QUEUED',
			ticket: { requestId: ID },
		});
	});

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
	])('does not take %j for a request ID', (id) => {
		expect(isRequestId(id)).toBe(false);
		const answer = read(200, { status: 'QUEUED', request_id: id });
		expect(answer).toMatchObject({ kind: 'running', ticket: undefined });
		expect(read(200, { request_id: id }).kind).toBe('unreadable');
	});

	it.each([
		'a/b',
		'a.b',
		'a:b',
		'a~b',
		'a+b==',
		'a%2fb',
		'a?b',
		'a#b',
		'ä',
		'a\\b',
		'x'.repeat(200),
	])('takes %j, which is none of the documented ones', (id) => {
		const answer = { kind: 'running', ticket: { requestId: id } };
		expect(read(200, { status: 'QUEUED', request_id: id })).toMatchObject(answer);
		expect(read(200, { status: 'QUEUED', request_id: ` ${id}\n` })).toMatchObject(answer);
		const poll_url = `${API}/v2/requests/${encodeURIComponent(id)}/status`;
		expect(read(200, { status: 'QUEUED', poll_url })).toMatchObject(answer);
	});

	it('takes the end of a URL that is not encoded as it should be as it stands there', () => {
		expect(read(200, { poll_url: `${API}/requests/100%` })).toMatchObject({
			ticket: { requestId: '100%' },
		});
	});

	it.each([2 ** 60, 1.5, null, { id: ID }, [ID], true])(
		'takes no %j for a request ID either',
		(id) => {
			expect(read(200, { request_id: id, status: 'QUEUED' })).toMatchObject({ ticket: undefined });
		},
	);
});

describe('the state of a running job', () => {
	it.each([
		['QUEUED', 'QUEUED'],
		['queued', 'QUEUED'],
		['IN_QUEUE', 'QUEUED'],
		['PENDING', 'QUEUED'],
		['PROCESSING', 'PROCESSING'],
		['processing', 'PROCESSING'],
		['in progress', 'PROCESSING'],
		['IN-PROGRESS', 'PROCESSING'],
		[' RUNNING ', 'PROCESSING'],
	])('reads %j as %s', (status, state) => {
		expect(read(200, { status, request_id: ID, output: '' })).toMatchObject({
			kind: 'running',
			state,
		});
	});

	it('takes empty metrics, as they come while it runs', () => {
		const answer = read(200, { status: 'PROCESSING', request_id: ID, metrics: {} });
		expect(answer).toMatchObject({ kind: 'running', metrics: {} });
	});

	it.each([null, 'none', [1]])('takes %j for no metrics', (metrics) => {
		expect(read(200, { status: 'PROCESSING', metrics })).toMatchObject({ metrics: {} });
	});

	it('does not take the input picture of a running job for its result', () => {
		const body = { status: 'PROCESSING', image: IMAGE, output: [IMAGE] };
		expect(read(200, body).kind).toBe('running');
	});
});

describe('a finished job', () => {
	const metrics = {
		cost: 0.065,
		inference_time: 20.1,
		queue_time: 0.4,
		total_time: 20.5,
		remaining_credits: 4.2,
	};

	it('reads the result of v2 [docs] with all of its metrics', () => {
		const image = { url: IMAGE, content_type: 'image/jpeg', file_name: '1.jpeg', file_size: 9 };
		const answer = read(200, {
			status: 'COMPLETED',
			request_id: ID,
			images: [image],
			output: IMAGE,
			metrics,
		});
		expect(answer).toMatchObject({ kind: 'finished', ticket: { requestId: ID }, metrics });
		expect(answer).toHaveProperty('outputs.images', [url(IMAGE)]);
	});

	it('reads the result of a workflow: JSON inside a JSON string [seed]', () => {
		const output = JSON.stringify([{ keyname: 'swap', value: { data: IMAGE, type: 'image' } }]);
		const answer = read(200, { status: 'COMPLETED', output });
		expect(answer).toHaveProperty('outputs.images', [url(IMAGE)]);
	});

	it.each(['COMPLETED', 'SUCCEEDED', 'succeeded', 'Success'])('takes %s for the end', (status) => {
		expect(read(200, { status, output: IMAGE })).toMatchObject({ kind: 'finished' });
	});

	it('says so too when it comes without any image', () => {
		const answer = read(200, { status: 'COMPLETED', output: '' });
		expect(answer).toMatchObject({ kind: 'finished', outputs: { images: [] }, words: '' });
	});

	it.each<[string, object]>([
		['an error', { error: 'NSFW content' }],
		['an error message', { error_message: { message: 'NSFW content' } }],
		['an output', { output: 'NSFW content' }],
		[
			'a text output',
			{ output: [{ keyname: 'x', value: { data: 'NSFW content', type: 'text' } }] },
		],
	])('tells what stands in the place of an image: %s', (_, rest) => {
		const answer = { kind: 'finished', outputs: { images: [] }, words: 'NSFW content' };
		expect(read(200, { status: 'COMPLETED', ...rest })).toMatchObject(answer);
		expect(read(200, { status: 'COMPLETED', output: '', ...rest, message: 'done' })).toMatchObject(
			answer,
		);
	});

	it('needs no words beside an image', () => {
		const body = { status: 'COMPLETED', images: [IMAGE], error: 'upscaling was left out' };
		expect(read(200, body)).toMatchObject({ kind: 'finished', words: '' });
	});

	it.each([
		['/results/1.jpeg', `${API}/results/1.jpeg`],
		['//cdn.segmind.com/1.jpeg', 'https://cdn.segmind.com/1.jpeg'],
		['../1.jpeg', `${API}/v2/1.jpeg`],
		['./1.jpeg', `${API}/v2/requests/1.jpeg`],
	])('names its image as seen from the answer: %s', (named, address) => {
		const body = JSON.stringify({ status: 'COMPLETED', images: [{ url: named }] });
		const answer = readAnswer(200, body, `${API}/v2/requests/${ID}`);
		expect(answer).toHaveProperty('outputs.images', [url(address)]);
	});

	it('finds metrics beside the state, too', () => {
		const answer = read(200, { status: 'COMPLETED', output: IMAGE, cost: 0.1, queue_time: '2' });
		expect(answer).toHaveProperty('metrics', { cost: 0.1 });
	});

	it.each([
		['an object', { image: png.toString('base64') }],
		['an object with an error field of null', { output: png.toString('base64'), error: null }],
		['a bare string', JSON.stringify(`data:image/png;base64,${png.toString('base64')}`)],
		['a list', [png.toString('base64')]],
	])('reads a synchronous answer that is %s without a state', (_, body) => {
		const answer = read(200, body);
		expect(answer).toMatchObject({ kind: 'finished' });
		const base64 = png.toString('base64');
		expect(answer).toHaveProperty('outputs.images', [{ kind: 'base64', base64 }]);
	});
});

describe('a failed job', () => {
	it.each([
		['error, a string [seed]', 200, { error: 'No face found' }, 'No face found'],
		['error with 422 [docs]', 422, { error: 'No face found', metrics: {} }, 'No face found'],
		['error, an object', 200, { error: { message: 'No face' } }, 'No face'],
		[
			'error, a list of models',
			200,
			{ error: [{ model: 'swapper', error: 'No face' }] },
			'swapper: No face',
		],
		['error_message, a string', 200, { error_message: 'No face' }, 'No face'],
		['error_message, an object', 200, { error_message: { error: 'No face' } }, 'No face'],
		[
			'error_message, a list of models',
			200,
			{
				error_message: [
					{ model: 'a', error: 'x' },
					{ model: 'b', error: 'y' },
				],
			},
			'a: x; b: y',
		],
		['no words at all', 200, {}, ''],
	])('reads FAILED with %s', (_, status, rest, words) => {
		expect(read(status, { status: 'FAILED', request_id: ID, ...rest })).toMatchObject({
			kind: 'failed',
			state: 'FAILED',
			known: true,
			words,
			ticket: { requestId: ID },
		});
	});

	it.each(['FAILED', 'failed', 'CANCELLED', 'TIMED_OUT'])('knows the state %s', (status) => {
		expect(read(200, { status })).toMatchObject({ kind: 'failed', known: true });
	});

	it('keeps the metrics of a job that failed with 422', () => {
		const body = { status: 'FAILED', error: 'x', metrics: { cost: 0 } };
		expect(read(422, body)).toMatchObject({ kind: 'failed', metrics: { cost: 0 } });
	});

	it('reads an error that comes as JSON with status 200 [field]', () => {
		expect(read(200, { error: 'Internal Polling Error' })).toMatchObject({
			kind: 'failed',
			known: true,
			words: 'Internal Polling Error',
		});
	});

	it.each(['FLYING', 'REVIEW NEEDED'])(
		'is not seen in the unknown state %s, which may pass',
		(state) => {
			expect(read(200, { status: state, message: 'wait' })).toMatchObject({
				kind: 'running',
				state: 'PROCESSING',
				unknown: `Segmind reports the state "${state.replace(' ', '_')}": wait`,
			});
			expect(read(200, { status: state })).toMatchObject({
				unknown: `Segmind reports the state "${state.replace(' ', '_')}"`,
			});
			expect(read(200, { status: state, error: 'odd' })).toMatchObject({
				kind: 'failed',
				known: false,
				state: state.replace(' ', '_'),
				words: 'odd',
			});
		},
	);
});

it('the metrics of an answer are found beside its state, too', () => {
	const metrics = {
		cost: 0.1,
		inference_time: 1,
		queue_time: 2,
		total_time: 3,
		remaining_credits: 4,
	};
	expect(read(200, { status: 'QUEUED', ...metrics, other: 5 })).toMatchObject({ metrics });
});

it.each(['error', 'error_message'])(
	'an answer with an %s and nothing else is a failure',
	(name) => {
		expect(read(200, { [name]: 'no' })).toMatchObject({
			kind: 'failed',
			known: true,
			state: '',
			words: 'no',
		});
	},
);

it.each([null, 7, true, []])('an answer that is %j is unreadable', (body) => {
	expect(read(200, body).kind).toBe('unreadable');
});

describe('a ticket under an error status', () => {
	const URLS = [
		{ poll_url: `${API}/v1/x` },
		{ status_url: `${API}/x` },
		{ response_url: `${API}/x` },
	];

	it.each([301, 304, 400, 409, 429, 500, 504])('is one with a URL to ask at: HTTP %i', (status) => {
		for (const urls of URLS) {
			expect(read(status, { request_id: ID, ...urls })).toMatchObject({
				kind: 'refused',
				ticket: { requestId: ID },
			});
		}
	});

	it.each(['QUEUED', 'processing', 'COMPLETED', 'accepted'])(
		'is one with the state %s',
		(state) => {
			for (const status of [303, 400, 409, 429, 500]) {
				const answer = read(status, { request_id: ID, status: state });
				expect(answer).toMatchObject({ kind: 'refused', status, ticket: { requestId: ID } });
			}
		},
	);

	it.each(['FAILED', 'timeout'])('is one with the state %s where the job may live', (state) => {
		const ticketUnder = (status: number) => {
			const answer = read(status, { request_id: ID, status: state });
			return answer.kind === 'refused' ? answer.ticket?.requestId : answer.kind;
		};
		for (const status of [408, 409, 425, 429, 500, 504, 302]) expect(ticketUnder(status)).toBe(ID);
		for (const status of [400, 401, 403, 404, 406, 499])
			expect(ticketUnder(status)).toBeUndefined();
		expect(ticketUnder(422)).toBe('failed');
	});

	it.each([{}, { status: 'error' }, { status: 500 }, { status: 'odd' }])(
		'is none with a bare request ID, which is told: %j',
		(rest) => {
			expect(read(500, { request_id: ID, error: 'no', ...rest })).toMatchObject({
				kind: 'refused',
				words: 'no',
				ticket: undefined,
				about: ID,
			});
		},
	);
});

describe('the end of a job', () => {
	it.each([401, 404, 429, 500, 502, 503, 504])('is not told by HTTP %i', (status) => {
		for (const state of ['failed', 'FAILURE', 'timeout', 'CANCELLED']) {
			expect(read(status, { status: state, error: 'no' })).toMatchObject({
				kind: 'refused',
				status,
			});
		}
	});
});

it('the request ID that an answer is about is compared without dashes and case', () => {
	expect(isAboutAnother(undefined, ID)).toBe(false);
	expect(isAboutAnother(ID.replaceAll('-', '').toUpperCase(), ID)).toBe(false);
	expect(isAboutAnother(`${ID}1`, ID)).toBe(true);
});

describe('JSON that is not quite JSON', () => {
	it.each<[string, unknown]>([
		['\uFEFF{"a":1}', { a: 1 }],
		['{"a":NaN,"b":-Infinity,"c":[Infinity]}', { a: null, b: null, c: [null] }],
		['{"a":"NaN \\" NaN","b":NaN}', { a: 'NaN " NaN', b: null }],
	])('is read: %s', (body, value) => {
		expect(parseBody(body)).toEqual(value);
	});

	it.each(['{"a":NaNa}', '{"a":', `{"a":NaN,"b":"${'x'.repeat(1024 * 1024)}"}`])(
		'stays unread where more is wrong, or where it is long',
		(body) => {
			expect(parseBody(body)).toBeUndefined();
		},
	);
});
