/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, no-console */
/**
 * Goes through what the nodes rely on at the real Segmind, and compares it with what the emulator answers. Free calls
 * only, unless `--spend` is given, which asks before it buys two runs of FaceSwap Comic: one in the queue, one held open.
 *
 *     SEGMIND_API_KEY=… npm run check-live [-- --spend]
 *
 * It prints a table: as expected, different (with both), not seen. That is what a bug report needs.
 */
import { createInterface } from 'node:readline/promises';
import { startEmulator } from '../test/support/emulator';
import { compare, Probe, tableOf, type Fact, type Place } from './live/probe';

/** Free plans take five requests a minute [docs]; milliseconds. */
const PAUSE = 12_500;

const SOURCE =
	'https://segmind-inference-inputs.s3.amazonaws.com/1a4fd805-5356-4819-9cb9-9c17c0768a26-93709653-7641-4f76-b895-7116f78f5723.jpg';
const TARGET =
	'https://segmind-inference-inputs.s3.amazonaws.com/c8a25ffe-72fa-42ce-80a3-8775cdede172-93d337ec-5726-4713-a297-392287788309.jpg';

/** What the emulator answers to the same questions. */
async function expected(spends: boolean): Promise<Fact[]> {
	const rateLimit = { perMinute: 1_000, headers: true };
	const emulator = await startEmulator({ jobSeconds: 2, rateLimit });
	const { url, apiKey } = emulator;
	const place: Place = { apiKey, baseUrl: url, storageUrl: url, historyUrl: url };
	const body = JSON.stringify({ source_image: SOURCE, target_image: TARGET });
	const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
	await fetch(`${url}/v2/faceswap-comic`, { method: 'POST', headers, body });
	const probe = new Probe(place, 0);
	await probe.free();
	if (spends) await probe.spend({ source: SOURCE, target: TARGET });
	await emulator.close();
	return probe.facts;
}

async function isWanted(): Promise<boolean> {
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	const answer = await terminal.question(
		'--spend buys two runs of FaceSwap Comic: about 0.13 USD by Segmind\'s page. Type "yes" to go on: ',
	);
	terminal.close();
	return answer.trim() === 'yes';
}

async function main(): Promise<void> {
	const apiKey = process.env.SEGMIND_API_KEY?.trim();
	if (!apiKey)
		throw new Error('Set SEGMIND_API_KEY to a key of Segmind. Without --spend, nothing is spent.');
	const spends = process.argv.includes('--spend');
	if (spends && !(await isWanted()))
		return console.log('Nothing was asked, and nothing was spent.');
	const place: Place = {
		apiKey,
		baseUrl: process.env.SEGMIND_BASE_URL ?? 'https://api.segmind.com',
		storageUrl: process.env.SEGMIND_STORAGE_URL ?? 'https://workflows-api.segmind.com',
		historyUrl: process.env.SEGMIND_HISTORY_URL ?? 'https://api.spotprod.segmind.com',
	};
	const pause = Number(process.env.CHECK_LIVE_PAUSE ?? PAUSE);
	console.log(
		`Asking slowly, as for the free plan: about ${Math.ceil((pause * 19) / 60_000)} minutes.`,
	);
	const probe = new Probe(place, pause);
	await probe.free();
	if (spends) await probe.spend({ source: SOURCE, target: TARGET });
	const rows = compare(probe.facts, await expected(spends));
	console.log(`\n${tableOf(rows)}\n`);
	const count = rows.filter(({ verdict }) => verdict === 'different').length;
	console.log(
		count === 0 ? 'Nothing is different.' : `${count} different: please report this table.`,
	);
}

main().then(
	() => process.exit(),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	},
);
