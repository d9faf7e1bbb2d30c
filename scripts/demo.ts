/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
/**
 * The main job in one command: both nodes, as built, in n8n's real engine, from image files to image files.
 * Without SEGMIND_API_KEY the emulator stands in for Segmind and nothing is spent; with it, the real API is
 * used and two runs are paid for (about 0.22 USD).
 */
import '../test/support/setup';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { startEmulator, type Emulator } from '../test/support/emulator';
import { Engine, type NodeUnderTest } from '../test/support/engine/engine';

const root = join(__dirname, '..');
const images = join(root, 'examples', 'images');
const target = join(root, 'demo-output');

/** Samples of Segmind's own pages: the real API must be able to fetch what comes by URL. */
const COMIC_SAMPLE =
	'https://segmind-resources.s3.amazonaws.com/input/44e264ec-4ae7-4d90-bb3a-fb6215fcd359-29570e4d-b67e-4612-bbb6-ae4802b672a1_1.png';
const PICTURE_SAMPLE =
	'https://segmind-inference-inputs.s3.amazonaws.com/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg';

/** Seconds that a job takes at the emulator: long enough to watch, short enough to wait for. */
const JOB_SECONDS: Record<string, number> = { 'faceswap-comic': 4, workflow: 7 };

interface Step {
	title: string;
	/** The local file, which goes in as binary. */
	file: string;
	mimeType: string;
	/** The picture that goes in by URL. */
	url: string;
	node: NodeUnderTest;
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

function steps(emulator: Emulator | undefined): Step[] {
	const hosted = (name: string, mimeType: string, sample: string) =>
		emulator?.hostFile(name, readFileSync(join(images, name)), mimeType) ?? sample;
	const comic = hosted('comic.png', 'image/png', COMIC_SAMPLE);
	const picture = hosted('picture.jpg', 'image/jpeg', PICTURE_SAMPLE);
	return [
		{
			title: 'FaceSwap Comic',
			file: 'face.jpg',
			mimeType: 'image/jpeg',
			url: comic,
			node: {
				type: 'faceSwapComic',
				parameters: {
					sourceImageInput: 'binary',
					targetImageUrl: comic,
					prompt: 'happy',
					options: { fileName: 'faceswap-comic' },
				},
			},
		},
		{
			title: 'Character Swap',
			file: 'reference-character.png',
			mimeType: 'image/png',
			url: picture,
			node: {
				type: 'characterSwap',
				parameters: {
					referenceCharacterImageInput: 'binary',
					characterImageUrl: picture,
					options: { fileName: 'character-swap' },
				},
			},
		},
	];
}

/** Runs a step and shows that time passes. */
async function runStep(
	engine: Engine,
	credentials: ICredentialDataDecryptedObject,
	{ title, file, mimeType, url, node }: Step,
): Promise<void> {
	say(`\n${title}`);
	say(`  in      ${relative(root, join(images, file))} (binary) and ${url} (URL)`);
	const started = Date.now();
	const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
	const ticking = setInterval(() => say(`  …       ${seconds()} s`), 2_000);
	const data = await engine.binary(readFileSync(join(images, file)), file, mimeType);
	const outcome = await engine.run({
		...node,
		credentials,
		items: [{ json: {}, binary: { data } }],
	});
	clearInterval(ticking);
	const item = outcome.outputs[0]?.[0];
	if (outcome.error || !item) {
		const { message = 'no image came out', description = '' } = outcome.error ?? {};
		throw new Error(`${title}: ${message}\n  ${description}`);
	}
	const image = await engine.read(item.binary?.data);
	const path = join(target, String(item.json.fileName));
	writeFileSync(path, image);
	const { cost } = item.json.metrics as { cost?: number };
	say(`  request ${String(item.json.requestId)}`);
	say(`  cost    ${cost === undefined ? 'not reported by this service' : `${cost} USD`}`);
	say(`  time    ${seconds()} s`);
	say(`  out     ${relative(root, path)} (${String(item.json.mimeType)}, ${image.length} bytes)`);
}

async function main(): Promise<void> {
	const key = process.env.SEGMIND_API_KEY?.trim();
	const emulator = key
		? undefined
		: await startEmulator({
				jobSeconds: ({ service }) => JOB_SECONDS[service] ?? 5,
				// A plan that has requests to spare: a job that is done early is found early.
				rateLimit: { perMinute: 500, headers: true },
			});
	const credentials: ICredentialDataDecryptedObject = emulator
		? {
				apiKey: emulator.apiKey,
				baseUrl: emulator.url,
				storageUrl: emulator.url,
				historyUrl: emulator.url,
			}
		: {
				apiKey: key as string,
				baseUrl: 'https://api.segmind.com',
				storageUrl: 'https://workflows-api.segmind.com',
			};
	say(
		emulator
			? `No SEGMIND_API_KEY: the emulator at ${emulator.url} stands in for Segmind. Nothing is spent.`
			: 'SEGMIND_API_KEY is set: the real API is used, and two runs are paid for.',
	);
	rmSync(target, { recursive: true, force: true });
	mkdirSync(target, { recursive: true });
	try {
		const engine = await Engine.start(root);
		for (const step of steps(emulator)) await runStep(engine, credentials, step);
		if (emulator) {
			const { jobs, spent } = emulator.ledger;
			say(`\nThe emulator's ledger: ${jobs.length} jobs, ${spent.toFixed(4)} USD of play money.`);
		}
		say(`\nThe images are in ${relative(process.cwd(), target) || '.'}/`);
	} finally {
		rmSync(String(process.env.N8N_USER_FOLDER), { recursive: true, force: true });
		await emulator?.close();
	}
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		process.stderr.write(`\n${(error as Error).message}\n`);
		process.exit(1);
	},
);
