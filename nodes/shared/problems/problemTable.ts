/** Whether the user paid for what went wrong. */
export type Money = 'notSpent' | 'spent' | 'maybeSpent';

/** A kind of problem, as a person reads it. `{why}` and the like stand for a property of the problem. */
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

const OTHER_IMAGES =
	'Try other images: one clear face or character each, in a public JPEG, PNG or WebP file.';

const SYNC =
	'Segmind may keep no copy of a synchronous answer. Use Processing Mode "Queue", whose results can be fetched again.';

const NOT_SENT_AGAIN =
	'It is not sent again automatically. Look at the recent requests and the credit balance in the Segmind console; run the workflow again when the job is not there.';

const REDIRECTED =
	"Put Segmind's own address into the Segmind API credential (https://api.segmind.com).";

/** Everything that can go wrong with an item. `{refusal}` stands for a row of `REFUSALS`. */
export const PROBLEMS = {
	input: { summary: '{summary}', hint: '{hint}', money: 'notSpent', isInput: true },
	unexpected: {
		summary: '{summary}',
		hint: '{hint}',
		money: 'maybeSpent',
		isInput: true,
		isFetchable: true,
	},
	noHistory: {
		summary: 'There is no request history behind this credential',
		hint: "With an API Base URL other than Segmind's own, Segmind's history is not asked: put an address of that server into History Base URL.",
		money: 'notSpent',
		isInput: true,
	},
	unreachable: {
		summary: 'Segmind could not be reached{hostIfAny} ({why})',
		hint: 'Check the URLs in the Segmind API credential, and the internet connection and proxy of your n8n.',
		money: 'notSpent',
	},
	uploadRefused: {
		summary: '{refusal} (HTTP {httpStatus}) when the image was uploaded to its storage',
		hint: '{refusalHint} {withoutUpload}',
		money: 'notSpent',
	},
	uploadFailed: {
		summary: "The image could not be uploaded to Segmind's storage{httpStatusIfAny}",
		hint: 'Check the Storage Base URL in the Segmind API credential. {withoutUpload}',
		money: 'notSpent',
	},
	submitRefused: {
		summary: '{refusal} (HTTP {httpStatus}{namedIdIfAny})',
		hint: '{refusalHint}',
		money: 'notSpent',
	},
	noAnswer: {
		summary:
			'Segmind did not answer the submit ({why}), so it is not known whether the job was accepted',
		hint: NOT_SENT_AGAIN,
		money: 'maybeSpent',
		isUnconfirmed: true,
	},
	redirected: {
		summary:
			'Segmind answered the submit with a redirect (HTTP {httpStatus}), so it is not known whether the job was accepted',
		hint: `${REDIRECTED} ${NOT_SENT_AGAIN}`,
		money: 'maybeSpent',
		isUnconfirmed: true,
	},
	stillUnconfirmed: {
		summary:
			'An earlier try of this item got no usable answer from Segmind, so it is not submitted again',
		hint: NOT_SENT_AGAIN,
		money: 'maybeSpent',
		isUnconfirmed: true,
	},
	errorAnswer: {
		summary: 'Segmind answered the submit with an error in the place of an image',
		hint: 'Correct what the message names. Segmind\'s documentation bills successes only, but this answer came as one: look at the credit balance in the Segmind console, then run the workflow again. Where the message speaks of polling or of a timeout, set Processing Mode to "Queue".',
		money: 'maybeSpent',
	},
	failed: {
		summary: 'Segmind could not make this image',
		hint: `${OTHER_IMAGES} Segmind does not bill failed jobs; running the workflow again makes a new one.`,
		money: 'notSpent',
	},
	failedWithCost: {
		summary: 'Segmind could not make this image',
		hint: `${OTHER_IMAGES} Segmind's documentation says that failed jobs are not billed, but this one names a cost of {costUsd} USD: look at the credit balance in the Segmind console. Running the workflow again makes a new job.`,
		money: 'maybeSpent',
	},
	unknownState: {
		summary: 'Segmind reports the state "{state}", which this node does not know',
		hint: '',
		money: 'maybeSpent',
		isFetchable: true,
	},
	finishedWithoutImage: {
		summary: 'Segmind finished this job without an image',
		hint: `${OTHER_IMAGES} Whether it was billed, the credit balance in the Segmind console tells. Running the workflow again makes a new job.`,
		money: 'maybeSpent',
	},
	errorWithoutState: {
		summary: 'Segmind answers the question for the state of this job with an error',
		hint: '',
		money: 'maybeSpent',
		isFetchable: true,
	},
	unknownRequest: {
		summary: 'Segmind does not know this request, or no longer (HTTP 404)',
		hint: 'Segmind keeps results for one hour after the submit. Check the request ID, and that the credential belongs to the account that submitted it.',
		money: 'maybeSpent',
	},
	checkRefused: {
		summary: '{refusal} (HTTP {httpStatus}) when asked for the result',
		hint: '{accessHint}',
		money: 'maybeSpent',
		isFetchable: true,
	},
	timedOut: {
		summary: 'The image was not ready after {seconds} seconds (last state: {state})',
		hint: 'The job goes on at Segmind; a higher Timeout waits for longer.',
		money: 'maybeSpent',
		isFetchable: true,
	},
	notFetched: {
		summary: 'The image is finished, but it could not be fetched ({why})',
		hint: '',
		money: 'spent',
		isFetchable: true,
	},
	syncNotFetched: {
		summary: 'The image is finished, but it could not be fetched ({why})',
		hint: `${SYNC}{tryGetResult}`,
		money: 'spent',
	},
	imageGone: {
		summary: 'The image is finished, but it could not be fetched ({why})',
		hint: 'Segmind keeps files for seven days: this one seems to be gone. Running the workflow again makes a new one.',
		money: 'spent',
	},
	historyUnreadable: {
		summary: "The account's request history could not be read ({why})",
		hint: '{historyHint}',
		money: 'notSpent',
	},
} as const satisfies Record<string, Row>;

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
	/** Who could not be reached. */
	readonly host?: string;
	/** How long was waited, the last state, and what Segmind says that the job cost. */
	readonly seconds?: number;
	readonly state?: string;
	readonly costUsd?: number;
	/** Of input that cannot work, and of what nobody thought of: the sentences themselves. */
	readonly summary?: string;
	readonly hint?: string;
}

