import { observe } from '../../../nodes/shared/answers/observe';
import { advance } from '../../../nodes/shared/job/advance';
import { describeProblem } from '../../../nodes/shared/problems/problems';
import { freshAttempt, freshRecord } from '../../support/search/search';

type Asked = Parameters<typeof observe>[0];

// From an answer to the message that a person reads: the reader, the decision and the table in one go.

const ID = 'r-1';
const NO_HISTORY = {
	until: 'image',
	hasHistory: false,
	isSync: false,
	isGetResult: false,
} as const;

interface Given {
	status: number;
	body: unknown;
	isWhole?: boolean;
	type?: string;
	named?: string;
}

/** The message of an item whose submit is answered so; undefined where its job goes on. */
function messageFor({ status, body, isWhole = true, type, named }: Given, isSync = false) {
	const asked: Asked = { submit: true, isSync };
	const headers = { 'content-type': type, 'x-request-id': named };
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const why = isWhole ? 'it is not an image' : 'the transfer was cut off';
	const seen = observe(asked, { status, headers, url: 'https://x.test' }, { text, isWhole, why });
	const record = { ...freshRecord(NO_HISTORY), status: 'sending' as const };
	const { next } = advance(record, freshAttempt({ ...NO_HISTORY, isSync }), seen, 0);
	return next.do === 'fail' ? describeProblem(next.problem, 0).message : undefined;
}

const unknown = (why: string) =>
	`Segmind did not answer the submit (${why}), so it is not known whether the job was accepted`;
const UNREAD = unknown('its answer could not be read');
const NOT_SPENT = 'Nothing was spent.';
const MAYBE = 'This run may have been paid for.';

it.each<[string, Given, string]>([
	[
		"Segmind's refusal",
		{ status: 406, body: { error: 'no credits' } },
		`Segmind refused the request: not enough credits, or unusable input (HTTP 406): "no credits". ${NOT_SPENT}`,
	],
	[
		'a refusal that names a request',
		{ status: 500, body: { error: 'no', request_id: 'n-1' } },
		`Segmind could not process the request (server error) (HTTP 500, request ID n-1): "no". ${NOT_SPENT}`,
	],
	[
		'a refusal that breaks off',
		{ status: 400, body: '{"error":"no', isWhole: false },
		`Something between n8n and Segmind answered instead (HTTP 400). ${NOT_SPENT}`,
	],
	[
		"a gateway's error",
		{ status: 502, body: '<html>Bad Gateway</html>' },
		`${unknown('something between n8n and Segmind answered HTTP 502')}: "Bad Gateway". ${MAYBE}`,
	],
	[
		"a gateway's error that nothing was delivered",
		{ status: 503, body: '<html>Busy</html>' },
		`Something between n8n and Segmind answered instead (HTTP 503): "Busy". ${NOT_SPENT}`,
	],
	[
		'a redirect',
		{ status: 303, body: '' },
		`Segmind answered the submit with a redirect (HTTP 303), so it is not known whether the job was accepted. ${MAYBE}`,
	],
	[
		'a page',
		{ status: 200, body: '<title>Sign in</title>', named: ID },
		`${unknown('something between n8n and Segmind answered with a web page')}: "Sign in". ${MAYBE} Request ID: r-1.`,
	],
	['words', { status: 200, body: { id: 17, message: 'hi' } }, `${UNREAD}: "hi". ${MAYBE}`],
	['an empty object', { status: 200, body: {} }, `${UNREAD}: "it is not an image". ${MAYBE}`],
	[
		'half an object',
		{ status: 200, body: '{"status":"QUE', isWhole: false },
		`${UNREAD}: "the transfer was cut off". ${MAYBE}`,
	],
	...['QUEUED', 'COMPLETED'].map((status): [string, Given, string] => [
		`${status} without a request ID`,
		{ status: 200, body: { status, output: '' } },
		`${UNREAD}: "it names no request ID". ${MAYBE}`,
	]),
	[
		'an unknown state without a request ID',
		{ status: 200, body: { status: 'ODD', message: 'NSFW' } },
		`${UNREAD}: "Segmind reports the state "ODD": NSFW". ${MAYBE}`,
	],
	[
		'an error with success',
		{ status: 200, body: { error: 'no face' }, named: ID },
		`Segmind answered the submit with an error instead of an image: "no face". ${MAYBE} Request ID: r-1.`,
	],
	[
		'a job that has failed',
		{ status: 200, body: { request_id: ID, status: 'FAILED', error: 'no face' } },
		`Segmind could not make this image: "no face". ${MAYBE} Request ID: r-1.`,
	],
	[
		'a job with an error in an unknown state',
		{ status: 200, body: { request_id: ID, status: 'ODD', error: 'no face' } },
		`Segmind reports the state "ODD", which this node does not know: "no face". ${MAYBE} Request ID: r-1.`,
	],
	[
		'words in the place of an image',
		{ status: 200, body: { request_id: ID, status: 'COMPLETED', output: 'NSFW' } },
		`Segmind finished this job without an image: "NSFW". ${MAYBE} Request ID: r-1.`,
	],
])('a submit that is answered with %s says so', (_, given, message) => {
	expect(messageFor(given)).toBe(`${message} [item 0]`);
});

it('an image that breaks off in a synchronous answer is paid for', () => {
	const given = { status: 200, body: '\uFFFD', isWhole: false, type: 'image/jpeg', named: ID };
	expect(messageFor(given, true)).toBe(
		'The image is finished, but it could not be fetched (the transfer was cut off). This run was paid for. Request ID: r-1. [item 0]',
	);
	expect(messageFor({ ...given, type: 'text/html' }, true)).toContain(UNREAD);
	expect(messageFor(given, false)).toContain(UNREAD);
});

it.each([200, 303, 409, 500])('a job under HTTP %i goes on', (status) => {
	expect(messageFor({ status, body: { request_id: ID, status: 'QUEUED' } })).toBeUndefined();
});
