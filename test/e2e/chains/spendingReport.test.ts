import { picture } from '../../support';
import { startMailServer, type MailServer } from '../parts/mail';
import { emulator, n8n, retellHistory, useN8n, workflows } from '../support';
import { fillIn, readExample } from '../workflows';

useN8n();

let mail: MailServer;
let buying: string;

beforeAll(async () => {
	mail = await startMailServer();
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
	const faceUrl = emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg');
	const comicUrls = JSON.stringify(
		['a', 'b', 'c', 'd'].map((name) =>
			emulator.hostFile(`${name}.png`, picture('comic.png'), 'image/png'),
		),
	);
	buying = await workflows.add(
		fillIn(readExample('scale-out'), { faceUrl, comicUrls, sleepSeconds: 1 }),
	);
});

beforeEach(() => {
	mail.mails.length = 0;
});

afterAll(async () => await mail?.close());

/** Runs the report over a month, by default the last one, and returns the mail. */
async function report(month?: string) {
	const settings = { mailFrom: 'workflow@example.com', mailTo: 'reader@example.com' };
	const file = fillIn(readExample('spending-report'), month ? { ...settings, month } : settings);
	const execution = await workflows.run(await workflows.add(file), 'Every Month');
	expect(execution.status).toBe('success');
	expect(mail.mails).toHaveLength(1);
	const { subject, html } = mail.mails[0] ?? {};
	const cells = (row: string) => [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell);
	const rows = String(html).split('<tr>').slice(2).map(cells);
	return { subject, html: String(html), rows };
}

const dayOf = (at = 0) => new Date(at).toISOString().slice(0, 10);

it('sums up the jobs of a month by day and state, and counts each job once', async () => {
	emulator.fault({ on: 'submit', skip: 1, fault: { kind: 'fail', error: 'No face found' } });
	await workflows.run(buying, 'Start');
	const { jobs } = emulator.ledger;
	expect(jobs).toHaveLength(4);
	const [first] = jobs;
	const today = dayOf(first?.acceptedAt);
	const earlier = `${today.slice(0, 8)}01`;
	const before = new Date(Date.parse(`${earlier}T00:00:00Z`) - 1).toISOString();
	retellHistory((rows) => [
		// As a job of two pictures is told: a row for each, with the whole cost.
		...rows.flatMap((row) => [row, { ...row, generation_url: `${emulator.filesUrl}/second.jpg` }]),
		{ ...rows[0], request_id: 'first-of-month', model_created: `${earlier}T00:00:00.000Z` },
		{ ...rows[0], request_id: 'month-before', model_created: before },
	]);

	const { subject, html, rows } = await report(today.slice(0, 7));
	expect(subject).toBe(`FaceSwap Comic in ${today.slice(0, 7)}: 0.260 USD`);
	expect(html).toContain('5 jobs, 0.260 USD');
	const sameDay = earlier === today;
	expect(rows).toEqual([
		...(sameDay ? [] : [[earlier, 'finished', '1', '0.065']]),
		[today, 'failed', '1', '0.000'],
		[today, 'finished', ...(sameDay ? ['4', '0.260'] : ['3', '0.195'])],
	]);
});

it('reports the month before by default, also when nothing was made in it', async () => {
	await workflows.run(buying, 'Start');
	const [job] = emulator.ledger.jobs;
	const month = new Date(job?.acceptedAt ?? 0);
	month.setUTCDate(0);
	const { subject, html, rows } = await report();
	expect(subject).toBe(`FaceSwap Comic in ${month.toISOString().slice(0, 7)}: 0.000 USD`);
	expect(html).toContain('0 jobs, 0.000 USD');
	expect(rows).toEqual([]);
});

it('mails nothing, and says why, when the history does not tell', async () => {
	emulator.fault({ on: 'history', times: Infinity, fault: { kind: 'status', status: 403 } });
	const id = await workflows.add(readExample('spending-report'));
	const { status, data } = await workflows.run(id, 'Every Month');
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('history');
	expect(mail.mails).toEqual([]);
});
