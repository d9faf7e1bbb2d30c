import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';
import { FaceSwapComic } from '../../nodes/FaceSwapComic/FaceSwapComic.node';
import type { FaultRule } from '../support/emulator';
import type { Outcome } from '../support/engine/engine';
import {
	blankItems,
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	onlyItem,
	picture,
	quick,
	useEmulator,
} from '../support';

useEmulator();

/** One call of an AI agent with two items. */
const callWithTwo = async (parameters: INodeParameters): Promise<Outcome> =>
	await engine.run({
		type: 'faceSwapComicTool',
		credentials: credentialsFor(emulator),
		items: blankItems(2),
		parameters: { ...faceUrls(emulator), options: quick, ...parameters },
	});

const idsOf = ({ outputs, error }: Outcome) => {
	expect(error).toBeUndefined();
	return (outputs[0] ?? []).map(({ json }) => json.requestId);
};

describe("an AI agent's call", () => {
	it('buys one job for two equal items, each of which gets the image', async () => {
		const outcome = await callWithTwo({});
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(new Set(idsOf(outcome)).size).toBe(1);
		expect(outcome.outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
		]);
	});

	it('buys one job for two equal items that come one after the other', async () => {
		const outcome = await callWithTwo({ options: { ...quick, maxConcurrency: 1 } });
		expect(emulator.ledger.jobs).toHaveLength(1);
		expect(new Set(idsOf(outcome)).size).toBe(1);
	});

	it.each([
		['another field', () => ({ additionalFields: { seed: '={{ $json.index }}' } })],
		[
			'another image',
			() => ({
				sourceImageUrl: `={{ $json.index === 0 ? '${faceUrls(emulator).sourceImageUrl}' : '${emulator.hostFile('other.png', picture('comic.png'), 'image/png')}' }}`,
			}),
		],
	])('buys two jobs for %s', async (_name, parameters) => {
		const outcome = await callWithTwo({
			...parameters(),
			options: { ...quick, maxConcurrency: 1 },
		});
		expect(emulator.ledger.jobs).toHaveLength(2);
		expect(new Set(idsOf(outcome)).size).toBe(2);
	});

	it('that waits gets the image of the one before that did not, and looks at once', async () => {
		const outcome = await engine.run({
			type: 'faceSwapComicTool',
			credentials: credentialsFor(emulator),
			parameters: {
				...faceUrls(emulator),
				waitForCompletion: '={{ $runIndex > 1 }}',
				options: { pollInterval: 4, timeout: 20 },
			},
			...engine.loop(3),
		});
		expect(emulator.ledger.jobs).toHaveLength(1);
		const { json, binary } = onlyItem(outcome);
		expect(json.requestId).toBe(emulator.ledger.jobs[0]?.requestId);
		expect(binary?.data).toBeDefined();
		const [look] = emulator.requests.filter(({ kind }) => kind === 'status');
		expect(Number(look?.at) - Number(emulator.ledger.jobs[0]?.acceptedAt)).toBeLessThan(2_000);
	});
});

describe('equal calls of an agent at the same moment, and a third one', () => {
	afterEach(() => jest.restoreAllMocks());

	/** Makes the first call of an execution two, in the same moment and over the same memory, and gives how each ended. */
	function doubleFirstCall(): PromiseSettledResult<unknown>[] {
		const ends: PromiseSettledResult<unknown>[] = [];
		const execute = FaceSwapComic.prototype.execute;
		let isFirst = true;
		jest.spyOn(FaceSwapComic.prototype, 'execute').mockImplementation(async function (
			this: IExecuteFunctions,
		) {
			const count = isFirst ? 2 : 1;
			isFirst = false;
			const calls = Array.from({ length: count }, async () => await execute.call(this));
			const settled = await Promise.allSettled(calls);
			ends.push(...settled);
			const [good] = settled.filter(({ status }) => status === 'fulfilled');
			return good && 'value' in good ? good.value : [[{ json: {} }]];
		});
		return ends;
	}

	const refused: FaultRule = {
		on: 'submit',
		fault: { kind: 'status', status: 500, body: { error: 'not now' } },
	};
	const lost: FaultRule = { on: 'submit', fault: { kind: 'reset', when: 'after' } };

	it.each<[string, FaultRule[], { historyUrl?: string }, string[]]>([
		['the first is refused', [refused], {}, ['rejected', 'fulfilled', 'fulfilled']],
		['the second would be refused', [{ ...refused, skip: 1 }], {}, Array(3).fill('fulfilled')],
		['the first is lost', [lost, refused], {}, Array(3).fill('fulfilled')],
		['it is lost for good', [lost, refused], { historyUrl: '' }, Array(3).fill('rejected')],
	])('buy one job: %s', async (_, rules, credential, expected) => {
		for (const rule of rules) emulator.fault(rule);
		const ends = doubleFirstCall();
		const outcome = await engine.run({
			type: 'faceSwapComicTool',
			credentials: credentialsFor(emulator, credential),
			parameters: { ...faceUrls(emulator), options: quick },
			...engine.loop(2),
		});
		expect(outcome.error).toBeUndefined();
		expect(ends.map(({ status }) => status)).toEqual(expected);
		expect(emulator.ledger.jobs).toHaveLength(1);
	});
});
