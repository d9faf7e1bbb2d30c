import { FETCH, HISTORY, isTransient, requestTimeoutMs, UPLOAD } from '../../nodes/shared/limits';

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
	'a request of an item with a timeout of %i, after %i that ran out of time, with %i left, gets %i ms',
	(timeoutMs, timeouts, leftMs, expected) => {
		expect(requestTimeoutMs(timeoutMs, timeouts, leftMs)).toBe(expected);
	},
);

/** What comes after so many. */
const after = (pauseMs: (count: number) => number, counts: number[]) =>
	counts.map((count) => Math.round(pauseMs(count)));

it('a finished job is fetched in rounds, of which ever fewer ask for the result anew', () => {
	expect(after(FETCH.pauseMs, [1, 2, 3, 4, 5, 6, 100])).toEqual([
		500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
	]);
	expect(FETCH.asksResultAgain).toEqual([1, 2, 4, 8, 16, 32]);
});

it('a lost submit is looked up at once, and then ever more seldom', () => {
	expect(after(HISTORY.lookUpPauseMs, [0, 1, 2, 3, 4, 8, 9, 100])).toEqual([
		0, 1_000, 1_600, 2_560, 4_096, 26_844, 30_000, 30_000,
	]);
});

it('an upload gets half of the timeout, from ten seconds to five minutes', () => {
	expect(after(UPLOAD.deadlineMs, [1_000, 60_000, 900_000])).toEqual([10_000, 30_000, 300_000]);
	expect(after(UPLOAD.pauseMs, [1, 2, 3, 4])).toEqual([1_000, 2_000, 4_000, 8_000]);
});
