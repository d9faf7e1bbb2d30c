import { FETCH, hangingAfter, isTransient, UPLOAD } from '../../nodes/shared/limits';

it.each([
	[200, false],
	[400, false],
	[401, false],
	[404, false],
	[407, false],
	[408, true],
	[409, false],
	[424, false],
	[425, true],
	[426, false],
	[428, false],
	[429, true],
	[499, false],
	[500, true],
	[502, true],
	[599, true],
])('HTTP %i is no end of a job: %j', (status, transient) => {
	expect(isTransient(status)).toBe(transient);
});

it.each([
	// A fifth of the timeout, from three to fifteen seconds.
	[600_000, 0, 600_000, 15_000],
	[50_000, 0, 50_000, 10_000],
	[5_000, 0, 5_000, 3_000],
	// Each that ran out of time doubles it, as long as there is so much left; never less than at first.
	[600_000, 1, 600_000, 30_000],
	[600_000, 3, 600_000, 120_000],
	[600_000, 3, 70_000, 70_000],
	[600_000, 3, 1_000, 15_000],
	[600_000, 0, 1_000, 15_000],
])(
	'a request of an item with a timeout of %i, after %i that hung, with %i left, gets %i ms',
	(timeout, hangs, left, expected) => {
		expect(hangingAfter(timeout, hangs, left)).toBe(expected);
	},
);

it('the result is asked for anew in ever fewer rounds', () => {
	const rounds = Array.from({ length: 64 }, (_, round) => round).filter(FETCH.asksAgain);
	expect(rounds).toEqual([1, 2, 4, 8, 16, 32]);
});

it('an upload gets half of the timeout, from ten seconds to five minutes', () => {
	expect([1_000, 60_000, 900_000].map(UPLOAD.deadline)).toEqual([10_000, 30_000, 300_000]);
	expect([1, 2, 3, 4].map(UPLOAD.pause)).toEqual([1_000, 2_000, 4_000, 8_000]);
});
