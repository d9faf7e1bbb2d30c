/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { startEmulator, type Emulator, type EmulatorOptions } from '../support/emulator';
import { N8n } from './n8n';
import { emptyFolder, packedOnce, seededFolder } from './seed';
import { Workflows } from './workflows';

/** What n8n calls a new credential by default; the examples name it so. */
export const SEGMIND_CREDENTIAL = 'Segmind account';

/** The n8n and the emulator of a test file that calls `useN8n`. */
export let n8n: N8n;
export let workflows: Workflows;
export let emulator: Emulator;

export interface Setup {
	/** Environment of n8n; a function is called when the test begins. */
	env?: () => Record<string, string>;
	emulator?: EmulatorOptions;
	/** Set up an n8n of its own, from its first start on, instead of a copy of one. */
	fresh?: boolean;
}

/** A generous plan that says so: jobs which take no time are noticed at the first look. */
const rateLimit = { perMinute: 500, headers: true };

/**
 * Gives a test file a real n8n with the packed package installed, a first user, and a credential for an
 * emulator, whose jobs take half a second. The emulator forgets everything before each test.
 */
export function useN8n({ env, emulator: options, fresh = false }: Setup = {}): void {
	beforeAll(async () => {
		emulator = await startEmulator({ jobSeconds: 0.5, rateLimit, ...options });
		const folder = fresh ? emptyFolder() : await seededFolder();
		n8n = await N8n.start({ folder, published: packedOnce(), env: env?.() });
		workflows = new Workflows(n8n.rest);
		if (fresh) {
			await n8n.setUpOwner();
			await n8n.install();
		} else {
			await n8n.signIn();
		}
		await addSegmindCredential();
	});
	beforeEach(() => emulator.reset());
	afterAll(async () => {
		if ((globalThis as { aTestHasFailed?: boolean }).aTestHasFailed) printLog();
		await n8n?.stop();
		await emulator?.close();
	});
}

type Row = Record<string, unknown>;

/** Changes each page of the account's history before it is told; what is told of a single job stays. */
export function retellHistory(change: (rows: Row[]) => Row[]): void {
	emulator.fault({
		on: 'history',
		times: Infinity,
		fault: {
			kind: 'answer',
			make({ real }) {
				const body = real.body as { data?: Row[] };
				return { body: body.data ? { ...body, data: change(body.data) } : body };
			},
		},
	});
}

/** Adds the credential that points at the emulator. */
async function addSegmindCredential(): Promise<string> {
	const { apiKey, url } = emulator;
	return await n8n.addCredential('segmindApi', SEGMIND_CREDENTIAL, {
		apiKey,
		baseUrl: url,
		storageUrl: url,
		historyUrl: url,
	});
}

/** What n8n printed, without the hundreds of lines of its first start. */
function printLog(): void {
	if (!n8n) return;
	const lines = n8n.process.log.split('\n').filter((line) => !/ migration \w+\d+$/.test(line));
	process.stderr.write(`\nn8n printed:\n${lines.slice(-200).join('\n')}\n`);
}
