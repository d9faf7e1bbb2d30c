/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { depart } from '../../../nodes/shared/job/advance';
import { root } from '../../support';
import { statusGraph, withGraph } from '../../support/search/graph';
import { BREAKS, SIBLING_BREAKS } from '../../support/search/breaks';
import {
	body,
	CONFIGURATIONS,
	freshRecord,
	searchAll,
	type Configuration,
} from '../../support/search/search';
import { searchSiblings } from '../../support/search/siblings';
import { isThorough } from '../../support/thorough';

// "Never twice", proved: every state that the pure functions can reach, with everything that can be seen and every
// interruption. What the search can't see is the reader of answers, which has a table of its own (observe.test.ts).

it('nothing that can happen to one item breaks a promise', () => {
	const found = searchAll();
	const { states, edges, violations } = found;
	expect(violations).toEqual([]);
	// Less than this would mean that the search has lost its way, not that the code is simpler.
	expect(states).toBeGreaterThan(5_000);
	expect(edges).toBeGreaterThan(100_000);
	const money = readFileSync(join(root, 'docs', 'money.md'), 'utf8');
	// Written by `npx tsx scripts/draw/statuses.ts`.
	expect(money).toBe(withGraph(money, statusGraph(found)));
}, 120_000);

if (isThorough) {
	// Moments that differ in nothing that is read later count as one above: a fault may hide behind that.
	it('nor does it when no two records count as one', () => {
		const { states, violations } = searchAll(undefined, {
			merges: { records: false, attempts: true },
		});
		expect(violations).toEqual([]);
		expect(states).toBeGreaterThan(50_000);
	}, 1_200_000);

	// Where an item waits for its image, there are too many attempts for that.
	it('nor does it when no two attempts of those that do not wait count as one', () => {
		const configurations = CONFIGURATIONS.filter(({ until }) => until !== 'image');
		const { states, violations } = searchAll(undefined, {
			configurations,
			merges: { records: true, attempts: false },
		});
		expect(violations).toEqual([]);
		expect(states).toBeGreaterThan(10_000);
	}, 300_000);
}

it.each(['sending', 'lost', 'accepted', 'finished', 'delivered', 'failed'] as const)(
	'a job that is %s is refused by the one place that lets a POST leave',
	(status) => {
		const record = { ...freshRecord(CONFIGURATIONS[0] as Configuration), status };
		expect(() => depart(record, body, 1)).toThrow(`A job that is ${status} is not submitted`);
	},
);

it.each(isThorough ? [1, 2, 3] : [1, 2])('%i equal items take nobody else’s job', (count) => {
	expect(searchSiblings(count).violations).toEqual([]);
});

it.each(Object.entries(BREAKS))(
	'the search notices when %s',
	(_, core) => {
		const configurations = [
			{ until: 'image', hasHistory: true, isSync: false, isGetResult: false },
			{ until: 'image', hasHistory: false, isSync: false, isGetResult: false },
		] as const;
		const { violations } = searchAll(core, { configurations: [...configurations], isFirst: true });
		expect(violations).not.toEqual([]);
	},
	60_000,
);

it.each(Object.entries(SIBLING_BREAKS))('the search of equal items notices when %s', (_, core) => {
	expect(searchSiblings(2, core).violations).not.toEqual([]);
});