/** What an HTTP error status means [seed, docs]. */
type Refusal = Pick<Row, 'summary' | 'hint'>;

export const REFUSALS: Record<number, Refusal> = {
	400: {
		summary: 'Segmind did not accept the parameters',
		hint: 'Correct the parameter that the message names. Image URLs must be public and point straight at an image.',
	},
	401: {
		summary: 'Segmind did not accept the API key',
		hint: 'Open the Segmind API credential, paste the key again from the Segmind console, and save it: n8n tests it then.',
	},
	403: {
		summary: 'This API key may not use this service',
		hint: "Check the key's plan and team rights in the Segmind console.",
	},
	404: {
		summary: 'Segmind does not know this model or workflow',
		hint: 'Check the API Base URL in the Segmind API credential. If it is right, the model was moved or retired: update this node.',
	},
	405: {
		summary: 'Segmind does not offer this call here',
		hint: 'Check the API Base URL in the Segmind API credential.',
	},
	406: {
		summary: 'Segmind refused the request: not enough credits, or unusable input',
		hint: 'Top up your credits in the Segmind console. If the message speaks of an image or a parameter, correct that instead.',
	},
	408: {
		summary: 'Segmind took too long to read the request',
		hint: 'Try again. Smaller images travel faster.',
	},
	410: {
		summary: 'Segmind has retired this model',
		hint: 'Look for an update of this node.',
	},
	413: {
		summary: 'The images are too large for Segmind',
		hint: `${SMALLER} Or set Image Delivery to upload.`,
	},
	422: {
		summary: 'Segmind could not work with the parameters',
		hint: 'Correct what the message names. Image URLs must be public and point straight at an image.',
	},
	429: {
		summary: 'Segmind limits how often this key may call, and the limit did not clear in time',
		hint: 'Lower Max Concurrency, raise Timeout, or move to a plan with a higher limit (free: 5 requests a minute, pro: 50).',
	},
};

export const SERVER_ERROR: Refusal = {
	summary: 'Segmind could not process the request (server error)',
	hint: 'Try again later: switch on "Retry On Fail" in the node\'s settings. Jobs that were already accepted are not bought again.',
};

export const OTHER_REFUSAL: Refusal = {
	summary: 'Segmind refused the request',
	hint: 'Check the parameters, and the URLs in the Segmind API credential.',
};

export const REDIRECT: Refusal = {
	summary:
		'The API Base URL answers with a redirect to another address, which the key is not sent to',
	hint: REDIRECTED,
};

export const GATEWAY: Refusal = {
	summary: 'Something between n8n and Segmind answered in its place',
	hint: 'Check the proxy and the firewall of your n8n, and the URLs in the Segmind API credential.',
};

/** Statuses that mean the same whoever answers; 405 is HTML at Segmind itself [docs]. */
const FROM_ANYBODY = [404, 405, 413, 429];

function refusalOf({ httpStatus = 0, isJson = true }: Problem): Refusal {
	if (httpStatus >= 300 && httpStatus < 400) return REDIRECT;
	if (!isJson && !FROM_ANYBODY.includes(httpStatus)) return GATEWAY;
	return REFUSALS[httpStatus] ?? (httpStatus >= 500 ? SERVER_ERROR : OTHER_REFUSAL);
}

const TRY_RESULT = ' For this one try the operation "Get Result" with this request ID.';

const WITHOUT_UPLOAD =
	'Setting Image Delivery to "inline" sends the image inside the request instead.';

/** What a placeholder of the table stands for. */
function valueOf(name: string, problem: Problem): string {
	const { code, httpStatus = 0, requestId } = problem;
	const refusal = refusalOf(problem);
	const isAccess = httpStatus === 401 || httpStatus === 403;
	switch (name) {
		case 'refusal':
			return refusal.summary;
		case 'refusalHint':
			return code === 'uploadRefused' && httpStatus === 413 ? SMALLER : refusal.hint;
		case 'accessHint':
			return isAccess || refusal === GATEWAY ? refusal.hint : '';
		case 'historyHint':
			return isAccess
				? refusal.hint
				: 'Check the History Base URL in the Segmind API credential, or try again later. Single jobs are fetched with "Get Result" and their request ID.';
		case 'withoutUpload':
			// The submit needs the same key and the same credits.
			return httpStatus === 401 || httpStatus === 406 ? '' : WITHOUT_UPLOAD;
		case 'tryGetResult':
			return requestId === undefined ? '' : TRY_RESULT;
		case 'httpStatusIfAny':
			return problem.httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`;
		case 'namedIdIfAny':
			return problem.namedId === undefined ? '' : `, request ID ${problem.namedId}`;
		case 'hostIfAny':
			return problem.host === undefined ? '' : ` at ${problem.host}`;
		default:
			return String(problem[name as keyof Problem] ?? '');
	}
}

/** The table's row of a problem, with its own words in it. */
export function rowOf(problem: Problem): Row {
	const row: Row = PROBLEMS[problem.code];
	const fill = (text: string) =>
		text.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(name, problem)).trim();
	return { ...row, summary: fill(row.summary), hint: fill(row.hint) };
}
