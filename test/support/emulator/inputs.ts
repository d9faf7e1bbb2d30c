import { Agent, request } from 'undici';
import { fromBase64, fromDataUri, imageType, isHttpUrl } from './images';

const FETCH_TIMEOUT_MS = 10_000;

/** An input image: its bytes, or a URL that the emulator may not fetch. */
export type Input = { kind: 'bytes'; bytes: Buffer } | { kind: 'elsewhere'; url: URL };

/** An input as the request names it; its Base64 is decoded already, its URL not yet fetched. */
export type NamedInput = { kind: 'bytes'; bytes: Buffer } | { kind: 'url'; url: URL };

/** Expects text that passed validation. */
export function namedInput(text: string): NamedInput {
	if (isHttpUrl(text)) return { kind: 'url', url: new URL(text) };
	const bytes = fromDataUri(text)?.bytes ?? fromBase64(text);
	return { kind: 'bytes', bytes: bytes ?? Buffer.alloc(0) };
}

/** Fetches inputs as Segmind would: without credentials, but from this machine only. */
export class InputReader {
	private readonly agent = new Agent({
		headersTimeout: FETCH_TIMEOUT_MS,
		bodyTimeout: FETCH_TIMEOUT_MS,
	});

	constructor(private readonly maxBytes: number) {}

	/** Rejects when a loopback URL gives no image. */
	async read(input: NamedInput): Promise<Input> {
		if (input.kind === 'bytes') return input;
		if (!isLoopback(input.url)) return { kind: 'elsewhere', url: input.url };
		const { statusCode, body } = await request(input.url, { dispatcher: this.agent });
		const chunks: Buffer[] = [];
		let size = 0;
		for await (const chunk of body) {
			chunks.push(chunk as Buffer);
			size += (chunk as Buffer).length;
			if (size > this.maxBytes) throw new Error('The input is too large');
		}
		const bytes = Buffer.concat(chunks);
		if (statusCode !== 200 || !imageType(bytes)) throw new Error('The input is no image');
		return { kind: 'bytes', bytes };
	}

	async close(): Promise<void> {
		await this.agent.destroy();
	}
}

function isLoopback({ hostname }: URL): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
