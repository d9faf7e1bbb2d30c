import { parseHttpUrl } from '../kit/urls';
import { badInput, type Problem } from './problems';

const SYNC =
	'Segmind may keep no copy of a synchronous answer. Use Processing Mode "Queue", whose results can be fetched again.';

const TRY_RESULT = 'For this one try the operation "Get Result" with this request ID.';

const GONE =
	'Segmind keeps files for seven days: this one seems to be gone. Running the workflow again makes a new one.';

const SMALLER = 'Make the images smaller: 1024 pixels on the longer side are enough.';

const OTHER_IMAGES =
	'Try other images: one clear face or character each, in a public JPEG, PNG or WebP file.';

interface Row {
	what: string;
	hint: string;
}

/** What a status means when Segmind refuses a request [seed, docs]. */
const REFUSALS: Record<number, Row> = {
	400: {
		what: 'Segmind did not accept the parameters',
		hint: 'Correct the parameter that the message names. Image URLs must be public and point straight at an image.',
	},
	401: {
		what: 'Segmind did not accept the API key',
		hint: 'Open the Segmind API credential, paste the key again from the Segmind console, and save it: n8n tests it then.',
	},
	403: {
		what: 'This API key may not use this service',
		hint: "Check the key's plan and team rights in the Segmind console.",
	},
	404: {
		what: 'Segmind does not know this model or workflow',
		hint: 'Check the API Base URL in the Segmind API credential. If it is right, the model was moved or retired: update this node.',
	},
	405: {
		what: 'Segmind does not offer this call here',
		hint: 'Check the API Base URL in the Segmind API credential.',
	},
	406: {
		what: 'Segmind refused the request: not enough credits, or unusable input',
		hint: 'Top up your credits in the Segmind console. If the message speaks of an image or a parameter, correct that instead.',
	},
	408: {
		what: 'Segmind took too long to read the request',
		hint: 'Try again. Smaller images travel faster.',
	},
	410: {
		what: 'Segmind has retired this model',
		hint: 'Look for an update of this node.',
	},
	413: {
		what: 'The images are too large for Segmind',
		hint: `${SMALLER} Or set Image Delivery to upload.`,
	},
	422: {
		what: 'Segmind could not work with the parameters',
		hint: 'Correct what the message names. Image URLs must be public and point straight at an image.',
	},
	429: {
		what: 'Segmind limits how often this key may call, and the limit did not clear in time',
		hint: 'Lower Max Concurrency, raise Timeout, or move to a plan with a higher limit (free: 5 requests a minute, pro: 50).',
	},
};

const SERVER_ERROR: Row = {
	what: 'Segmind could not process the request (server error)',
	hint: 'Try again later: switch on "Retry On Fail" in the node\'s settings. Jobs that were already accepted are not bought again.',
};

const OTHER_STATUS: Row = {
	what: 'Segmind refused the request',
	hint: 'Check the parameters, and the URLs in the Segmind API credential.',
};

const REDIRECTED: Row = {
	what: 'The API Base URL answers with a redirect to another address, which the key is not sent to',
	hint: "Put Segmind's own address into the Segmind API credential (https://api.segmind.com).",
};

const GATEWAY: Row = {
	what: 'Something between n8n and Segmind answered in its place',
	hint: 'Check the proxy and the firewall of your n8n, and the URLs in the Segmind API credential.',
};

/** An HTTP error status. */
interface Refusal {
	status: number;
	words: string;
	/** The body was JSON, as Segmind's own are. */
	isJson: boolean;
}

/** Statuses that mean the same whoever answers; 405 is HTML at Segmind itself [docs]. */
const ANYBODYS = [404, 405, 413, 429];

function rowOf({ status, isJson }: Pick<Refusal, 'status' | 'isJson'>): Row {
	if (status >= 300 && status < 400) return REDIRECTED;
	if (!isJson && !ANYBODYS.includes(status)) return GATEWAY;
	return REFUSALS[status] ?? (status >= 500 ? SERVER_ERROR : OTHER_STATUS);
}

/**
 * A submit that was refused with an error status: nothing was queued, nothing is billed [docs].
 *
 * @param requestId what the answer calls the request, where it does: there is no job, but support may ask for it
 */
export function refusedSubmit(refusal: Refusal, requestId?: string): Problem {
	const { status, words } = refusal;
	const row = rowOf(refusal);
	const named = requestId === undefined ? '' : `, request ID ${requestId}`;
	return {
		blame: 'service',
		what: `${row.what} (HTTP ${status}${named})`,
		words,
		hint: row.hint,
		money: 'notSpent',
		httpCode: status,
	};
}

