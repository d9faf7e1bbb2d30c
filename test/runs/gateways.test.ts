/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals */
import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_API_KEY, type Fault } from '../support/emulator';
import { type Case, type Report, runCase, useCases } from '../support/faults/runCase';
import { engine, quick } from '../support';

useCases();

const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const PAGE = '<html><head><title>Bad gateway</title></head><body>cloud edge</body></html>';

async function run(theCase: Partial<Case>): Promise<Report> {
	const report = await runCase({ way: 'queue', rules: [], timeout: 20, ...theCase });
	expect(report.leaks).toEqual([]);
	return report;
}

/** The job is accepted, and something on the way answers in Segmind's place. */
const instead = (status: number, body = PAGE, contentType = 'text/html'): Fault => ({
	kind: 'body',
	status,
	body,
	contentType,
});

describe('a gateway that answers a delivered submit with its own 5xx', () => {
	it.each([500, 502, 504, 520, 524, 599])(
		'leaves it unconfirmed: HTTP %i is never bought again',
		async (status) => {
			for (const way of ['queue', 'workflow', 'sync'] as const) {
				const on = way === 'sync' ? 'sync' : 'submit';
				const report = await run({
					way,
					rules: [{ on, times: Infinity, fault: instead(status) }],
					settings: RETRY,
				});
				expect(report.emulator.ledger.jobs).toHaveLength(1);
				expect(report.text).toMatch(/This run may have been paid for\./);
			}
		},
	);

	it('is looked up in the history', async () => {
		const { emulator, outcome } = await run({
			rules: [{ on: 'submit', fault: instead(502) }],
			parameters: {
				sourceImageInput: 'url',
				targetImageInput: 'url',
				sourceImageUrl: 'https://example.com/face.jpg',
				targetImageUrl: 'https://example.com/comic.png',
			},
			history: true,
		});
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(outcome.outputs[0]?.[0]?.json.requestId).toBe(emulator.ledger.jobs[0]?.requestId);
	});

	it.each(['', 'upstream timed out', '[1, 2', PAGE])(
		'is told by a body that is no JSON: %j',
		async (body) => {
			const report = await run({
				rules: [{ on: 'submit', fault: instead(504, body, 'text/plain') }],
			});
			expect(report.text).toMatch(/HTTP 504.*This run may have been paid for/s);
		},
	);
});

it.each([503, 521, 522, 523, 525, 526, 530])(
	'HTTP %i of a gateway says that nothing was delivered: a retry submits',
	async (status) => {
		const report = await run({
			rules: [{ on: 'submit', fault: { kind: 'status', status, body: PAGE } }],
			settings: RETRY,
		});
		expect(report.text).toBe('');
		expect(report.emulator.ledger.jobs).toHaveLength(1);
	},
);

it.each([500, 502, 504])('HTTP %i with JSON is Segmind’s own refusal', async (status) => {
	const report = await run({
		rules: [{ on: 'submit', fault: { kind: 'status', status, body: { error: 'Sorry' } } }],
	});
	expect(report.text).toMatch(/"Sorry"\. Nothing was spent\./);
});

it.each([
	[403, 'a bot challenge'],
	[401, 'a login'],
	[407, 'a proxy that wants a login'],
	[451, 'a filter'],
])('HTTP %i as a web page is not taken for Segmind’s word: %s', async (status) => {
	const report = await run({
		rules: [{ on: 'submit', fault: { kind: 'status', status, body: PAGE } }],
	});
	expect(report.text).toMatch(/something between n8n and Segmind.*Nothing was spent/is);
	expect(report.text).not.toMatch(/This API key may not use/);
});

it('a login page in the place of a ticket is called a web page from somebody on the way', async () => {
	const report = await run({ rules: [{ on: 'submit', fault: instead(200, PAGE) }] });
	expect(report.text).toMatch(/web page/);
	expect(report.text).toMatch(/between n8n and Segmind/);
	expect(report.text).toMatch(/may have been paid for/);
});

/** A forward proxy, as companies have them. */
interface Proxy {
	url: string;
	/** Requests and CONNECTs that reached it. */
	seen: string[];
	close(): void;
}

async function startProxy(
	onConnect: (socket: Duplex, count: number) => void,
	onRequest?: (request: IncomingMessage) => number | undefined,
): Promise<Proxy> {
	const seen: string[] = [];
	const server: Server = createServer((request, reply) => {
		seen.push(`${request.method} ${request.url}`);
		const refusal = onRequest?.(request);
		if (refusal !== undefined) {
			reply.writeHead(refusal, { 'content-type': 'text/html' }).end(PAGE);
			return;
		}
		const { method, headers } = request;
		const onward = forward(request.url ?? '', { method, headers }, (answer) => {
			reply.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(reply);
		});
		request.pipe(onward);
	});
	let connects = 0;
	server.on('connect', (request, socket) => {
		seen.push(`CONNECT ${request.url}`);
		socket.on('error', () => undefined);
		onConnect(socket, ++connects);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		seen,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}

describe('behind a forward proxy', () => {
	const before = { ...process.env };
	let proxy: Proxy | undefined;

	afterEach(() => {
		for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) {
			if (before[name] === undefined) delete process.env[name];
			else process.env[name] = before[name];
		}
		proxy?.close();
	});

	const swapAt = async (baseUrl: string) =>
		await engine.run({
			type: 'faceSwapComic',
			credentials: { apiKey: DEFAULT_API_KEY, baseUrl, storageUrl: baseUrl, historyUrl: '' },
			parameters: {
				sourceImageUrl: 'https://example.com/face.jpg',
				targetImageUrl: 'https://example.com/comic.png',
				options: { ...quick },
			},
			settings: RETRY,
		});

	it('a tunnel that is closed before it stands was never a submit: it is tried again', async () => {
		proxy = await startProxy((socket) => socket.destroy());
		process.env.HTTPS_PROXY = proxy.url;
		const { error } = await swapAt('https://segmind.invalid');
		expect(error?.message).toMatch(/Nothing was spent\./);
		// Five connections of each of the three tries.
		expect(proxy.seen).toHaveLength(15);
	}, 60_000);

	it.each([407, 403])('a tunnel refused with HTTP %i says who refused it', async (status) => {
		proxy = await startProxy((socket) => {
			socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\n\r\n${PAGE}`);
		});
		process.env.HTTPS_PROXY = proxy.url;
		const { error } = await swapAt('https://segmind.invalid');
		expect(error?.message).toMatch(/between n8n and Segmind.*Nothing was spent\./s);
	});

	it('a tunnel refused with HTTP 502 is not blamed on the key', async () => {
		proxy = await startProxy((socket) => {
			socket.end(`HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n${PAGE}`);
		});
		process.env.HTTPS_PROXY = proxy.url;
		const { error } = await swapAt('https://segmind.invalid');
		expect(error?.message).toMatch(/between n8n and Segmind/);
	});

	it('a login that plain HTTP runs into says so', async () => {
		proxy = await startProxy(
			(socket) => socket.destroy(),
			() => 407,
		);
		process.env.HTTP_PROXY = proxy.url;
		const { error } = await swapAt('http://segmind.invalid');
		expect(error?.message).toMatch(/between n8n and Segmind.*HTTP 407.*Nothing was spent\./s);
	});
});
