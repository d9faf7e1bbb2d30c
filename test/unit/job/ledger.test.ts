import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import {
	isAgentTool,
	identityOf,
	Ledger,
	openLedger,
	questionsOf,
	type Memory,
} from '../../../nodes/shared/job/ledger';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const TICKET = { requestId: 'r-1', statusUrl: 'https://api.segmind.com/v2/requests/r-1/status' };
const ITEMS: INodeExecutionData[] = [
	{
		json: { requestId: 'r-1' },
		binary: { data: { data: 'SECRET-PICTURE', mimeType: 'image/png' } },
	},
];

let store: Record<string, unknown>;

beforeEach(() => {
	store = {};
});

const ask = (key: string, asks = 'it') => ({ key, asks });

const keeper = { execution: 'e-1', run: 0, server: 'https://api.segmind.com' };

const open = (run = 0, now = NOW): Ledger => new Ledger(store, { ...keeper, run }, now);

describe('the key of a job', () => {
	it('is the same for the same question', () => {
		expect(identityOf('/v2/x', 0, [['a', 'b']], { steps: 1 })).toBe(
			identityOf('/v2/x', 0, [['a', 'b']], { steps: 1 }),
		);
	});

	it.each([
		['another path', ['/v1/x', 0, 'a']],
		['another item', ['/v2/x', 1, 'a']],
		['another image', ['/v2/x', 0, 'b']],
		['parts cut in another way', ['/v2/x', '0', 'a']],
	])('is another one for %s', (_, parts) => {
		expect(identityOf(...parts)).not.toBe(identityOf('/v2/x', 0, 'a'));
	});

	it('does not show what was asked for', () => {
		expect(identityOf('https://example.com/private.png')).toMatch(/^[0-9a-f]{32}$/);
	});
});

describe('what a retry remembers', () => {
	type Step = (ledger: Ledger) => void;
	const sending: Step = (ledger) => ledger.sending(ask('k'), NOW);
	const accepted: Step = (ledger) => ledger.accepted('k', TICKET);
	const finished: Step = (ledger) => ledger.finished('k', ITEMS);
	const notSent: Step = (ledger) => ledger.notSent('k');

	const cases: Array<[string, Step[], Memory]> = [
		['nothing', [], { kind: 'none' }],
		['a submit without an answer', [sending], { kind: 'unconfirmed' }],
		['a submit that certainly queued nothing', [sending, notSent], { kind: 'none' }],
		['a submit that went out again', [sending, notSent, sending], { kind: 'unconfirmed' }],
		['an accepted job', [sending, accepted], { kind: 'accepted', ticket: TICKET, sentAt: NOW }],
		['a finished job', [sending, accepted, finished], { kind: 'finished', items: ITEMS }],
		['a finished job without a ticket', [sending, finished], { kind: 'finished', items: ITEMS }],
		['a ticket of a job that nobody sent', [accepted], { kind: 'none' }],
	];

	it.each(cases)('is %s', (_, steps, memory) => {
		const first = open();
		steps.forEach((step) => step(first));
		expect(first.recall(ask('k'))).toEqual(memory);
		expect(open().recall(ask('k'))).toEqual(memory);
	});

	it.each(cases)('says nothing about other jobs: %s', (_, steps) => {
		const first = open();
		steps.forEach((step) => step(first));
		expect(open().recall(ask('other'))).toEqual({ kind: 'none' });
	});

	it('survives that n8n saves and loads the context, but for the finished items', () => {
		const first = open();
		[sending, accepted, finished].forEach((step) => step(first));
		store = JSON.parse(JSON.stringify(store)) as Record<string, unknown>;
		expect(open().recall(ask('k'))).toMatchObject({
			kind: 'accepted',
			ticket: TICKET,
			sentAt: NOW,
		});
	});

	it('counts the submits without an answer, but not those that brought an image at once', () => {
		const ledger = open();
		for (const key of ['lost', 'ticket', 'image']) ledger.sending(ask(key), NOW);
		ledger.accepted('ticket', TICKET);
		ledger.finished('image', ITEMS);
		expect(ledger.unnamed()).toEqual({ unconfirmed: 1, finished: 1, imageUrls: [] });
		expect(ledger.requestIds()).toEqual([TICKET.requestId]);
	});

	it('does not count the job that is told of anyway', () => {
		const ledger = open();
		for (const key of ['own', 'other']) ledger.sending(ask(key), NOW);
		expect(ledger.unnamed('own').unconfirmed).toBe(1);
		expect(ledger.unnamed('neither').unconfirmed).toBe(2);
	});

	it('stays apart from the memory of another execution', () => {
		const first = open();
		[sending, accepted, finished].forEach((step) => step(first));
		store = {};
		expect(open().recall(ask('k'))).toEqual({ kind: 'none' });
	});
});

