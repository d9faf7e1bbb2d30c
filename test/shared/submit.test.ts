/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { Readable } from 'node:stream';
import type { Sent } from '../../nodes/shared/api';
import type { Body } from '../../nodes/shared/body';
import { Gate } from '../../nodes/shared/gate';
import { Ledger } from '../../nodes/shared/ledger';
import { ItemProblem, Stopped } from '../../nodes/shared/problems';
import type { Item, Run } from '../../nodes/shared/run';
import { submit } from '../../nodes/shared/submit';
import { HurriedClock } from './fakeClock';

const KEY = 'k';

const noReply = (neverSent: boolean, passing: boolean): Sent => ({
	kind: 'noReply',
	neverSent,
	passing,
	detail: 'why',
});

const reply = (status: number, body: unknown): Sent => ({
	kind: 'reply',
	status,
	headers: {},
	body: Readable.from([Buffer.from(JSON.stringify(body))]) as unknown as Body,
	foreign: false,
});

const ticket = () => reply(200, { request_id: 'id-1', status: 'QUEUED' });

class WatchedClock extends HurriedClock {
	readonly deadlines: number[] = [];

	readonly deadlineSignal = new AbortController();

	override deadline(milliseconds = 0): AbortSignal {
		this.deadlines.push(milliseconds);
		return this.deadlineSignal.signal;
	}
}

/** A run whose POSTs are answered by `post`. */
function setUp(post: (signal: AbortSignal) => Sent | Promise<Sent>, timeout = 600_000) {
	const clock = new WatchedClock();
	const ledger = new Ledger({}, 0, clock.now());
	const gate = new Gate(clock);
	const ending = new AbortController();
	const stopped = new AbortController();
	const posts: string[] = [];
	const api = {
		post: async (url: string, _body: unknown, signal: AbortSignal) => {
			posts.push(url);
			if (posts.length > 200) throw new Error('no end in sight');
			return await post(signal);
		},
	};
	const run = {
		api,
		clock,
		ledger,
		gate,
		model: { submitPath: '/v2/x', syncPath: '/v1/x' },
		account: { baseUrl: 'https://api.test' },
		ending: ending.signal,
		stopped: stopped.signal,
		queueMissing: false,
	} as unknown as Run;
	const itemOf = (processingMode: string) =>
		({ options: { timeout, processingMode } }) as unknown as Item;
	const go = async (processingMode = 'queue') =>
		await submit(run, itemOf(processingMode), {}, KEY, 'wish').catch((error: unknown) => error);
	return { clock, ledger, gate, ending, stopped, posts, go };
}

const problemOf = (error: unknown) => {
	expect(error).toBeInstanceOf(ItemProblem);
	return (error as ItemProblem).problem;
};

describe('the ledger', () => {
	it('knows of a submit before it goes out: what happens meanwhile cannot make it forgotten', async () => {
		const during: unknown[] = [];
		const { ledger, go } = setUp(() => {
			during.push(ledger.recall(KEY));
			return ticket();
		});
		await go();
		expect(during).toEqual([{ kind: 'unconfirmed' }]);
		expect(ledger.recall(KEY)).toMatchObject({ kind: 'accepted', ticket: { requestId: 'id-1' } });
	});

	it.each([
		['a refusal', () => reply(400, {}), 'none'],
		['a connection that cannot be made', () => noReply(true, false), 'none'],
		['a connection that was cut', () => noReply(false, true), 'unconfirmed'],
		['an answer that says nothing', () => reply(200, {}), 'unconfirmed'],
	])('after %s', async (_, answer, kind) => {
		const { ledger, posts, go } = setUp(answer);
		problemOf(await go());
		expect(ledger.recall(KEY).kind).toBe(kind);
		expect(posts).toHaveLength(1);
	});
});

describe('a submit', () => {
	it('goes out five times when the connection is never made', async () => {
		const { clock, posts, go } = setUp(() => noReply(true, true));
		expect(problemOf(await go()).money).toBe('notSpent');
		expect(posts).toHaveLength(5);
		expect(clock.waits).toEqual([500, 1000, 2000, 4000]);
	});

	it('goes out again after a 429, until nothing gets through for the length of the timeout', async () => {
		const { gate, posts, go } = setUp(() => {
			gate.limited(undefined);
			return reply(429, {});
		}, 30_000);
		expect(problemOf(await go())).toMatchObject({ httpCode: 429, money: 'notSpent' });
		expect(posts.length).toBeGreaterThan(3);
	});

	it.each([
		['queue', 600_000, 120_000],
		['queue', 20_000, 20_000],
		['sync', 600_000, 600_000],
	])('in %s with a timeout of %d waits %d milliseconds', async (mode, timeout, deadline) => {
		const { clock, go } = setUp(ticket, timeout);
		await go(mode);
		expect(clock.deadlines).toEqual([deadline]);
	});

	it('ends at its deadline, and after Stop, but not because another item failed', async () => {
		const aborted: boolean[] = [];
		const { clock, ending, go } = setUp((signal) => {
			ending.abort();
			aborted.push(signal.aborted);
			clock.deadlineSignal.abort();
			aborted.push(signal.aborted);
			return ticket();
		});
		await go();
		expect(aborted).toEqual([false, true]);
		const stop = setUp((signal) => {
			stop.stopped.abort();
			aborted.push(signal.aborted);
			return noReply(false, true);
		});
		// Whether it was accepted is not known, but it is no failure of the item.
		expect(await stop.go()).toBeInstanceOf(Stopped);
		expect(stop.ledger.countUnconfirmed()).toBe(1);
		expect(aborted).toEqual([false, true, true]);
	});

	it('does not go out when the run ends while it waits for its turn', async () => {
		const { gate, ending, posts, go } = setUp(ticket);
		gate.pass = async () => {
			ending.abort();
			return false;
		};
		expect(await go()).toBeInstanceOf(Stopped);
		expect(posts).toEqual([]);
	});
});
