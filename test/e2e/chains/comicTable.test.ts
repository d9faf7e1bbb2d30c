/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import { picture } from '../../support';
import { ComicTable } from '../comicTable';
import { startStorage, type Storage } from '../parts/storage';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample, type Execution, type WorkflowFile } from '../workflows';

/** Seconds that a job takes. */
let jobSeconds: number;

useN8n({ emulator: { jobSeconds: () => jobSeconds } });

let table: ComicTable;
let storage: Storage;
/** The ID of the second workflow. */
let fetching: string;

beforeAll(async () => {
	storage = await startStorage('my-bucket');
	await n8n.addCredential('s3', 'S3 account', storage.credential);
	table = new ComicTable(n8n.rest);
	fetching = await workflows.add(readExample('comic-table-fetch'));
});

beforeEach(async () => {
	jobSeconds = 0.2;
	await table.remove();
});

afterAll(async () => await storage?.close());

const comic = (name: string) => emulator.hostFile(`${name}.png`, picture('comic.png'), 'image/png');

/** Adds the first workflow, with a list of comics, and returns its ID. */
async function submitting(...names: string[]): Promise<string> {
	const faceUrl = emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg');
	const comicUrls = JSON.stringify(names.map(comic));
	return await workflows.add(fillIn(readExample('comic-table-submit'), { faceUrl, comicUrls }));
}

const submit = async (id: string): Promise<Execution> => await workflows.run(id, 'Start');

/** Runs the second workflow once. */
async function lookOnce(): Promise<void> {
	expect((await workflows.run(fetching, 'Every Minute')).status).toBe('success');
}

const noneIsOut = async () => !(await table.statuses()).includes('submitted');

/** Waits for what is sure to come. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
	for (const end = Date.now() + 60_000; !(await isSo()); await sleep(100)) {
		if (Date.now() > end) throw new Error(`It never came to that: ${String(isSo)}`);
	}
}

/** Runs the second workflow as often as it takes. */
const fetchAll = async () => await until(async () => (await lookOnce(), await noneIsOut()));

/** The second workflow, with little patience. */
function hurried(): WorkflowFile {
	const file = readExample('comic-table-fetch');
	const trigger = file.nodes.find(({ name }) => name === 'Every Minute');
	if (trigger) trigger.parameters.rule = { interval: [{ field: 'seconds', secondsInterval: 1 }] };
	return file;
}

/** The names of the comics that were bought, each as often as it was. */
const bought = () =>
	emulator.ledger.jobs.map(({ body }) => /([^/]+)\.png$/.exec(String(body.target_image))?.[1]);

const rightPictures = async () => await table.rightPictures(storage, emulator);

it('buys each comic once, and stores each picture once it is finished', async () => {
	jobSeconds = 2;
	const { status } = await submit(await submitting('a', 'b', 'c'));
	expect(status).toBe('success');
	await lookOnce();
	expect(await table.statuses()).toContain('submitted');
	await fetchAll();
	expect(await table.statuses()).toEqual(['done', 'done', 'done']);
	expect(await rightPictures()).toBe(3);
	expect(bought()).toEqual(['a', 'b', 'c']);
});

it('leaves alone what is in the table already, and takes what a person adds to it', async () => {
	await submit(await submitting('a', 'b'));
	await table.add({ comicUrl: comic('by-hand') });
	const longer = await submitting('b', 'a', 'c', 'c');
	await submit(longer);
	await submit(longer);
	expect(bought()).toEqual(['a', 'b', 'by-hand', 'c']);
});

it('buys a row once, even when two runs are under way', async () => {
	await submit(await submitting('a'));
	const id = await submitting('a', 'b', 'c', 'd');
	const runs = await Promise.all([workflows.start(id, 'Start'), workflows.start(id, 'Start')]);
	const ends = await Promise.all(runs.map(async (run) => await workflows.rested(run)));
	expect(ends.map(({ status }) => status)).toEqual(['success', 'success']);
	expect(bought().sort()).toEqual(['a', 'b', 'c', 'd']);
});

it('says in the table which comic Segmind could not make, and goes on with the others', async () => {
	emulator.fault({ on: 'submit', skip: 1, fault: { kind: 'fail', error: 'No face found' } });
	await submit(await submitting('a', 'b', 'c'));
	await fetchAll();
	expect(await table.statuses()).toEqual(['done', 'failed', 'done']);
	expect((await table.rows())[1]?.error).toContain('No face found');
	expect(await rightPictures()).toBe(2);
});