describe('an execution that a person retries', () => {
	const again = (now = NOW): Ledger => new Ledger(store, { ...keeper, execution: 'e-2' }, now);
	let first: Ledger;

	beforeEach(() => {
		first = new Ledger(store, keeper, NOW);
		first.sending(ask('k'), NOW);
	});

	it('goes on with an accepted job, for as long as Segmind keeps its result', () => {
		first.accepted('k', TICKET);
		expect(again(NOW + HOUR).recall(ask('k'))).toEqual({
			kind: 'accepted',
			ticket: TICKET,
			sentAt: NOW,
		});
		first.sending(ask('l', 'that'), NOW);
		first.accepted('l', TICKET);
		expect(again(NOW + HOUR + 1).recall(ask('l', 'that'))).toEqual({ kind: 'none' });
	});

	it('fetches the image that a synchronous answer named', () => {
		const outputs = {
			images: [{ kind: 'url' as const, url: 'https://cdn.test/a' }],
			texts: {},
			untyped: {},
		};
		first.paid('k', { outputs });
		expect(again().recall(ask('k'))).toEqual({ kind: 'paid', outputs });
	});

	it('buys anew what stayed unconfirmed: that is what the person decided', () => {
		expect(again().recall(ask('k'))).toEqual({ kind: 'none' });
	});

	it('buys anew what failed', () => {
		first.accepted('k', TICKET);
		first.troubled('k', 'no face', true);
		expect(again().recall(ask('k'))).toEqual({ kind: 'none' });
	});

	it('goes on with what went wrong in another way', () => {
		first.accepted('k', TICKET);
		first.troubled('k', 'not ready', false);
		expect(again().recall(ask('k'))).toMatchObject({ kind: 'accepted' });
	});

	it('goes on with each of two jobs that were asked for in other words now', () => {
		first.accepted('k', TICKET);
		first.sending(ask('l', 'that'), NOW);
		first.accepted('l', { requestId: 'r-2' });
		const ledger = again();
		expect(ledger.recall(ask('m', 'that'))).toMatchObject({ ticket: { requestId: 'r-2' } });
		expect(ledger.recall(ask('n'))).toMatchObject({ ticket: { requestId: 'r-1' } });
		expect(ledger.recall(ask('o'))).toEqual({ kind: 'none' });
		// From then on they are this execution's own, whatever its next try asks.
		expect(again().recall(ask('n', 'seed 2'))).toMatchObject({ ticket: { requestId: 'r-1' } });
		expect(ledger.requestIds().sort()).toEqual(['r-1', 'r-2']);
	});

	it('buys anew when node and question are others', () => {
		first.accepted('k', TICKET);
		expect(again().recall(ask('other', 'else'))).toEqual({ kind: 'none' });
	});
});

describe('another try in the same execution', () => {
	it('goes on with its job even if an expression gives something else now', () => {
		const ledger = open();
		ledger.sending(ask('k', 'seed 1'), NOW);
		ledger.accepted('k', TICKET);
		expect(open().recall(ask('k', 'seed 2'))).toMatchObject({ kind: 'accepted' });
	});

	it('knows what went wrong first, not what it says itself about it', () => {
		const ledger = open();
		ledger.troubled('k', 'of a job that was never sent', true);
		ledger.sending(ask('k'), NOW);
		ledger.troubled('k', 'no face', true);
		ledger.troubled('k', 'an earlier try failed', false);
		expect(open().recall(ask('k'))).toEqual({ kind: 'unconfirmed', trouble: 'no face' });
	});
});

