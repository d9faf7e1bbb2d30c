import { Agent, request } from 'undici';
import type { Emulator } from './index';

export const WORKFLOW_PATH = '/workflows/678aa4026426baad7e5392fb-v7';

/** A red PNG of one pixel. */
export const PIXEL =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

export const SWAP = { source_image: PIXEL, target_image: PIXEL };

export interface Reply {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	bytes: Buffer;
	text: string;
}

export interface Ticket {
	request_id: string;
	status: string;
	poll_url: string;
	status_url: string;
	response_url: string;
}

/** A plain client, which only the emulator's own tests use. */
export class Client {
	private readonly agent = new Agent({ headersTimeout: 5000, bodyTimeout: 5000 });

	constructor(private readonly emulator: Emulator) {}

	async send(
		method: 'GET' | 'POST' | 'DELETE',
		url: string,
		body?: unknown,
		headers: Record<string, string> = { 'x-api-key': this.emulator.apiKey },
		signal?: AbortSignal,
	): Promise<Reply> {
		const answer = await request(url.startsWith('/') ? this.emulator.url + url : url, {
			method,
			headers: {
				...headers,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
			dispatcher: this.agent,
			signal,
		});
		const bytes = Buffer.from(await answer.body.arrayBuffer());
		return {
			status: answer.statusCode,
			headers: answer.headers,
			bytes,
			text: bytes.toString(),
		};
	}

	async get(url: string): Promise<Reply> {
		return await this.send('GET', url);
	}

	async post(url: string, body: unknown): Promise<Reply> {
		return await this.send('POST', url, body);
	}

	/** Submits a job and returns its ticket. */
	async submit(path = '/v2/faceswap-comic', body: unknown = SWAP): Promise<Ticket> {
		return json<Ticket>(await this.post(path, body));
	}

	async close(): Promise<void> {
		await this.agent.destroy();
	}
}

export function json<T = Record<string, unknown>>(reply: Reply): T {
	return JSON.parse(reply.text) as T;
}
