/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import {
	credentialsFor,
	emulator,
	engine,
	expectImage,
	faceUrls,
	filesOf,
	quick,
	theJob,
	useEmulator,
} from '../support';

// n8n's stores in a database, in S3 and in memory gather a stream by its events, other than the one in files.
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'default';

useEmulator();

const run = async (parameters: object, items?: Parameters<typeof engine.run>[0]['items']) =>
	await engine.run({
		type: 'faceSwapComic',
		parameters: { options: quick, ...parameters },
		credentials: credentialsFor(emulator),
		items,
	});

it('puts the image out where n8n keeps no files', async () => {
	await expectImage(await run(faceUrls(emulator)));
	theJob();
});

it('takes images in from there too', async () => {
	const { face, comic } = await filesOf();
	const outcome = await run(
		{
			sourceImageInput: 'binary',
			sourceImageBinaryField: 'face',
			targetImageInput: 'binary',
			targetImageBinaryField: 'comic',
		},
		[{ json: {}, binary: { face, comic } }],
	);
	await expectImage(outcome);
	theJob();
});
