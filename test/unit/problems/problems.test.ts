import { PROBLEMS, type ProblemCode } from '../../../nodes/shared/problems/problemTable';
import {
	badInput,
	describeProblem,
	ItemProblem,
	moneyOf,
	summaryOf,
	type Problem,
} from '../../../nodes/shared/problems/problems';

const failed: Problem = { code: 'failed' };

describe('the message', () => {
	it.each<[string, Partial<Problem>, string]>([
		['what happened and for which item', {}, '. Nothing was spent. [item 3]'],
		["the API's own words", { words: 'No face' }, ': "No face". Nothing was spent. [item 3]'],
		['no words where there are none', { words: '' }, '. Nothing was spent. [item 3]'],
		['that it was paid for', { money: 'spent' }, '. This run was paid for. [item 3]'],
		[
			'that it may have been paid for',
			{ money: 'maybeSpent' },
			'. This run may have been paid for. [item 3]',
		],
		['the request ID', { requestId: 'r-1' }, '. Nothing was spent. Request ID: r-1. [item 3]'],
		[
			'where the image is',
			{ requestId: 'r-1', imageUrl: 'https://x/y' },
			'. Nothing was spent. Request ID: r-1. Image URL: https://x/y [item 3]',
		],
	])('names %s', (_, change, end) => {
		const { message } = describeProblem({ ...failed, ...change }, 3);
		expect(message).toBe(`Segmind could not make this image${end}`);
	});

	it('has no more to say than what happened, in the words of who said it', () => {
		expect(summaryOf(failed)).toBe('Segmind could not make this image');
		expect(summaryOf({ ...failed, words: 'No face' })).toBe(
			'Segmind could not make this image: "No face"',
		);
	});

	it('takes what a person or the API wrote as it stands, whatever it looks like', () => {
		const odd = 'say {why} or {{ $json.x }} for $1 and $&';
		const { message, description } = describeProblem(badInput(odd, odd), 0);
		expect(message).toBe(`${odd}. Nothing was spent. [item 0]`);
		expect(description).toBe(odd);
		expect(summaryOf({ code: 'unreachable', why: odd })).toContain(`(${odd})`);
	});
});

describe('what to do', () => {
	const FETCH =
		'Fetch the image without paying again: operation "Get Result" with this request ID, within an hour of the submit';
	const timedOut: Problem = {
		code: 'timedOut',
		seconds: 600,
		state: 'QUEUED',
		requestId: 'r-1',
	};
	const description = (problem: Problem, isInHistory = false) =>
		describeProblem(problem, 3, isInHistory).description;

	it('names Get Result behind the rest where that may bring the image', () => {
		expect(description(timedOut)).toBe(
			`The job continues at Segmind; raise Timeout to wait longer. ${FETCH}.`,
		);
		expect(description({ code: 'errorWithoutState', requestId: 'r-1' })).toBe(`${FETCH}.`);
	});

	it('does not name it without a request ID, nor where it brings nothing', () => {
		expect(description({ ...timedOut, requestId: undefined })).not.toContain('Get Result');
		expect(description({ ...failed, requestId: 'r-1' })).not.toContain('Get Result');
	});

	it("does not end after an hour where the account's history has such jobs", () => {
		expect(description(timedOut, true)).toContain(`${FETCH}, or later from the account's history.`);
	});

	it('says that the history did not show a lost submit, and may lag behind', () => {
		const lost: Problem = { code: 'noAnswer', why: 'no answer in time' };
		const sentence =
			'The account\'s request history does not show it yet: it may lag behind, so "Get Many" may list it later.';
		const codes: ProblemCode[] = ['noAnswer', 'redirected', 'stillUnconfirmed', 'syncNotFetched'];
		for (const code of codes) {
			const plain = { ...lost, code };
			expect(description({ ...plain, history: { notFound: true } })).toBe(
				`${description(plain)} ${sentence}`,
			);
		}
	});

	it('says that the history does not show a job that has a request ID either', () => {
		const unknown: Problem = { code: 'unknownRequest', httpStatus: 404, requestId: 'r-1' };
		expect(description({ ...unknown, history: { notFound: true } })).toBe(
			`${description(unknown)} The account's request history does not show it either, or not yet: it may lag behind.`,
		);
		expect(description({ ...unknown, history: { notAsked: 'HTTP 403' } })).toBe(
			`${description(unknown)} The account's request history could not be asked (HTTP 403).`,
		);
	});
});

it('the money of a problem is that of its code, unless the case says more', () => {
	for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
		expect(moneyOf({ code })).toBe(PROBLEMS[code]({ code }).money);
		expect(moneyOf({ code, money: 'spent' })).toBe('spent');
	}
});

it('bad input costs nothing and is the fault of the input', () => {
	const problem = badInput('X is empty', 'Fill X.');
	expect(problem).toEqual({ code: 'input', summary: 'X is empty', hint: 'Fill X.' });
	expect(moneyOf(problem)).toBe('notSpent');
});

it('an item problem carries its problem as an error', () => {
	const problem = badInput('X is empty', 'Fill X.');
	const error = new ItemProblem(problem);
	expect(error).toBeInstanceOf(Error);
	expect(error.message).toBe('X is empty');
	expect(error.problem).toBe(problem);
});
