/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	startEmulator,
	type Emulator,
	type EmulatorOptions,
	type Job,
} from '../../support/emulator';
import { packPackage, type PackedPackage } from '../installation';
import { N8n } from '../n8n';
import { SEGMIND_CREDENTIAL } from '../support';
import { itemsOf, runsOf, Workflows, type Execution, type WorkflowFile } from '../workflows';
import { startPostgres, startRedis, type Server } from './servers';

/**
 * How n8n notices that a worker is gone: its lock on a job runs out, and another worker sees that. n8n's
 * defaults are 60, 10 and 30 seconds.
 */
const NOTICE_A_LOST_WORKER = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
};

/**
 * n8n in queue mode: one main process and two workers, each with a folder of its own as on a machine of its
 * own. They share PostgreSQL, which holds the files too (n8n's default in queue mode), and Redis.
 */
export class Cluster {
	private readonly workers = new Set<N8n>();
	private readonly folder = mkdtempSync(join(tmpdir(), 'cluster-e2e-'));

	private constructor(
		readonly emulator: Emulator,
		readonly main: N8n,
		readonly workflows: Workflows,
		private readonly published: PackedPackage,
		private readonly env: Record<string, string>,
		private readonly servers: Server[],
	) {}

	/** Starts everything. The main process installs the package, the workers then fetch it by themselves. */
	static async start(options: EmulatorOptions): Promise<Cluster> {
		const servers = await Promise.all([startRedis(), startPostgres()]);
		const [redis, postgres] = servers;
		const env = {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: 'n8n',
			DB_POSTGRESDB_PASSWORD: '',
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			// A new worker installs the community packages that the database knows of.
			N8N_REINSTALL_MISSING_PACKAGES: 'true',
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			...NOTICE_A_LOST_WORKER,
		};
		const published = packPackage();
		const emulator = await startEmulator(options);
		const main = await N8n.start({ published, env }).catch(async (error: Error) => {
			await Promise.all([emulator.close(), ...servers.map(async (server) => await server.stop())]);
			throw error;
		});
		await main.setUpOwner();
		await main.install();
		const { apiKey, url } = emulator;
		await main.addCredential('segmindApi', SEGMIND_CREDENTIAL, {
			apiKey,
			baseUrl: url,
			storageUrl: url,
			historyUrl: url,
		});
		const workflows = new Workflows(main.rest);
		return new Cluster(emulator, main, workflows, published, env, servers);
	}

	/** Starts another worker and returns once it takes executions. `env` wins over the cluster's. */
	async addWorker(name: string, env: Record<string, string> = {}): Promise<N8n> {
		// The folder, with the log in it, outlives the worker.
		const folder = join(this.folder, name);
		mkdirSync(folder);
		const worker = await N8n.start({
			command: 'worker',
			name,
			folder,
			published: this.published,
			env: { ...this.env, ...env },
		});
		this.workers.add(worker);
		return worker;
	}

	/** Calls a production webhook; the answer doesn't wait for the execution. */
	async call(path: string, body: object = {}): Promise<void> {
		const response = await fetch(`${this.main.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
	}

	/** Imports a workflow and publishes it; returns its ID. */
	async publish(workflow: WorkflowFile): Promise<string> {
		const id = await this.workflows.add(workflow);
		await this.workflows.activate(id);
		return id;
	}

	/** The executions of a workflow, the newest first, once all are at rest. */
	async rested(workflowId: string, seconds = 120): Promise<Execution[]> {
		const executions: Execution[] = [];
		// One after the other: n8n has enough to do.
		for (const id of await this.executionsOf(workflowId)) {
			executions.push(await this.workflows.rested(id, { seconds }));
		}
		return executions;
	}

	/** How many images a node has put out that are, read through the main process, exactly their job's. */
	async rightImages(executions: Execution[], node: string): Promise<number> {
		return (await this.withRightImages(executions, node)).length;
	}

	/** The request IDs of these images, in order. */
	async withRightImages(executions: Execution[], node: string): Promise<string[]> {
		const right: string[] = [];
		for (const execution of executions) {
			const runs = Array.from({ length: runsOf(execution, node) }, (_, run) => run);
			for (const { json, binary } of runs.flatMap((run) => itemsOf(execution, node, { run }))) {
				const requestId = String(json.requestId);
				const image = await this.emulator.image(requestId);
				if ((await this.workflows.file(binary?.data)).equals(image)) right.push(requestId);
			}
		}
		return right.sort();
	}

	/** The pages among these that were bought, each as often as it was. */
	bought(among: number[]): number[] {
		return this.jobsOf(among)
			.map(({ body }) => Number(body.seed))
			.sort((a, b) => a - b);
	}

	/** The request IDs of the jobs for these pages. */
	boughtAs(among: number[]): string[] {
		return this.jobsOf(among).map(({ requestId }) => requestId);
	}

	/** The request IDs of the jobs for comics whose names begin so. */
	boughtFor(name: string): string[] {
		return this.jobsFor(name).map(({ requestId }) => requestId);
	}

	/** How many different comics they are for. */
	comicsFor(name: string): number {
		return new Set(this.jobsFor(name).map(({ body }) => body.target_image)).size;
	}

	private jobsOf(among: number[]): Job[] {
		return this.emulator.ledger.jobs.filter(({ body }) => among.includes(Number(body.seed)));
	}

	private jobsFor(name: string): Job[] {
		return this.emulator.ledger.jobs.filter(({ body }) =>
			String(body.target_image).includes(`/${name}-`),
		);
	}

	private async executionsOf(workflowId: string): Promise<string[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const path = `/executions?filter=${filter}&limit=100`;
		const { results } = await this.main.rest.call<{ results: Array<{ id: string }> }>('GET', path);
		return results.map(({ id }) => id);
	}

	/** The executions that a worker has begun, by what it says itself. */
	begunBy(worker: N8n): string[] {
		return [...worker.process.log.matchAll(/Worker started execution (\d+)/g)].map(
			([, id]) => id ?? '',
		);
	}

	/** Ends everything. */
	async stop(): Promise<void> {
		await Promise.all([...this.workers].map(async (worker) => await worker.stop()));
		await this.main.stop();
		for (const server of this.servers) await server.stop();
		await this.emulator.close();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