describe('the next pass of a loop', () => {
	it.each<[string, (ledger: Ledger) => void]>([
		['unconfirmed', () => undefined],
		['accepted', (ledger) => ledger.accepted('k', TICKET)],
		['finished', (ledger) => ledger.finished('k', ITEMS)],
	])('buys anew what the one before left behind: %s', (_, step) => {
		const first = open(0);
		first.sending(ask('k'), NOW);
		step(first);
		expect(open(1).recall(ask('k'))).toEqual({ kind: 'none' });
		expect(JSON.stringify(store.segmindJobs)).not.toContain('r-1');
	});

	it.each([0, 3])('does not tire of waiting for the retry of its own (%d)', (pass) => {
		const ledger = open(pass);
		ledger.sending(ask('k'), NOW);
		ledger.accepted('k', TICKET);
		expect(open(pass, NOW + 5 * HOUR).recall(ask('k'))).toMatchObject({ kind: 'accepted' });
	});
});

describe("an agent's memory", () => {
	const AGENT = -1;

	beforeEach(() => {
		const ledger = open(AGENT);
		ledger.sending(ask('k'), NOW);
		ledger.accepted('k', TICKET);
		ledger.finished('k', ITEMS);
	});

	it('survives the next call', () => {
		expect(open(AGENT, NOW + HOUR).recall(ask('k'))).toEqual({ kind: 'finished', items: ITEMS });
	});

	it("fades with Segmind's own, after an hour", () => {
		expect(open(AGENT, NOW + HOUR + 1).recall(ask('k'))).toEqual({ kind: 'none' });
		expect(JSON.stringify(store)).not.toContain('r-1');
	});

	it('is a call of its own when the first one is not finished', () => {
		const ledger = open(AGENT);
		ledger.sending(ask('other'), NOW);
		expect(open(AGENT, NOW + 1).recall(ask('other'))).toEqual({ kind: 'unconfirmed' });
	});
});

describe('what n8n saves of it', () => {
	it('holds request IDs and URLs, and no image data', () => {
		const ledger = open();
		ledger.sending(ask('k'), NOW);
		ledger.accepted('k', TICKET);
		ledger.finished('k', ITEMS);
		const saved = JSON.stringify(store);
		expect(saved).toContain('r-1');
		expect(saved).not.toContain('SECRET-PICTURE');
		expect(store).toEqual({
			segmindJobs: { k: { execution: 'e-1', run: 0, asks: 'it', sentAt: NOW, ticket: TICKET } },
		});
	});
});

describe('the ledger of a node', () => {
	const contextOf = (type: string, runIndex: number): IExecuteFunctions =>
		({
			getNode: () => ({ type }),
			getContext: () => store,
			getExecutionId: () => 'e-1',
			getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
		}) as unknown as IExecuteFunctions;

	const recallAfter = (type: string, firstRun: number, secondRun: number): Memory => {
		openLedger(contextOf(type, firstRun), keeper.server, NOW).sending(ask('k'), NOW);
		return openLedger(contextOf(type, secondRun), keeper.server, NOW).recall(ask('k'));
	};

	it.each([
		['n8n-nodes-segmind.faceSwapComic', false],
		['n8n-nodes-segmind.faceSwapComicTool', true],
	])('knows %s as a tool: %j', (type, tool) => {
		expect(isAgentTool(contextOf(type, 0))).toBe(tool);
	});

	it('remembers within a pass of a loop', () => {
		expect(recallAfter('x.faceSwapComic', 2, 2)).toEqual({ kind: 'unconfirmed' });
	});

	it('forgets from one pass of a loop to the next', () => {
		expect(recallAfter('x.faceSwapComic', 2, 3)).toEqual({ kind: 'none' });
	});

	it("remembers from one of an agent's calls to the next", () => {
		expect(recallAfter('x.faceSwapComicTool', 2, 3)).toEqual({ kind: 'unconfirmed' });
	});
});

describe('what jobs cost', () => {
	it('is what Segmind reported, and how many it reported nothing for', () => {
		const ledger = open();
		for (const key of ['a', 'b', 'c', 'd']) ledger.sending(ask(key), NOW);
		ledger.accepted('a', TICKET);
		ledger.cost('a', 0.065);
		ledger.accepted('b', TICKET);
		ledger.paid('c', {});
		ledger.cost('c', 0.15);
		ledger.cost('unknown', 1);
		expect(ledger.costs(['a', 'b', 'c', 'd', 'unknown'])).toEqual({
			reported: 0.215,
			unreported: 1,
		});
		expect(ledger.costs(['a'])).toEqual({ reported: 0.065, unreported: 0 });
	});
});

