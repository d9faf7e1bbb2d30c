import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { isAgentTool, jobKey, Ledger, openLedger, type Memory } from '../../nodes/shared/ledger';

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

const open = (run = 0, now = NOW): Ledger => new Ledger(store, run, now);

describe('the key of a job', () => {
	it('is the same for the same question', () => {
		expect(jobKey('/v2/x', 0, [['a', 'b']], { steps: 1 })).toBe(
			jobKey('/v2/x', 0, [['a', 'b']], { steps: 1 }),
		);
	});

	it.each([
		['another path', ['/v1/x', 0, 'a']],
		['another item', ['/v2/x', 1, 'a']],
		['another image', ['/v2/x', 0, 'b']],
		['parts cut in another way', ['/v2/x', '0', 'a']],
	])('is another one for %s', (_, parts) => {
		expect(jobKey(...parts)).not.toBe(jobKey('/v2/x', 0, 'a'));
	});

	it('does not show what was asked for', () => {
		expect(jobKey('https://example.com/private.png')).toMatch(/^[0-9a-f]{32}$/);
	});
});

describe('what a retry remembers', () => {
	type Step = (ledger: Ledger) => void;
	const sending: Step = (ledger) => ledger.sending('k', NOW);
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
		expect(first.recall('k')).toEqual(memory);
		expect(open().recall('k')).toEqual(memory);
	});

	it.each(cases)('says nothing about other jobs: %s', (_, steps) => {
		const first = open();
		steps.forEach((step) => step(first));
		expect(open().recall('other')).toEqual({ kind: 'none' });
	});

	it('survives that n8n saves and loads the context, but for the finished items', () => {
		const first = open();
		[sending, accepted, finished].forEach((step) => step(first));
		store = JSON.parse(JSON.stringify(store)) as Record<string, unknown>;
		expect(open().recall('k')).toMatchObject({ kind: 'accepted', ticket: TICKET });
	});

	it('counts the submits without an answer, but not those that brought an image at once', () => {
		const ledger = open();
		for (const key of ['lost', 'ticket', 'image']) ledger.sending(key, NOW);
		ledger.accepted('ticket', TICKET);
		ledger.finished('image', ITEMS);
		expect(ledger.countUnconfirmed()).toBe(1);
		expect(ledger.requestIds()).toEqual([TICKET.requestId]);
	});

	it('stays apart from the memory of another execution', () => {
		const first = open();
		[sending, accepted, finished].forEach((step) => step(first));
		store = {};
		expect(open().recall('k')).toEqual({ kind: 'none' });
	});
});

describe('the next pass of a loop', () => {
	it.each<[string, (ledger: Ledger) => void]>([
		['unconfirmed', () => undefined],
		['accepted', (ledger) => ledger.accepted('k', TICKET)],
		['finished', (ledger) => ledger.finished('k', ITEMS)],
	])('buys anew what the one before left behind: %s', (_, step) => {
		const first = open(0);
		first.sending('k', NOW);
		step(first);
		expect(open(1).recall('k')).toEqual({ kind: 'none' });
		expect(JSON.stringify(store)).not.toContain('r-1');
	});

	it('does not tire of waiting for the retry of its own', () => {
		const ledger = open(3);
		ledger.sending('k', NOW);
		ledger.accepted('k', TICKET);
		expect(open(3, NOW + 5 * HOUR).recall('k')).toMatchObject({ kind: 'accepted' });
	});
});

describe("an agent's memory", () => {
	const AGENT = -1;

	beforeEach(() => {
		const ledger = open(AGENT);
		ledger.sending('k', NOW);
		ledger.accepted('k', TICKET);
		ledger.finished('k', ITEMS);
	});

	it('survives the next call', () => {
		expect(open(AGENT, NOW + HOUR).recall('k')).toEqual({ kind: 'finished', items: ITEMS });
	});

	it("fades with Segmind's own, after an hour", () => {
		expect(open(AGENT, NOW + HOUR + 1).recall('k')).toEqual({ kind: 'none' });
		expect(JSON.stringify(store)).not.toContain('r-1');
	});

	it('is a call of its own when the first one is not finished', () => {
		const ledger = open(AGENT);
		ledger.sending('other', NOW);
		expect(open(AGENT, NOW + 1).recall('other')).toEqual({ kind: 'unconfirmed' });
	});
});

describe('what n8n saves of it', () => {
	it('holds request IDs and URLs, and no image data', () => {
		const ledger = open();
		ledger.sending('k', NOW);
		ledger.accepted('k', TICKET);
		ledger.finished('k', ITEMS);
		const saved = JSON.stringify(store);
		expect(saved).toContain('r-1');
		expect(saved).not.toContain('SECRET-PICTURE');
		expect(store).toEqual({
			segmindJobs: { k: { run: 0, sentAt: NOW, ticket: TICKET } },
		});
	});
});

describe('the ledger of a node', () => {
	const contextOf = (type: string, runIndex: number): IExecuteFunctions =>
		({
			getNode: () => ({ type }),
			getContext: () => store,
			getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
		}) as unknown as IExecuteFunctions;

	const recallAfter = (type: string, firstRun: number, secondRun: number): Memory => {
		openLedger(contextOf(type, firstRun), NOW).sending('k', NOW);
		return openLedger(contextOf(type, secondRun), NOW).recall('k');
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
