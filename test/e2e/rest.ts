/** A number, the words of n8n, and what was asked. */
class RestError extends Error {
	constructor(
		readonly status: number,
		what: string,
		readonly body: string,
	) {
		super(`${what}: HTTP ${status}: ${body}`);
	}
}

/** The editor's own interface of an n8n, used as the editor does: with the cookie of a signed-in user. */
export class RestClient {
	private cookie = '';

	constructor(readonly url: string) {}

	/** The `data` of n8n's answer. `path` begins below `/rest`. Throws a `RestError` for a refusal. */
	async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await this.send(method, `/rest${path}`, body);
		const { data } = (await response.json()) as { data: T };
		return data;
	}

	/** The body of n8n's answer as bytes; `path` as for `call`. */
	async bytes(path: string): Promise<Buffer> {
		return Buffer.from(await (await this.send('GET', `/rest${path}`)).arrayBuffer());
	}

	/** One of the JSON files that the editor loads. */
	async json<T>(path: string): Promise<T> {
		return (await (await this.send('GET', path)).json()) as T;
	}

	private async send(method: string, path: string, body?: unknown): Promise<Response> {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				cookie: this.cookie,
				'browser-id': 'end-to-end-tests',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
		if (cookies.length > 0) this.cookie = cookies.join('; ');
		if (!response.ok) {
			throw new RestError(response.status, `${method} ${path}`, await response.text());
		}
		return response;
	}
}
