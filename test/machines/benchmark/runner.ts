/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/require-node-api-error */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type Emulator } from '../../support/emulator';
import { seeded } from '../../support/simulation/pacing';
import type { Case } from './plan';
import type { Assignment, Contender, FromChild, Input, Report, ToChild } from './types';
import { readTraffic, type Traffic } from './traffic';

/** One contender's figures in one round of one case. */
export type Result = { contender: Contender; round: number } & Partial<Report & Traffic> & {
		/** Why it did not get through. */
		failed?: string;
	};

/** A process that has loaded its contender and waits for the word. */
export interface Ready {
	contender: Contender;
	go(): Promise<Result>;
}

/** How long the jobs take: the same for every contender of a round. Seconds. */
function durations(
	mean: number,
	around: number,
	round: number,
): (job: { index: number }) => number {
	const random = seeded(7 + round);
	const list: number[] = [];
	return ({ index }) => {
		while (list.length <= index) list.push(mean * (1 + around * (2 * random() - 1)));
		return list[index] ?? mean;
	};
}

/** Hears a child out: resolves with the first message of a kind, rejects when it fails. */
async function hear<K extends FromChild['kind']>(
	child: ChildProcess,
	kind: K,
): Promise<Extract<FromChild, { kind: K }>> {
	return await new Promise((resolve, reject) => {
		child.on('message', (message: FromChild) => {
			if (message.kind === 'error') reject(new Error(message.message));
			if (message.kind === kind) resolve(message as Extract<FromChild, { kind: K }>);
		});
		child.on('exit', (code, signal) => reject(new Error(`the process ended: ${signal ?? code}`)));
	});
}

/** Tells the floor when its jobs are done: nobody else asks. */
function tellWhenFinished(child: ChildProcess, emulator: Emulator): void {
	child.on('message', (message: FromChild) => {
		if (message.kind !== 'watch') return;
		const { requestId } = message;
		const tell = () => child.connected && child.send({ kind: 'finished', requestId } as ToChild);
		emulator.whenFinished(requestId).then(tell, () => undefined);
	});
}

/** Starts a process and an emulator for one contender. `jobs` 0 makes it the idle run. */
export async function prepare(
	contender: Contender,
	{ service, jobs, seconds, around = 0.2, limit, interval, imageBytes, young }: Case,
	{ round, concurrency, inputs }: { round: number; concurrency: number; inputs?: Input[] },
): Promise<Ready> {
	const emulator = await startEmulator({
		jobSeconds: durations(seconds, around, round),
		rateLimit: contender === 'floor' ? undefined : limit,
		imageBytes,
		credits: 10_000,
	});
	const folder = mkdtempSync(join(tmpdir(), 'segmind-benchmark-'));
	const child = fork(join(__dirname, 'child.ts'), {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		execArgv: [
			...process.execArgv,
			...(young === undefined ? [] : ['--expose-gc', `--max-semi-space-size=${young}`]),
		],
	});
	tellWhenFinished(child, emulator);
	const end = async () => {
		child.removeAllListeners();
		child.kill();
		await emulator.close();
		rmSync(folder, { recursive: true, force: true });
	};
	const assignment: Assignment = {
		contender,
		service,
		jobs,
		concurrency,
		interval,
		api: emulator.url,
		files: emulator.filesUrl,
		apiKey: emulator.apiKey,
		inputs,
		folder,
	};
	child.send({ kind: 'assignment', assignment } satisfies ToChild);
	try {
		await hear(child, 'ready');
	} catch (error) {
		await end();
		throw error;
	}
	const go = async (): Promise<Result> => {
		try {
			child.send({ kind: 'go' } satisfies ToChild);
			const { report } = await hear(child, 'report');
			if (report.images !== jobs || report.imageBytes < jobs * imageBytes * 0.99) {
				throw new Error(`${report.images} images, ${report.imageBytes} bytes came home`);
			}
			return { contender, round, ...report, ...readTraffic(emulator) };
		} catch (error) {
			return { contender, round, failed: String((error as Error).message) };
		} finally {
			await end();
		}
	};
	return { contender, go };
}
