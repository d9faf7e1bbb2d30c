import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { createAccount } from '../../../nodes/shared/http/account';
import {
	identityOf,
	isAgentTool,
	Ledger,
	openIdentify,
	openLedger,
} from '../../../nodes/shared/job/ledger';
import type { JobRecord } from '../../../nodes/shared/job/record';
import { sampleKey } from '../../support/samples';

const HOUR = 3_600_000;
const AGENT = -1;
const KEY = { key: 'k', fingerprint: 'f' };
const account = createAccount(sampleKey, { baseUrl: 'https://api.test', storageUrl: '' });
const ITEMS: INodeExecutionData[] = [{ json: {}, binary: { data: { data: '', mimeType: '' } } }];

/** Each test has a day of its own: what the process remembers of the one before has faded. */
let now = Date.UTC(2026, 0, 1);
let store: Record<string, unknown>;

beforeEach(() => {
	now += 24 * HOUR;
	store = {};
});

/** A ledger over what n8n keeps of the node. */
const open = (
	scope: Partial<Pick<JobRecord, 'executionId' | 'runIndex'>> = {},
	at = now,
	over = store,
): Ledger => new Ledger(over, { executionId: 'e-1', runIndex: 0, ...scope }, account, at);

/** What another process, or a later execution, gets of the node's memory. */
const throughJson = () => JSON.parse(JSON.stringify(store)) as Record<string, unknown>;

const recordOf = (change: Partial<JobRecord> = {}): JobRecord => ({
	...KEY,
	executionId: 'e-1',
	runIndex: 0,
	status: 'accepted',
	sentAtMs: now,
	...change,
});

const ticket = { requestId: 'r-1' };
const sentBody = { prompt: 'happy' };
const outputs = { images: [{ kind: 'url' as const, url: 'https://x/a' }], texts: {}, untyped: {} };

/** Jobs in every state that a try may leave behind. */
const LEFT: Array<[string, Partial<JobRecord>]> = [
	['on its way', { status: 'sending', sentBody }],
	['lost', { status: 'lost', sentBody, problem: { code: 'noAnswer' } }],
	['accepted', { ticket }],
	['finished', { status: 'finished', ticket, costUsd: 0.065 }],
	['finished, its image elsewhere', { status: 'finished', outputs }],
	['delivered', { status: 'delivered', ticket }],
	['failed', { status: 'failed', ticket, problem: { code: 'failed' } }],
];

describe('another try in the same execution', () => {
	it.each(LEFT)('goes on with a job that is %s', (_, left) => {
		open().save(recordOf(left));
		store = throughJson();
		const at = now + 5 * HOUR;
		expect(open({}, at).load(KEY)).toEqual(recordOf(left));
		// Even if an expression, a random seed, gives something else now.
		expect(open({}, at).load({ key: 'k', fingerprint: 'other' })).toEqual(recordOf(left));
		expect(open({}, at).load({ key: 'other', fingerprint: 'other' }).status).toBe('new');
	});

	it('knows nothing of a job that was certainly not queued', () => {
		const ledger = open();
		ledger.save(recordOf({ status: 'sending' }));
		ledger.save(recordOf({ status: 'new' }));
		expect(store).toEqual({ segmindJobs: {} });
		expect(ledger.load(KEY).status).toBe('new');
	});

	it('gives out what was delivered, as long as the process lives', () => {
		const ledger = open();
		ledger.save(recordOf({ status: 'delivered' }));
		ledger.keepItems('k', ITEMS);
		expect(open().itemsOf('k')).toBe(ITEMS);
		expect(open({}, now, throughJson()).itemsOf('k')).toBeUndefined();
		expect(open({ runIndex: 1 }).itemsOf('k')).toBeUndefined();
	});
});

