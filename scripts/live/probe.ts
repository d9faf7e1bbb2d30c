/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';

/** Where a service is found, and who asks. */
export interface Place {
	apiKey: string;
	baseUrl: string;
	storageUrl: string;
	historyUrl: string;
}

/** One fact that the nodes rely on, as it was seen. Undefined: it could not be seen this time. */
export interface Fact {
	name: string;
	seen: string | undefined;
}

interface Answer {
	status: number;
	headers: Headers;
	body: unknown;
}

/** A request ID that nobody has. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

const PATIENCE = 30_000;

/** A synchronous answer takes as long as its job. */
const SYNC_PATIENCE = 300_000;

/** A workflow that nobody has: a submit there makes no job. */
const NO_WORKFLOW = '/workflows/000000000000000000000000-v1';

const WORKFLOW_REQUEST = `/workflows/request/${NOBODY}`;

/** What an answer is made of: names and types, no contents. */
function shapeOf(value: unknown, depth = 0): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${shapeOf(value[0], depth + 1)}]`;
	if (typeof value !== 'object') return typeof value;
	if (depth > 2) return '{…}';
	const parts = Object.entries(value)
		.map(([name, part]) => `${name}: ${shapeOf(part, depth + 1)}`)
		.sort();
	return `{ ${parts.join(', ')} }`;
}

const told = ({ status, body }: Answer): string => `${status} ${shapeOf(body)}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** An answer's own words, where they stand under `error`. */
const wordsIn = ({ body }: Answer): string => (isObject(body) ? String(body.error ?? '') : '');

/** What of some objects is there, out of a list of names. */
const namesIn = (value: unknown, names: string[]): string => {
	const found = isObject(value) ? names.filter((name) => name in value) : [];
	return found.length === 0 ? 'none' : found.join(', ');
};

/** Asks a place, one question after the other, so that no rate limit is met. */
export class Probe {
	readonly facts: Fact[] = [];

	constructor(
		private readonly place: Place,
		/** Between two requests; milliseconds. */
		private readonly pause: number,
	) {}

	private see(name: string, seen: string | undefined): void {
		this.facts.push({ name, seen });
	}

	private async ask(url: string, init: RequestInit = {}, key = this.place.apiKey): Promise<Answer> {
		await sleep(this.pause);
		const answer = await fetch(url, {
			redirect: 'manual',
			signal: AbortSignal.timeout(PATIENCE),
			...init,
			headers: {
				...(key === '' ? {} : { 'x-api-key': key }),
				'content-type': 'application/json',
				...init.headers,
			},
		});
		const text = await answer.text();
		let body: unknown = text === '' ? undefined : 'text';
		try {
			body = JSON.parse(text);
		} catch {
			// Its type says enough.
		}
		return { status: answer.status, headers: answer.headers, body };
	}

	/** What costs nothing. */
	async free(): Promise<void> {
		const { baseUrl, storageUrl } = this.place;
		const credits = await this.ask(`${baseUrl}/v1/get-user-credits`);
		this.see('credit balance', told(credits));
		this.see(
			'a wrong key',
			String((await this.ask(`${baseUrl}/v1/get-user-credits`, {}, 'SG_wrong')).status),
		);
		const noKey = await this.ask(`${baseUrl}/v1/get-user-credits`, {}, '');
		this.see(
			'no key at all',
			`${noKey.status} ${/missing/i.test(wordsIn(noKey)) ? 'missing' : ''}`,
		);
		const { headers } = credits;
		this.see(
			'header x-remaining-credits',
			headers.has('x-remaining-credits') ? 'there' : undefined,
		);
		this.see(
			'header x-rate-limit-remaining',
			headers.get('x-rate-limit-remaining') ? 'a number' : undefined,
		);
		const reset = headers.get('x-rate-limit-reset-at-utc');
		this.see('header x-rate-limit-reset-at-utc', reset?.replace(/\d/g, '9') ?? undefined);
		const unknown = await this.ask(`${baseUrl}/v2/requests/${NOBODY}/status`);
		this.see('state of an unknown request', String(unknown.status));
		const result = await this.ask(`${baseUrl}/v2/requests/${NOBODY}`);
		this.see('result of an unknown request', String(result.status));
		await this.workflowKey();
		const file = await this.upload(`${storageUrl}/upload-asset`);
		if (file) {
			const { status } = await this.ask(file, {}, '');
			this.see('an uploaded file, without the key', String(status));
		}
		await this.history();
	}

	/** Which header is read on the paths of workflows. */
	private async workflowKey(): Promise<void> {
		const url = `${this.place.baseUrl}${WORKFLOW_REQUEST}`;
		const direct = await this.ask(url);
		const bearer = await this.ask(
			url,
			{ headers: { authorization: `Bearer ${this.place.apiKey}` } },
			'',
		);
		const both = await this.ask(url, {
			headers: { authorization: `Bearer ${this.place.apiKey}` },
		});
		const isRead = ({ status }: Answer) => (status === 401 || status === 403 ? 'refused' : 'read');
		this.see('x-api-key on /workflows/', isRead(direct));
		this.see('Authorization: Bearer on /workflows/', isRead(bearer));
		this.see('both headers on /workflows/', isRead(both));
		const unknown = await this.ask(`${this.place.baseUrl}${NO_WORKFLOW}`, {
			method: 'POST',
			body: '{}',
		});
		this.see('a submit to a workflow that nobody has', String(unknown.status));
	}

