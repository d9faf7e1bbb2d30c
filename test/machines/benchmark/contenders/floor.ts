/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { bodyFor, imageUrlIn, PEER_INTERVAL, submitPath, type Answer } from '../api';
import type { Assignment, Harvest, ToChild } from '../types';

/** Everybody who waits for the emulator's word that a job is done. */
const waiting = new Map<string, () => void>();

async function told(requestId: string): Promise<void> {
	const word = new Promise<void>((resolve) => waiting.set(requestId, resolve));
	process.send?.({ kind: 'watch', requestId });
	await word;
}

async function call(assignment: Assignment, url: string, body?: unknown): Promise<Answer> {
	const reply = await request(url, {
		method: body === undefined ? 'GET' : 'POST',
		headers: { 'x-api-key': assignment.apiKey, 'content-type': 'application/json' },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	if (reply.statusCode !== 200) throw new Error(`${url}: ${await reply.body.text()}`);
	return (await reply.body.json()) as Answer;
}

async function upload(assignment: Assignment, path: string): Promise<string> {
	const base64 = (await readFile(path)).toString('base64');
	const answer = await call(assignment, `${assignment.api}/upload-asset`, {
		data_urls: [`data:image/jpeg;base64,${base64}`],
	});
	return answer.file_urls?.[0] ?? '';
}

async function download(url: string, path: string): Promise<number> {
	const { body } = await request(url);
	await pipeline(body, createWriteStream(path));
	return (await stat(path)).size;
}

/** Asks at a fixed interval until the job is done. */
async function asked(assignment: Assignment, url: string): Promise<void> {
	for (;;) {
		await setTimeout((assignment.interval ?? PEER_INTERVAL[assignment.service]) * 1000);
		if ((await call(assignment, url)).status === 'COMPLETED') return;
	}
}

/**
 * The least that anybody can do: undici, no framework, no status check, told the instant a job is done;
 * as `asking` the same client makes status checks at the set interval instead.
 */
export async function prepareFloor(assignment: Assignment): Promise<() => Promise<Harvest>> {
	process.on('message', (message: ToChild) => {
		if (message.kind !== 'finished') return;
		waiting.get(message.requestId)?.();
		waiting.delete(message.requestId);
	});
	const { api, service, jobs, concurrency, inputs, folder } = assignment;
	const uploads = new Map<string, Promise<string>>();
	const one = async (index: number): Promise<number> => {
		const path = inputs?.[index]?.path;
		if (path !== undefined && !uploads.has(path)) uploads.set(path, upload(assignment, path));
		const image = path === undefined ? undefined : await uploads.get(path);
		const ticket = await call(
			assignment,
			`${api}${submitPath(service)}`,
			bodyFor(assignment, image),
		);
		if (assignment.contender === 'floor') await told(String(ticket.request_id));
		else await asked(assignment, String(ticket.status_url ?? ticket.poll_url));
		const result = await call(assignment, String(ticket.response_url ?? ticket.poll_url));
		return await download(imageUrlIn(result), join(folder, `${ticket.request_id}.image`));
	};
	return async () => {
		let next = 0;
		let bytes = 0;
		const worker = async () => {
			while (next < jobs) {
				const size = await one(next++);
				bytes += size;
			}
		};
		await Promise.all(Array.from({ length: Math.min(concurrency, jobs) }, worker));
		return { images: jobs, bytes };
	};
}
