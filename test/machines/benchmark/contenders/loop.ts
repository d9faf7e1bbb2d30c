/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { bodyFor, imageUrlIn, submitPath, type Answer } from '../api';
import type { Assignment, Harvest } from '../types';

/** Between two status checks, and after a refusal: as Segmind's sample waits [seed]. Milliseconds. */
const PAUSE = 7_000;

/** Calls until the rate limit lets it through. */
async function call(assignment: Assignment, url: string, body?: unknown): Promise<Answer> {
	for (;;) {
		const reply = await request(url, {
			method: body === undefined ? 'GET' : 'POST',
			headers: { 'x-api-key': assignment.apiKey, 'content-type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		if (reply.statusCode === 200) return (await reply.body.json()) as Answer;
		const text = await reply.body.text();
		if (reply.statusCode !== 429) throw new Error(`${url}: ${text}`);
		await setTimeout(PAUSE);
	}
}

async function one(assignment: Assignment): Promise<number> {
	const { api, service } = assignment;
	const ticket = await call(assignment, `${api}${submitPath(service)}`, bodyFor(assignment));
	let answer: Answer;
	do {
		await setTimeout(PAUSE);
		answer = await call(assignment, String(ticket.status_url ?? ticket.poll_url));
	} while (answer.status !== 'COMPLETED');
	if (ticket.response_url !== undefined) answer = await call(assignment, ticket.response_url);
	const { body } = await request(imageUrlIn(answer));
	return (await body.arrayBuffer()).byteLength;
}

/** The loop of Segmind's sample, in a bare client: one job at a time, or as many as the others have. */
export function prepareLoop(assignment: Assignment): Promise<() => Promise<Harvest>> {
	const { contender, concurrency, jobs } = assignment;
	const workers = contender === 'loop' ? 1 : concurrency;
	const run = async (): Promise<Harvest> => {
		let next = 0;
		let bytes = 0;
		const worker = async () => {
			while (next++ < jobs) {
				const more = await one(assignment);
				bytes += more;
			}
		};
		await Promise.all(Array.from({ length: Math.min(workers, jobs) }, worker));
		return { images: jobs, bytes };
	};
	return Promise.resolve(run);
}
