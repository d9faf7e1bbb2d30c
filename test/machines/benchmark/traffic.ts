import type { Emulator } from '../../support/emulator';

/** What the emulator saw of a contender. */
export interface Traffic {
	/** Milliseconds from a job's end to the request that fetches its image, each job. */
	late: number[];
	/** Status checks a job. */
	checks: number;
	/** Requests a job, of every kind. */
	requests: number;
	/** Requests that the rate limit refused, in the whole run. */
	refused: number;
	/** Bytes in request bodies a job. */
	uploaded: number;
	/** Jobs accepted, and paid. */
	paid: number;
}

/** Reads the emulator's records after a run. */
export function readTraffic({ requests, ledger }: Emulator): Traffic {
	const { jobs } = ledger;
	const count = Math.max(1, jobs.length);
	const fetched = new Map<string, number>();
	for (const { kind, path, at } of requests) {
		const requestId = /^\/results\/([0-9a-f-]{36})/.exec(path)?.[1];
		if (kind === 'download' && requestId && !fetched.has(requestId)) fetched.set(requestId, at);
	}
	return {
		late: jobs.map(({ requestId, acceptedAt, seconds }) =>
			Math.max(0, (fetched.get(requestId) ?? NaN) - acceptedAt - seconds * 1000),
		),
		checks: requests.filter(({ kind }) => kind === 'status').length / count,
		requests: requests.length / count,
		refused: requests.filter(({ status }) => status === 429).length,
		uploaded: requests.reduce((sum, { bytes }) => sum + bytes, 0) / count,
		paid: jobs.length,
	};
}
