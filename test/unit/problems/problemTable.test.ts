import {
	GATEWAY,
	OTHER_REFUSAL,
	PROBLEMS,
	REDIRECT,
	REFUSALS,
	rowOf,
	SERVER_ERROR,
	type ProblemCode,
	type Row,
} from '../../../nodes/shared/problems/problemTable';
import type { Money, Problem } from '../../../nodes/shared/problems/problems';

const ROWS = (Object.keys(PROBLEMS) as ProblemCode[]).map((code): [ProblemCode, Row] => [
	code,
	rowOf({ code, summary: 'x', hint: 'X.' }),
]);

const codesWith = (test: (row: Row) => unknown) =>
	ROWS.filter(([, row]) => test(row)).map(([code]) => code);

// A promise to whoever pays (docs/money.md): what each code says of their money stands here once more.
it.each<[Money, ProblemCode[]]>([
	[
		'notSpent',
		[
			'input',
			'noHistory',
			'unreachable',
			'uploadRefused',
			'uploadFailed',
			'submitRefused',
			'failed',
			'balanceUnreadable',
			'historyUnreadable',
		],
	],
	['notForItem', ['overMaxCost', 'creditsRanOut']],
	[
		'maybeSpent',
		[
			'unexpected',
			'noAnswer',
			'redirected',
			'stillUnconfirmed',
			'errorAnswer',
			'failedWithCost',
			'unknownState',
			'finishedWithoutImage',
			'errorWithoutState',
			'unknownRequest',
			'checkRefused',
			'timedOut',
		],
	],
	['spent', ['notFetched', 'syncNotFetched', 'imageGone']],
])('%s is said by these alone', (money, codes) => {
	expect(codesWith((row) => row.money === money)).toEqual(codes);
});

it('the input is to blame for what was never sent, and for what nobody thought of', () => {
	expect(codesWith((row) => row.isInput)).toEqual(['input', 'unexpected', 'noHistory']);
});

it('nobody knows of a submit without a usable answer alone', () => {
	expect(codesWith((row) => row.isUnconfirmed)).toEqual([
		'noAnswer',
		'redirected',
		'stillUnconfirmed',
	]);
});

it('Get Result is named only where it may bring the image', () => {
	expect(codesWith((row) => row.isFetchable)).toEqual([
		'unexpected',
		'unknownState',
		'errorWithoutState',
		'checkRefused',
		'timedOut',
		'notFetched',
	]);
});

it('no sentence ends with what the message adds', () => {
	for (const [, { summary, hint }] of [
		...ROWS,
		...[...Object.values(REFUSALS), SERVER_ERROR, OTHER_REFUSAL, REDIRECT, GATEWAY].map(
			(row) => ['', row] as const,
		),
	]) {
		expect(summary).not.toMatch(/[.\s]$/);
		if (hint !== '') expect(hint).toMatch(/[.]$/);
	}
});

/** Each status, and the row that it has where the body is JSON. */
const STATUSES: Array<[number, { summary: string; hint: string }]> = [
	...Object.entries(REFUSALS).map(([status, row]): [number, typeof row] => [Number(status), row]),
	[302, REDIRECT],
	[308, REDIRECT],
	[418, OTHER_REFUSAL],
	[499, OTHER_REFUSAL],
	[500, SERVER_ERROR],
	[502, SERVER_ERROR],
	[504, SERVER_ERROR],
	[599, SERVER_ERROR],
];

/** Statuses that mean the same whoever answers. */
const FROM_ANYBODY = [404, 405, 413, 429];

describe.each(STATUSES)('HTTP %i', (httpStatus, row) => {
	const isRedirect = row === REDIRECT;

	it('refuses a submit in the words of its row', () => {
		expect(rowOf({ code: 'submitRefused', httpStatus, isJson: true })).toMatchObject({
			summary: `${row.summary} (HTTP ${httpStatus})`,
			hint: row.hint,
		});
		const named = rowOf({ code: 'submitRefused', httpStatus, namedId: 'n-1' }).summary;
		expect(named).toBe(`${row.summary} (HTTP ${httpStatus}, request ID n-1)`);
	});

	it("is somebody else's on the way where its body is no JSON, but for what anybody means", () => {
		const isTheirs = !isRedirect && !FROM_ANYBODY.includes(httpStatus);
		const { summary, hint } = isTheirs ? GATEWAY : row;
		expect(rowOf({ code: 'submitRefused', httpStatus, isJson: false })).toMatchObject({
			summary: `${summary} (HTTP ${httpStatus})`,
			hint,
		});
		// Whose it was says the same of a question for a result; only there it is worth a hint.
		expect(rowOf({ code: 'checkRefused', httpStatus, isJson: false }).hint).toBe(
			isTheirs ? GATEWAY.hint : '',
		);
	});

	it('refuses a result, with a hint only where that is about the key', () => {
		expect(rowOf({ code: 'checkRefused', httpStatus, isJson: true })).toMatchObject({
			summary: `${row.summary} (HTTP ${httpStatus}) when asked for the result`,
			hint: [401, 403].includes(httpStatus) ? row.hint : '',
		});
	});

	it('refuses an upload, which the image can do without unless the submit needs the same', () => {
		const { summary, hint } = rowOf({ code: 'uploadRefused', httpStatus });
		expect(summary).toBe(
			`${row.summary} (HTTP ${httpStatus}) when the image was uploaded to its storage`,
		);
		expect(hint.includes('Setting Image Delivery to "Inline"')).toBe(
			![401, 406].includes(httpStatus),
		);
		expect(hint).not.toContain('Or set Image Delivery to upload');
	});

	it('keeps the history from being read, because of the key or of its URL', () => {
		const { hint } = rowOf({ code: 'historyUnreadable', httpStatus, why: 'x' });
		const isKey = [401, 403].includes(httpStatus);
		expect(hint.includes('History Base URL')).toBe(!isKey);
		if (isKey) expect(hint).toBe(row.hint);
	});
});

it('each kind of refusal says something else', () => {
	const rows = [...new Set(STATUSES.map(([, row]) => row)), GATEWAY];
	expect(new Set(rows.map(({ summary }) => summary)).size).toBe(rows.length);
	expect(rows).toHaveLength(Object.keys(REFUSALS).length + 4);
});

describe('what is said only where it is known', () => {
	it.each<[string, Problem, string]>([
		['a status', { code: 'uploadFailed', httpStatus: 404 }, 'storage (HTTP 404)'],
		['no status', { code: 'uploadFailed' }, "to Segmind's storage"],
		['a host', { code: 'unreachable', host: 'x.test:80', why: 'y' }, 'reached at x.test:80 (y)'],
		['no host', { code: 'unreachable', why: 'y' }, 'reached (y)'],
	])('%s', (_, problem, end) => {
		expect(rowOf(problem).summary.endsWith(end)).toBe(true);
	});

	it('a way to the image of a synchronous answer', () => {
		const hint = (requestId?: string) => rowOf({ code: 'syncNotFetched', requestId }).hint;
		expect(hint()).not.toContain('Get Result');
		expect(hint('r-1')).toBe(
			`${hint()} For this image, try the operation "Get Result" with this request ID.`,
		);
	});

	it('the storage, not the API, where an upload leads nowhere', () => {
		const { hint } = rowOf({ code: 'uploadFailed', httpStatus: 404 });
		expect(hint).toMatch(/^Check the Storage Base URL in the Segmind API credential\. Setting/);
		expect(hint).not.toContain('API Base URL');
	});
});
