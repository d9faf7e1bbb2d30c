/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ParsedMail } from 'mailparser';
import { picture } from '../../support';
import { startMailServer, type MailServer } from '../parts/mail';
import { startStorage, type Storage } from '../parts/storage';
import { emulator, n8n, retellHistory, useN8n, workflows } from '../support';
import { fillIn, readExample, type Execution, type WorkflowFile } from '../workflows';

/** Seconds that a job takes. */
let jobSeconds: number;

useN8n({ emulator: { jobSeconds: () => jobSeconds } });

let storage: Storage;
let mail: MailServer;
/** The example's ID, filled in. */
let outbox: string;
/** A workflow that buys a comic and forgets it. */
let buying: string;

const SETTINGS = { mailFrom: 'workflow@example.com', mailTo: 'reader@example.com' };

beforeAll(async () => {
	storage = await startStorage('my-bucket');
	mail = await startMailServer();
	await n8n.addCredential('s3', 'S3 account', storage.credential);
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
	outbox = await workflows.add(fillIn(readExample('outbox'), SETTINGS));
	const comicUrl = emulator.hostFile('comic.png', picture('comic.png'), 'image/png');
	buying = await workflows.add(fillIn(readExample('comic-from-webhook'), { comicUrl }));
	await workflows.activate(buying);
});

beforeEach(() => {
	jobSeconds = 0.2;
	mail.mails.length = 0;
	mail.receive = () => 'take';
});

afterAll(async () => {
	await mail?.close();
	await storage?.close();
});

/** Has somebody send a photo, and resolves with what they get. */
async function buy(): Promise<number | 'none'> {
	const body = new FormData();
	const photo = new Uint8Array(picture('face.jpg'));
	body.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'me.jpg');
	const url = `${n8n.url}/webhook/comic`;
	return await fetch(url, { method: 'POST', body }).then(
		async (response) => (await response.arrayBuffer(), response.status),
		() => 'none' as const,
	);
}

const deliver = async (id = outbox): Promise<Execution> =>
	await workflows.run(id, 'Every Five Minutes');

async function until(what: string, isSo: () => boolean): Promise<void> {
	for (const end = Date.now() + 60_000; !isSo(); await sleep(50)) {
		if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
	}
}

const bought = () => emulator.ledger.jobs.map(({ requestId }) => requestId).sort();

/** The request ID in the name of the file that a mail brings. */
const requestIdOf = (text = '') => /comic-(.+)\.jpg$/.exec(text)?.[1] ?? text;

const mailed = () =>
	mail.mails.map(({ attachments: [file] }) => requestIdOf(file?.filename)).sort();

/** The jobs of this test that are in the storage. */
const stored = async () =>
	(await storage.keys()).map(requestIdOf).filter((id) => bought().includes(id));

/** That each job which was bought is in the storage, and in the mail, once, with exactly its image. */
async function expectAllDelivered(): Promise<void> {
	expect(mailed()).toEqual(bought());
	expect(await stored()).toEqual(bought());
	for (const requestId of bought()) {
		const image = await emulator.image(requestId);
		const file = await storage.get(`comics/comic-${requestId}.jpg`);
		expect(file.type).toBe('image/jpeg');
		expect(file.body.equals(image)).toBe(true);
		const isIts = ({ attachments: [attached] }: ParsedMail) =>
			requestIdOf(attached?.filename) === requestId;
		const { attachments, text } = mail.mails.find(isIts) ?? {};
		expect(attachments?.map(({ content }) => content.equals(image))).toEqual([true]);
		expect(text).toContain(`comics/comic-${requestId}.jpg`);
	}
}

it('delivers each comic that was bought once, though n8n was killed while they were made', async () => {
	jobSeconds = 4;
	const answers = [buy(), buy(), buy()];
	await until('three are bought', () => bought().length === 3);
	await n8n.crashAndRestart();
	expect(await Promise.all(answers)).toEqual(['none', 'none', 'none']);
	expect((await workflows.last(buying)).status).toBe('crashed');
	await Promise.all(bought().map(emulator.whenFinished));

	// Published, as a user has it.
	const file: WorkflowFile = fillIn(readExample('outbox'), SETTINGS);
	const trigger = file.nodes.find(({ name }) => name === 'Every Five Minutes');
	if (trigger) trigger.parameters.rule = { interval: [{ field: 'seconds', secondsInterval: 20 }] };
	const published = await workflows.add(file);
	await workflows.activate(published);
	await until('three mails have come', () => mail.mails.length === 3);
	expect((await workflows.last(published)).status).toBe('success');
	await n8n.rest.call('POST', `/workflows/${published}/deactivate`);
	await expectAllDelivered();

	expect((await deliver()).status).toBe('success');
	await expectAllDelivered();
	expect(bought()).toHaveLength(3);
});

it('delivers the rest, and nothing twice, when n8n is killed while it delivers', async () => {
	expect(await Promise.all([buy(), buy(), buy()])).toEqual([200, 200, 200]);
	let hanging = false;
	mail.receive = () => {
		hanging = mail.mails.length === 1;
		return hanging ? 'hang' : 'take';
	};
	const cut = await workflows.start(outbox, 'Every Five Minutes');
	await until('the second mail is on its way', () => hanging);
	await n8n.crashAndRestart();
	expect((await workflows.rested(cut)).status).toBe('crashed');
	expect([mailed().length, (await stored()).length]).toEqual([1, 2]);
	mail.receive = () => 'take';
	expect((await deliver()).status).toBe('success');
	await expectAllDelivered();
	expect(bought()).toHaveLength(3);
});

it('delivers the others when a mail is refused, says so, and tries that one again', async () => {
	await Promise.all([buy(), buy(), buy()]);
	let tries = 0;
	mail.receive = () => (++tries === 1 ? 'refuse' : 'take');
	const { status, data } = await deliver();
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('the next run will try again');
	expect(data.resultData.error?.message).toContain('Mailbox full');
	expect(mailed()).toHaveLength(2);
	expect((await deliver()).status).toBe('success');
	await expectAllDelivered();
});

it('mails nothing that the storage did not take', async () => {
	await buy();
	const wrong = fillIn(readExample('outbox'), { ...SETTINGS, bucket: 'no-such-bucket' });
	expect((await deliver(await workflows.add(wrong))).status).toBe('error');
	expect(mailed()).toEqual([]);
	expect((await deliver()).status).toBe('success');
	await expectAllDelivered();
});

it('leaves alone what failed, still runs, or was made before the day in its settings', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face found' } });
	expect(await buy()).toBe(400);
	jobSeconds = 8;
	const answer = buy();
	await until('two are bought', () => bought().length === 2);
	expect((await deliver()).status).toBe('success');
	expect(mailed()).toEqual([]);

	expect(await answer).toBe(200);
	const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
	const later = fillIn(readExample('outbox'), { ...SETTINGS, deliverFrom: tomorrow });
	expect((await deliver(await workflows.add(later))).status).toBe('success');
	expect(mailed()).toEqual([]);
	expect((await deliver()).status).toBe('success');
	expect(mailed()).toHaveLength(1);
});

it("delivers a job of several pictures as one, and one that is older than Segmind's hour", async () => {
	await buy();
	const [requestId = ''] = bought();
	retellHistory((rows) =>
		rows.flatMap((row) => [row, { ...row, generation_url: emulator.imageUrl(requestId, 1) }]),
	);
	emulator.advance(2 * 3_600_000);
	expect((await deliver()).status).toBe('success');
	await expectAllDelivered();
	expect((await deliver()).status).toBe('success');
	expect(mailed()).toHaveLength(1);
});
