import { KEYS_PAGE, STATUS_HINT } from '../kit/urls';

/** Whether the user paid for what went wrong. */
export type Money = 'notSpent' | 'notForItem' | 'spent' | 'maybeSpent';

/** A problem, as a person reads it. */
export interface Row {
	/** What happened: one sentence without a full stop. */
	summary: string;
	/** What to do next, besides fetching the image: sentences, or nothing. */
	hint: string;
	money: Money;
	/** It is about the user's input: nothing was sent. */
	isInput?: true;
	/** *Get Result* may bring the job's image. */
	isFetchable?: true;
	/** Nobody knows whether Segmind accepted the submit. */
	isUnconfirmed?: true;
}

const SMALLER = 'Make the images smaller: 1024 pixels on the longer side are enough.';

const REDIRECTED =
	"Put Segmind's own address into the Segmind API credential (https://api.segmind.com).";

/** What an HTTP error status means [seed, docs]. */
export const REFUSALS: Record<number, Pick<Row, 'summary' | 'hint'>> = {
	400: {
		summary: 'Segmind did not accept the parameters',
		hint: 'Correct the parameter that the message names. Image URLs must be public and lead straight to an image.',
	},
	401: {
		summary: 'Segmind did not accept the API key',
		hint: `Open the Segmind API credential, paste the key again or a new one from the Segmind console (${KEYS_PAGE}), and save it: n8n then tests it.`,
	},
	403: {
		summary: 'This API key may not use this service',
		hint: "Check the key's plan and team rights in the Segmind console.",
	},
	404: {
		summary: 'Segmind does not know this model or workflow',
		hint: 'Check the API Base URL in the Segmind API credential. If it is right, the model has been moved or retired: look for an update of this node.',
	},
	405: {
		summary: 'Segmind does not offer this call here',
		hint: 'Check the API Base URL in the Segmind API credential.',
	},
	406: {
		summary: 'Segmind refused the request: not enough credits, or unusable input',
		hint: 'Top up your credits in the Segmind console. If the message mentions an image or a parameter, correct that instead.',
	},
	408: {
		summary: 'Segmind took too long to read the request',
		hint: 'Try again. Smaller images upload faster.',
	},
	410: {
		summary: 'Segmind has retired this model',
		hint: 'Look for an update of this node.',
	},
	413: {
		summary: 'The images are too large for Segmind',
		hint: `${SMALLER} Or set Image Delivery to "Upload".`,
	},
	422: {
		summary: 'Segmind could not work with the parameters',
		hint: 'Correct what the message names. Image URLs must be public and lead straight to an image.',
	},
	429: {
		summary: 'Segmind limits how often this key may call, and the limit did not clear in time',
		hint: 'Lower Max Concurrency, raise Timeout, or move to a plan with a higher limit (free: 5 requests a minute, pro: 50).',
	},
};

export const SERVER_ERROR = {
	summary: 'Segmind could not process the request (server error)',
	hint: `Try again later: switch on "Retry On Fail" in the node's settings. Jobs that were already accepted are not bought again. ${STATUS_HINT}`,
};

export const NO_KEY = {
	summary: 'No API key reached Segmind',
	hint: "Enter the key in the Segmind API credential, and save it. If it is there, something in between removes it: enter Segmind's own address as API Base URL.",
};

export const OTHER_REFUSAL = {
	summary: 'Segmind refused the request',
	hint: 'Check the parameters, and the URLs in the Segmind API credential.',
};

export const REDIRECT = {
	summary:
		'The API Base URL answers with a redirect to another address, and the key is not sent there',
	hint: REDIRECTED,
};

export const GATEWAY = {
	summary: 'Something between n8n and Segmind answered instead',
	hint: "Check your n8n's proxy and firewall, and the URLs in the Segmind API credential.",
};

/** Statuses that mean the same whoever answers; 405 is HTML at Segmind itself [docs]. */
const FROM_ANYBODY = [404, 405, 413, 429];

/** What a refused request is said to be, with its status. */
function refusalOf(problem: Problem): Pick<Row, 'summary' | 'hint'> {
	const { httpStatus = 0, isJson = true, namedId, words = '', workflowId } = problem;
	let refusal = REFUSALS[httpStatus] ?? (httpStatus >= 500 ? SERVER_ERROR : OTHER_REFUSAL);
	if (httpStatus === 401 && /missing/i.test(words)) refusal = NO_KEY;
	if (workflowId && [404, 410].includes(httpStatus)) {
		const hint = `The workflow ${workflowId} may have been replaced by another version: look that up at Segmind, and put its ID into the option "Workflow ID".`;
		refusal = { ...refusal, hint };
	}
	if (!isJson && !FROM_ANYBODY.includes(httpStatus)) refusal = GATEWAY;
	if (httpStatus >= 300 && httpStatus < 400) refusal = REDIRECT;
	const named = namedId === undefined ? '' : `, request ID ${namedId}`;
	return { ...refusal, summary: `${refusal.summary} (HTTP ${httpStatus}${named})` };
}

