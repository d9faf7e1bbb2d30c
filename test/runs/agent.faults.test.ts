import type { INodeParameters } from 'n8n-workflow';
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
