import { describeProblem, type Money, type Problem } from '../../../nodes/shared/problems/problems';
import {
	errorWithoutState,
	failedJob,
	finishedWithoutImage,
	historyNotTold,
	imageNotFetched,
	noHistory,
	notInHistory,
	refusedCheck,
	redirectedSubmit,
	refusedSubmit,
	stillUnconfirmed,
	timedOut,
	unconfirmedSubmit,
	unreachable,
	unreadableSubmit,
	uploadFailed,
	withoutHistory,
} from '../../../nodes/shared/problems/problemTable';

const MONEY: Record<Money, string> = {
	notSpent: 'Nothing was spent.',
	spent: 'This run was paid for.',
	maybeSpent: 'This run may have been paid for.',
};

/** Each status of the API's errors table, and what its row has to speak of. */
const STATUSES: Array<[number, RegExp, RegExp]> = [
	[400, /parameters/, /parameter/],
	[401, /API key/, /credential/],
	[403, /may not use/, /plan and team rights/],
	[404, /does not know/, /Base URL/],
	[405, /does not offer/, /Base URL/],
	[406, /not enough credits/, /Top up/],
	[408, /too long/, /Try again/],
	[410, /retired/, /update/],
	[413, /too large/, /smaller/],
	[422, /parameters/, /Correct/],
	[429, /limits/, /Max Concurrency/],
	[500, /server error/, /Try again later/],
	[502, /server error/, /Try again later/],
	[504, /server error/, /Try again later/],
	[302, /redirect/, /https:\/\/api\.segmind\.com/],
	[418, /refused/, /Check/],
];

function expectSpoken(problem: Problem): void {
	const { message, description } = describeProblem(problem, 4);
	expect(message).toContain('[item 4]');
	expect(message).toContain(MONEY[problem.money]);
	expect(description).toMatch(/\w{3,}.*[.)]$/);
	expect(problem.what).not.toMatch(/\.$|undefined|NaN/);
	if (problem.words) expect(message).toContain(`"${problem.words}"`);
	if (problem.requestId) expect(message).toContain(problem.requestId);
}

describe('a refused submit', () => {
	it.each(STATUSES)('has a row for HTTP %i', (status, what, hint) => {
		const problem = refusedSubmit({ status, words: 'The words', isJson: true });
		expect(problem).toMatchObject({
			blame: 'service',
			words: 'The words',
			money: 'notSpent',
			httpCode: status,
		});
		expect(problem.what).toMatch(what);
		expect(problem.what).toContain(`(HTTP ${status})`);
		expect(problem.hint).toMatch(hint);
		expectSpoken(problem);
	});

	it('says something else for each kind of refusal', () => {
		const kinds = STATUSES.map(
			([status]) => refusedSubmit({ status, words: '', isJson: true }).what.split(' (')[0],
		);
		expect(new Set(kinds).size).toBe(STATUSES.length - 2);
	});
});

describe('a refused look at a job', () => {
	it.each(STATUSES)('has a row for HTTP %i, and tells the request ID', (status) => {
		const problem = refusedCheck({ status, words: 'The words', isJson: true }, 'r-1');
		expect(problem).toMatchObject({
			blame: 'service',
			words: 'The words',
			money: 'maybeSpent',
			httpCode: status,
			requestId: 'r-1',
		});
		expect(problem.what).toContain(`HTTP ${status}`);
		expectSpoken(problem);
	});

	it('speaks of the hour after which Segmind forgets a job', () => {
		const { what, hint } = refusedCheck({ status: 404, words: '', isJson: true }, 'r-1');
		expect(what).toContain('does not know this request');
		expect(hint).toContain('one hour');
	});

	it('names the way to the image that costs nothing', () => {
		expect(refusedCheck({ status: 401, words: '', isJson: true }, 'r-1')).toMatchObject({
			hint: expect.stringContaining('paste the key again'),
			fetchable: true,
		});
		expect(refusedCheck({ status: 404, words: '', isJson: true }, 'r-1').fetchable).toBeUndefined();
	});
});