/** What to do about the key, where a status is about that. */
const keyHint = (problem: Problem): string =>
	problem.httpStatus === 401 || problem.httpStatus === 403 ? refusalOf(problem).hint : '';

const OTHER_IMAGES =
	'Try other images: one clear face or character each, in a public JPEG, PNG or WebP file.';

const WITHOUT_UPLOAD =
	'Setting Image Delivery to "Inline" sends the image inside the request instead.';

const NOT_SENT_AGAIN =
	'It is not sent again automatically. Check the recent requests and the credit balance in the Segmind console; run the workflow again if the job is not there.';

const UNCONFIRMED = { hint: NOT_SENT_AGAIN, money: 'maybeSpent', isUnconfirmed: true } as const;

const FETCHABLE = { hint: '', money: 'maybeSpent', isFetchable: true } as const;

const unfetched = ({ why = '' }: Problem) =>
	`The image is finished, but it could not be fetched (${why})`;

/** Everything that can go wrong with an item. */
export const PROBLEMS = {
	input: ({ summary = '', hint = '' }) => ({ summary, hint, money: 'notSpent', isInput: true }),
	unexpected: ({ summary = '', hint = '' }) => ({ ...FETCHABLE, summary, hint, isInput: true }),
	noHistory: () => ({
		summary: 'This credential has no request history',
		hint: "If the API Base URL is not Segmind's own, Segmind's history is not asked: enter an address of that server as History Base URL.",
		money: 'notSpent',
		isInput: true,
	}),
	unreachable: ({ host, why = '' }) => ({
		summary: `Segmind could not be reached${host === undefined ? '' : ` at ${host}`} (${why})`,
		hint: `Check the URLs in the Segmind API credential, and your n8n's internet connection and proxy. ${STATUS_HINT}`,
		money: 'notSpent',
	}),
	uploadRefused: (problem) => {
		const { summary, hint } = refusalOf(problem);
		const { httpStatus } = problem;
		// The submit needs the same key and the same credits.
		const instead = httpStatus === 401 || httpStatus === 406 ? '' : WITHOUT_UPLOAD;
		return {
			summary: `${summary} when the image was uploaded to its storage`,
			hint: `${httpStatus === 413 ? SMALLER : hint} ${instead}`,
			money: 'notSpent',
		};
	},
	uploadFailed: ({ httpStatus }) => ({
		summary: `The image could not be uploaded to Segmind's storage${httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`}`,
		hint: `Check the Storage Base URL in the Segmind API credential. ${WITHOUT_UPLOAD}`,
		money: 'notSpent',
	}),
	submitRefused: (problem) => ({ ...refusalOf(problem), money: 'notSpent' }),
	overMaxCost: ({ why = '' }) => ({
		summary: `Maximum Cost leaves no room for this item: ${why}`,
		hint: 'Raise Maximum Cost, or leave the rest for another run. With On Error set to "Continue", the images that were bought are output.',
		money: 'notForItem',
	}),
	creditsRanOut: () => ({
		summary:
			'Segmind refused an earlier item of this run for lack of credits, so this one was not submitted',
		hint: 'Top up your credits in the Segmind console, then run the workflow again for the rest.',
		money: 'notForItem',
	}),
	noAnswer: ({ why = '' }) => ({
		...UNCONFIRMED,
		hint: `${NOT_SENT_AGAIN} ${STATUS_HINT}`,
		summary: `Segmind did not answer the submit (${why}), so it is not known whether the job was accepted`,
	}),
	redirected: ({ httpStatus = '' }) => ({
		...UNCONFIRMED,
		summary: `Segmind answered the submit with a redirect (HTTP ${httpStatus}), so it is not known whether the job was accepted`,
		hint: `${REDIRECTED} ${NOT_SENT_AGAIN}`,
	}),
	stillUnconfirmed: () => ({
		...UNCONFIRMED,
		summary:
			'An earlier try of this item got no usable answer from Segmind, so it is not submitted again',
	}),
	errorAnswer: () => ({
		summary: 'Segmind answered the submit with an error instead of an image',
		hint: 'Correct what the message names. According to Segmind\'s documentation only successes are billed, but this answer came as one: check the credit balance in the Segmind console, then run the workflow again. If the message mentions polling or a timeout, set Processing Mode to "Queue".',
		money: 'maybeSpent',
	}),
	failed: () => ({
		summary: 'Segmind could not make this image',
		hint: `${OTHER_IMAGES} According to Segmind's documentation, failed jobs are not billed. Running the workflow again makes a new job.`,
		money: 'notSpent',
	}),
	failedWithCost: ({ costUsd = '' }) => ({
		summary: 'Segmind could not make this image',
		hint: `${OTHER_IMAGES} According to Segmind's documentation, failed jobs are not billed, but this one names a cost of ${costUsd} USD: check the credit balance in the Segmind console. Running the workflow again makes a new job.`,
		money: 'maybeSpent',
	}),
	unknownState: ({ state = '' }) => ({
		...FETCHABLE,
		summary: `Segmind reports the state "${state}", which this node does not know`,
	}),
	finishedWithoutImage: () => ({
		summary: 'Segmind finished this job without an image',
		hint: `${OTHER_IMAGES} The credit balance in the Segmind console shows whether it was billed. Running the workflow again makes a new job.`,
		money: 'maybeSpent',
	}),
	errorWithoutState: () => ({
		...FETCHABLE,
		summary: 'Segmind answers status checks of this job with an error',
	}),
	unknownRequest: () => ({
		summary: 'Segmind does not know this request, or no longer does (HTTP 404)',
		hint: 'Segmind keeps results for one hour after the submit. Check the request ID, and that the credential belongs to the account that submitted it.',
		money: 'maybeSpent',
	}),
	checkRefused: (problem) => {
		const { summary, hint } = refusalOf(problem);
		return {
			...FETCHABLE,
			summary: `${summary} when asked for the result`,
			hint: hint === GATEWAY.hint ? hint : keyHint(problem),
		};
	},
	timedOut: ({ seconds = '', state = '' }) => ({
		...FETCHABLE,
		summary: `The image was not ready after ${seconds} seconds (last state: ${state})`,
		hint: 'The job continues at Segmind; raise Timeout to wait longer.',
	}),
	notFetched: (problem) => ({ ...FETCHABLE, summary: unfetched(problem), money: 'spent' }),
	syncNotFetched: (problem) => ({
		summary: unfetched(problem),
		hint: `Segmind may keep no copy of a synchronous answer. Use Processing Mode "Queue", whose results can be fetched again.${problem.requestId === undefined ? '' : ' For this image, try the operation "Get Result" with this request ID.'}`,
		money: 'spent',
	}),
	imageGone: (problem) => ({
		summary: unfetched(problem),
		hint: 'Segmind keeps files for about seven days: this one seems to be gone. Running the workflow again makes a new image.',
		money: 'spent',
	}),
	balanceUnreadable: (problem) => ({
		summary: `The credit balance could not be read (${problem.why ?? ''})`,
		hint:
			keyHint(problem) ||
			`Check the API Base URL in the Segmind API credential, or try again later. ${STATUS_HINT}`,
		money: 'notSpent',
	}),
	historyUnreadable: (problem) => ({
		summary: `The account's request history could not be read (${problem.why ?? ''})`,
		hint:
			keyHint(problem) ||
			'Check the History Base URL in the Segmind API credential, or try again later. "Get Result" fetches a single job by its request ID.',
		money: 'notSpent',
	}),
} satisfies Record<string, (problem: Problem) => Row>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What went wrong with one item: plain data. Its sentences are in the table, under its code. */
export interface Problem {
	readonly code: ProblemCode;
	/** In place of the table's word, where the case says more. */
	readonly money?: Money;
	/** The API's own words, where it has any. */
	readonly words?: string;
	/** What happened, as part of a sentence. */
	readonly why?: string;
	/** HTTP status, where one was answered; whether its body was JSON, as Segmind's own are. */
	readonly httpStatus?: number;
	readonly isJson?: boolean;
	readonly requestId?: string;
	/** What a refused submit was called: there is no job, but support may ask for it. */
	readonly namedId?: string;
	/** Where the finished image can still be fetched. */
	readonly imageUrl?: string;
	/** Why the account's history did not help: it has no such job, or it could not be asked. */
	readonly history?: { notFound: true } | { notAsked: string };
	/** Who could not be reached; which workflow was asked. */
	readonly host?: string;
	readonly workflowId?: string;
	/** How long was waited, the last state, and what Segmind says that the job cost. */
	readonly seconds?: number;
	readonly state?: string;
	readonly costUsd?: number;
	/** Of input that cannot work, and of what nobody thought of: the sentences themselves. */
	readonly summary?: string;
	readonly hint?: string;
}

/** The table's row of a problem, with its own words in it. */
export function rowOf(problem: Problem): Row {
	const row: Row = PROBLEMS[problem.code](problem);
	return { ...row, summary: row.summary.trim(), hint: row.hint.trim() };
}
