/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Read by n8n-core when it is first required.
process.env.N8N_USER_FOLDER ??= mkdtempSync(
	join(process.env.N8N_SEGMIND_FOLDER ?? tmpdir(), 'n8n-segmind-'),
);
process.env.N8N_ENCRYPTION_KEY ??= 'only-for-tests';
process.env.N8N_DEFAULT_BINARY_DATA_MODE ??= 'filesystem';
process.env.N8N_LOG_LEVEL ??= 'silent';
process.env.N8N_DIAGNOSTICS_ENABLED ??= 'false';

// Reasons of aborts and errors of Node's own modules come from outside jest's realm, where its `Error` is
// another one.
const isError = Object.getOwnPropertyDescriptor(Error, Symbol.hasInstance);
if (!isError) {
	Object.defineProperty(Error, Symbol.hasInstance, {
		configurable: true,
		value(this: typeof Error, value: unknown): boolean {
			if (typeof value !== 'object' || value === null) return false;
			if (Object.prototype.isPrototypeOf.call(this.prototype, value)) return true;
			return this === Error && Object.prototype.toString.call(value) === '[object Error]';
		},
	});
}
