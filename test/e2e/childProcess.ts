/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
	code: number | null;
	signal: string | null;
}

/** A process whose output goes into a file. */
export class LoggedProcess {
	/** Set once it has ended. */
	exit?: Exit;
	readonly ended: Promise<Exit>;
	private readonly child: ChildProcess;

	/** Starts the command with exactly this environment. */
	constructor(
		readonly command: string,
		readonly args: string[],
		readonly logFile: string,
		options: { env: Record<string, string>; cwd: string },
	) {
		const log = openSync(logFile, 'a');
		this.child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
		closeSync(log);
		this.ended = new Promise((resolve) => {
			this.child.once('error', (error) => {
				appendFileSync(logFile, `${error.message}\n`);
				resolve((this.exit ??= { code: 127, signal: null }));
			});
			this.child.once('exit', (code, signal) => resolve((this.exit ??= { code, signal })));
		});
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	/** All it has printed so far. */
	get log(): string {
		return readFileSync(this.logFile, 'utf8');
	}

	/** Resolves when `ready` does so truthily; rejects when the process ends before, or after `seconds`. */
	async until(what: string, ready: () => Promise<unknown>, seconds = 120): Promise<void> {
		const deadline = Date.now() + seconds * 1000;
		for (;;) {
			const reached = await ready().catch(() => false);
			if (reached) return;
			if (this.exit || Date.now() > deadline) {
				const end = this.exit ? `it ended (${JSON.stringify(this.exit)})` : `${seconds} s passed`;
				throw new Error(`${this.args.join(' ')}: ${end} before ${what}\n\n${this.log}`);
			}
			await sleep(100);
		}
	}

	/** Asks it to end as a service manager does, and kills it when it hasn't after so many seconds. */
	async stop(seconds = 40): Promise<Exit> {
		if (!this.exit) this.child.kill('SIGTERM');
		const hasEnded = await Promise.race([
			this.ended.then(() => true),
			sleep(seconds * 1000, false, { ref: false }),
		]);
		return hasEnded ? await this.ended : await this.kill();
	}

	/** Ends it at once, without a word. */
	async kill(): Promise<Exit> {
		if (!this.exit) this.child.kill('SIGKILL');
		return await this.ended;
	}
}

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
