/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ICredentialDataDecryptedObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { SegmindApi } from '../../credentials/SegmindApi.credentials';
import {
	startEmulator,
	type Emulator,
	type EmulatorOptions,
	type Job,
	type RecordedRequest,
} from './emulator';
import { Engine, type Outcome } from './engine/engine';
import { notedSize } from './engine/oldLines';

/** The root folder of the project. */
export const root = join(__dirname, '..', '..');

/** The nodes that package.json registers: the name in workflows, the source file, and the class in it. */
export const registeredNodes = registeredFiles().map((built) => {
	const className = basename(built, '.node.js');
	const name = className.charAt(0).toLowerCase() + className.slice(1);
	return { name, className, file: built.replace(/^dist\/(.*)\.js$/, '$1.ts') };
});

function registeredFiles(): string[] {
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[] };
	};
	return manifest.n8n.nodes;
}

/** A picture of the repository. */
export const picture = (name: string): Buffer =>
	readFileSync(join(root, 'examples', 'images', name));

/** A registered node, from its source. */
export function nodeOf({ file, className }: (typeof registeredNodes)[number]): INodeType {
	// eslint-disable-next-line @typescript-eslint/no-require-imports
	const classes = require(join(root, file)) as Record<string, new () => INodeType>;
	const NodeClass = classes[className];
	if (!NodeClass) throw new Error(`${file} has no class ${className}`);
	return new NodeClass();
}

/** The engine, running the sources, so that they count as covered. */
async function startEngine(): Promise<Engine> {
	const nodes = registeredNodes.map((node) => [node.name, nodeOf(node)] as const);
	return await Engine.start(root, {
		nodes: Object.fromEntries(nodes),
		credentials: { segmindApi: new SegmindApi() },
	});
}

/** An emulator with quick jobs. */
export async function startQuickEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	return await startEmulator({ jobSeconds: 0.05, ...options });
}

/** The engine and the emulator of a test file that calls `useEmulator`. */
export let engine: Engine;
export let emulator: Emulator;

/** Gives a test file an engine. */
export function useEngine(): void {
	beforeAll(async () => {
		engine ??= await startEngine();
	});
}

/** Gives a test file an engine and an emulator with quick jobs, which forgets everything before each test. */
export function useEmulator(): void {
	useEngine();
	beforeAll(async () => {
		emulator = await startQuickEmulator();
	});
	beforeEach(() => emulator.reset());
	afterAll(async () => await emulator.close());
}

/** The credential that points at an emulator. */
export const credentialsFor = (
	segmind: Emulator,
	change: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject => ({
	apiKey: segmind.apiKey,
	baseUrl: segmind.url,
	storageUrl: segmind.url,
	historyUrl: segmind.url,
	...change,
});

/** Parameters of FaceSwap Comic with two image URLs that the emulator serves. */
export function faceUrls(segmind: Emulator): Record<string, string> {
	return {
		sourceImageUrl: segmind.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg'),
		targetImageUrl: segmind.hostFile('comic.png', picture('comic.png'), 'image/png'),
	};
}

/** Options that make a test quick. */
export const quick = { pollInterval: 0.1, timeout: 20 };

/** Items without anything in them. */
export const blankItems = (count: number): INodeExecutionData[] =>
	Array.from({ length: count }, (_, index) => ({ json: { index } }));

/** The one item that came out; fails the test when something else did. */
export function onlyItem({ outputs, error }: Outcome): INodeExecutionData {
	expect(error?.message).toBeUndefined();
	expect(outputs[0]).toHaveLength(1);
	return outputs[0]?.[0] as INodeExecutionData;
}

/** Requests of a kind that the emulator has met. */
export const requestsOf = (kind: RecordedRequest['kind']) =>
	emulator.requests.filter((request) => request.kind === kind);

/** The one job, once it is clear that it was paid for once and that the key stayed where it belongs. */
export function theJob(): Job {
	expect(emulator.ledger.jobs).toHaveLength(1);
	expect(emulator.leaks).toEqual([]);
	return emulator.ledger.jobs[0] as Job;
}

/** The one item that came out holds exactly the job's image. */
export async function expectImage(outcome: Outcome, field = 'data'): Promise<void> {
	const { json, binary } = onlyItem(outcome);
	const image = await emulator.image(String(json.requestId));
	expect((await engine.read(binary?.[field])).equals(image)).toBe(true);
	expect(json.fileSize).toBe(image.length);
	expect(binary?.[field]).toMatchObject({
		fileName: json.fileName,
		mimeType: json.mimeType,
		...notedSize(binary?.[field], image.length),
	});
}

/** Pictures of the repository, in the binary store under other names. */
export const filesOf = async () => ({
	face: await engine.binary(picture('face.jpg'), 'portrait.jpg', 'image/jpeg'),
	comic: await engine.binary(picture('comic.png'), 'page-7.png', 'image/png'),
	mask: await engine.binary(picture('mask.png'), 'mask.png', 'image/png'),
});
