import type { Failure } from './types';
import type { Entry } from './ledger';

/** An answer before it is sent: a Buffer or string goes out as it is, anything else as JSON. */
export interface Answer {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
	/** The job it is about. */
	entry?: Entry;
}

/** What the API says when it refuses: `{"error": "…"}`. Thrown or returned, it accepts nothing. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly headers?: Record<string, string>,
	) {
		super(message);
	}

	answer(): Answer {
		return { status: this.status, body: { error: this.message }, headers: this.headers };
	}
}

export function notFound(what: string): Refusal {
	return new Refusal(404, `${what} not found`);
}

/** Wrong methods are answered by the web server in front, in HTML (docs). */
export function wrongMethod(allowed: string): Answer {
	const body =
		'<html>\r\n<head><title>405 Not Allowed</title></head>\r\n<body>\r\n<center><h1>405 Not Allowed</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';
	return { status: 405, body, headers: { 'content-type': 'text/html', allow: allowed } };
}

/** How each endpoint family reports a failed job, unless the failure says otherwise. */
export const FAILED_STATUS = { v2: 422, v1: 500, workflow: 200 } as const;

export function failedAnswer(
	failure: Failure,
	family: keyof typeof FAILED_STATUS,
	extra: Record<string, unknown> = {},
): Answer {
	return {
		status: failure.status ?? FAILED_STATUS[family],
		body: {
			status: failure.state ?? 'FAILED',
			[failure.field ?? 'error']: failure.error,
			...extra,
		},
	};
}

/** Body and headers as they go over the wire. */
export function encode(answer: Answer): { bytes: Buffer; headers: Record<string, string> } {
	const { body, headers } = answer;
	if (Buffer.isBuffer(body)) {
		return { bytes: body, headers: { 'content-type': 'application/octet-stream', ...headers } };
	}
	if (typeof body === 'string') {
		const bytes = Buffer.from(body);
		return { bytes, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } };
	}
	const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
	return { bytes, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } };
}
