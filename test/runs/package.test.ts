/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageDirectoryLoader } from 'n8n-core';
import { Engine, loadBuilt } from '../support/engine/engine';
import {
	credentialsFor,
	emulator,
	engine,
	expectImage,
	faceUrls,
	quick,
	registeredNodes,
	root,
	useEmulator,
} from '../support';

useEmulator();

let loader: PackageDirectoryLoader;

beforeAll(async () => (loader = await loadBuilt(root)));

/** What package.json registers, by the name in workflows. */
const names = registeredNodes.map(({ name }) => name).sort();

describe('the built package', () => {
	it('registers its nodes and the credential, with codex and icons', () => {
		expect(names).toContain('faceSwapComic');
		expect(Object.keys(loader.nodeTypes).sort()).toEqual(names);
		expect(Object.keys(loader.credentialTypes)).toEqual(['segmindApi']);
		for (const { type, sourcePath } of Object.values(loader.nodeTypes)) {
			const { codex, iconUrl } = type.description as {
				codex?: { alias?: string[] };
				iconUrl?: { light: string; dark: string };
			};
			expect(codex?.alias).toContain('Segmind');
			expect(existsSync(join(root, sourcePath))).toBe(true);
			for (const url of [iconUrl?.light, iconUrl?.dark]) {
				const file = url?.replace('icons/n8n-nodes-segmind/', '') ?? 'missing';
				expect(existsSync(join(root, file))).toBe(true);
			}
		}
		expect(loader.known.credentials.segmindApi?.supportedNodes?.sort()).toEqual(names);
	});

	it('makes images as the sources do', async () => {
		const built = await Engine.start(root);
		const outcome = await built.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: quick },
		});
		await expectImage(outcome);
		expect(engine).not.toBe(built);
	});
});
