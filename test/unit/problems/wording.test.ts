import type { ItemParameters } from '../../../nodes/shared/parameters/read';
import {
	readBoolean,
	readChoice,
	readNumber,
	readOptions,
	readRequestId,
	readText,
} from '../../../nodes/shared/parameters/read';
import { ItemProblem } from '../../../nodes/shared/problems/problems';
import {
	errorWithoutState,
	failedAnswer,
	failedJob,
	finishedWithoutImage,
	imageNotFetched,
	redirectedSubmit,
	refusedCheck,
	refusedSubmit,
	stillUnconfirmed,
	timedOut,
	unconfirmedSubmit,
	unreachable,
	unreadableSubmit,
	uploadFailed,
} from '../../../nodes/shared/problems/problemTable';

// People act on these words, and docs/errors.md lists them: a change is to be made on purpose. To take one over,
// run jest with `-u`, and read the difference of the snapshot.

const STATUSES = [302, 400, 401, 403, 404, 405, 406, 408, 410, 413, 418, 422, 429, 500, 503];

it.each(STATUSES)('a submit that is answered with HTTP %i', (status) => {
	expect(refusedSubmit({ status, words: 'words of the API', isJson: true })).toMatchSnapshot();
});

it.each(STATUSES)('a look that is answered with HTTP %i', (status) => {
	expect(
		refusedCheck({ status, words: 'words of the API', isJson: true }, 'r-1'),
	).toMatchSnapshot();
});

it('an upload that failed', () => {
	expect([413, undefined].map((status) => uploadFailed(status, 'words'))).toMatchSnapshot();
});

it('a job that failed', () => {
	const failure = { state: 'FAILED', words: 'words', known: true, metrics: {} };
	expect(failedJob(failure, 'r-1')).toMatchSnapshot();
	expect(failedJob({ ...failure, state: 'STRANGE', known: false }, 'r-1')).toMatchSnapshot();
	expect(failedJob({ ...failure, metrics: { cost: 0.065 } }, 'r-1')).toMatchSnapshot();
	expect(errorWithoutState('words', 'r-1')).toMatchSnapshot();
	expect(finishedWithoutImage('words', undefined, 'r-1')).toMatchSnapshot();
});

it('a submit of which nothing is known', () => {
	expect(unconfirmedSubmit('no answer in time')).toMatchSnapshot();
	expect(unreadableSubmit('words')).toMatchSnapshot();
	expect(redirectedSubmit(303, 'words')).toMatchSnapshot();
	expect(refusedSubmit({ status: 500, words: 'words', isJson: true }, 'r-1')).toMatchSnapshot();
	expect(stillUnconfirmed('what happened')).toMatchSnapshot();
	expect(failedAnswer('words', 'r-1')).toMatchSnapshot();
});

it('a connection that was never made', () => {
	expect(unreachable('the address was not found', 'https://api.segmind.com')).toMatchSnapshot();
});

it('a job that takes longer than the timeout', () => {
	expect(
		timedOut('r-1', { seconds: 600, state: 'PROCESSING', last: 'HTTP 502' }),
	).toMatchSnapshot();
});

it.each([
	['of the queue', { requestId: 'r-1', imageUrl: 'https://x/y.jpg', sync: false }],
	['of a synchronous answer', { sync: true }],
	['of a synchronous answer with a request ID', { requestId: 'r-1', sync: true }],
])('a paid image that did not arrive: %s', (_, job) => {
	expect(imageNotFetched('HTTP 502', job)).toMatchSnapshot();
});

const given = (values: Record<string, unknown>): ItemParameters => ({
	get: (name, absent) => (name in values ? values[name] : absent),
});

it.each<[string, () => unknown]>([
	['text for a number', () => readNumber('many', { label: 'Seed', default: 1 })],
	['an empty text for a number', () => readNumber(' ', { label: 'Seed', default: 1 })],
	['more than the most', () => readNumber(9, { label: 'Seed', max: 5, default: 1 })],
	['nothing for a number', () => readNumber(null, { label: 'Seed', min: 0, default: 1 })],
	[
		'too much',
		() => readNumber(51, { label: 'Steps', min: 1, max: 50, integer: true, default: 1 }),
	],
	['a part of a whole', () => readNumber(1.5, { label: 'Steps', integer: true, default: 1 })],
	['no choice', () => readChoice('c', 'Size', ['a', 'b'])],
	['no boolean', () => readBoolean('yes', 'Wait')],
	['no request ID', () => readRequestId(given({}))],
	['a strange request ID', () => readRequestId(given({ requestId: `r ${'1'.repeat(80)}` }))],
	['no text', () => readText({ mood: 'happy' }, 'Prompt')],
	['no delivery', () => readOptions(given({ options: { imageDelivery: 'mail' } }))],
	['no mode', () => readOptions(given({ options: { processingMode: 'fast' } }))],
	['no timeout', () => readOptions(given({ options: { timeout: 0 } }))],
	['no interval', () => readOptions(given({ options: { pollInterval: 0 } }))],
	['no concurrency', () => readOptions(given({ options: { maxConcurrency: 51 } }))],
])('a parameter that cannot be: %s', (_, read) => {
	let problem: unknown;
	try {
		read();
	} catch (error) {
		problem = error instanceof ItemProblem ? error.problem : error;
	}
	expect(problem).toMatchSnapshot();
});
