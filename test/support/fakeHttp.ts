/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import type { Account } from '../../nodes/shared/http/account';
import { HttpClient } from '../../nodes/shared/http/client';
import type { Clock } from '../../nodes/shared/kit/clock';

/** An answer: bytes and texts as they are, anything else as JSON. */
export interface FakeAnswer {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
}

/** Why no answer comes, as Node.js names it. */
export const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** The client of the nodes, on helpers that answer, or fail, with what `answer` gives. */
export function clientOn(
	answer: (options: IHttpRequestOptions, signed: boolean) => FakeAnswer | Error,
	account: Account,
	clock: Clock,
): HttpClient {
	const send = (signed: boolean) => async (options: IHttpRequestOptions) => {
		const answered = answer(options, signed);
		if (answered instanceof Error) throw answered;
		const { status: statusCode, headers = {}, body = '' } = answered;
		const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
		const bytes = Buffer.from(isRaw ? body : JSON.stringify(body));
		return { statusCode, headers, body: Readable.from([bytes]) };
	};
	const context = {
		helpers: {
			httpRequest: send(false),
			httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) =>
				await send(true)(options),
		},
	} as unknown as IExecuteFunctions;
	return new HttpClient(context, account, clock);
}
