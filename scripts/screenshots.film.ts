/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** Pixels of the film's width: as wide as a README's text. */
const WIDTH = 900;
const MAXIMUM_BYTES = 1.5 * 1000 * 1000;

/** A short film of a page: still pictures, each shown for so long. */
export class Film {
	private readonly frames: Array<{ picture: Buffer; milliseconds: number }> = [];

	constructor(private readonly page: Page) {}

	/** Takes what the page shows now. */
	async shoot(milliseconds: number): Promise<void> {
		const picture = await this.page.screenshot({ animations: 'disabled' });
		this.frames.push({ picture, milliseconds });
	}

	/** Writes the film as an animated GIF, and returns its size in bytes. */
	async write(path: string): Promise<number> {
		const pictures = await Promise.all(
			this.frames.map(
				async ({ picture }) => await sharp(picture).resize({ width: WIDTH }).png().toBuffer(),
			),
		);
		await sharp(pictures, { join: { animated: true } })
			.gif({
				delay: this.frames.map(({ milliseconds }) => milliseconds),
				loop: 0,
				effort: 10,
				interFrameMaxError: 4,
			})
			.toFile(path);
		const { size } = statSync(path);
		if (size > MAXIMUM_BYTES) throw new Error(`${path} is larger than ${MAXIMUM_BYTES} bytes`);
		return size;
	}
}
