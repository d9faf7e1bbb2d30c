import type { INodeParameters } from 'n8n-workflow';
import {
	blankItems,
	credentialsFor,
	engine,
	faceUrls,
	onlyItem,
	quick,
	useEngine,
} from '../support';
import { startEmulator, type Emulator } from '../support/emulator';

useEngine();

const V7 = '678aa4026426baad7e5392fb-v7';
const V8 = '678aa4026426baad7e5392fb-v8';

let segmind: Emulator;

beforeEach(async () => {
	segmind = await startEmulator({ jobSeconds: 0.05, workflowIds: [V8, 'my_own-Workflow'] });
});
afterEach(async () => await segmind.close());

const run = async (workflowId?: unknown, more: object = {}) =>
	await engine.run({
		type: 'characterSwap',
		credentials: credentialsFor(segmind),
		parameters: {
			options: { ...quick, ...(workflowId === undefined ? {} : { workflowId }) },
		} as INodeParameters,
		...more,
	});

const submits = () =>
	segmind.requests.filter(({ kind }) => kind === 'submit').map(({ path }) => path);

it.each([V8, ` ${V8}\n`, 'my_own-Workflow'])('is the workflow that is asked: %j', async (id) => {
	expect(onlyItem(await run(id)).binary?.data).toBeDefined();
	expect(submits()).toEqual([`/workflows/${id.trim()}`]);
	expect(segmind.ledger.jobs).toHaveLength(1);
});

it.each([
	`https://api.segmind.com/workflows/${V8}`,
	`/workflows/${V8}`,
	'request/x',
	'../v2/faceswap-comic',
	'a b',
	'a?b',
	'a.b',
	'ä',
	'',
	'={{ $json.nothing }}',
	'={{ [1] }}',
])('is refused before anything is sent when it is none: %j', async (id) => {
	const { error } = await run(id);
	expect(error?.message).toMatch(/Workflow ID/);
	expect(segmind.requests).toEqual([]);
});

it.each([
	['a retired version', undefined, 410, V7],
	['an unknown workflow', 'another-v1', 404, 'another-v1'],
])('%s is refused with the name of the option', async (_, id, status, named) => {
	const { error } = await run(id);
	expect(error?.httpCode).toBe(String(status));
	expect(error?.message).toContain('Nothing was spent.');
	expect(`${error?.message} ${error?.description}`).toMatch(
		new RegExp(`${named}.*option "Workflow ID"`, 's'),
	);
	expect(segmind.ledger.jobs).toEqual([]);
});

it('a 404 or 410 of FaceSwap Comic does not speak of it', async () => {
	segmind.fault({ on: 'any', times: Infinity, fault: { kind: 'status', status: 410 } });
	const { error } = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { ...faceUrls(segmind), options: quick },
	});
	expect(error?.httpCode).toBe('410');
	expect(error?.description).not.toContain('Workflow ID');
});

it('another workflow is another job for a person who retries', async () => {
	segmind.fault({ on: 'status', fault: { kind: 'status', status: 403 } });
	const failed = await run(V8, { items: blankItems(1) });
	expect(failed.error?.httpCode).toBe('403');
	expect(segmind.ledger.jobs).toHaveLength(1);
	onlyItem(await run(V8, { items: blankItems(1), retryOf: failed }));
	expect(segmind.ledger.jobs).toHaveLength(1);
	onlyItem(await run('my_own-Workflow', { items: blankItems(1), retryOf: failed }));
	expect(segmind.ledger.jobs).toHaveLength(2);
	expect(submits()).toEqual([`/workflows/${V8}`, '/workflows/my_own-Workflow']);
});

it('the status is asked for where it always is', async () => {
	onlyItem(await run('my_own-Workflow'));
	const paths = segmind.requests.filter(({ kind }) => kind === 'status').map(({ path }) => path);
	expect(paths.length).toBeGreaterThan(0);
	for (const path of paths) expect(path).toMatch(/^\/workflows\/request\//);
});
