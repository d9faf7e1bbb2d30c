import { compare, Probe, tableOf, type Fact } from '../../../scripts/live/probe';
import { startEmulator, type EmulatorOptions } from '../../support/emulator';

const images = { source: 'https://x.test/a.png', target: 'https://x.test/b.png' };

/** What is seen at an emulator that has one job already. */
async function facts(options: EmulatorOptions = {}, spends = false): Promise<Fact[]> {
	const emulator = await startEmulator({
		jobSeconds: 0.1,
		rateLimit: { perMinute: 1_000, headers: true },
		...options,
	});
	const { url, apiKey } = emulator;
	await fetch(`${url}/v2/faceswap-comic`, {
		method: 'POST',
		headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
		body: JSON.stringify({ source_image: images.source, target_image: images.target }),
	});
	const probe = new Probe({ apiKey, baseUrl: url, storageUrl: url, historyUrl: url }, 0);
	await probe.free();
	expect(emulator.ledger.jobs).toHaveLength(1);
	if (spends) {
		await probe.spend(images);
		expect(emulator.ledger.jobs).toHaveLength(3);
	}
	await emulator.close();
	return probe.facts;
}

const differences = (rows: ReturnType<typeof compare>) =>
	rows
		.filter(({ verdict }) => verdict !== 'as expected')
		.map(({ name, verdict }) => [name, verdict]);

it('finds nothing different at the same service, with runs that are paid for and without', async () => {
	const expected = await facts({}, true);
	expect(expected.length).toBeGreaterThan(20);
	expect(expected.filter(({ seen }) => seen === undefined)).toEqual([]);
	expect(differences(compare(await facts({}, true), expected))).toEqual([]);
	const free = await facts();
	expect(differences(compare(free, await facts()))).toEqual([]);
}, 60_000);

it('finds what is different, and what could not be seen', async () => {
	const odd = await facts({
		rateLimit: undefined,
		history: {
			bareIds: true,
			row: ({ model_created: created, ...row }) => {
				delete row.latency_ms;
				return { ...row, created_at: created };
			},
		},
	});
	const rows = compare(odd, await facts());
	expect(differences(rows)).toEqual([
		['header x-rate-limit-remaining', 'not seen'],
		['header x-rate-limit-reset-at-utc', 'not seen'],
		['a row of the history', 'different'],
		['its time', 'different'],
		['its request ID', 'different'],
	]);
	const table = tableOf(rows);
	expect(table).toContain('| its time | **different** | created_at | model_created |');
	expect(table).toContain('| credit balance | as expected | 200 { credits: number } | |');
	expect(table).not.toMatch(/SG_|http|127\.0\.0\.1/);
}, 60_000);
