import type { Item } from '../../../nodes/shared/job/item';
import type { Run } from '../../../nodes/shared/job/run';
import { runJob } from '../../../nodes/shared/job/runJob';
import { ItemProblem } from '../../../nodes/shared/problems/problems';
import { createAccount } from '../../../nodes/shared/http/account';
import { FakeClock } from '../../support/fakeClock';
import { sampleKey } from '../../support/samples';

/** A submit whose answer is a ticket, of an item that doesn't wait for more. */
function accepted(clock: FakeClock): { run: Run; item: Item } {
	const account = createAccount(sampleKey, { baseUrl: 'https://api.test', storageUrl: '' });
	const key = { key: 'k', fingerprint: 'f' };
	const scope = { executionId: 'e', runIndex: 0 };
	const run = {
		clock,
		account,
		history: { isAvailable: false },
		schedule: { jobs: new Map() },
		records: new Map(),
		spending: { pending: new Set() },
		stop: { newWork: new AbortController().signal },
		model: {},
		ledger: {
			oneAtATime: async (_key: string, work: () => Promise<unknown>) => await work(),
			itemsOf: () => undefined,
			load: () => ({ ...key, ...scope, status: 'accepted', ticket: { requestId: 'r-1' } }),
			save: () => undefined,
		},
	} as unknown as Run;
	const item = {
		operation: 'swap',
		index: 0,
		jobKey: key,
		options: { timeoutMs: 1_000, outputBinaryField: 'data' },
	} as unknown as Item;
	return { run, item };
}

it('a job that does not wait gives its request ID', async () => {
	const { run, item } = accepted(new FakeClock());
	const [{ json } = { json: {} }] = await runJob(run, item);
	expect(json).toMatchObject({ requestId: 'r-1', status: 'QUEUED' });
});

it('what goes wrong with the output of an accepted job names it, and does not call it unspent', async () => {
	const { run, item } = accepted(new FakeClock());
	run.account.mask = () => {
		throw new RangeError('too deep');
	};
	const error: unknown = await runJob(run, item).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(ItemProblem);
	expect((error as ItemProblem).problem).toMatchObject({
		code: 'unexpected',
		summary: 'too deep',
		money: 'maybeSpent',
		requestId: 'r-1',
	});
});
