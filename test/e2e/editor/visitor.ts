import type { Page } from 'playwright-core';

/** What a browser knows of an image that it shows. */
interface ImageElement {
	decode(): Promise<void>;
	naturalWidth: number;
	width: number;
}

/** Somebody who has been given the address of a form, in a browser window. */
export class Visitor {
	/** What went wrong in the scripts of the pages. */
	readonly errors: string[] = [];

	constructor(
		readonly page: Page,
		private readonly address: string,
	) {
		page.on('pageerror', ({ message }) => this.errors.push(message));
	}

	/** Opens the form. */
	async open(): Promise<void> {
		await this.page.goto(this.address);
	}

	/** Waits for the page that asks for another photo, and goes from there to the form. */
	async goBack(): Promise<void> {
		await this.page.getByText('Try another photo').click();
		await this.page.waitForURL(this.address);
	}

	/** Puts a photo into the form. */
	async choosePhoto(photo: Buffer): Promise<void> {
		const file = { name: 'me.jpg', mimeType: 'image/jpeg', buffer: photo };
		await this.page.locator('input[type=file]').setInputFiles(file);
	}

	/** Sends the form off. */
	async send(): Promise<void> {
		await this.page.locator('button[type=submit]').click();
	}

	/** Waits until the comic is drawn; its own width and that on the page, in pixels. */
	async seesComic(): Promise<{ width: number; onPage: number }> {
		const image = this.page.getByAltText('Your comic');
		await image.waitFor();
		return await image.evaluate(async (element: ImageElement) => {
			await element.decode();
			return { width: element.naturalWidth, onPage: element.width };
		});
	}

	/** Presses the button beneath the comic; where the browser has put the file, and under which name. */
	async download(): Promise<{ name: string; path: string }> {
		const begins = this.page.waitForEvent('download');
		await this.page.getByText('Download', { exact: true }).click();
		const file = await begins;
		return { name: file.suggestedFilename(), path: await file.path() };
	}
}
