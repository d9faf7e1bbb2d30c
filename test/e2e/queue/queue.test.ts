/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import type { N8n } from '../n8n';
import { itemsOf, type Execution, type WorkflowFile } from '../workflows';
import { Cluster } from './cluster';
import { Comics } from './comics';
import { missingPrograms } from './servers';

const missing = missingPrograms();
if (missing.length > 0) {
	process.stderr.write(
		`SKIPPED: queue mode needs ${missing.join(', ')} (Debian: apt-get install redis-server postgresql)\n`,
	);
}
const describeQueue = missing.length > 0 ? describe.skip : describe;

let cluster: Cluster;
let comics: Comics;
let workers: N8n[];
/** How long the jobs take that are accepted from now on. */
let jobSeconds = 1.5;

const pages = (first: number, count: number): number[] =>
	Array.from({ length: count }, (_, index) => first + index);

const asItems = (numbers: number[]) => ({ pages: numbers.map((page) => ({ page })) });

/** The pages among these that were bought, each as often as it was. */
const bought = (among: number[]): number[] =>
	cluster.emulator.ledger.jobs
		.map(({ body }) => Number(body.seed))
		.filter((page) => among.includes(page))
		.sort((a, b) => a - b);

async function publish(workflow: WorkflowFile): Promise<string> {
	const id = await cluster.workflows.add(workflow);
	await cluster.workflows.activate(id);
	return id;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
	for (const end = Date.now() + 60_000; !(await isSo()); await sleep(50)) {
		if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
	}
}

/** The executions of a workflow once all are at rest. */
async function rested(workflowId: string, seconds = 120): Promise<Execution[]> {
	const executions: Execution[] = [];
	// One after the other: n8n has enough to do.
	for (const id of await cluster.executionsOf(workflowId)) {
		executions.push(await cluster.workflows.rested(id, { seconds }));
	}
	return executions;
}

/** How many images a node has put out that are, read through the main process, exactly their job's. */
async function rightImages(executions: Execution[], node: string): Promise<number> {
	let right = 0;
	for (const execution of executions) {
		for (const { json, binary } of itemsOf(execution, node)) {
			const image = await cluster.emulator.image(String(json.requestId));
			if ((await cluster.workflows.file(binary?.data)).equals(image)) right++;
		}
	}
	return right;
}

const statuses = (executions: Execution[]) => executions.map(({ status }) => status);

describeQueue('queue mode', () => {
	beforeAll(async () => {
		cluster = await Cluster.start({ jobSeconds: () => jobSeconds, credits: 1000 });
		comics = new Comics(cluster);
		workers = await Promise.all([cluster.addWorker('worker-1'), cluster.addWorker('worker-2')]);
	}, 300_000);
	afterAll(async () => await cluster?.stop());

	it('makes 200 images with two workers, each bought once and each right', async () => {
		const all = pages(1, 200);
		const id = await publish(comics.plain('batch'));
		for (let first = 0; first < 200; first += 5) {
			await cluster.call('batch', asItems(all.slice(first, first + 5)));
		}
		const executions = await rested(id);
		expect(executions).toHaveLength(40);
		expect(await rightImages(executions, 'Swap')).toBe(200);
		expect(bought(all)).toEqual(all);
		expect(cluster.emulator.ledger.spent).toBeCloseTo(200 * 0.065);
		for (const worker of workers) expect(cluster.begunBy(worker).length).toBeGreaterThan(5);
	}, 180_000);

	it('loses and repeats nothing when a worker is stopped and given the time it needs', async () => {
		jobSeconds = 6;
		const all = pages(1001, 20);
		const id = await publish(comics.plain('polite'));
		for (let first = 0; first < 20; first += 5) {
			await cluster.call('polite', asItems(all.slice(first, first + 5)));
		}
		await until('all jobs are accepted', () => bought(all).length === 20);
		const [first] = workers.splice(0, 1);
		expect(cluster.begunBy(first as N8n).length).toBeGreaterThan(0);
		expect(await first?.stop()).toEqual({ code: 0, signal: null });
		const executions = await rested(id);
		expect(statuses(executions)).toEqual(Array(4).fill('success'));
		expect(await rightImages(executions, 'Swap')).toBe(20);
		expect(bought(all)).toEqual(all);
	}, 180_000);
});
