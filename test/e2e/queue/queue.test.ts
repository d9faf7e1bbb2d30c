/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import { picture } from '../../support';
import type { N8n } from '../n8n';
import { fillIn, itemsOf, readExample, type Execution } from '../workflows';
import { Cluster } from './cluster';
import { asItems, Comics, pages } from './comics';
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

async function until(what: string, isSo: () => boolean): Promise<void> {
	for (const end = Date.now() + 60_000; !isSo(); await sleep(50)) {
		if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
	}
}

const statuses = (executions: Execution[]) => executions.map(({ status }) => status);

/** Has pages made by a workflow, so many with each execution. */
async function callInGroups(path: string, all: number[], size: number): Promise<void> {
	for (let first = 0; first < all.length; first += size) {
		await cluster.call(path, asItems(all.slice(first, first + size)));
	}
}

describeQueue('queue mode', () => {
	beforeAll(async () => {
		cluster = await Cluster.start({ jobSeconds: () => jobSeconds, credits: 1000 });
		comics = new Comics(cluster);
		workers = await Promise.all([cluster.addWorker('worker-1'), cluster.addWorker('worker-2')]);
	});
	afterAll(async () => {
		const { aTestHasFailed } = globalThis as { aTestHasFailed?: boolean };
		if (aTestHasFailed && cluster) process.stderr.write(cluster.main.process.log.slice(-20_000));
		await cluster?.stop();
	});

	it('answers a photo that the main process got with an image that a worker made', async () => {
		const comicUrl = cluster.emulator.hostFile('sample.png', picture('comic.png'), 'image/png');
		await cluster.publish(fillIn(readExample('comic-from-webhook'), { comicUrl }));
		const body = new FormData();
		const photo = new Uint8Array(picture('face.jpg'));
		body.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'me.jpg');
		const url = `${cluster.main.url}/webhook/comic`;
		const answer = await (await fetch(url, { method: 'POST', body })).arrayBuffer();
		const [job] = cluster.emulator.ledger.jobs;
		const image = await cluster.emulator.image(String(job?.requestId));
		expect(Buffer.from(answer).equals(image)).toBe(true);
	});

	it('makes 200 images with two workers, each bought once and each right', async () => {
		const all = pages(1, 200);
		const spent = cluster.emulator.ledger.spent;
		const id = await cluster.publish(comics.plain('batch'));
		await callInGroups('batch', all, 5);
		const executions = await cluster.rested(id);
		expect(executions).toHaveLength(40);
		expect(await cluster.rightImages(executions, 'Swap')).toBe(200);
		expect(cluster.bought(all)).toEqual(all);
		expect(cluster.emulator.ledger.spent - spent).toBeCloseTo(200 * 0.065);
		for (const worker of workers) expect(cluster.begunBy(worker).length).toBeGreaterThan(5);
	});

	it('loses and repeats nothing when a worker is stopped and given the time it needs', async () => {
		jobSeconds = 6;
		const all = pages(1001, 20);
		const id = await cluster.publish(comics.plain('polite'));
		await callInGroups('polite', all, 5);
		await until('all jobs are accepted', () => cluster.bought(all).length === 20);
		const [first] = workers.splice(0, 1);
		expect(await first?.stop()).toEqual({ code: 0, signal: null });
		const executions = await cluster.rested(id);
		const its = executions.filter((execution) =>
			cluster.begunBy(first as N8n).includes(execution.id),
		);
		expect(its.length).toBeGreaterThan(0);
		expect(statuses(executions)).toEqual(Array(4).fill('success'));
		expect(await cluster.rightImages(executions, 'Swap')).toBe(20);
		expect(cluster.bought(all)).toEqual(all);
	});

	describe('a worker that is lost in the middle', () => {
		const inFlight = pages(2001, 10);
		const cutShort = pages(3001, 5);
		const withProgress = pages(4001, 2);
		const listed = pages(5001, 8);
		/** Executions of the scale-out example, by what they do at the moment of the kill. */
		const scaleOut = { asleep: '', dozing: '', awake: '', submitting: '' };
		/** Workflows. */
		const ids = { plain: '', hasty: '', saved: '', submit: '', fetch: '' };
		let table: string;

		async function startScaleOut(name: keyof typeof scaleOut, sleepSeconds: number) {
			const id = await cluster.workflows.add(comics.scaleOut(name, sleepSeconds));
			scaleOut[name] = await cluster.workflows.start(id, 'Start');
			await until(`${name}: it has bought`, () => cluster.boughtFor(name).length === 2);
		}

		async function untilItLooks(): Promise<void> {
			const { requests } = cluster.emulator;
			const before = requests.length;
			await until('a job is looked at', () =>
				requests.slice(before).some(({ kind }) => kind === 'status'),
			);
		}

		/** Where the rows of the table stand, in order. */
		async function noted(): Promise<string[]> {
			const { data } = await cluster.main.rest.call<{ data: Array<{ status: string }> }>(
				'GET',
				`${table}/rows?sortBy=page:asc`,
			);
			return data.map(({ status }) => status);
		}

		/** Brings everything into the middle of what it does, on the one worker that is left. */
		async function setOut(): Promise<void> {
			const { emulator } = cluster;
			const noAnswer = { kind: 'hang', when: 'after' } as const;
			jobSeconds = 20;
			for (const name of ['plain', 'hasty'] as const) {
				ids[name] = await cluster.publish(comics.plain(name));
			}
			ids.saved = await cluster.publish(comics.withProgressSaved('saved'));
			ids.submit = await cluster.publish(comics.submitFromTable('submit'));
			ids.fetch = await cluster.publish(comics.fetchFromTable('fetch'));
			const columns = { page: 'number', status: 'string', requestId: 'string' };
			table = await cluster.addTable(comics.table, columns);
			const data = listed.map((page) => ({ page, status: 'new', requestId: '' }));
			await cluster.main.rest.call('POST', `${table}/insert`, { data, returnType: 'count' });

			await startScaleOut('asleep', 66);
			await cluster.workflows.rested(scaleOut.asleep, { asleep: true });
			await startScaleOut('dozing', 60);
			await cluster.call('saved', asItems(withProgress));
			await callInGroups('plain', inFlight, 5);
			const many = [...inFlight, ...withProgress];
			await until('pages are bought', () => cluster.bought(many).length === many.length);
			emulator.fault({ on: 'status', times: Infinity, fault: { kind: 'hang', when: 'before' } });
			await startScaleOut('awake', 0.1);
			await untilItLooks();
			emulator.fault({ on: 'submit', skip: 1, fault: noAnswer });
			await startScaleOut('submitting', 66);
			emulator.fault({ on: 'submit', skip: 3, fault: noAnswer });
			await cluster.call('submit');
			await until('a fourth page is bought', () => cluster.bought(listed).length === 4);
			await cluster.call('fetch');
			await untilItLooks();
		}

		beforeAll(async () => {
			await setOut();
			await workers.pop()?.kill();
			cluster.emulator.clearFaults();
			// Another one gets less time for its shutdown than its jobs take.
			const hasty = await cluster.addWorker('hasty', { N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '3' });
			await cluster.call('hasty', asItems(cutShort));
			await until('pages are bought', () => cluster.bought(cutShort).length === 5);
			await Promise.all([hasty.stop(), cluster.addWorker('rescue')]);
			jobSeconds = 1;
		});

		it.each([
			['plain', inFlight],
			['hasty', cutShort],
		] as const)(
			'ends the executions that wait for their jobs, buys nothing again by itself, but forgets: %s',
			async (name, all) => {
				const executions = await cluster.rested(ids[name]);
				for (const { status, data } of executions) {
					expect({ status, kept: data.resultData.runData }).toEqual({ status: 'error', kept: {} });
				}
				// n8n's own Retry has nothing to start from.
				for (const { id } of executions) {
					await cluster.main.rest.call('POST', `/executions/${id}/retry`, { loadWorkflow: false });
				}
				for (const { data } of await cluster.rested(ids[name])) {
					expect(data.resultData.runData).toEqual({});
				}
				expect(cluster.bought(all)).toEqual(all);
				// Whoever starts the workflow again pays again.
				await cluster.call(name, asItems(all));
				await until('they are bought again', () => cluster.bought(all).length > all.length);
				const [again] = await cluster.rested(ids[name]);
				expect(again?.status).toBe('success');
				expect(cluster.bought(all)).toEqual(all.flatMap((page) => [page, page]));
			},
		);

		it('forgets the request IDs even with "Save execution progress"', async () => {
			const [execution] = await cluster.rested(ids.saved);
			expect(execution?.status).toBe('error');
			expect(execution?.data.resultData.runData).toEqual({});
			expect(cluster.bought(withProgress)).toEqual(withProgress);
		});

		it.each(['dozing', 'awake', 'submitting'] as const)(
			'ends the scale-out example when it is %s, and forgets the request IDs',
			async (name) => {
				const { status, data } = await cluster.workflows.rested(scaleOut[name], { seconds: 120 });
				expect({ status, kept: data.resultData.runData }).toEqual({ status: 'error', kept: {} });
				expect(cluster.boughtFor(name)).toHaveLength(2);
			},
		);

		it('lets the scale-out example go on elsewhere when it is asleep, without paying again', async () => {
			const execution = await cluster.workflows.rested(scaleOut.asleep, { seconds: 180 });
			expect(execution.status).toBe('success');
			const finished = itemsOf(execution, 'Finished Comics').map(({ json }) => json.requestId);
			expect(finished.sort()).toEqual(cluster.boughtFor('asleep').sort());
			expect(await cluster.rightImages([execution], 'Finished Comics')).toBe(2);
		});

		it('pays for nothing twice, and loses no image it knows of, when a table remembers', async () => {
			const lost = [...(await cluster.rested(ids.submit)), ...(await cluster.rested(ids.fetch))];
			expect(statuses(lost)).toEqual(['error', 'error']);
			const known = Array(3).fill('submitted');
			expect(await noted()).toEqual([...known, 'submitting', ...Array(4).fill('new')]);
			await cluster.call('submit');
			await until('the rest is bought', () => cluster.bought(listed).length === 8);
			await cluster.rested(ids.submit);
			await cluster.call('fetch');
			const [fetched] = await cluster.rested(ids.fetch);
			expect(await cluster.rightImages([fetched as Execution], 'Get the Images')).toBe(7);
			// The fourth page was bought too, but nobody heard its request ID.
			expect(await noted()).toEqual(listed.map((page) => (page === 5004 ? 'submitting' : 'done')));
			expect(cluster.bought(listed)).toEqual(listed);
		});
	});
});
