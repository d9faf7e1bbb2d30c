import type { IDataObject } from 'n8n-workflow';
import { credentialsFor, engine, picture, startQuickEmulator, useEngine } from '../support';
import type { Emulator, Fault } from '../support/emulator';

// Two executions of one n8n process with the same credential, which the account's history shows to both.

useEngine();

const CUT: Fault = { kind: 'reset', when: 'after' };
/** A ticket that takes some two seconds. */
const LATE: Fault = { kind: 'drip', bytesPerSecond: 200 };

let segmind: Emulator;

beforeEach(async () => {
	segmind = await startQuickEmulator();
});

afterEach(async () => await segmind.close());

async function swap(parameters: IDataObject, baseUrl = segmind.url) {
	const data = await engine.binary(picture('face.jpg'), 'face.jpg', 'image/jpeg');
	const outcome = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind, { baseUrl }),
		items: [{ json: {}, binary: { data } }],
		parameters: {
			...parameters,
			options: { timeout: 20, pollInterval: 0.1, ...(parameters.options as IDataObject) },
		} as never,
	});
	const item = outcome.outputs[0]?.[0];
	const { requestId = '' } = (item?.json ?? {}) as { requestId?: string };
	const isOwn =
		item?.binary?.data !== undefined &&
		requestId !== null &&
		(await engine.read(item.binary.data)).equals(await segmind.image(requestId));
	return { requestId, isOwn, message: outcome.error?.message ?? '' };
}

const urls = (name: string) => ({
	sourceImageUrl: segmind.hostFile(`${name}.jpg`, picture('face.jpg'), 'image/jpeg'),
	targetImageUrl: segmind.hostFile('comic.png', picture('comic.png'), 'image/png'),
});

it('equal submits of two executions find two jobs: one lost, the other’s ticket late', async () => {
	segmind.fault({ on: 'submit', fault: CUT });
	segmind.fault({ on: 'submit', fault: LATE });
	const parameters = urls('face');
	const [lost, late] = await Promise.all([swap(parameters), swap(parameters)]);
	expect([lost.message, late.message]).toEqual(['', '']);
	expect([lost.isOwn, late.isOwn]).toEqual([true, true]);
	expect(lost.requestId).not.toBe(late.requestId);
	expect(segmind.ledger.jobs).toHaveLength(2);
});

it('nor is a job taken under another spelling of the base URL', async () => {
	segmind.fault({ on: 'submit', fault: CUT });
	segmind.fault({ on: 'submit', fault: LATE });
	const parameters = urls('face');
	const [lost, late] = await Promise.all([
		swap(parameters),
		swap(parameters, `${segmind.url}/gateway/`),
	]);
	expect([lost.message, late.message]).toEqual(['', '']);
	expect(lost.requestId).not.toBe(late.requestId);
});

it('a stranger’s picture is nobody’s: a row without the image is never taken', async () => {
	segmind.fault({ on: 'submit', fault: CUT });
	segmind.fault({ on: 'submit', fault: LATE });
	const inline = {
		sourceImageInput: 'binary',
		sourceImageBinaryField: 'data',
		targetImageUrl: urls('face').targetImageUrl,
		options: { imageDelivery: 'inline', timeout: 3 },
	};
	// Whichever submits first is the one that is cut.
	const both = await Promise.all([swap(inline), swap(inline)]);
	expect(both.map(({ message }) => /may have been paid for/.test(message)).sort()).toEqual([
		false,
		true,
	]);
	expect(both.map(({ isOwn }) => isOwn).sort()).toEqual([false, true]);
	expect(segmind.ledger.jobs).toHaveLength(2);
});

it('a lost submit takes no job of an answer without a name', async () => {
	segmind.fault({ on: 'sync', fault: CUT });
	segmind.fault({
		on: 'sync',
		fault: {
			kind: 'answer',
			make: ({ real }) => ({ body: real.body, headers: { 'x-request-id': '' } }),
		},
	});
	const parameters = { ...urls('face'), options: { processingMode: 'sync' } };
	// Whichever submits first is the one that is cut.
	const both = await Promise.all([swap(parameters), swap(parameters)]);
	expect(both.map(({ message }) => message)).toEqual(['', '']);
	const lost = both.filter(({ requestId }) => requestId);
	expect(lost).toHaveLength(1);
	expect(segmind.ledger.jobs.map(({ requestId }) => requestId)).toContain(lost[0]?.requestId);
	expect(lost[0]?.isOwn).toBe(true);
});
