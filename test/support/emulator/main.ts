/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console */
import { startEmulator, type Emulator } from './index';
import { MODELS } from './models';

const DEFAULT_PORT = 4010;

function help({ url, filesUrl, apiKey }: Emulator, jobTimes: string): string {
	return [
		'Segmind emulator: nothing here is generated, and no real money is spent.',
		'',
		'  In n8n, fill in the Segmind API credential:',
		`    API Key           ${apiKey}`,
		`    API Base URL      ${url}`,
		`    Storage Base URL  ${url}`,
		`    History Base URL  ${url}`,
		'',
		`  Files are served from ${filesUrl}`,
		`  Job times: ${jobTimes} (JOB_SECONDS sets another; PORT another port)`,
		'  Ctrl+C ends it.',
		'',
	].join('\n');
}

async function main(): Promise<void> {
	const port = Number(process.env.PORT ?? DEFAULT_PORT);
	const jobSeconds = process.env.JOB_SECONDS ? Number(process.env.JOB_SECONDS) : undefined;
	const log = (line: string) => {
		const spent = emulator.ledger.spent.toFixed(4);
		console.log(`${new Date().toTimeString().slice(0, 8)}  ${spent} USD spent  ${line}`);
	};
	const filesPort = port === 0 ? 0 : port + 1;
	const emulator = await startEmulator({ port, filesPort, jobSeconds, log }).catch(
		// The next port is only a nicety: any other will do.
		async () => await startEmulator({ port, jobSeconds, log }),
	);
	const typical = MODELS.map(({ title, typicalSeconds }) => `${title} ${typicalSeconds} s`);
	const times = jobSeconds === undefined ? typical.join(', ') : `${jobSeconds} s`;
	console.log(help(emulator, times));
	// Ctrl+C may come twice: from the terminal, and from what has started this.
	let closed: Promise<void> | undefined;
	process.on('SIGINT', () => (closed ??= emulator.close()));
	process.on('SIGTERM', () => (closed ??= emulator.close()));
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