describe('a refused upload', () => {
	it.each(STATUSES)('has a row for HTTP %i, and offers to do without', (status) => {
		const problem = uploadFailed(status, 'The words');
		expect(problem).toMatchObject({ money: 'notSpent', httpCode: status, words: 'The words' });
		expect(problem.what).toMatch(
			new RegExp(`uploaded.*\\(HTTP ${status}\\)|\\(HTTP ${status}\\).*uploaded`),
		);
		// Without a key or credits, the submit would not do either.
		expect(problem.hint.includes('inline')).toBe(![401, 406].includes(status));
		expectSpoken(problem);
	});

	it.each([302, 307, 404, 405])('speaks of the storage, not of the API, for HTTP %i', (status) => {
		const { what, hint } = uploadFailed(status, '');
		expect(what).toBe(`The image could not be uploaded to Segmind's storage (HTTP ${status})`);
		expect(hint).toMatch(/^Check the Storage Base URL in the Segmind API credential\./);
		expect(hint).not.toContain('API Base URL');
	});

	it('does not advise to upload what is too large to be uploaded', () => {
		expect(uploadFailed(413, '').hint).toMatch(/^Make the images smaller.*enough\. Setting/);
	});

	it('has words for an upload that got no answer, too', () => {
		const problem = uploadFailed(undefined, 'the connection was cut');
		expect(problem.httpCode).toBeUndefined();
		expect(problem.hint).toContain('Storage Base URL');
		expectSpoken(problem);
	});
});

const FAILED = { state: 'FAILED', words: 'No face', known: true, metrics: {} };
const FLYING = { state: 'FLYING', words: '', known: false, metrics: {} };

describe('every other problem', () => {
	it.each<[string, Problem, Partial<Problem>, RegExp]>([
		[
			'a failed job',
			failedJob(FAILED, 'r-1'),
			{ money: 'notSpent', requestId: 'r-1', words: 'No face', isFinal: true },
			/could not make this image/,
		],
		[
			'a failed job that names a cost',
			failedJob({ ...FAILED, metrics: { cost: 0.065 } }, 'r-1'),
			{ money: 'maybeSpent', hint: expect.stringContaining('a cost of 0.065 USD') },
			/could not make this image/,
		],
		[
			'a failed job that names no cost',
			failedJob({ ...FAILED, metrics: { cost: 0 } }, 'r-1'),
			{ money: 'notSpent' },
			/could not make this image/,
		],
		[
			'an error without a state',
			errorWithoutState('busy', 'r-1'),
			{ money: 'maybeSpent', requestId: 'r-1' },
			/with an error/,
		],
		[
			'words in the place of an image',
			finishedWithoutImage('NSFW', undefined, 'r-1'),
			{ money: 'maybeSpent', requestId: 'r-1', words: 'NSFW', isFinal: true },
			/without an image/,
		],
		[
			'words in the place of an image that cost something',
			finishedWithoutImage('NSFW', 0.1),
			{ money: 'spent', requestId: undefined },
			/without an image/,
		],
		[
			'a submit that was redirected',
			redirectedSubmit(303, 'moved'),
			{ money: 'maybeSpent', unconfirmed: true, httpCode: 303, words: 'moved' },
			/a redirect \(HTTP 303\), so it is not known/,
		],
		[
			'a job in an unknown state',
			failedJob(FLYING, 'r-1'),
			{ money: 'maybeSpent', requestId: 'r-1' },
			/the state "FLYING"/,
		],
		[
			'a submit without an answer',
			unconfirmedSubmit('the connection was cut'),
			{ money: 'maybeSpent', unconfirmed: true },
			/did not answer the submit \(the connection was cut\)/,
		],
		[
			'a submit with an answer that nobody can read',
			unreadableSubmit('Sign in'),
			{ money: 'maybeSpent', unconfirmed: true, words: 'Sign in' },
			/could not be read/,
		],
		[
			'a retry after a submit without an answer',
			stillUnconfirmed(),
			{ money: 'maybeSpent', unconfirmed: true },
			/not submitted again/,
		],
		[
			'a service out of reach',
			unreachable('the connection was refused', 'https://u:p@api.test:8080/v1'),
			{ money: 'notSpent' },
			/^Segmind could not be reached at api\.test:8080 \(the connection was refused\)$/,
		],
		[
			'a service whose address is none',
			unreachable('the address is not a URL', 'u:p@nonsense'),
			{ money: 'notSpent' },
			/^Segmind could not be reached \(the address is not a URL\)$/,
		],
		[
			'a job that takes too long',
			timedOut('r-1', { seconds: 600, state: 'PROCESSING', last: 'HTTP 502' }),
			{ money: 'maybeSpent', requestId: 'r-1', words: 'HTTP 502' },
			/after 600 seconds \(last state: PROCESSING\)/,
		],
		[
			'a paid image that did not arrive',
			imageNotFetched('HTTP 403', { requestId: 'r-1', imageUrl: 'https://x/y', sync: false }),
			{ money: 'spent', requestId: 'r-1', imageUrl: 'https://x/y' },
			/could not be fetched \(HTTP 403\)/,
		],
		[
			'a paid image that cannot be fetched again',
			imageNotFetched('the transfer was cut off', { sync: true }),
			{ money: 'spent', requestId: undefined },
			/the transfer was cut off/,
		],
	])('tells what it is and what it cost: %s', (_, problem, fields, what) => {
		expect(problem).toMatchObject({ blame: 'service', ...fields });
		expect(problem.what).toMatch(what);
		expectSpoken(problem);
	});

	it.each([
		['an unknown state', failedJob(FLYING, 'r-1')],
		['a timeout', timedOut('r-1', { seconds: 1, state: 'QUEUED', last: '' })],
		['an image that did not arrive', imageNotFetched('x', { requestId: 'r-1', sync: false })],
	])('names Get Result where it helps: %s', (_, problem) => {
		expect(problem.fetchable).toBe(true);
	});

	it('does not offer Get Result where there is no request ID', () => {
		const { hint, fetchable } = imageNotFetched('x', { sync: true });
		expect(hint).not.toContain('Get Result');
		expect(fetchable).toBe(false);
	});
});

