import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { OWNER } from '../n8n';

/** How long anything in the editor may take: a busy machine draws it slowly. Milliseconds. */
const PATIENCE = 60_000;

type User = typeof OWNER;

/** n8n's editor in a browser window, handled as a person does. */
export class Editor {
	private constructor(
		readonly page: Page,
		private readonly url: string,
	) {}

	/** Opens a window of its own, in which nobody is signed in. */
	static async open(
		browser: Browser,
		url: string,
		options: BrowserContextOptions = {},
	): Promise<Editor> {
		const context = await browser.newContext({
			viewport: { width: 1280, height: 800 },
			...options,
		});
		context.setDefaultTimeout(PATIENCE);
		return new Editor(await context.newPage(), url);
	}

	async close(): Promise<void> {
		await this.page.context().close();
	}

	/** An element by n8n's own test ID. */
	part(testId: string): Locator {
		return this.page.getByTestId(testId);
	}

	/** Goes to a page of n8n. */
	async go(path: string): Promise<void> {
		await this.page.goto(this.url + path);
	}

	/** Makes the first user on the page that a new n8n starts with. */
	async setUpOwner(user: User): Promise<void> {
		await this.go('/');
		for (const field of ['email', 'firstName', 'lastName', 'password'] as const) {
			await this.page.locator(`input[name=${field}]`).fill(user[field]);
		}
		await this.part('form-submit-button').click();
		await this.page.waitForURL((url) => !url.pathname.startsWith('/setup'));
	}

	/** Signs in somebody who exists. */
	async signIn({ email, password }: User): Promise<void> {
		await this.go('/signin');
		await this.page.locator('input[name=emailOrLdapLoginId]').fill(email);
		await this.page.locator('input[name=password]').fill(password);
		await this.part('form-submit-button').click();
		await this.page.waitForURL((url) => !url.pathname.startsWith('/signin'));
	}

	/** Installs a package in *Settings > Community nodes*, and returns what its card says then. */
	async installPackage(name: string): Promise<string> {
		await this.go('/settings/community-nodes');
		await this.page.getByRole('button', { name: /^Install/ }).click();
		await this.page.locator('input[data-test-id=package-name-input]').fill(name);
		await this.part('user-agreement-checkbox').click();
		await this.part('install-community-package-button').click();
		const card = this.part('community-package-card').filter({ hasText: name });
		return await card.innerText();
	}

	/** Opens an empty workflow and starts it with a manual trigger, so that actions can follow. */
	async newWorkflow(): Promise<void> {
		await this.go('/workflow/new');
		await this.search('Manual Trigger');
		await this.nodeFound('Manual Trigger').click();
		await this.canvasNode(/Execute workflow/).waitFor();
	}

	/** Opens an empty workflow and imports a file into it, by the menu beside its name. */
	async importFile(path: string): Promise<void> {
		await this.go('/workflow/new');
		await this.part('workflow-menu').click();
		await this.page.getByRole('menuitem', { name: 'Import', exact: true }).hover();
		const chooses = this.page.waitForEvent('filechooser');
		await this.page.getByRole('menuitem', { name: 'From file' }).click();
		await (await chooses).setFiles(path);
		await this.part('canvas-node').first().waitFor();
	}

	/** Opens a workflow and shows all of it. */
	async openWorkflow(id: string): Promise<void> {
		await this.go(`/workflow/${id}`);
		await this.part('canvas-node').first().waitFor();
		await this.part('zoom-to-fit').click();
	}

	/** A node on the canvas. */
	canvasNode(name: string | RegExp): Locator {
		return this.part('canvas-node').filter({ hasText: name });
	}

	/** Types into the list of nodes, which it opens. */
	async search(text: string): Promise<void> {
		const input = this.part('node-creator').locator('input').first();
		if (!(await input.isVisible())) await this.part('node-creator-plus-button').click();
		await input.fill(text);
	}