/** A job that exists, and whose state or result Segmind refuses to tell. */
export function refusedCheck(refusal: Refusal, requestId: string): Problem {
	const { status, words } = refusal;
	const common = { blame: 'service' as const, words, httpCode: status, requestId };
	if (status === 404) {
		return {
			...common,
			what: 'Segmind does not know this request, or no longer (HTTP 404)',
			hint: 'Segmind keeps results for one hour after the submit. Check the request ID, and that the credential belongs to the account that submitted it.',
			money: 'maybeSpent',
		};
	}
	const row = rowOf(refusal);
	return {
		...common,
		what: `${row.what} (HTTP ${status}) when asked for the result`,
		hint: status === 401 || status === 403 || row === GATEWAY ? row.hint : '',
		money: 'maybeSpent',
		fetchable: true,
	};
}

/**
 * The same, where the account's history does not help either.
 *
 * @param why why it could not be asked; undefined when it has no such request
 */
export function withoutHistory(problem: Problem, why?: string): Problem {
	const told =
		why === undefined
			? "The account's request history does not show it either, or not yet: it may lag behind."
			: `The account's request history could not be asked (${why}).`;
	return { ...problem, hint: `${problem.hint} ${told}` };
}

/** A job that ended without an image, as Segmind reports it. */
interface Failure {
	state: string;
	words: string;
	/** The state is one that is known to be a failure. */
	known: boolean;
	metrics: { cost?: unknown };
}

/** What Segmind says that a job cost, in USD, when that is more than nothing. */
const costOf = (cost: unknown): number | undefined =>
	typeof cost === 'number' && cost > 0 ? cost : undefined;

/** A job that ended without an image. Segmind does not bill failed jobs [docs]. */
export function failedJob({ state, words, known, metrics }: Failure, requestId?: string): Problem {
	const common = { blame: 'service' as const, words, requestId };
	if (!known) {
		return {
			...common,
			what: `Segmind reports the state "${state}", which this node does not know`,
			hint: '',
			money: 'maybeSpent',
			fetchable: true,
		};
	}
	const cost = costOf(metrics.cost);
	const billed =
		cost === undefined
			? 'Segmind does not bill failed jobs; running the workflow again makes a new one.'
			: `Segmind's documentation says that failed jobs are not billed, but this one names a cost of ${cost} USD: look at the credit balance in the Segmind console. Running the workflow again makes a new job.`;
	return {
		...common,
		what: 'Segmind could not make this image',
		hint: `${OTHER_IMAGES} ${billed}`,
		money: cost === undefined ? 'notSpent' : 'maybeSpent',
		isFinal: true,
	};
}

/** A job whose state Segmind doesn't tell, but an error: it may still come to its end. */
export function errorWithoutState(words: string, requestId: string): Problem {
	return {
		blame: 'service',
		what: 'Segmind answers the question for the state of this job with an error',
		words,
		hint: '',
		money: 'maybeSpent',
		requestId,
		fetchable: true,
	};
}

/** A job that Segmind calls finished, and that brought words in the place of an image. */
export function finishedWithoutImage(words: string, cost: unknown, requestId?: string): Problem {
	const named = costOf(cost);
	return {
		blame: 'service',
		what: 'Segmind finished this job without an image',
		words,
		hint: `${OTHER_IMAGES} Whether it was billed, the credit balance in the Segmind console tells. Running the workflow again makes a new job.`,
		money: named === undefined ? 'maybeSpent' : 'spent',
		requestId,
		isFinal: true,
	};
}

/** A submit that Segmind answered with an error under a success status; only that status is billed [docs]. */
export function failedAnswer(words: string, requestId?: string): Problem {
	return {
		blame: 'service',
		what: 'Segmind answered the submit with an error in the place of an image',
		words,
		hint: 'Correct what the message names. Segmind\'s documentation bills successes only, but this answer came as one: look at the credit balance in the Segmind console, then run the workflow again. Where the message speaks of polling or of a timeout, set Processing Mode to "Queue".',
		money: 'maybeSpent',
		requestId,
		isFinal: true,
	};
}

/** A submit without an answer: the job may run, and nobody can find out. */
export function unconfirmedSubmit(detail: string): Problem {
	return {
		blame: 'service',
		what: `Segmind did not answer the submit (${detail}), so it is not known whether the job was accepted`,
		hint: 'It is not sent again automatically. Look at the recent requests and the credit balance in the Segmind console; run the workflow again when the job is not there.',
		money: 'maybeSpent',
		unconfirmed: true,
	};
}

/** A submit that was answered with a redirect or the like, which is neither yes nor no. */
export function redirectedSubmit(status: number, words: string): Problem {
	const problem = unconfirmedSubmit('');
	return {
		...problem,
		what: `Segmind answered the submit with a redirect (HTTP ${status}), so it is not known whether the job was accepted`,
		words,
		hint: `${REDIRECTED.hint} ${problem.hint}`,
		httpCode: status,
	};
}

