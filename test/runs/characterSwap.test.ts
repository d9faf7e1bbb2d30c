import type { RecordedRequest } from '../support/emulator';
import {
	credentialsFor,
	emulator,
	engine,
	expectImage,
	filesOf,
	onlyItem,
	quick,
	requestsOf,
	theJob,
	useEmulator,
} from '../support';

useEmulator();

describe('Character Swap', () => {
	it("runs as dropped, on the API's own samples", async () => {
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			parameters: { options: quick },
		});
		await expectImage(outcome);
		const { reference_character_image: reference, character_image: character } = theJob().body;
		expect(reference).toMatch(/1a4fd805-5356-4819-9cb9-9c17c0768a26.*\.jpg$/);
		expect(character).toMatch(/c8a25ffe-72fa-42ce-80a3-8775cdede172.*\.jpg$/);
	});

	it('sends binary input inline as a data URI', async () => {
		const outcome = await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator),
			items: [{ json: {}, binary: await filesOf() }],
			parameters: {
				referenceCharacterImageInput: 'binary',
				referenceCharacterImageBinaryField: 'face',
				characterImageInput: 'binary',
				characterImageBinaryField: 'comic',
				options: { ...quick, imageDelivery: 'inline', fileName: 'my result.jpeg' },
			},
		});
		await expectImage(outcome);
		expect(theJob().body.character_image).toMatch(/^data URI image\/png/);
		// The wish is a JPEG, the result a PNG.
		expect(onlyItem(outcome).json.fileName).toBe('my result.png');
	});

	it('signs workflows both ways, everything else with the key alone, files not at all', async () => {
		await engine.run({
			type: 'characterSwap',
			credentials: credentialsFor(emulator, { baseUrl: `${emulator.url}/gateway/` }),
			items: [{ json: {}, binary: await filesOf() }],
			parameters: {
				characterImageInput: 'binary',
				characterImageBinaryField: 'comic',
				options: quick,
			},
		});
		theJob();
		const headersOf = (kind: RecordedRequest['kind']) =>
			requestsOf(kind).map(({ headers }) => [headers['x-api-key'], headers.authorization]);
		const bearer = `Bearer ${emulator.apiKey}`;
		expect(headersOf('submit')).toEqual([[emulator.apiKey, bearer]]);
		expect(headersOf('status')[0]).toEqual([emulator.apiKey, bearer]);
		expect(headersOf('upload')).toEqual([[emulator.apiKey, undefined]]);
		expect(headersOf('download')).toEqual([[undefined, undefined]]);
		expect(requestsOf('submit')[0]?.path).toMatch(/^\/gateway\/workflows\//);
	});
});
