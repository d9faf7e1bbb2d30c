import { readOptions } from '../../../nodes/shared/parameters/options';
import type { ItemParameters } from '../../../nodes/shared/parameters/read';
import {
	readBoolean,
	readChoice,
	readNumber,
	readRequestIdParameter,
	readText,
} from '../../../nodes/shared/parameters/read';
import { PROBLEMS, REFUSALS, type ProblemCode } from '../../../nodes/shared/problems/problemTable';
import {
	badInput,
	describeProblem,
	ItemProblem,
	type Problem,
} from '../../../nodes/shared/problems/problems';

// People act on these words, and docs/errors.md lists them: a change is to be made on purpose. To take one over,
// run jest with `-u`, read the difference of the snapshot, and write docs/errors.md anew.

/** Each code as the nodes use it: with what its sentences speak of. */
const CASES: Record<ProblemCode, Array<Partial<Problem>>> = {
	input: [badInput('X is empty', 'Fill X.')],
	unexpected: [{ summary: 'n8n says so', hint: 'Do so.' }],
	noHistory: [{}],
	unreachable: [{ why: 'the address was not found' }, { why: 'x', host: 'api.segmind.com' }],
	uploadRefused: [{ httpStatus: 413 }, { httpStatus: 500 }, { httpStatus: 406 }],
	uploadFailed: [{}, { httpStatus: 404 }],
	submitRefused: [
		{ httpStatus: 422 },
		{ httpStatus: 500, isJson: true, namedId: 'n-1' },
		{ httpStatus: 401, words: 'Missing Authorization or x-api-key in header' },
		{ httpStatus: 410, workflowId: '678-v7' },
	],
	overMaxCost: [{ why: '0.195 USD of 0.2 USD are taken' }],
	creditsRanOut: [{}],
	noAnswer: [{ why: 'no answer in time' }, { why: 'x', history: { notFound: true } }],
	redirected: [{ httpStatus: 303 }],
	stillUnconfirmed: [{ words: 'what happened' }, { history: { notAsked: 'HTTP 403' } }],
	errorAnswer: [{ words: 'no', requestId: 'r-1' }],
	failed: [{ words: 'no', requestId: 'r-1' }, { httpStatus: 422 }],
	failedWithCost: [{ costUsd: 0.065, requestId: 'r-1' }],
	unknownState: [{ state: 'FLYING', requestId: 'r-1' }],
	finishedWithoutImage: [{ words: 'NSFW' }, { money: 'spent', requestId: 'r-1' }],
	errorWithoutState: [{ words: 'busy', requestId: 'r-1' }],
	unknownRequest: [{ httpStatus: 404, requestId: 'r-1', history: { notFound: true } }],
	checkRefused: [
		{ httpStatus: 401, requestId: 'r-1' },
		{ httpStatus: 400, isJson: false, requestId: 'r-1', money: 'spent' },
	],
	timedOut: [{ seconds: 600, state: 'PROCESSING', words: 'HTTP 502', requestId: 'r-1' }],
	notFetched: [{ why: 'HTTP 502', requestId: 'r-1', imageUrl: 'https://x/y.jpg' }],
	syncNotFetched: [{ why: 'x' }, { why: 'x', requestId: 'r-1' }],
	imageGone: [{ why: 'HTTP 403', requestId: 'r-1' }],
	balanceUnreadable: [{ why: 'HTTP 401', httpStatus: 401 }, { why: 'no answer in time' }],
	historyUnreadable: [{ why: 'HTTP 403', httpStatus: 403 }, { why: 'no answer in time' }],
};

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

const problemsOf = (code: ProblemCode): Problem[] =>
	CASES[code].map((properties) => ({ ...properties, code }));

describe.each(CODES)('%s', (code) => {
	it('is said so', () => {
		const sentences = problemsOf(code).map((problem) => describeProblem(problem, 4));
		expect(sentences).toMatchSnapshot();
	});

	it('is said in whole sentences, with nothing left to fill in', () => {
		for (const problem of problemsOf(code)) {
			const { message, description } = describeProblem(problem, 4);
			expect(message).toMatch(/^\S.*\. .*\[item 4\]$/);
			expect(description).toMatch(/^\S.*[.]$/);
			expect(`${message} ${description}`).not.toMatch(/[{}]|undefined|null|NaN|\(\)|""| {2}/);
		}
	});
});

const STATUSES = [302, ...Object.keys(REFUSALS).map(Number), 418, 500];

it.each(STATUSES)('HTTP %i is said so of a submit, a result and an upload', (httpStatus) => {
	const codes: ProblemCode[] = ['submitRefused', 'checkRefused', 'uploadRefused'];
	expect(
		codes.map((code) => describeProblem({ code, httpStatus, words: 'words' }, 4)),
	).toMatchSnapshot();
});

it('a page in the place of an answer is said so', () => {
	const problem = { code: 'submitRefused', httpStatus: 403, isJson: false } as const;
	expect(describeProblem(problem, 4)).toMatchSnapshot();
});

function problemIn(work: () => unknown): unknown {
	try {
		work();
	} catch (error) {
		if (error instanceof ItemProblem) return error.problem;
	}
	throw new TypeError('nothing was refused');
}

const given = (values: Record<string, unknown>): ItemParameters => ({
	get: (name, absent) => (name in values ? values[name] : absent),
});

it.each<[string, () => unknown]>([
	['text for a number', () => readNumber('many', { label: 'Seed' })],
	['an empty text for a number', () => readNumber(' ', { label: 'Seed' })],
	['more than the most', () => readNumber(9, { label: 'Seed', max: 5 })],
	['nothing for a number', () => readNumber(null, { label: 'Seed', min: 0 })],
	['too much', () => readNumber(51, { label: 'Steps', min: 1, max: 50, integer: true })],
	['a part of a whole', () => readNumber(1.5, { label: 'Steps', integer: true })],
	['no choice', () => readChoice('c', 'Size', ['a', 'b'])],
	['no boolean', () => readBoolean('yes', 'Wait')],
	['no request ID', () => readRequestIdParameter(given({}))],
	[
		'a strange request ID',
		() => readRequestIdParameter(given({ requestId: `r ${'1'.repeat(80)}` })),
	],
	['no text', () => readText({ mood: 'happy' }, 'Prompt')],
	['no delivery', () => readOptions(given({ options: { imageDelivery: 'mail' } }))],
	['no mode', () => readOptions(given({ options: { processingMode: 'fast' } }))],
	['no timeout', () => readOptions(given({ options: { timeout: 0 } }))],
	['no interval', () => readOptions(given({ options: { pollInterval: 0 } }))],
	['no concurrency', () => readOptions(given({ options: { maxConcurrency: 51 } }))],
])('a parameter that cannot be: %s', (_, read) => {
	expect(problemIn(read)).toMatchSnapshot();
});