/** A 5xx of somebody on the way, who may have delivered the submit before. */
export function gatewaySubmit(status: number, words: string): Problem {
	const problem = unconfirmedSubmit(`something between n8n and Segmind answered HTTP ${status}`);
	return { ...problem, words, httpCode: status };
}

/**
 * A success status whose body names no job: the job may run, and nobody can find out.
 *
 * @param isWebPage nothing that Segmind sends: a login page of a proxy, for instance
 */
export function unreadableSubmit(words: string, isWebPage = false): Problem {
	const why = isWebPage
		? 'something between n8n and Segmind answered with a web page'
		: 'its answer could not be read';
	return { ...unconfirmedSubmit(why), words };
}

/**
 * A retry of an item whose first submit may have been paid for, without a request ID to go on with.
 *
 * @param trouble what happened to that submit, as a person reads it
 */
export function stillUnconfirmed(trouble?: string): Problem {
	return {
		...unconfirmedSubmit(''),
		words: trouble,
		what: 'An earlier try of this item got no usable answer from Segmind, so it is not submitted again',
	};
}

/** A submit without a usable answer that the account's history did not show in time. */
export function notInHistory(problem: Problem): Problem {
	const told =
		'The account\'s request history did not show it by now: it may lag behind, so "Get Many" may list it later.';
	return { ...problem, hint: `${problem.hint} ${told}` };
}

/** The account's request history could not be read. Asking costs nothing. */
export function historyNotTold(trouble: { why: string; status?: number; words?: string }): Problem {
	const { why, status, words } = trouble;
	const isKey = status === 401 || status === 403;
	return {
		blame: 'service',
		what: `The account's request history could not be read (${why})`,
		words,
		hint: isKey
			? (REFUSALS[status]?.hint ?? '')
			: 'Check the History Base URL in the Segmind API credential, or try again later. Single jobs are fetched with "Get Result" and their request ID.',
		money: 'notSpent',
		httpCode: status,
	};
}

/** The credential leads to no history. */
export function noHistory(): Problem {
	return badInput(
		'There is no request history behind this credential',
		"With an API Base URL other than Segmind's own, Segmind's history is not asked: put an address of that server into History Base URL.",
	);
}

/**
 * The connection was never made.
 *
 * @param url where to; its host is named, as Segmind has three
 */
export function unreachable(detail: string, url: string): Problem {
	const host = parseHttpUrl(url)?.host;
	return {
		blame: 'service',
		what: `Segmind could not be reached${host === undefined ? '' : ` at ${host}`} (${detail})`,
		hint: 'Check the URLs in the Segmind API credential, and the internet connection and proxy of your n8n.',
		money: 'notSpent',
	};
}

/** How long a job was waited for; its last state, and what the last check came to. */
interface Waited {
	seconds: number;
	state: string;
	last: string;
}

/** The job still ran when the time was up. */
export function timedOut(requestId: string, { seconds, state, last }: Waited): Problem {
	return {
		blame: 'service',
		what: `The image was not ready after ${seconds} seconds (last state: ${state})`,
		words: last,
		hint: 'The job goes on at Segmind; a higher Timeout waits for longer.',
		money: 'maybeSpent',
		requestId,
		fetchable: true,
	};
}

/** The job is finished and paid, but its image did not arrive in one piece. */
export function imageNotFetched(
	why: string,
	job: { requestId?: string; imageUrl?: string; sync: boolean; isOld?: boolean },
): Problem {
	const sync = job.requestId === undefined ? SYNC : `${SYNC} ${TRY_RESULT}`;
	return {
		blame: 'service',
		what: `The image is finished, but it could not be fetched (${why})`,
		hint: job.isOld ? GONE : job.sync ? sync : '',
		money: 'spent',
		fetchable: !job.isOld && !job.sync,
		requestId: job.requestId,
		imageUrl: job.imageUrl,
	};
}

const NOT_UPLOADED: Row = {
	what: "The image could not be uploaded to Segmind's storage",
	hint: 'Check the Storage Base URL in the Segmind API credential.',
};

/** A file that Segmind's storage did not take. */
export function uploadFailed(status: number | undefined, words: string): Problem {
	// Where submits go says nothing of the storage.
	const isElsewhere = status === undefined || status < 400 || status === 404 || status === 405;
	const { what, hint } = isElsewhere ? NOT_UPLOADED : rowOf({ status, isJson: true });
	const named = status === undefined ? '' : ` (HTTP ${status})`;
	const when = isElsewhere ? '' : ' when the image was uploaded to its storage';
	// The submit needs the same key and the same credits.
	const inline =
		status === 401 || status === 406
			? ''
			: ' Setting Image Delivery to "inline" sends the image inside the request instead.';
	return {
		blame: 'service',
		what: `${what}${named}${when}`,
		words,
		hint: `${status === 413 ? SMALLER : hint}${inline}`,
		money: 'notSpent',
		httpCode: status,
	};
}