describe('an execution that a person retries', () => {
	const again = (at = now) => open({ executionId: 'e-2' }, at, (store = throughJson()));

	it.each(LEFT)('goes on within the hour with what can be reached: %s', (_, left) => {
		const isKept = left.status !== 'failed' && (left.ticket ?? left.outputs) !== undefined;
		for (const [at, isInTime] of [
			[now + HOUR, true],
			[now + HOUR + 1, false],
		] as const) {
			store = {};
			open().save(recordOf(left));
			const { executionId, status } = again(at).load(KEY);
			expect(executionId).toBe('e-2');
			expect(status).toBe(isKept && isInTime ? (left.status ?? 'accepted') : 'new');
		}
	});

	it('goes on with each of two jobs whose node or question is another now, from then on as its own', () => {
		const buy = (key: string, fingerprint: string, requestId: string) =>
			open().save(recordOf({ key, fingerprint, ticket: { requestId } }));
		buy('k', 'it', 'r-1');
		buy('l', 'that', 'r-2');
		const ledger = again();
		const idOf = (key: string, fingerprint: string) =>
			ledger.load({ key, fingerprint }).ticket?.requestId;
		expect(idOf('m', 'that')).toBe('r-2');
		expect(idOf('k', 'another')).toBe('r-1');
		expect(idOf('o', 'that')).toBeUndefined();
		// Nothing has been saved meanwhile: a try that breaks here has not lost them.
		expect(again().load({ key: 'm', fingerprint: 'anything' }).ticket?.requestId).toBe('r-2');
		expect(again().requestIds().sort()).toEqual(['r-1', 'r-2']);
	});
});

describe('the next pass of a loop', () => {
	it.each(LEFT)('buys anew what the one before left %s', (_, left) => {
		open().save(recordOf(left));
		expect(open({ runIndex: 1 }).load(KEY).status).toBe('new');
		expect(store).toEqual({ segmindJobs: {} });
	});
});

describe("an agent's calls", () => {
	beforeEach(() => {
		const ledger = open({ runIndex: AGENT });
		ledger.save(recordOf({ runIndex: AGENT, ticket }));
		ledger.keepItems('k', ITEMS);
	});

	it.each([
		[HOUR, 'accepted', ITEMS],
		[HOUR + 1, 'new', undefined],
	])('get the same job and items for an hour: after %d ms %s', (later, status, items) => {
		const ledger = open({ runIndex: AGENT }, now + later);
		expect(ledger.load(KEY).status).toBe(status);
		expect(ledger.itemsOf('k')).toBe(items);
	});
});

describe('what n8n saves', () => {
	const saved = (change: Partial<JobRecord>) => {
		open().save(recordOf(change));
		return (store.segmindJobs as Record<string, JobRecord>).k as JobRecord;
	};
	const image = { kind: 'base64' as const, base64: 'SECRET-PICTURE' };

	it.each([
		['what was sent, once it is known what became of it', { sentBody, ticket }],
		['where the images are, of a job that can be asked for again', { outputs, ticket }],
		['image data', { outputs: { ...outputs, images: [...outputs.images, image] } }],
		['a place that has the key in it', { outputs: { ...outputs, texts: { a: sampleKey } } }],
		['what was sent with the key in it', { status: 'lost', sentBody: { prompt: sampleKey } }],
	] as Array<[string, Partial<JobRecord>]>)('is not %s', (_, change) => {
		const record = saved(change);
		expect([record.sentBody, record.outputs]).toEqual([undefined, undefined]);
		expect(JSON.stringify(store)).not.toContain('SECRET-PICTURE');
	});

	it('never has the key in it', () => {
		const withKey = `https://x/${sampleKey}`;
		const record = saved({
			ticket: { requestId: `r-${sampleKey}`, statusUrl: withKey, resultUrl: 'https://x/y' },
			namedId: sampleKey,
			problem: { code: 'notFetched', words: `no ${sampleKey}`, imageUrl: withKey },
		});
		expect(record).toEqual({
			...recordOf(),
			ticket: { requestId: 'r-********', resultUrl: 'https://x/y' },
			namedId: '********',
			problem: { code: 'notFetched', words: 'no ********', imageUrl: undefined },
		});
	});
});

