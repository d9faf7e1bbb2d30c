/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import { picture } from '../../support';
import { ComicTable } from '../comicTable';
import type { N8n } from '../n8n';
import { startStorage, type Storage } from '../parts/storage';
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
let storage: Storage;
let table: ComicTable;
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
		table = new ComicTable(cluster.main.rest);
		storage = await startStorage('my-bucket');
		await cluster.main.addCredential('s3', 'S3 account', storage.credential);
		workers = await Promise.all([cluster.addWorker('worker-1'), cluster.addWorker('worker-2')]);
	});
	afterAll(async () => {
		const { aTestHasFailed } = globalThis as { aTestHasFailed?: boolean };
		if (aTestHasFailed && cluster) process.stderr.write(cluster.main.process.log.slice(-20_000));
		await cluster?.stop();
		await storage?.close();
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
		/** Executions of the scale-out example, by what they do at the moment of the kill. */
		const scaleOut = { asleep: '', dozing: '', awake: '', submitting: '' };
		/** Workflows. */
		const ids = { plain: '', hasty: '', saved: '', submit: '', fetch: '' };

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

		/** Brings everything into the middle of what it does, on the one worker that is left. */
		async function setOut(): Promise<void> {
			const { emulator } = cluster;
			const noAnswer = { kind: 'hang', when: 'after' } as const;
			jobSeconds = 20;
			for (const name of ['plain', 'hasty'] as const) {
				ids[name] = await cluster.publish(comics.plain(name));
			}
			ids.saved = await cluster.publish(comics.withProgressSaved('saved'));
			ids.submit = await cluster.workflows.add(comics.submitFromTable('listed', 8));
			ids.fetch = await cluster.workflows.add(readExample('comic-table-fetch'));

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
			await cluster.workflows.start(ids.submit, 'Start');
			await until('a fourth comic is bought', () => cluster.boughtFor('listed').length === 4);
			await cluster.workflows.start(ids.fetch, 'Every Minute');
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
			expect(await table.statuses()).toEqual([...known, 'submitting', ...Array(4).fill(null)]);
			await cluster.workflows.run(ids.submit, 'Start');
			do await cluster.workflows.run(ids.fetch, 'Every Minute');
			while ((await table.statuses()).includes('submitted'));
			// The fourth comic was bought too, but nobody heard its request ID.
			const done = (count: number) => Array(count).fill('done');
			expect(await table.statuses()).toEqual([...done(3), 'submitting', ...done(4)]);
			expect(await table.rightPictures(storage, cluster.emulator)).toBe(7);
			expect(cluster.boughtFor('listed')).toHaveLength(8);
			expect(cluster.comicsFor('listed')).toBe(8);
		});
	});

	describe('a main process that is lost in the middle', () => {
		const waiting = pages(6001, 12);
		const ids = { waiting: '', answering: '' };
		const scaleOut = { resting: '', napping: '' };
		let answer: Promise<unknown>;

		beforeAll(async () => {
			jobSeconds = 15;
			for (const name of ['resting', 'napping'] as const) {
				const seconds = name === 'resting' ? 66 : 1;
				const id = await cluster.workflows.add(comics.scaleOut(name, seconds));
				scaleOut[name] = await cluster.workflows.start(id, 'Start');
				await until(`${name}: it has bought`, () => cluster.boughtFor(name).length === 2);
			}
			await cluster.workflows.rested(scaleOut.resting, { asleep: true });
			console.log('asleep');
			ids.waiting = await cluster.publish(comics.plain('waiting'));
			await callInGroups('waiting', waiting, 1);
			await until('w', () => cluster.bought(waiting).length >= 8);
			console.log(cluster.bought(waiting));
			const t = Date.now();
			const died = cluster.main.process.pid;
			await cluster.main.crashAndRestart();
			console.log('restarted', died, Date.now() - t);
		});

		it('goes on', async () => {
			for (let i = 0; i < 5; i++) {
				console.log(
					cluster.bought(waiting).length,
					await cluster.main.rest
						.call<any>(
							'GET',
							`/executions?filter=${encodeURIComponent(JSON.stringify({ workflowId: ids.waiting }))}&limit=100`,
						)
						.then((r) => r.results.map((e: any) => e.status)),
					(await cluster.workflows.execution(scaleOut.resting)).status,
					(await cluster.workflows.execution(scaleOut.napping)).status,
				);
				await sleep(3000);
			}
			const executions = await cluster.rested(ids.waiting);
			console.log(executions.map(({ status, data }) => [status, data.resultData.error?.message]));
			console.log(
				await cluster.rightImages(executions, 'Swap').catch(String),
				cluster.bought(waiting),
			);
			const n = await cluster.workflows.rested(scaleOut.napping);
			console.log(n.status, n.data.resultData.error);
			const r = await cluster.workflows.rested(scaleOut.resting, { seconds: 180 });
			console.log(
				r.status,
				r.data.resultData.error,
				cluster.boughtFor('resting').length,
				cluster.boughtFor('napping').length,
			);
			console.log(cluster.main.process.log.split('\n').slice(-60).join('\n'));
		});
	});
});
