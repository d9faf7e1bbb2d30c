/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { forgetPeak, heldMemory, peakMemory } from './memory';
import type { Assignment, Contender, FromChild, Prepare, ToChild } from './types';

/** One contender in a process of its own, so that its memory and its CPU time are its own. */

const tell = (message: FromChild): void => {
	process.send?.(message);
};

/** Each process loads only what its contender needs. */
async function load(contender: Contender): Promise<Prepare> {
	switch (contender) {
		case 'floor':
		case 'asking':
			return (await import('./contenders/floor')).prepareFloor;
		case 'node':
			return (await import('./contenders/node')).prepareNode;
		case 'bare':
		case 'sequential':
			return (await import('./contenders/sequential')).prepareSequential;
		case 'loop':
		case 'loops':
			return (await import('./contenders/loop')).prepareLoop;
		case 'core':
			return (await import('./contenders/core')).prepareCore;
	}
}

const next = async <K extends ToChild['kind']>(kind: K): Promise<Extract<ToChild, { kind: K }>> =>
	await new Promise((resolve) => {
		const listener = (message: ToChild) => {
			if (message.kind !== kind) return;
			process.off('message', listener);
			resolve(message as Extract<ToChild, { kind: K }>);
		};
		process.on('message', listener);
	});

async function work(assignment: Assignment): Promise<void> {
	const run = await (await load(assignment.contender))(assignment);
	const go = next('go');
	tell({ kind: 'ready' });
	await go;
	const heldBefore = heldMemory();
	forgetPeak();
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	const { images, bytes } = await run();
	const wall = performance.now() - startedAt;
	const { user, system } = process.cpuUsage(cpuBefore);
	const report = {
		wall,
		cpu: (user + system) / 1000,
		peak: peakMemory(),
		held: heldMemory() - heldBefore,
		images,
		imageBytes: bytes,
	};
	tell({ kind: 'report', report });
}

next('assignment')
	.then(async ({ assignment }) => await work(assignment))
	.catch((error: unknown) => tell({ kind: 'error', message: String((error as Error).stack) }));
