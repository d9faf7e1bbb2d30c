/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** A message of OpenAI's Chat Completions API, as far as the tests need it. */
interface ChatMessage {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | null;
	tool_calls?: Array<{ id: string; type: 'function'; function: ToolCall }>;
	tool_call_id?: string;
}

interface ToolCall {
	name: string;
	/** JSON. */
	arguments: string;
}

export interface ChatRequest {
	stream?: boolean;
	messages: ChatMessage[];
	tools?: Array<{
		type: 'function';
		function: { name: string; description: string; parameters: { properties: object } };
	}>;
}

/** What the model says next: words, or calls of tools. */
type Reply = string | ToolCall[];

/** A chat model that follows a script, behind OpenAI's interface, on loopback. */
export interface ChatModel {
	/** What goes into n8n's OpenAI credential. */
	readonly credential: object;
	/** What it was asked, in order. */
	readonly requests: ChatRequest[];
	/** Decides what it says; set by a test. */
	script: (request: ChatRequest) => Reply;
	close(): Promise<void>;
}

/** Starts it. */
export async function startChatModel(): Promise<ChatModel> {
	const app = Fastify();
	const model: ChatModel = {
		credential: {},
		requests: [],
		script: () => 'I have nothing to say.',
		close: async () => await app.close(),
	};
	let calls = 0;
	app.post<{ Body: ChatRequest }>('/v1/chat/completions', async ({ body }, reply) => {
		model.requests.push(body);
		const said = model.script(body);
		const finish_reason = typeof said === 'string' ? 'stop' : 'tool_calls';
		const message =
			typeof said === 'string'
				? { role: 'assistant', content: said }
				: {
						role: 'assistant',
						content: null,
						tool_calls: said.map((call, index) => ({
							index,
							id: `call_${++calls}`,
							type: 'function',
							function: call,
						})),
					};
		const answer = (object: string, choice: object) => ({
			id: `chatcmpl-${model.requests.length}`,
			object,
			created: 0,
			model: 'scripted',
			choices: [{ index: 0, ...choice }],
		});
		if (!body.stream) return answer('chat.completion', { message, finish_reason });
		const chunks = [
			{ delta: message, finish_reason: null },
			{ delta: {}, finish_reason },
		];
		const events = chunks.map((chunk) => JSON.stringify(answer('chat.completion.chunk', chunk)));
		reply.header('content-type', 'text/event-stream');
		return [...events, '[DONE]'].map((event) => `data: ${event}\n\n`).join('');
	});
	await app.listen({ host: '127.0.0.1', port: 0 });
	const { port } = app.server.address() as AddressInfo;
	return Object.assign(model, {
		credential: { apiKey: 'only-for-tests', url: `http://127.0.0.1:${port}/v1` },
	});
}
