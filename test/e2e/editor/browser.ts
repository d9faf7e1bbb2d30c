/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { existsSync } from 'node:fs';
import { chromium, selectors, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/google-chrome'];

const ARGUMENTS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	// The editor asks for templates and banners on the internet; the tests show what comes without them.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** The browser of this machine: `CHROMIUM_PATH`, or where Debian and Google put theirs. */
export function findBrowser(): string | undefined {
	const { CHROMIUM_PATH } = process.env;
	const places = CHROMIUM_PATH ? [CHROMIUM_PATH] : PLACES;
	return places.find((path) => existsSync(path));
}

/** What to say where there is none. */
export const NO_BROWSER = `No browser: set CHROMIUM_PATH, or install Chromium as ${PLACES[0]}`;

/** Starts the browser, which sees this machine only. Throws when there is none. */
export async function startBrowser(executablePath = findBrowser()): Promise<Browser> {
	if (!executablePath) throw new Error(NO_BROWSER);
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({ executablePath, args: ARGUMENTS });
}
