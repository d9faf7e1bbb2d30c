import { sleep } from 'n8n-workflow';
import { Client, SWAP, WORKFLOW_PATH, json, type Reply } from '../../support/emulator/client';
import { startEmulator, type Emulator, type Fault, type RequestKind } from '../../support/emulator';
import { startStopwatch } from '../../support/stopwatch';

let emulator: Emulator;
let client: Client;

beforeEach(async () => {
	emulator = await startEmulator({ jobSeconds: 0.01 });
	client = new Client(emulator);
});

afterEach(async () => {
	await client.close();
	await emulator.close();
});

const submit = async () => await client.post('/v2/faceswap-comic', SWAP);
const accepted = () => emulator.ledger.jobs.length;

function expectFault(on: RequestKind | 'any', fault: Fault): void {
	emulator.fault({ on, fault });
}

async function finishedFile(): Promise<string> {
	const { request_id: id } = await client.submit();
	await emulator.whenFinished(id);
	return emulator.imageUrl(id);
}

it('answers a status instead, with the key echoed', async () => {
	expectFault('submit', {
		kind: 'status',
		status: 500,
		body: { error: 'bad key {{key}}' },
		headers: { 'x-request-id': 'r' },
	});
	const reply = await submit();
	expect([reply.status, json(reply).error]).toEqual([500, `bad key ${emulator.apiKey}`]);
	expect(reply.headers['x-request-id']).toBe('r');
	expect(accepted()).toBe(0);
	expect((await submit()).status).toBe(200);
});

it.each([
	['before', 0],
	['after', 1],
] as const)('resets %s it took effect', async (when, jobs) => {
	expectFault('submit', { kind: 'reset', when });
	await expect(submit()).rejects.toThrow();
	expect(accepted()).toBe(jobs);
	expect(emulator.requests[0]?.status).toBeUndefined();
});

it('resets a download in the middle', async () => {
	const url = await finishedFile();
	expectFault('download', { kind: 'reset', when: 'after' });
	await expect(client.get(url)).rejects.toThrow();
	expect((await client.get(url)).status).toBe(200);
});

it.each([
	['before', 0],
	['after', 1],
] as const)('hangs %s it took effect, until it is closed', async (when, jobs) => {
	expectFault('submit', { kind: 'hang', when });
	const ended = expect(submit()).rejects.toThrow();
	// A busy machine takes its time.
	for (let waits = 0; waits < 100 && (waits < 5 || accepted() !== jobs); waits++) await sleep(20);
	expect(accepted()).toBe(jobs);
	await emulator.close();
	await ended;
});

it('drips', async () => {
	expectFault('credits', { kind: 'drip', bytesPerSecond: 100 });
	const start = Date.now();
	const reply = await client.get('/v1/get-user-credits');
	expect(json(reply)).toEqual({ credits: 100 });
	expect(Date.now() - start).toBeGreaterThan(90);
});

it.each([0, 0.5])('truncates to %d of the promised length', async (fraction) => {
	const url = await finishedFile();
	expectFault('download', { kind: 'truncate', fraction });
	await expect(client.get(url)).rejects.toThrow();
});

it('shortens a well framed answer', async () => {
	const url = await finishedFile();
	const whole = (await client.get(url)).bytes;
	expectFault('download', { kind: 'shorten', fraction: 0.5 });
	expect((await client.get(url)).bytes).toEqual(whole.subarray(0, whole.length / 2));
});

it('answers garbage, with or without effect', async () => {
	const garbage = { kind: 'body', body: '<html>{{key}}', contentType: 'text/html' } as const;
	expectFault('submit', garbage);
	expectFault('submit', { ...garbage, status: 502, effect: false });
	const first = await submit();
	expect([first.status, first.text]).toEqual([200, `<html>${emulator.apiKey}`]);
	expect((await submit()).status).toBe(502);
	expect(accepted()).toBe(1);
});

it('redirects', async () => {
	const location = `${emulator.filesUrl}/elsewhere`;
	expectFault('submit', { kind: 'redirect', status: 307, location });
	const reply = await submit();
	expect([reply.status, reply.headers.location]).toEqual([307, location]);
	expect(accepted()).toBe(0);
	await client.get(location);
	expect(emulator.leaks).toMatchObject([{ path: '/elsewhere', kind: 'other', status: 404 }]);
});

it('rewrites an answer', async () => {
	expectFault('submit', {
		kind: 'answer',
		make: ({ job, real }) => ({
			status: 201,
			body: { id: job?.requestId, real: real.status },
			headers: { 'x-more': 'yes' },
		}),
	});
	const reply = await submit();
	expect(json(reply)).toEqual({ id: emulator.ledger.jobs[0]?.requestId, real: 200 });
	expect([reply.status, reply.headers['x-more']]).toEqual([201, 'yes']);
});

it('lets a job fail', async () => {
	expectFault('submit', {
		kind: 'fail',
		error: [{ model: 'm', error: 'e' }],
		field: 'error_message',
	});
	const workflow = await client.submit(WORKFLOW_PATH, {});
	expectFault('submit', { kind: 'fail', error: 'No face' });
	const swap = await client.submit();
	await Promise.all(
		[workflow, swap].map(async (job) => await emulator.whenFinished(job.request_id)),
	);
	const seen = (reply: Reply) => [reply.status, json(reply)];
	expect(seen(await client.get(workflow.poll_url))).toEqual([
		200,
		{ status: 'FAILED', error_message: [{ model: 'm', error: 'e' }] },
	]);
	expect(seen(await client.get(swap.status_url))).toMatchObject([422, { error: 'No face' }]);
	expect(emulator.ledger.spent).toBe(0);
	expectFault('sync', { kind: 'fail', status: 200, error: 'Internal Polling Error' });
	expect(seen(await client.post('/v1/faceswap-comic', SWAP))).toEqual([
		200,
		{ error: 'Internal Polling Error' },
	]);
});

it('lets one check say that the job failed', async () => {
	const ticket = await client.submit();
	await emulator.whenFinished(ticket.request_id);
	expectFault('status', { kind: 'fail', status: 200, error: 'x', state: 'ERROR' });
	expect(json(await client.get(ticket.status_url))).toMatchObject({ status: 'ERROR', error: 'x' });
	expect(json(await client.get(ticket.status_url))).toMatchObject({ status: 'COMPLETED' });
});

it('counts, skips, queues and clears', async () => {
	const status = (code: number): Fault => ({ kind: 'status', status: code });
	emulator.fault({ on: 'credits', skip: 1, times: 2, fault: status(500) });
	emulator.fault({ on: 'any', times: Infinity, skip: 1, fault: status(503) });
	const seen: number[] = [];
	for (let i = 0; i < 5; i++) seen.push((await client.get('/v1/get-user-credits')).status);
	expect(seen).toEqual([200, 500, 500, 503, 503]);
	emulator.clearFaults();
	expect((await client.get('/v1/get-user-credits')).status).toBe(200);
});

it('closes while jobs and held connections run', async () => {
	const slow = await startEmulator({ jobSeconds: 60 });
	const other = new Client(slow);
	const held = expect(other.post('/v1/faceswap-comic', SWAP)).rejects.toThrow();
	const { request_id: id } = await other.submit();
	const finished = expect(slow.whenFinished(id)).rejects.toThrow('closed');
	const end = startStopwatch();
	await slow.close();
	await Promise.all([held, finished]);
	expect(end()).toBeLessThan(3_000);
	await other.close();
});
