/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../support/engine/engine';
import { padImage } from '../../support/emulator/padding';
import { root } from './paths';
import type { Input } from './types';

/** The folder in which the engine's processes have their binary store; they share it. */
const store = (): string =>
	join(String(process.env.N8N_USER_FOLDER), '.n8n', 'storage', 'workflows', 'test', 'executions');

/** Makes input images and puts them into n8n's binary store before any contender runs. */
export class Inputs {
	private readonly folder = mkdtempSync(join(tmpdir(), 'segmind-inputs-'));

	private readonly engine = Engine.start('', { nodes: {}, credentials: {} });

	/** Valid JPEGs of `bytes` each: no two alike, or `count` times the same content in files of their own. */
	async make(count: number, bytes: number, kind: 'different' | 'same'): Promise<Input[]> {
		const engine = await this.engine;
		const face = readFileSync(join(root, 'examples', 'images', 'face.jpg'));
		const padded = padImage(face, 'jpeg', bytes);
		const inputs: Input[] = [];
		for (let index = 0; index < count; index++) {
			const image = Buffer.from(padded);
			// Inside the first comment: after the start mark, the comment's mark and its length.
			if (kind === 'different') randomBytes(16).copy(image, 8);
			const path = join(this.folder, kind === 'same' ? 'face.jpg' : `${bytes}-${index}.jpg`);
			writeFileSync(path, image);
			inputs.push({ path, binary: await engine.binary(image, 'face.jpg', 'image/jpeg') });
		}
		return inputs;
	}

	/** Removes the images that runs have stored. */
	clearOutputs(): void {
		for (const name of readdirSync(store())) {
			if (name !== 'input') rmSync(join(store(), name), { recursive: true });
		}
	}

	remove(): void {
		for (const folder of [this.folder, String(process.env.N8N_USER_FOLDER)]) {
			rmSync(folder, { recursive: true, force: true });
		}
	}
}