	private async upload(url: string): Promise<string | undefined> {
		const image = await sharp({
			create: { width: 8, height: 8, channels: 3, background: '#888' },
		})
			.png()
			.toBuffer();
		const body = JSON.stringify({
			data_urls: [`data:image/png;base64,${image.toString('base64')}`],
		});
		const answer = await this.ask(url, { method: 'POST', body });
		this.see('upload', `${answer.status} ${namesIn(answer.body, ['file_urls', 'urls'])}`);
		const { file_urls: fileUrls, urls } = (answer.body ?? {}) as Record<
			string,
			string[] | undefined
		>;
		return (fileUrls ?? urls)?.[0];
	}

	private async history(): Promise<void> {
		const url = `${this.place.historyUrl}/inference-request/request-history`;
		const list = await this.ask(`${url}?page=1&per_page=1&model_name=faceswap-comic`);
		const rows = isObject(list.body) && Array.isArray(list.body.data) ? list.body.data : undefined;
		this.see('history', `${list.status} ${rows ? 'rows in data' : shapeOf(list.body)}`);
		const row: unknown = rows?.[0];
		const names = ['request_id', 'model_name', 'model_status', 'credits_deduction', 'request_body'];
		const more = [...names, 'generation_url', 'latency_ms', 'error'];
		this.see('a row of the history', row ? namesIn(row, more) : undefined);
		const times = ['model_created', 'created_at', 'createdAt', 'created', 'timestamp'];
		this.see('its time', row ? namesIn(row, times) : undefined);
		const id = isObject(row) ? String(row.request_id) : undefined;
		this.see('its request ID', id?.replace(/[0-9a-f]/gi, '9'));
		if (id !== undefined) {
			const one = await this.ask(`${url}/${id}`);
			this.see('one request of the history', String(one.status));
		}
		const nobody = await this.ask(`${url}/${NOBODY}`);
		this.see('an unknown request of the history', String(nobody.status));
	}

	/** Two runs of FaceSwap Comic, which are paid for. */
	async spend(images: { source: string; target: string }): Promise<void> {
		const { baseUrl, historyUrl } = this.place;
		const body = JSON.stringify({ source_image: images.source, target_image: images.target });
		const ticket = await this.ask(`${baseUrl}/v2/faceswap-comic`, { method: 'POST', body });
		this.see('ticket', told(ticket));
		if (!isObject(ticket.body) || ticket.body.request_id === undefined) return;
		const id = String(ticket.body.request_id);
		const early = await this.ask(`${baseUrl}/v2/requests/${id}`);
		this.see('result of a job that still runs', told(early));
		const states: string[] = [];
		let state: Answer;
		const deadline = Date.now() + 600_000;
		do {
			await sleep(Math.max(this.pause, 500));
			state = await this.ask(`${baseUrl}/v2/requests/${id}/status`);
			const name = isObject(state.body) ? String(state.body.status) : String(state.status);
			if (states.at(-1) !== name) states.push(name);
		} while (!/COMPLETED|FAILED/.test(states.at(-1) ?? '') && Date.now() < deadline);
		this.see('state at the end', states.at(-1));
		this.see('result', told(await this.ask(`${baseUrl}/v2/requests/${id}`)));
		const path = `${historyUrl}/inference-request/request-history/${id}`;
		this.see('the job in the history, right after it', String((await this.ask(path)).status));
		await this.spendSync(body);
	}

	/** A run whose image is the answer: what its headers say. */
	private async spendSync(body: string): Promise<void> {
		const signal = AbortSignal.timeout(SYNC_PATIENCE);
		const url = `${this.place.baseUrl}/v1/faceswap-comic`;
		const { status, headers } = await this.ask(url, { method: 'POST', body, signal });
		const type = headers.get('content-type')?.replace(/\/.*/, '');
		this.see('a synchronous answer', `${status} ${type}`);
		const isNumber = (name: string) => Number.isFinite(Number(headers.get(name) || NaN));
		const numbers = ['x-cost', 'x-generation-time', 'x-seed-value', 'x-remaining-credits'];
		this.see('its headers with a number', numbers.filter(isNumber).join(', ') || 'none');
		this.see('its header x-request-id', headers.has('x-request-id') ? 'there' : undefined);
	}
}

/** How a fact compares. */
export type Verdict = 'as expected' | 'different' | 'not seen';

/** A row of the table. */
export interface Compared extends Fact {
	expected: string | undefined;
	verdict: Verdict;
}

/** What was seen beside what the emulator answers. */
export const compare = (seen: Fact[], expected: Fact[]): Compared[] =>
	expected.map(({ name, seen: wanted }) => {
		const found = seen.find((fact) => fact.name === name)?.seen;
		const verdict =
			found === undefined ? 'not seen' : found === wanted ? 'as expected' : 'different';
		return { name, seen: found, expected: wanted, verdict };
	});

/** The table as Markdown: what a bug report needs. It holds no key, no URL and no picture. */
export function tableOf(rows: Compared[]): string {
	const cell = (text: string | undefined) => (text ?? '').replaceAll('|', '\\|');
	const lines = rows.map(({ name, verdict, seen, expected }) =>
		verdict === 'different'
			? `| ${name} | **different** | ${cell(seen)} | ${cell(expected)} |`
			: `| ${name} | ${verdict} | ${cell(seen)} | |`,
	);
	return ['| Fact | | Seen | Expected |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
