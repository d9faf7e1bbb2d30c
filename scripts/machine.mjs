/** Where the project is, and the machine that it is on. */
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export const isWindows = process.platform === 'win32';

/** The machine's own commands: the PATH without what npm adds of this project. */
export const pathOfMachine = () =>
	(process.env.PATH ?? '')
		.split(delimiter)
		.filter((entry) => !entry.replaceAll('\\', '/').includes('node_modules/.bin'))
		.join(delimiter);
