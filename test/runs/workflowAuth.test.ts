import {
	blankItems,
	credentialsFor,
	engine,
	faceUrls,
	onlyItem,
	quick,
	useEngine,
} from '../support';
import { startEmulator, type Emulator, type WorkflowAuth } from '../support/emulator';

useEngine();

let segmind: Emulator;

// Each emulator has an origin of its own, of which the process knows nothing yet.
async function start(workflowAuth?: WorkflowAuth): Promise<void> {
	segmind = await startEmulator({ jobSeconds: 0.05, workflowAuth });
}

afterEach(async () => await segmind.close());

const run = async (count = 1, apiKey = segmind.apiKey, more: object = {}) =>
	await engine.run({
		type: 'characterSwap',
		credentials: credentialsFor(segmind, { apiKey }),
		items: blankItems(count),
		parameters: { options: { ...quick, maxConcurrency: 1 } },
		...more,
	});

/** How the requests to workflows were signed, in order, with what they came to. */
const signatures = () =>
	segmind.requests
		.filter(({ path }) => path.startsWith('/workflows/'))
		.map(({ headers, status }) => {
			const names = [headers['x-api-key'] && 'key', headers.authorization && 'bearer'];
			return `${names.filter(Boolean).join('+')} ${status}`;
		});

it.each<[WorkflowAuth, string[]]>([
	['any', ['key+bearer 200']],
	['notBoth', ['key+bearer 401', 'key 200']],
	['key', ['key+bearer 401', 'key 200']],
	['bearer', ['key+bearer 401', 'key 401', 'bearer 200']],
])('a gateway that takes %s gets the key so, and later at once', async (auth, submits) => {
	await start(auth);
	expect(onlyItem(await run()).binary?.data).toBeDefined();
	expect(segmind.ledger.jobs).toHaveLength(1);
	const seen = signatures();
	expect(seen.slice(0, submits.length)).toEqual(submits);
	const known = submits.at(-1);
	// What worked is used first from then on: for status checks, and in the next execution.
	expect(new Set(seen.slice(submits.length))).toEqual(new Set([known]));
	const before = seen.length;
	expect((await run(3)).outputs[0]).toHaveLength(3);
	expect(new Set(signatures().slice(before))).toEqual(new Set([known]));
	expect(segmind.ledger.jobs).toHaveLength(4);
	expect(segmind.leaks).toEqual([]);
});

it('a key that is refused three times is at fault, and is named so once', async () => {
	await start();
	const wrong = 'SG_fedcba9876543210';
	const { error } = await run(1, wrong);
	expect(signatures()).toEqual(['key+bearer 401', 'key 401', 'bearer 401']);
	expect(error?.httpCode).toBe('401');
	expect(error?.message.match(/did not accept the API key/g)).toHaveLength(1);
	expect(error?.message).toContain('Nothing was spent.');
	expect(segmind.ledger.jobs).toEqual([]);
	// Nothing is learnt from it: the right key is tried as at first.
	onlyItem(await run());
	expect(signatures()[3]).toBe('key+bearer 200');
});

it('what worked for one credential does not keep another one from its ways', async () => {
	await start('bearer');
	onlyItem(await run());
	const before = signatures().length;
	await run(1, 'SG_fedcba9876543210');
	expect(signatures().slice(before)).toEqual(['bearer 401', 'key+bearer 401', 'key 401']);
	const after = signatures().length;
	onlyItem(await run());
	expect(signatures()[after]).toBe('bearer 200');
});

it('a status check that is refused once is repeated in another way', async () => {
	await start();
	segmind.fault({ on: 'status', fault: { kind: 'status', status: 401, body: { error: 'no' } } });
	expect(onlyItem(await run()).binary?.data).toBeDefined();
	expect(signatures().slice(0, 3)).toEqual(['key+bearer 200', 'key+bearer 401', 'key 200']);
	expect(segmind.ledger.jobs).toHaveLength(1);
});

it('a ticket under 401 is a job: nothing is submitted again', async () => {
	await start();
	segmind.fault({
		on: 'submit',
		fault: { kind: 'answer', make: ({ real }) => ({ status: 401, body: real.body }) },
	});
	expect(onlyItem(await run()).json.requestId).toBe(segmind.ledger.jobs[0]?.requestId);
	expect(segmind.ledger.jobs).toHaveLength(1);
});

it('Get Result asks in all three ways, too', async () => {
	await start();
	const requestId = String(
		onlyItem(await run(1, segmind.apiKey, { parameters: { waitForCompletion: false } })).json
			.requestId,
	);
	await segmind.whenFinished(requestId);
	const before = signatures().length;
	segmind.fault({ on: 'status', times: 2, fault: { kind: 'status', status: 401 } });
	const parameters = { operation: 'getResult', requestId, options: quick };
	expect(onlyItem(await run(1, segmind.apiKey, { parameters })).binary?.data).toBeDefined();
	expect(signatures().slice(before, before + 3)).toEqual([
		'key+bearer 401',
		'key 401',
		'bearer 200',
	]);
});

it('nothing else is repeated, or signed otherwise: a 401 of FaceSwap Comic stays one request', async () => {
	await start();
	segmind.fault({ on: 'submit', times: Infinity, fault: { kind: 'status', status: 401 } });
	const { error } = await engine.run({
		type: 'faceSwapComic',
		credentials: credentialsFor(segmind),
		parameters: { ...faceUrls(segmind), options: quick },
	});
	expect(error?.httpCode).toBe('401');
	const posts = segmind.requests.filter(({ kind }) => kind === 'submit');
	expect(posts).toHaveLength(1);
	expect(posts[0]?.headers).not.toHaveProperty('authorization');
});

it('no header of the node itself travels', async () => {
	await start('bearer');
	onlyItem(await run());
	const known = ['x-api-key', 'x-forwarded-for', 'x-request-id'];
	for (const { headers } of segmind.requests) {
		const own = Object.keys(headers).filter((name) => /^x-/.test(name) && !known.includes(name));
		expect(own).toEqual([]);
	}
});