describe('what a run has bought', () => {
	it('costs what Segmind reports; unconfirmed jobs are left out', () => {
		const ledger = open();
		const buy = (key: string, change: Partial<JobRecord>) =>
			ledger.save(recordOf({ key, ...change }));
		buy('a', { costUsd: 0.065 });
		buy('b', {});
		buy('c', { status: 'finished', costUsd: 0.15 });
		buy('d', { status: 'lost' });
		buy('e', { status: 'sending' });
		expect(ledger.costs()).toEqual({ reportedUsd: 0.215, unreported: 1 });
	});

	it('has a request ID, or is counted without one; the job that is told of anyway is not', () => {
		const ledger = open();
		ledger.save(recordOf({ key: 'ticket', ticket }));
		ledger.save(recordOf({ key: 'named', status: 'lost', namedId: 'r-2' }));
		ledger.save(recordOf({ key: 'lost', status: 'lost' }));
		ledger.save(recordOf({ key: 'outputs', status: 'finished', outputs }));
		ledger.save(recordOf({ key: 'image', status: 'delivered' }));
		ledger.keepItems('image', ITEMS);
		expect(ledger.requestIds()).toEqual(['r-1', 'r-2']);
		const finished = { finished: 2, imageUrls: ['https://x/a'] };
		expect(ledger.withoutId()).toEqual({ unconfirmed: 1, ...finished });
		expect(ledger.withoutId('lost')).toEqual({ unconfirmed: 0, ...finished });
	});

	it('is that of its own pass', () => {
		open().save(recordOf({ ticket }));
		const next = open({ runIndex: 1 });
		expect([next.requestIds(), next.withoutId().unconfirmed]).toEqual([[], 0]);
	});
});

describe('the row of a lost submit', () => {
	const rows = ['r-1', 'r-2'].map((requestId, index) => ({ requestId, sinceSubmitMs: index }));
	const lost = () => recordOf({ status: 'lost', sentBody });
	const elsewhere = (executionId: string) => open({ executionId }, now, {});

	it.each<[string, () => Ledger]>([
		['another execution of the process', () => elsewhere('e-2')],
		['another item', open],
		['another try, whose memory was loaded', () => open({}, now, throughJson())],
		['an earlier pass', () => open({ runIndex: 1 })],
	])('is not one that %s has', (_, second) => {
		open().save(recordOf({ key: 'other', ticket }));
		expect(second().claim(lost(), rows)?.requestId).toBe('r-2');
	});

	it('is kept from all others at once, before it is saved', () => {
		expect(open().claim(lost(), rows)?.requestId).toBe('r-1');
		expect(elsewhere('e-2').claim(lost(), rows)?.requestId).toBe('r-2');
		expect(elsewhere('e-3').claim(lost(), rows)).toBeUndefined();
		// And is its own for as long as it asks.
		expect(open().claim(lost(), rows)?.requestId).toBe('r-1');
	});

	it('may be that of a job that everybody has forgotten, after an hour', () => {
		elsewhere('e-2').save(recordOf({ ticket }));
		expect(open({}, now + HOUR).claim(lost(), rows)?.requestId).toBe('r-2');
		const later = open({ executionId: 'e-3' }, now + HOUR + 1, {});
		expect(later.claim(lost(), rows)?.requestId).toBe('r-1');
	});
});

