import {
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	picture,
	quick,
	useEmulator,
} from '../support';

useEmulator();

/** Calls the tool twice with parameters that an expression changes. */
async function callTwice(change: Record<string, string>): Promise<number> {
	const { seed, ...images } = change;
	const outcome = await engine.run({
		type: 'faceSwapComicTool',
		credentials: credentialsFor(emulator),
		parameters: {
			...faceUrls(emulator),
			...images,
			additionalFields: seed === undefined ? {} : { seed },
			options: quick,
		},
		...engine.loop(2),
	});
	expect(outcome.error).toBeUndefined();
	return emulator.ledger.jobs.length;
}

describe('an agent that asks again', () => {
	it('for the same gets the job that is bought', async () => {
		expect(await callTwice({})).toBe(1);
	});

	it('with other fields buys another job', async () => {
		expect(await callTwice({ seed: '={{ $runIndex }}' })).toBe(2);
	});

	it('with another image buys another job', async () => {
		const other = emulator.hostFile('other.jpg', picture('face.jpg'), 'image/jpeg');
		const { sourceImageUrl } = faceUrls(emulator);
		const url = `={{ $runIndex === 0 ? "${other}" : "${sourceImageUrl}" }}`;
		expect(await callTwice({ sourceImageUrl: url })).toBe(2);
	});
});
