/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from '../../support';
import { startMailServer, type MailServer } from '../parts/mail';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, itemsOf, readExample } from '../workflows';

useN8n();

const PAGES = ['page-1.png', 'page-2.png', 'page-3.png', 'page-4.png', 'page-5.png', 'page-6.png'];

let mail: MailServer;
let workflowId: string;
let results: string;

beforeAll(async () => {
	mail = await startMailServer();
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
	// The folder that n8n allows by default.
	const files = join(n8n.folder, '.n8n-files');
	const pages = join(files, 'pages');
	results = join(files, 'finished');
	mkdirSync(pages, { recursive: true });
	mkdirSync(results);
	for (const [index, page] of PAGES.entries()) {
		// Each page differs, so that it is uploaded by itself.
		writeFileSync(join(pages, page), Buffer.concat([picture('comic.png'), Buffer.from([index])]));
	}
	writeFileSync(join(pages, 'notes.txt'), 'no page');
	writeFileSync(join(files, 'face.jpg'), picture('face.jpg'));
	workflowId = await workflows.add(
		fillIn(readExample('folder-batch-comic'), {
			pagesFolder: pages,
			faceFile: join(files, 'face.jpg'),
			resultsFolder: results,
		}),
	);
});

afterAll(async () => await mail?.close());

it('writes the finished pages under their names, and reports the failed ones in one mail', async () => {
	emulator.fault({ on: 'submit', times: 2, fault: { kind: 'fail', error: 'No face found' } });
	const execution = await workflows.run(workflowId, 'Start');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toHaveLength(PAGES.length);
	expect(emulator.uploads).toHaveLength(PAGES.length + 1);

	const finished = itemsOf(execution, 'Put the Face into the Pages');
	const failed = itemsOf(execution, 'Put the Face into the Pages', { output: 1 });
	expect(finished).toHaveLength(4);
	expect(failed).toHaveLength(2);

	const nameOf = (file: unknown) => String(file).replace(/\.\w+$/, '');
	const written = readdirSync(results);
	expect(written.sort()).toEqual(finished.map(({ json }) => json.fileName).sort());
	for (const { json } of finished) {
		const image = await emulator.image(String(json.requestId));
		expect(readFileSync(join(results, String(json.fileName))).equals(image)).toBe(true);
	}

	expect(mail.mails).toHaveLength(1);
	expect(mail.mails[0]?.subject).toBe('Failed comic pages: 2');
	const text = String(mail.mails[0]?.text);
	const reported = [...text.matchAll(/^page-\d\.png$/gm)].map(([page]) => nameOf(page));
	expect([...reported, ...written.map(nameOf)].sort()).toEqual(PAGES.map(nameOf));
	expect(text.match(/No face found/g)).toHaveLength(2);
});

it('uploads the face once for all pages', async () => {
	await workflows.run(workflowId, 'Start');
	const face = picture('face.jpg').length;
	expect(emulator.uploads.filter(({ bytes }) => bytes === face)).toHaveLength(1);
	const faces = new Set(emulator.ledger.jobs.map(({ body }) => body.source_image));
	expect([...faces]).toEqual([emulator.uploads.find(({ bytes }) => bytes === face)?.url]);
});

it('mails nobody when no page fails', async () => {
	mail.mails.length = 0;
	const execution = await workflows.run(workflowId, 'Start');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toHaveLength(PAGES.length);
	expect(mail.mails).toEqual([]);
});