describe('a submit without a usable answer', () => {
	const lost = { fields: { prompt: 'happy' } };

	it('is remembered with what it asked for and when', () => {
		const ledger = open();
		ledger.sending(ask('k'), NOW);
		ledger.lost('k', lost);
		ledger.lost('unknown', lost);
		expect(ledger.sentAt('k')).toBe(NOW);
		expect(ledger.sentAt('unknown')).toBeUndefined();
		expect(open().recall(ask('k'))).toMatchObject({
			kind: 'unconfirmed',
			asked: { ...lost, sentAt: NOW },
		});
	});
});

describe('the jobs that are known', () => {
	const buy = (ledger: Ledger, requestId: string) => {
		ledger.sending(ask('k'), NOW);
		ledger.accepted('k', { requestId });
	};

	it('are those of other passes, nodes and executions too: their rows in the history are theirs', () => {
		buy(open(0), 'pass-1');
		expect(open(1).knows('pass-1')).toBe(true);
		expect(open(1).requestIds()).toEqual([]);
		const other = new Ledger({}, { ...keeper, execution: 'e-9' }, NOW);
		expect(other.knows('pass-1')).toBe(true);
		expect(other.knows('PASS1')).toBe(true);
		expect(other.knows('pass-2')).toBe(false);
	});

	it('are not those of another server', () => {
		buy(open(), 'here');
		const elsewhere = new Ledger({}, { ...keeper, server: 'https://proxy.test' }, NOW);
		expect(elsewhere.knows('here')).toBe(false);
	});

	it('are those whose answer had no ticket, too', () => {
		const ledger = open();
		ledger.sending(ask('k'), NOW);
		ledger.paid('k', { requestId: 'sync-1' });
		expect(open(1).knows('sync-1')).toBe(true);
	});

	it('are forgotten after an hour, but for those of the same tries', () => {
		buy(open(), 'old');
		expect(open(1, NOW + HOUR).knows('old')).toBe(true);
		expect(new Ledger({}, keeper, NOW + HOUR + 1).knows('old')).toBe(false);
		store = {};
		buy(open(), 'own');
		new Ledger({}, keeper, NOW + HOUR + 1);
		expect(open(0, NOW + HOUR + 1).knows('own')).toBe(true);
	});
});

it('the same question is worked on once at a time', async () => {
	const ledger = open();
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
	const first = ledger.oneAtATime('k', work('first', true)).catch(() => 'failed');
	const second = ledger.oneAtATime('k', work('second'));
	const other = ledger.oneAtATime('l', work('other'));
	expect(await Promise.all([first, second, other])).toEqual(['failed', 'second', 'other']);
	expect(order.indexOf('second begins')).toBeGreaterThan(order.indexOf('first ends'));
	expect(order.indexOf('other begins')).toBeLessThan(order.indexOf('first ends'));
});

describe('the question of an item', () => {
	const questions = (type = 'faceSwapComic', parameters = {}) =>
		questionsOf(
			{ getNode: () => ({ type, parameters }) } as unknown as IExecuteFunctions,
			{ submitPath: '/v2/x' } as never,
		);
	const url = (text: string) => [{ field: 'source_image', kind: 'url', url: text }] as never;
	const file = (identity: string) => [{ field: 'source_image', kind: 'file', identity }] as never;

	it('is its place and its node, and what it asks for', () => {
		const { key, asks } = questions()(0, url('a'), { seed: 1 });
		expect(questions()(0, url('a'), { seed: 1 })).toEqual({ key, asks });
		expect(questions()(0, url('b'), { seed: 2 }).key).toBe(key);
		expect(questions()(1, url('a'), { seed: 1 }).key).not.toBe(key);
		expect(questions('faceSwapComic', { seed: 1 })(0, url('a'), {}).key).not.toBe(key);
		for (const other of [
			questions()(1, url('a'), { seed: 1 }),
			questions()(0, url('b'), { seed: 1 }),
			questions()(0, file('b'), { seed: 1 }),
			questions()(0, url('a'), { seed: 2 }),
		]) {
			expect(other.asks).not.toBe(asks);
		}
		expect(questions()(0, file('a'), {}).asks).not.toBe(questions()(0, file('b'), {}).asks);
	});

	it("of an agent's call is what it asks for alone", () => {
		const ask = questions('faceSwapComicTool');
		const { key, asks } = ask(0, url('a'), {});
		expect(key).toBe(asks);
		expect(ask(1, url('a'), {})).toEqual({ key, asks });
		expect(ask(0, url('b'), {}).key).not.toBe(key);
	});
});
