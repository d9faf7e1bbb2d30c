/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, INodeExecutionData } from 'n8n-workflow';
import { SegmindApi } from '../credentials/SegmindApi.credentials';
import { CharacterSwap } from '../nodes/CharacterSwap/CharacterSwap.node';
import { FaceSwapComic } from '../nodes/FaceSwapComic/FaceSwapComic.node';
import { startEmulator, type Emulator, type EmulatorOptions } from './emulator';
import { Engine, type Outcome } from './engine/engine';

/** The root folder of the project. */
export const root = join(__dirname, '..');

/** A picture of the repository. */
export const picture = (name: string): Buffer =>
	readFileSync(join(root, 'examples', 'images', name));

/** The engine, running the sources, so that they count as covered. */
export async function startEngine(): Promise<Engine> {
	return await Engine.start(root, {
		nodes: { faceSwapComic: new FaceSwapComic(), characterSwap: new CharacterSwap() },
		credentials: { segmindApi: new SegmindApi() },
	});
}

/** An emulator with quick jobs. */
export async function startQuickEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	return await startEmulator({ jobSeconds: 0.05, ...options });
}

/** The credential that points at an emulator. */
export const credentialsFor = (
	emulator: Emulator,
	change: ICredentialDataDecryptedObject = {},
): ICredentialDataDecryptedObject => ({
	apiKey: emulator.apiKey,
	baseUrl: emulator.url,
	storageUrl: emulator.url,
	...change,
});

/** Parameters of FaceSwap Comic with two image URLs that the emulator serves. */
export function faceUrls(emulator: Emulator): Record<string, string> {
	return {
		sourceImageUrl: emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg'),
		targetImageUrl: emulator.hostFile('comic.png', picture('comic.png'), 'image/png'),
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
