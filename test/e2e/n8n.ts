/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, LoggedProcess, type Exit } from './childProcess';
import { n8nBin, type PackedPackage } from './installation';
import { startOutside, type Outside } from './registry';
import { RestClient } from './rest';

/** Somebody who may sign in. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Test',
	lastName: 'Owner',
	password: 'Only4Tests',
};

const PACKAGE = 'n8n-nodes-segmind';

export interface N8nOptions {
	/**
	 * What n8n is run as: `start` (default), or `worker` for queue mode. Anything else that its command
	 * line knows goes through `run`.
	 */
	command?: 'start' | 'worker';
	/** More environment; wins over the defaults. */
	env?: Record<string, string>;
	/** The user folder, which stays; by default a new one, which `stop` removes. */
	folder?: string;
	/** Default: any free port. */
	port?: number;
	/** What npm's registry holds for this n8n; needed by `install`. */
	published?: PackedPackage;
	/** Name of the log file in the user folder. */
	name?: string;
}

/** A real n8n in a process of its own, with a user folder of its own, that talks to loopback only. */
export class N8n {
	/** Without a slash at the end. */
	readonly url: string;
	readonly rest: RestClient;

	private constructor(
		/** `N8N_USER_FOLDER`; n8n's own files are in `.n8n` below it. */
		readonly folder: string,
		readonly port: number,
		private current: LoggedProcess,
		readonly env: Record<string, string>,
		readonly outside: Outside | undefined,
		private readonly ownsFolder: boolean,
	) {
		this.url = `http://127.0.0.1:${port}`;
		this.rest = new RestClient(this.url);
	}

	get process(): LoggedProcess {
		return this.current;
	}

	/** Starts n8n and waits until it answers: about 15 seconds the first time, in an empty folder. */
	static async start(options: N8nOptions = {}): Promise<N8n> {
		const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
		const port = options.port ?? (await freePort());
		const { command = 'start', name = command, published } = options;
		const outside = published && (await startOutside(published, folder));
		const env = {
			...(await environment(folder, port)),
			...outside?.env,
			...options.env,
		};
		const log = join(folder, `${name}.log`);
		const process = spawnN8n([command], log, env, folder);
		const n8n = new N8n(folder, port, process, env, outside, !options.folder);
		try {
			await process.until('it was ready', async () => await n8n.isReady(command));
		} catch (error) {
			await n8n.kill();
			throw error;
		}
		return n8n;
	}

	/** Makes the first user, whom the calls of `rest` are then made by. */
	async setUpOwner(): Promise<void> {
		await this.rest.call('POST', '/owner/setup', OWNER);
	}

	/** Signs the first user in, when somebody else made it. */
	async signIn(): Promise<void> {
		const { email, password } = OWNER;
		await this.rest.call('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	/** Installs the published package as *Settings > Community nodes* does. */
	async install(): Promise<void> {
		await this.rest.call('POST', '/community-packages', { name: PACKAGE });
	}

	/** Makes a credential, and returns its ID. */
	async addCredential(type: string, name: string, data: object): Promise<string> {
		const { id } = await this.rest.call<{ id: string }>('POST', '/credentials', {
			type,
			name,
			data,
		});
		return id;
	}

	/**
	 * Runs another command of n8n's command line in this user folder, and returns what it printed. Throws
	 * when it fails.
	 */
	async run(args: string[]): Promise<string> {
		const log = join(this.folder, `${args[0]?.replace(':', '-')}-${Date.now()}.log`);
		const ports = { N8N_RUNNERS_BROKER_PORT: String(await freePort()) };
		const process = spawnN8n(args, log, { ...this.env, ...ports }, this.folder);
		const { code } = await process.ended;
		if (code !== 0) throw new Error(`n8n ${args.join(' ')} ended with ${code}\n\n${process.log}`);
		return process.log;
	}

	/** Asks n8n to shut down, as a service manager does, and removes its folder. */
	async stop(): Promise<Exit> {
		return await this.end(await this.current.stop());
	}

	/** Ends n8n without giving it a chance to do anything. */
	async kill(): Promise<Exit> {
		return await this.end(await this.current.kill());
	}

	/** Kills n8n in the middle of what it does, and starts it again as it was, in the same folder. */
	async crashAndRestart(): Promise<void> {
		await this.current.kill();
		await this.startAgain();
	}

	/** Asks n8n to shut down, and starts it again as it was, in the same folder. */
	async restart(): Promise<void> {
		await this.current.stop();
		await this.startAgain();
	}

	private async startAgain(): Promise<void> {
		const { args, logFile } = this.current;
		this.current = spawnN8n(args.slice(1), logFile, this.env, this.folder);
		await this.current.until('it was ready', async () => await this.isReady(args[1] ?? ''));
	}

	private async end(exit: Exit): Promise<Exit> {
		await this.outside?.close();
		if (this.ownsFolder) rmSync(this.folder, { recursive: true, force: true });
		return exit;
	}

	private async isReady(command: string): Promise<boolean> {
		const paths = command === 'start' ? ['/healthz/readiness', '/rest/settings'] : ['/healthz'];
		for (const path of paths) {
			const response = await fetch(this.url + path);
			if (!response.ok) return false;
			// Before it is ready, n8n answers everything with a page.
			if (!(response.headers.get('content-type') ?? '').includes('json')) return false;
		}
		return true;
	}
}

function spawnN8n(
	args: string[],
	log: string,
	env: Record<string, string>,
	cwd: string,
): LoggedProcess {
	return new LoggedProcess(process.execPath, [n8nBin, ...args], log, { env, cwd });
}

/** Everything that n8n gets to know of this machine. */
async function environment(folder: string, port: number): Promise<Record<string, string>> {
	const { PATH = '', TMPDIR = '', SystemRoot = '' } = process.env;
	return {
		PATH,
		...(TMPDIR && { TMPDIR }),
		...(SystemRoot && { SystemRoot }),
		HOME: folder,
		USERPROFILE: folder,
		N8N_USER_FOLDER: folder,
		N8N_ENCRYPTION_KEY: 'only-for-tests',
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LOG_LEVEL: 'info',
		// A workflow that a busy database did not let n8n publish at once is published a moment later.
		N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '1000',
		GENERIC_TIMEZONE: 'UTC',
	};
}
