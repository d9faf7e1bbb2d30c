import { startMailServer, type MailServer } from '../parts/mail';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, itemsOf, readExample } from '../workflows';

useN8n();

let mail: MailServer;

beforeAll(async () => {
	mail = await startMailServer();
	await n8n.addCredential('smtp', 'SMTP account', mail.credential);
});

beforeEach(() => {
	mail.mails.length = 0;
});

afterAll(async () => await mail?.close());

/** Runs the recipe, with the mark at 5 USD. */
async function look() {
	const settings = { mailFrom: 'workflow@example.com', mailTo: 'reader@example.com' };
	const file = fillIn(readExample('low-credits'), settings);
	return await workflows.run(await workflows.add(file), 'Every Morning');
}

const callsOf = () => emulator.requests.map(({ kind }) => kind);

it('mails how many pictures the credits are good for when they are below the mark', async () => {
	emulator.ledger.credits = 1.5;
	const execution = await look();
	expect(execution.status).toBe('success');
	expect(itemsOf(execution, 'Credits Left')[0]?.json).toEqual({ credits: 1.5 });
	expect(mail.mails).toHaveLength(1);
	const { subject, text } = mail.mails[0] ?? {};
	expect(subject).toBe('Segmind: 1.50 USD of credits left');
	expect(text).toContain('enough for 23 pictures of FaceSwap Comic, or 9 of Character Swap');
	expect(text).not.toContain('free credits');
	// It asks once, and buys nothing.
	expect(callsOf()).toEqual(['credits']);
});

it('names free credits where Segmind does, and takes an account without any for empty', async () => {
	const answer = (status: number, body: object) =>
		emulator.fault({ on: 'credits', fault: { kind: 'status', status, body } });
	answer(200, { credits: 0.1, 'free-credits': 2 });
	await look();
	expect(mail.mails[0]?.text).toContain('0.10 USD left, and 2.00 USD of free credits');
	answer(404, { error: 'No credits found for the user' });
	await look();
	expect(mail.mails[1]?.subject).toBe('Segmind: 0.00 USD of credits left');
});

it('mails nothing while there are enough', async () => {
	emulator.ledger.credits = 5;
	expect((await look()).status).toBe('success');
	expect(mail.mails).toEqual([]);
});

it('mails nothing, and says why, when the balance cannot be read', async () => {
	emulator.fault({ on: 'credits', times: Infinity, fault: { kind: 'status', status: 403 } });
	const { status, data } = await look();
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('balance');
	expect(mail.mails).toEqual([]);
});