it('keeps asking for a comic that is paid for, when the answer is an error', async () => {
	await submit(await submitting('a'));
	const refusal = { kind: 'status', status: 401, body: { error: 'Whose key?' } } as const;
	emulator.fault({ on: 'status', fault: refusal });
	await lookOnce();
	const error: unknown = expect.stringContaining('Whose key?');
	expect(await table.rows()).toEqual([expect.objectContaining({ status: 'submitted', error })]);
	await fetchAll();
	expect(await table.rows()).toEqual([expect.objectContaining({ status: 'done', error: '' })]);
	expect(await rightPictures()).toBe(1);
});

it('stops at a submit that is refused, and goes on with the rest at the next start', async () => {
	const refusal = { kind: 'status', status: 406, body: { error: 'Not enough credits' } } as const;
	emulator.fault({ on: 'submit', skip: 1, fault: refusal });
	const id = await submitting('a', 'b', 'c');
	const { status, data } = await submit(id);
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('Not enough credits');
	expect(await table.statuses()).toEqual(['submitted', 'failed', null]);
	const [, refused] = await table.rows();
	expect(refused?.error).toContain('Nothing was spent');
	await submit(id);
	expect(await table.statuses()).toEqual(['submitted', 'failed', 'submitted']);
	await table.edit(refused?.id, { status: '' });
	await submit(id);
	expect(await table.statuses()).toEqual(['submitted', 'submitted', 'submitted']);
	expect(bought()).toEqual(['a', 'c', 'b']);
});

it("finds a submit without an answer in the account's history", async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'reset', when: 'after' } });
	expect((await submit(await submitting('a', 'b'))).status).toBe('success');
	expect(await table.statuses()).toEqual(['submitted', 'submitted']);
	await fetchAll();
	expect(await rightPictures()).toBe(2);
	expect(bought()).toEqual(['a', 'b']);
});

it('leaves a submit without an answer to a person, where there is no history', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'reset', when: 'after' } });
	emulator.fault({ on: 'history', times: Infinity, fault: { kind: 'status', status: 403 } });
	const id = await submitting('a', 'b');
	expect((await submit(id)).status).toBe('error');
	expect(await table.statuses()).toEqual(['submitting', null]);
	const [unsure] = await table.rows();
	expect(unsure?.error).toContain('may have been paid for');
	await submit(id);
	// Segmind's console tells the request ID.
	const requestId = emulator.ledger.jobs[0]?.requestId;
	await table.edit(unsure?.id, { status: 'submitted', requestId });
	await fetchAll();
	expect(await table.statuses()).toEqual(['done', 'done']);
	expect(await rightPictures()).toBe(2);
	expect(bought()).toEqual(['a', 'b']);
});

it('remembers what was bought when n8n is killed, which forgets it', async () => {
	jobSeconds = 5;
	const plain = await workflows.add(
		fillIn(readExample('comic-from-webhook'), { comicUrl: comic('plain') }),
	);
	await workflows.activate(plain);
	const body = new FormData();
	const photo = new Uint8Array(picture('face.jpg'));
	body.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'me.jpg');
	const answer = fetch(`${n8n.url}/webhook/comic`, { method: 'POST', body }).catch(() => 'none');
	await until(() => bought().length === 1);
	const id = await submitting('a', 'b', 'c', 'd');
	emulator.fault({ on: 'submit', skip: 2, fault: { kind: 'hang', when: 'after' } });
	const cut = await workflows.start(id, 'Start');
	await until(() => bought().length === 4);
	await n8n.crashAndRestart();
	emulator.clearFaults();

	// What only the executions knew is lost.
	expect(await answer).toBe('none');
	const waited = await workflows.last(plain);
	const wasCut = await workflows.rested(cut);
	expect([waited.status, wasCut.status]).toEqual(['crashed', 'crashed']);
	expect(JSON.stringify(waited.data)).not.toContain(emulator.ledger.jobs[0]?.requestId);
	// n8n's own Retry buys again, where it has something to start from: the call of a webhook.
	const retry = async (execution: string) =>
		await n8n.rest.call('POST', `/executions/${execution}/retry`, { loadWorkflow: false });
	await retry(waited.id);
	await expect(retry(wasCut.id)).rejects.toThrow('cannot be retried');
	expect(bought()).toEqual(['plain', 'a', 'b', 'c', 'plain']);

	expect(await table.statuses()).toEqual(['submitted', 'submitted', 'submitting', null]);
	expect((await submit(id)).status).toBe('success');
	// Published, as a user has it.
	await workflows.activate(await workflows.add(hurried()));
	await until(noneIsOut);
	expect(await table.statuses()).toEqual(['done', 'done', 'submitting', 'done']);
	expect(await rightPictures()).toBe(3);
	expect(bought()).toEqual(['plain', 'a', 'b', 'c', 'plain', 'd']);
});
