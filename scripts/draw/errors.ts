/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
/**
 * Writes docs/errors.md: what stands in the table of problems comes from there, everything else from
 * scripts/draw/errors.template.md. Run it after a change of either: `npx tsx scripts/draw/errors.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	GATEWAY,
	OTHER_REFUSAL,
	PROBLEMS,
	REDIRECT,
	REFUSALS,
	rowOf,
	NO_KEY,
	SERVER_ERROR,
	type ProblemCode,
	type Row,
} from '../../nodes/shared/problems/problemTable';
import type { Money } from '../../nodes/shared/problems/problems';

const TEMPLATE = join(__dirname, 'errors.template.md');
const PAGE = join(__dirname, '..', '..', 'docs', 'errors.md');

const FIRST_LINE =
	'<!-- Written by scripts/draw/errors.ts from nodes/shared/problems/problemTable.ts and scripts/draw/errors.template.md: change those, and run it. -->';

const MONEY: Record<Money, string> = {
	notSpent: 'no',
	notForItem: 'no',
	spent: 'yes',
	maybeSpent: 'perhaps',
};

/** Where the case may say more of the money than its code. */
const SPENT: Partial<Record<ProblemCode, string>> = {
	failed: "no, says Segmind's documentation; perhaps, if it came as the answer to the submit",
	finishedWithoutImage: 'perhaps; yes if it names a cost',
	stillUnconfirmed: 'perhaps; yes once finished',
	unknownRequest: 'perhaps; yes once finished',
	checkRefused: 'perhaps; yes once finished',
};

/** What tells apart codes with the same message. */
const WHERE: Partial<Record<ProblemCode, string>> = {
	failedWithCost: 'and names a cost',
	syncNotFetched: 'the answer of a synchronous submit',
	imageGone: 'an old file',
};

/** What the description has no room for. */
const MORE: Partial<Record<ProblemCode, string>> = {
	unreachable: 'The [reason](#reasons-in-parentheses) says more.',
	noAnswer:
		"FaceSwap Comic has looked for it in the account's history: the description says what that showed.",
	stillUnconfirmed: 'Retry On Fail says this rather than buy a second time.',
	failed: 'Retry On Fail only asks about the failed job.',
	errorWithoutState: 'It did so for a minute. Retry On Fail picks up the job.',
	unknownRequest:
		"For FaceSwap Comic the account's history was asked too: the description says what that showed.",
	checkRefused: 'First correct what the message names, the key for example.',
	notFetched:
		'Or open the image URL in the message. "n8n could not store it": free up space where your n8n keeps its files. The [reason](#reasons-in-parentheses) says more.',
};

/** A problem of each code, with … for what differs from case to case. */
export const exampleOf = (code: ProblemCode): Row => {
	const names = ['why', 'state', 'seconds', 'costUsd', 'requestId', 'host', 'httpStatus'];
	return rowOf({ ...Object.fromEntries(names.map((name) => [name, '…'])), code });
};

/** What the message says, and what to do, in the words of the table. */
function wordsOf(code: ProblemCode): { message: string; advice: string } {
	const { summary, hint, isFetchable } = exampleOf(code);
	// An example has no status of its own.
	const message = summary.replace(OTHER_REFUSAL.summary, '…');
	const ownHint = hint.replace(OTHER_REFUSAL.hint, 'As for the status that it names.');
	const result = isFetchable ? 'Use _Get Result_ with the request ID.' : '';
	const where = WHERE[code];
	return {
		message: where === undefined ? message : `${message} _(${where})_`,
		advice: [ownHint, result, MORE[code] ?? ''].filter((sentence) => sentence !== '').join(' '),
	};
}

/** A table as prettier writes it. */
function tableOf(head: string[], rows: string[][]): string {
	const widths = head.map((_, column) =>
		Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
	);
	const line = (row: string[]) =>
		`| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
	return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** What Segmind, or somebody on the way, refuses with an HTTP status. */
const REFUSED: Array<[status: string, refusal: { summary: string; hint: string }]> = [
	...Object.entries(REFUSALS).map(([status, row]): [string, typeof row] => [`HTTP ${status}`, row]),
	['HTTP 401, where no key arrived', NO_KEY],
	...[404, 410].map((httpStatus): [string, { summary: string; hint: string }] => {
		const { hint } = rowOf({ code: 'submitRefused', httpStatus, workflowId: '…' });
		const { summary = '' } = REFUSALS[httpStatus] ?? {};
		return [`HTTP ${httpStatus}, of Character Swap`, { summary, hint }];
	}),
	['HTTP 500 and above', SERVER_ERROR],
	['any other HTTP status', OTHER_REFUSAL],
	['HTTP 3xx', REDIRECT],
	['any HTTP status, without JSON', GATEWAY],
];

const CODES = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => !exampleOf(code).isInput);

/** There is no job, and nothing was spent. */
const isBefore = (code: ProblemCode): boolean =>
	['notSpent', 'notForItem'].includes(exampleOf(code).money) && code !== 'failed';

function beforeAJob(): string {
	const refused = REFUSED.map(([status, row]) => [`${row.summary} (${status})`, row.hint]);
	const others = CODES.filter((code) => isBefore(code) && code !== 'submitRefused').map((code) => {
		const { message, advice } = wordsOf(code);
		return [message, advice];
	});
	return tableOf(['The message says', 'What to do'], [...refused, ...others]);
}

function onceThereIsAJob(): string {
	const rows = CODES.filter((code) => !isBefore(code)).map((code) => {
		const { message, advice } = wordsOf(code);
		return [message, SPENT[code] ?? MONEY[exampleOf(code).money], advice];
	});
	return tableOf(['The message says', 'Spent', 'What to do'], rows);
}

/** The page as it should be. */
export function errorsPage(): string {
	const page = readFileSync(TEMPLATE, 'utf8')
		.replace('<!-- before a job -->', beforeAJob)
		.replace('<!-- once there is a job -->', onceThereIsAJob);
	return `${FIRST_LINE}\n\n${page}`;
}

if (require.main === module) writeFileSync(PAGE, errorsPage());
