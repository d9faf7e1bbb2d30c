import {
	badInput,
	describeProblem,
	ItemProblem,
	type Problem,
} from '../../../nodes/shared/problems/problems';

const problem: Problem = {
	blame: 'service',
	what: 'Segmind could not make this image',
	hint: 'Try other images.',
	money: 'notSpent',
};

describe('the sentences about a problem', () => {
	it.each<[string, Partial<Problem>, string]>([
		[
			'what happened and for which item',
			{},
			'Segmind could not make this image. Nothing was spent. [item 3]',
		],
		[
			"the API's own words",
			{ words: 'No face' },
			'Segmind could not make this image: "No face". Nothing was spent. [item 3]',
		],
		[
			'that it was paid for',
			{ money: 'spent' },
			'Segmind could not make this image. This run was paid for. [item 3]',
		],
		[
			'that it may have been paid for',
			{ money: 'maybeSpent' },
			'Segmind could not make this image. This run may have been paid for. [item 3]',
		],
		[
			'the request ID',
			{ requestId: 'r-1' },
			'Segmind could not make this image. Nothing was spent. Request ID: r-1. [item 3]',
		],
		[
			'where the image is',
			{ imageUrl: 'https://x/y' },
			'Segmind could not make this image. Nothing was spent. Image URL: https://x/y [item 3]',
		],
	])('name %s', (_, change, message) => {
		expect(describeProblem({ ...problem, ...change }, 3)).toEqual({
			message,
			description: 'Try other images.',
		});
	});
});

describe('what to do', () => {
	const fetchable: Problem = { ...problem, fetchable: true };

	it('names Get Result where that may bring the image', () => {
		expect(describeProblem(fetchable, 3).description).toBe(
			'Try other images. Fetch the image without paying again: operation "Get Result" with this request ID, within an hour of the submit.',
		);
	});

	it('says nothing else where there is nothing else to do', () => {
		expect(describeProblem({ ...fetchable, hint: '' }, 3).description).toMatch(/^Fetch the image/);
	});

	it("does not end after an hour where the account's history has such jobs", () => {
		expect(describeProblem(fetchable, 3, true).description).toContain(
			"within an hour of the submit, or later out of the account's history.",
		);
	});
});

it('bad input costs nothing and is the fault of the input', () => {
	expect(badInput('X is empty', 'Fill X.')).toEqual({
		blame: 'input',
		what: 'X is empty',
		hint: 'Fill X.',
		money: 'notSpent',
	});
});

it('an item problem carries its problem as an error', () => {
	const error = new ItemProblem(problem);
	expect(error).toBeInstanceOf(Error);
	expect(error.message).toBe(problem.what);
	expect(error.problem).toBe(problem);
});