	/** A node in the list, by its whole name. */
	nodeFound(name: string): Locator {
		return this.part('node-creator-item-name').getByText(name, { exact: true });
	}

	/** Finds a node and adds it by the first of its actions, which Enter would pick. Its panel is open then. */
	async addNode(name: string): Promise<void> {
		await this.search(name);
		await this.nodeFound(name).click();
		const actions = this.part('node-creator').locator('[data-keyboard-nav-type=action]');
		await actions.first().click();
		await this.part('node-execute-button').waitFor();
	}

	/** Closes the panel of the open node. */
	async closeNode(): Promise<void> {
		await this.part('ndv-close-button').click();
		await this.panel.waitFor({ state: 'hidden' });
	}

	/** The red triangle of a node on the canvas. */
	issuesOf(name: string): Locator {
		return this.canvasNode(name).getByTestId('node-issues');
	}

	/** Opens the panel of a node that is on the canvas. */
	async openNode(name: string): Promise<void> {
		await this.canvasNode(name).dblclick();
		await this.panel.waitFor();
	}

	/** Fills a text or number field of the open node. */
	async fill(parameter: string, value: string): Promise<void> {
		const field = this.part(`parameter-input-${parameter}`);
		await field.locator('input, textarea').first().fill(value);
	}

	/** Chooses an option of the open node. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.part(`parameter-input-${parameter}`).first().click();
		await this.page.getByRole('option', { name: option }).click();
	}

	/** Opens the list of a resource locator; its entries, once they are there. */
	async openList(parameter: string): Promise<Locator> {
		await this.part(`resource-locator-${parameter}`).getByTestId('rlc-input').click();
		const entries = this.part('rlc-item');
		await entries.first().waitFor();
		return entries;
	}

	/** Fills a field of the open credential. */
	async fillCredential(field: string, value: string): Promise<void> {
		const input = this.credential.getByTestId(field).locator('input').last();
		await input.fill(value);
	}

	/** Saves the open credential, which tests it. */
	async saveCredential(): Promise<void> {
		await this.part('credential-save-button').click();
	}

	/** Opens the credential of the open node, and lets n8n finish the test that it begins then. */
	async editCredential(): Promise<void> {
		await this.part('credential-edit-button').click();
		const retry = this.credential.locator('[title="Retry credential test"]:enabled:visible');
		await retry.waitFor();
	}

	/** Closes the window of the credential. */
	async closeCredential(): Promise<void> {
		await this.credential.locator('.el-dialog__headerbtn').click();
		await this.credential.waitFor({ state: 'hidden' });
	}

	/** The window of the open credential. */
	get credential(): Locator {
		return this.part('editCredential-modal');
	}

	/** The parameters of the open node. */
	get panel(): Locator {
		return this.part('node-parameters');
	}

	/** Runs the open node. */
	async execute(): Promise<void> {
		await this.part('node-execute-button').click();
	}

	/** The right side of the open node. */
	get output(): Locator {
		return this.part('output-panel');
	}

	/** What the open node says in place of an output: the message, and what to do about it. */
	async error(containing: string): Promise<string> {
		await this.part('node-error-message').filter({ hasText: containing }).waitFor();
		const parts = [this.part('node-error-message'), this.part('node-error-description')];
		return (await Promise.all(parts.map(async (part) => await part.innerText()))).join('\n');
	}

	/** Opens the image of the first item in the output's binary view, and returns its bytes once it is drawn. */
	async viewImage(): Promise<Buffer> {
		await this.output.getByTestId('radio-button-binary').click();
		await this.part('ndv-view-binary-data').first().click();
		const image = this.output.locator('img[src*="binary-data"]');
		await image.waitFor();
		const url = await image.evaluate(async (element: { decode(): Promise<void>; src: string }) => {
			await element.decode();
			return element.src;
		});
		return await (await this.page.request.get(url)).body();
	}
}