it('the same question is worked on once at a time, also by two calls over one memory', async () => {
	const order: string[] = [];
	const work =
		(name: string, fails = false) =>
		async () => {
			order.push(`${name} begins`);
			await Promise.resolve();
			order.push(`${name} ends`);
			if (fails) throw new RangeError(name);
			return name;
		};
	const first = open()
		.oneAtATime('k', work('first', true))
		.catch(() => 'failed');
	const second = open().oneAtATime('k', work('second'));
	const third = open().oneAtATime('k', work('third'));
	const other = open().oneAtATime('l', work('other'));
	expect(await Promise.all([first, second, third, other])).toEqual([
		'failed',
		'second',
		'third',
		'other',
	]);
	const ofKey = order.filter((line) => !line.startsWith('other'));
	expect(ofKey).toEqual(['first', 'second', 'third'].flatMap((n) => [`${n} begins`, `${n} ends`]));
	expect(order.indexOf('other begins')).toBeLessThan(order.indexOf('first ends'));
});

describe('the ledger of a node', () => {
	const contextOf = (type: string, runIndex: number): IExecuteFunctions =>
		({
			getNode: () => ({ type }),
			getContext: () => store,
			getExecutionId: () => 'e-1',
			getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
		}) as unknown as IExecuteFunctions;

	it.each([
		['faceSwapComic', 2, 2, 'accepted'],
		['faceSwapComic', 2, 3, 'new'],
		['faceSwapComicTool', 2, 3, 'accepted'],
	])('of %s, in passes %d and %d', (type, first, second, status) => {
		expect(isAgentTool(contextOf(type, 0))).toBe(type.endsWith('Tool'));
		const before = openLedger(contextOf(type, first), account, now);
		before.save({ ...before.load(KEY), status: 'accepted', sentAtMs: now, ticket });
		expect(openLedger(contextOf(type, second), account, now).load(KEY).status).toBe(status);
	});
});

describe('the key of a job', () => {
	it.each([
		['another path', ['/v1/x', 0, 'a']],
		['another item', ['/v2/x', 1, 'a']],
		['parts cut in another way', ['/v2/x', '0', 'a']],
	])('is another one for %s', (_, parts) => {
		expect(identityOf(...parts)).not.toBe(identityOf('/v2/x', 0, 'a'));
		expect(identityOf(...parts)).toBe(identityOf(...parts));
	});

	it('does not show what was asked for', () => {
		expect(identityOf('https://example.com/private.png')).toMatch(/^[0-9a-f]{32}$/);
	});

	const identify = (type = 'faceSwapComic', parameters = {}) =>
		openIdentify(
			{ getNode: () => ({ type, parameters }) } as unknown as IExecuteFunctions,
			{ submitPath: '/v2/x' } as never,
		);
	const url = (text: string) => [{ field: 'source_image', kind: 'url', url: text }] as never;
	const file = (identity: string) => [{ field: 'source_image', kind: 'file', identity }] as never;

	it('is its place and its node; the fingerprint is what it asks for', () => {
		const { key, fingerprint } = identify()(0, url('a'), { seed: 1 });
		expect(identify()(0, url('a'), { seed: 1 })).toEqual({ key, fingerprint });
		expect(identify()(0, url('b'), { seed: 2 }).key).toBe(key);
		expect(identify()(1, url('a'), { seed: 1 }).key).not.toBe(key);
		expect(identify('faceSwapComic', { seed: 1 })(0, url('a'), {}).key).not.toBe(key);
		const others = [
			identify()(1, url('a'), { seed: 1 }),
			identify()(0, url('b'), { seed: 1 }),
			identify()(0, file('c'), { seed: 1 }),
			identify()(0, file('d'), { seed: 1 }),
			identify()(0, url('a'), { seed: 2 }),
		].map((other) => other.fingerprint);
		expect(new Set([fingerprint, ...others]).size).toBe(others.length + 1);
	});

	it("of an agent's call is what it asks for alone", () => {
		const ask = identify('faceSwapComicTool');
		const { key, fingerprint } = ask(0, url('a'), {});
		expect(key).toBe(fingerprint);
		expect(ask(1, url('a'), {})).toEqual({ key, fingerprint });
		expect(ask(0, url('b'), {}).key).not.toBe(key);
	});
});
