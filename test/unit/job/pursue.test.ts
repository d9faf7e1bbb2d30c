import { advance } from '../../../nodes/shared/job/advance';
import { pursue } from '../../../nodes/shared/job/pursue';
import { Stopped } from '../../../nodes/shared/problems/problems';
import { BREAKS } from '../../support/search/breaks';
import { freshAttempt, freshRecord } from '../../support/search/search';
import { walkAll, type WalkBreak } from '../../support/search/walks';
import { runsOf } from '../../support/thorough';

// The loop itself, with the real ledger: whatever throws, wherever a Stop or a kill comes, whoever retries.

it('no walk through the loop breaks a promise', async () => {
	const { steps, violations } = await walkAll(runsOf(30_000));
	expect(violations).toEqual({});
	// Less than this would mean that the walks have lost their way.
	expect(steps).toBeGreaterThan(15_000);
}, 300_000);

const breaks: Array<[string, WalkBreak]> = [
	['equal calls do not wait for each other', { isCrowded: true }],
	['a submit is saved after its answer only', { savesLate: true }],
	...[
		'a lost submit is sent again',
		'a submit without an answer counts as not queued',
		'a job on its way is new to the next try',
		'a failed job is bought again',
		'an error forgets the request ID',
	].map((name): [string, WalkBreak] => [name, { core: BREAKS[name] }]),
];

it.each(breaks)('the walks notice when %s', async (_, broken) => {
	expect((await walkAll(1_000, broken, true)).violations).not.toEqual({});
});

it('a retry that does not wait asks for a job that failed: its request ID alone would hide that', () => {
	const way = { until: 'ticket', hasHistory: false, isSync: false, isGetResult: false } as const;
	const ticket = { requestId: 'r-1' };
	const record = { ...freshRecord(way), status: 'failed', ticket } as const;
	const { next } = advance(record, freshAttempt(way), { says: 'begin' }, 1);
	expect(next).toEqual({ do: 'poll', for: 'state' });
});

it.each(['new', 'lost', 'accepted', 'finished'] as const)(
	'after Stop nothing more is done for a job that is %s, whatever its effects would do',
	async (status) => {
		const way = { until: 'image', hasHistory: true, isSync: false, isGetResult: false } as const;
		const known = status === 'accepted' || status === 'finished';
		const ticket = known ? { requestId: 'r-1' } : undefined;
		const effect = jest.fn(async () => ({ says: 'nothing', why: 'stopped' }) as const);
		const pursuit = pursue({ ...freshRecord(way), status, ticket }, freshAttempt(way), {
			effects: { submit: effect, poll: effect, lookUp: effect, fetch: effect },
			save: () => undefined,
			waitFor: async () => undefined,
			isStopping: () => true,
			nowMs: () => 1,
			dateMs: () => 1,
		});
		await expect(pursuit).rejects.toBeInstanceOf(Stopped);
		expect(effect).not.toHaveBeenCalled();
	},
);
