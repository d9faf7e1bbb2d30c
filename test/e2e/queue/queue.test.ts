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

/** Starts `examples/scale-out.json` for two comics with that name, and returns once both are bought. */
async function startScaleOut(name: string, sleepSeconds: number): Promise<string> {
	const id = await cluster.workflows.add(comics.scaleOut(name, sleepSeconds));
	const execution = await cluster.workflows.start(id, 'Start');
	await until(`${name}: it has bought`, () => cluster.boughtFor(name).length === 2);
	return execution;
}

/** Sends a photo to `examples/comic-from-webhook.json`, and returns the answer. */
async function sendPhoto(): Promise<ArrayBuffer> {
	const body = new FormData();
	const photo = new Uint8Array(picture('face.jpg'));
	body.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'me.jpg');
	const url = `${cluster.main.url}/webhook/comic`;
	return await (await fetch(url, { method: 'POST', body })).arrayBuffer();
}

describeQueue('queue mode', () => {
	/** The workflow that takes photos. */
	let photoWorkflow: string;

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
		const comic = picture('comic.png');
		const comicUrl = cluster.emulator.hostFile('sample-1.png', comic, 'image/png');
		const workflow = fillIn(readExample('comic-from-webhook'), { comicUrl });
		photoWorkflow = await cluster.publish(workflow);
		const answer = await sendPhoto();
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
		let begunAt: string;

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

			scaleOut.asleep = await startScaleOut('asleep', 66);
			await cluster.workflows.rested(scaleOut.asleep, { asleep: true });
			scaleOut.dozing = await startScaleOut('dozing', 60);
			await cluster.call('saved', asItems(withProgress));
			await callInGroups('plain', inFlight, 5);
			const many = [...inFlight, ...withProgress];
			await until('pages are bought', () => cluster.bought(many).length === many.length);
			emulator.fault({ on: 'status', times: Infinity, fault: { kind: 'hang', when: 'before' } });
			scaleOut.awake = await startScaleOut('awake', 0.1);
			await untilItLooks();
			emulator.fault({ on: 'submit', skip: 1, fault: noAnswer });
			scaleOut.submitting = await startScaleOut('submitting', 66);
			emulator.fault({ on: 'submit', skip: 3, fault: noAnswer });
			await cluster.workflows.start(ids.submit, 'Start');
			await until('a fourth comic is bought', () => cluster.boughtFor('listed').length === 4);
			await cluster.workflows.start(ids.fetch, 'Every Minute');
			await untilItLooks();
		}

		beforeAll(async () => {
			begunAt = new Date().toISOString();
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

		it('loses no image in any of these: Get Many lists each job that was bought, with its image', async () => {
			const { emulator } = cluster;
			const rows = {
				plain: cluster.boughtAs(inFlight),
				hasty: cluster.boughtAs(cutShort),
				saved: cluster.boughtAs(withProgress),
				submitting: cluster.boughtFor('submitting'),
				awake: cluster.boughtFor('awake'),
				dozing: cluster.boughtFor('dozing'),
				asleep: cluster.boughtFor('asleep'),
				table: cluster.boughtFor('listed'),
			};
			const all = Object.values(rows).flat();
			await Promise.all(all.map(emulator.whenFinished));
			const id = await cluster.publish(comics.getMany('afterwards', begunAt));
			await cluster.call('afterwards');
			const executions = await cluster.rested(id);
			expect(statuses(executions)).toEqual(['success']);
			const found = await cluster.withRightImages(executions, 'Get Many');
			const broughtBack = Object.entries(rows).map(([name, requestIds]) => [
				name,
				found.filter((requestId) => requestIds.includes(requestId)).length,
			]);
			expect(Object.fromEntries(broughtBack)).toEqual({
				plain: 10,
				hasty: 5,
				saved: 2,
				submitting: 2,
				awake: 2,
				dozing: 2,
				asleep: 2,
				table: 4,
			});
			expect(found).toEqual([...all].sort());
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
		/** More executions of a page each than a worker takes at a time. */
		const queued = pages(6001, 12);
		/** Executions of the scale-out example, by what they do at the moment of the kill. */
		const scaleOut = { asleep: '', dozing: '' };
		let queue: string;
		/** How many of the pages were bought before. */
		let begun: number;
		/** What somebody gets who waits for an answer. */
		let answer: Promise<ArrayBuffer | 'none'>;

		beforeAll(async () => {
			jobSeconds = 15;
			scaleOut.asleep = await startScaleOut('sleeper', 66);
			await cluster.workflows.rested(scaleOut.asleep, { asleep: true });
			scaleOut.dozing = await startScaleOut('dozer', 1);
			const before = cluster.boughtFor('sample').length;
			answer = sendPhoto().catch(() => 'none' as const);
			await until('the photo is a job', () => cluster.boughtFor('sample').length > before);
			queue = await cluster.publish(comics.plain('queued'));
			await callInGroups('queued', queued, 1);
			await until('pages are bought', () => cluster.bought(queued).length >= 8);
			begun = cluster.bought(queued).length;
			await cluster.main.crashAndRestart();
			jobSeconds = 1;
		});

		it('leaves the workers to what they do, and buys nothing twice', async () => {
			const executions = await cluster.rested(queue);
			expect(begun).toBeLessThan(queued.length);
			expect(statuses(executions)).toEqual(Array(queued.length).fill('success'));
			expect(await cluster.rightImages(executions, 'Swap')).toBe(queued.length);
			expect(cluster.bought(queued)).toEqual(queued);
		});

		it('cuts off somebody who waits for an answer, but not the image', async () => {
			expect(await answer).toBe('none');
			const execution = await cluster.workflows.last(photoWorkflow);
			expect(execution.status).toBe('success');
			expect(await cluster.rightImages([execution], 'Put the Face into the Comic')).toBe(1);
			expect(cluster.boughtFor('sample')).toHaveLength(2);
		});

		it.each([
			['dozing', 'dozer'],
			['asleep', 'sleeper'],
		] as const)('lets the scale-out example go on when it is %s', async (how, name) => {
			const execution = await cluster.workflows.rested(scaleOut[how], { seconds: 180 });
			expect(execution.status).toBe('success');
			expect(await cluster.rightImages([execution], 'Finished Comics')).toBe(2);
			expect(cluster.boughtFor(name)).toHaveLength(2);
		});
	});
});
