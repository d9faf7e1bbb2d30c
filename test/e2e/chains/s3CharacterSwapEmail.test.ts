import { picture } from '../../support';
import { startMailServer, type MailServer } from '../parts/mail';
import { startStorage, type Storage } from '../parts/storage';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let storage: Storage;
let mail: MailServer;
let workflowId: string;

beforeAll(async () => {
	storage = await startStorage('my-bucket');
	mail = await startMailServer();
	await n8n.addCredential('s3', 'S3 account', storage.credential);
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
	for (const name of ['beach', 'castle', 'forest']) {
		await storage.put(`pictures/${name}.jpg`, picture('picture.jpg'), 'image/jpeg');
	}
	await storage.put('pictures/older/lake.jpg', picture('picture.jpg'), 'image/jpeg');
	const character = picture('reference-character.png');
	const characterUrl = emulator.hostFile('character.png', character, 'image/png');
	workflowId = await workflows.add(
		fillIn(readExample('s3-character-swap-email'), {
			characterUrl,
			picturesAtMost: 3,
			mailFrom: 'workflow@example.com',
			mailTo: 'reader@example.com',
		}),
	);
});

afterAll(async () => {
	await mail?.close();
	await storage?.close();
});

/** The bytes that Segmind made, in the order in which it took the jobs. */
const made = async () =>
	await Promise.all(
		emulator.ledger.jobs.map(async ({ requestId }) => await emulator.image(requestId)),
	);

it('stores and mails a swapped image for each picture but one that fails', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No character found' } });
	const execution = await workflows.run(workflowId, 'Start');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toHaveLength(3);

	const results = (await storage.keys()).filter((key) => key.startsWith('swapped/'));
	expect(results).toHaveLength(2);
	const stored = await Promise.all(results.map(async (key) => await storage.get(key)));
	expect(stored.map(({ type }) => type)).toEqual(['image/png', 'image/png']);

	expect(mail.mails).toHaveLength(1);
	const { subject, text, from, attachments } = mail.mails[0] ?? {};
	expect(subject).toBe('New pictures: 2');
	expect(from?.text).toBe('workflow@example.com');
	expect(text).toContain('2 of 3 new pictures are done and stored in swapped/');
	expect(attachments?.map(({ filename }) => `swapped/${filename}`)).toEqual(results);
	expect(attachments?.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/png']);

	const images = await made();
	for (const [index, { body }] of stored.entries()) {
		expect(attachments?.[index]?.content.equals(body)).toBe(true);
		expect(images.filter((image) => image.equals(body)).length).toBeGreaterThan(0);
	}
});

it('tries only the missing picture in the next run', async () => {
	mail.mails.length = 0;
	const before = await storage.keys();
	const execution = await workflows.run(workflowId, 'Start');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toHaveLength(1);
	const added = (await storage.keys()).filter((key) => !before.includes(key));
	expect(added).toHaveLength(1);
	expect(mail.mails.map(({ subject }) => subject)).toEqual(['New pictures: 1']);
	const [image] = await made();
	expect((await storage.get(String(added[0]))).body.equals(image as Buffer)).toBe(true);
	expect(mail.mails[0]?.attachments[0]?.content.equals(image as Buffer)).toBe(true);
});

it('goes on with what is more than it may make at once', async () => {
	mail.mails.length = 0;
	for (const name of ['island', 'market', 'tower', 'zoo']) {
		await storage.put(`pictures/${name}.jpg`, picture('picture.jpg'), 'image/jpeg');
	}
	for (const jobs of [3, 4]) {
		expect((await workflows.run(workflowId, 'Start')).status).toBe('success');
		expect(emulator.ledger.jobs).toHaveLength(jobs);
	}
	expect(mail.mails.map(({ subject }) => subject)).toEqual(['New pictures: 3', 'New pictures: 1']);
});

it('buys nothing and mails nobody when all are done', async () => {
	mail.mails.length = 0;
	const execution = await workflows.run(workflowId, 'Start');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toEqual([]);
	expect(mail.mails).toEqual([]);
});