describe("the account's history", () => {
	const lost = unconfirmedSubmit('the connection was cut');

	it('adds to what is known of a lost submit that it did not show it', () => {
		expect(notInHistory(lost)).toEqual({
			...lost,
			hint: `${lost.hint} The account's request history did not show it by now: it may lag behind, so "Get Many" may list it later.`,
		});
	});

	it('adds why it could not be asked, or that it does not show it', () => {
		expect(withoutHistory(lost, 'HTTP 403')).toEqual({
			...lost,
			hint: `${lost.hint} The account's request history could not be asked (HTTP 403).`,
		});
		expect(withoutHistory(lost).hint).toBe(
			`${lost.hint} The account's request history does not show it either, or not yet: it may lag behind.`,
		);
	});

	it.each([401, 403])('could not be read because of the key: %i', (status) => {
		const problem = historyNotTold({ why: `HTTP ${status}`, status, words: 'who?' });
		expect(problem).toMatchObject({
			blame: 'service',
			what: `The account's request history could not be read (HTTP ${status})`,
			words: 'who?',
			money: 'notSpent',
			httpCode: status,
		});
		expect(problem.hint).toMatch(/key/i);
		expect(problem.hint).not.toContain('History Base URL');
	});

	it.each([undefined, 500, 404])('could not be read for another reason: %j', (status) => {
		const problem = historyNotTold({ why: 'no', status });
		expect(problem.hint).toContain('Check the History Base URL in the Segmind API credential');
		expect(problem.httpCode).toBe(status);
	});

	it('is not there', () => {
		const problem = noHistory();
		expect(problem.what).toBe('There is no request history behind this credential');
		expect(problem.hint).toContain('History Base URL');
		expect(problem).toMatchObject({ blame: 'input', money: 'notSpent' });
	});
});
