import type { EmulatorOptions } from '../support/emulator';
import { type Way, WAYS } from '../support/faults/cases';
import { inBatches, runCase, useCases } from '../support/faults/runCase';
import { partOf } from '../support/thorough';

useCases();

const ITEMS = 8;

/** List prices [seed]; USD. */
const PRICE: Record<Way, number> = { queue: 0.065, sync: 0.065, workflow: 0.1522 };

/** What an account and its prices may be like. `price` is the way's list price. */
interface Condition {
	name: string;
	segmind: (price: number) => EmulatorOptions;
	/** Most jobs that may be bought, whatever Maximum Cost says. */
	most?: number;
	/** USD that the node learns of for a job, at the list price `price`; by default that. */
	cost?: (price: number) => number;
}

const CONDITIONS: Condition[] = [
	{ name: 'as listed', segmind: () => ({}) },
	{
		name: 'twice the list price',
		segmind: (price) => ({ money: { cost: 2 * price } }),
		cost: (price) => 2 * price,
	},
	{
		name: 'a third of the list price',
		segmind: (price) => ({ money: { cost: price / 3 } }),
		cost: (price) => price / 3,
	},
	{ name: 'a cost of 0', segmind: () => ({ money: { cost: 0 } }), cost: () => 0 },
	{ name: 'no cost named', segmind: () => ({ money: { reportsCost: false } }) },
	{ name: 'credits for two', segmind: (price) => ({ credits: 2.2 * price }), most: 2 },
	{
		name: 'credits for two, which nothing names',
		segmind: (price) => ({ credits: 2.2 * price, money: { reportsCredits: false } }),
		most: 2,
	},
	{ name: 'no credits at all', segmind: () => ({ money: { hasNone: true } }), most: 0 },
	{ name: 'x-api-key alone on /workflows/', segmind: () => ({ workflowAuth: 'key' }) },
	{ name: 'Bearer alone on /workflows/', segmind: () => ({ workflowAuth: 'bearer' }) },
	{ name: 'not both headers on /workflows/', segmind: () => ({ workflowAuth: 'notBoth' }) },
];

interface Row {
	way: Way;
	condition: Condition;
	maxConcurrency: number;
	continues: boolean;
	/** In list prices. */
	limit?: number;
}

/** How many jobs may be bought in a row: fewest and most. */
function expectedJobs({ way, condition, maxConcurrency, limit = Infinity }: Row) {
	const price = PRICE[way];
	const { most = ITEMS, cost = (list: number) => list } = condition;
	// A workflow's answers name no cost, so the list price counts.
	const known = way === 'workflow' ? price : cost(price);
	const atOnce = Math.min(most, ITEMS, Math.floor(limit));
	// One after the other, each job but the last counts what it has cost.
	let oneByOne = 0;
	while (oneByOne < ITEMS && oneByOne * known + price <= limit * price + 1e-9) oneByOne++;
	oneByOne = Math.min(oneByOne, most);
	if (maxConcurrency === 1) return { fewest: oneByOne, most: oneByOne };
	return { fewest: Math.min(atOnce, oneByOne), most: Math.max(atOnce, oneByOne) };
}

/** What is wrong with how a row ended; empty when all is well. */
async function judge(row: Row): Promise<string[]> {
	const { way, condition, maxConcurrency, continues, limit } = row;
	const price = PRICE[way];
	const { outcome, emulator, text, late, leaks } = await runCase({
		way,
		rules: [],
		items: ITEMS,
		timeout: 30,
		jobSeconds: 0.05,
		segmind: condition.segmind(price),
		options: { maxConcurrency, ...(limit === undefined ? {} : { maxCost: limit * price }) },
		settings: continues ? { onError: 'continueRegularOutput' } : {},
	});
	const wrong: string[] = [];
	const check = (ok: boolean, what: string) => {
		const name = `${way}, ${condition.name}, ${maxConcurrency} in flight, limit ${limit}`;
		if (!ok) wrong.push(`${name}, ${continues ? 'continues' : 'ends'}: ${what}\n${text}`);
	};
	const { jobs } = emulator.ledger;
	const { fewest, most } = expectedJobs(row);
	check(jobs.length >= fewest && jobs.length <= most, `${jobs.length} jobs, not ${fewest}–${most}`);
	check(late === 0, `${late} requests after the end`);
	check(leaks.length === 0, `the key is in ${leaks.join(' and ')}`);
	const items = outcome.outputs.flat();
	const isAll = jobs.length === ITEMS;
	if (continues || isAll) {
		check(outcome.error === undefined, `the error ${outcome.error?.message}`);
		check(items.length === ITEMS, `${items.length} items`);
		const images = items.filter(({ binary }) => binary?.data !== undefined);
		check(images.length === jobs.length, `${images.length} images of ${jobs.length} jobs`);
		check(
			items.every(({ pairedItem }, index) => (pairedItem as { item: number }).item === index),
			'an item is not paired',
		);
		for (const { json } of items.filter(({ binary }) => !binary)) {
			check(/Nothing was spent/.test(String(json.error)), `an error without it: ${json.error}`);
		}
	} else {
		check(outcome.error !== undefined, 'no error');
		check(/Nothing was spent/.test(text), 'an error without what was spent');
		const counts = `${jobs.length} of ${ITEMS} items were bought, ${ITEMS - jobs.length} were not.`;
		check(text.includes(counts), `not "${counts}"`);
		for (const { requestId } of jobs) check(text.includes(requestId), `lost ${requestId}`);
	}
	const posts = emulator.requests.filter(({ kind }) => kind === 'submit' || kind === 'sync');
	const refused = posts.filter(({ status }) => status === 406).length;
	check(refused <= maxConcurrency, `${refused} submits were refused for lack of credits`);
	await emulator.close();
	return wrong;
}

const rows = WAYS.flatMap((way) => CONDITIONS.map((condition) => [way, condition.name] as const));

it.concurrent.each(rows)(
	'%s, %s: what is bought, and what is said of it',
	async (way, name) => {
		const condition = CONDITIONS.find((candidate) => candidate.name === name) as Condition;
		const cases = [1, 5, 50].flatMap((maxConcurrency) =>
			[undefined, 3.5, 0.5].map((limit) => ({ way, condition, maxConcurrency, limit })),
		);
		const tried = partOf(cases, 2);
		const wrong = await inBatches(
			tried.map((row, index) => async () => await judge({ ...row, continues: index % 2 === 0 })),
			6,
		);
		expect(wrong.flat()).toEqual([]);
	},
	240_000,
);
