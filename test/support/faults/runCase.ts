import { BaseError, sleep, type INodeExecutionData, type INodeParameters } from 'n8n-workflow';
import { startEmulator, type Emulator, type EmulatorOptions, type FaultRule } from '../emulator';
import type { Outcome, RunningExecution } from '../engine/engine';
import { credentialsFor, engine, picture, useEngine } from '../index';
import type { Way } from './cases';

/** A key that stands out in any text, and that URL encoding and Base64 change. */
// eslint-disable-next-line @n8n/community-nodes/no-hardcoded-secrets
const KEY = 'SG_0f1e2d3c4b5a6978+/=';

export interface Case {
	way: Way;
	rules: FaultRule[];
	items?: number;
	/** Seconds. */
	timeout?: number;
	settings?: Record<string, unknown>;
	options?: INodeParameters;
	/** More parameters, besides images and options. */
	parameters?: INodeParameters;
	jobSeconds?: number;
	/** Size of the image. */
	imageBytes?: number;
	/** The credential leads to the account's history; by default to none. */
	history?: boolean;
	/** What else is special about the emulator. */
	segmind?: EmulatorOptions;
	/** The emulator's clock; by default the machine's. */
	now?(): number;
	/** What the emulator calls its jobs. */
	requestId?(index: number): string;
	onStart?(running: RunningExecution, emulator: Emulator): void;
	/** The moment in which the execution has ended. */
	onEnd?(): void;
}

/** What came of a case, and everything that may not have happened in it. */
export interface Report {
	outcome: Outcome;
	emulator: Emulator;
	/** The item's or the execution's error, message and description. */
	text: string;
	/** Requests that left after the execution had ended. */
	late: number;
	/** Places where the key turned up. */
	leaks: string[];
}

const TYPE: Record<Way, string> = {
	queue: 'faceSwapComic',
	sync: 'faceSwapComic',
	workflow: 'characterSwap',
};

function parametersOf(way: Way, options: INodeParameters): INodeParameters {
	const [source, target] =
		way === 'workflow'
			? ['referenceCharacterImage', 'characterImage']
			: ['sourceImage', 'targetImage'];
	return {
		[`${source}Input`]: 'binary',
		[`${source}BinaryField`]: 'data',
		[`${target}Input`]: 'binary',
		[`${target}BinaryField`]: 'data',
		options,
	};
}

/** What left in the very last moment may still arrive; milliseconds. */
const ON_THE_WIRE = 50;

/** Long enough for a stray request to leave; milliseconds. */
const AFTERMATH = 250;

function textOf(outcome: Outcome): string {
	const items = outcome.outputs.flat().map(({ json }) => json.error);
	const { message, description } = outcome.error ?? {};
	return [message, description, ...items].filter((part) => typeof part === 'string').join('\n');
}

const spellings = [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')];

function findLeaks(emulator: Emulator, outcome: Outcome): string[] {
	const seen = JSON.stringify(
		[outcome.run, outcome.error, outcome.consoleMessages],
		(_name, value: unknown) =>
			value instanceof BaseError ? { ...value, message: value.message, stack: value.stack } : value,
	);
	return [
		...spellings.filter((spelling) => seen.includes(spelling)),
		...emulator.leaks.map(({ path }) => `request to ${path}`),
	];
}

const opened: Emulator[] = [];

/** Closes the emulators of tests that failed before they did so themselves. */
async function closeAll(): Promise<void> {
	await Promise.all(opened.splice(0).map(async (emulator) => await emulator.close()));
}

/** Gives a test file an engine for cases, whose emulators are closed at its end. */
export function useCases(): void {
	useEngine();
	afterAll(closeAll);
}

/** Runs one node on an emulator of its own, with faults ordered. */
export async function runCase(theCase: Case): Promise<Report> {
	const { way, timeout = 1, items = 1, settings = {}, options = {} } = theCase;
	const emulator = await startEmulator({
		apiKey: KEY,
		jobSeconds: theCase.jobSeconds ?? 0.15,
		imageBytes: theCase.imageBytes ?? 3_000,
		requestId: theCase.requestId,
		now: theCase.now,
		...theCase.segmind,
	});
	opened.push(emulator);
	for (const rule of theCase.rules) emulator.fault(withUrls(rule, emulator));
	const data = await engine.binary(picture('mask.png'), 'mask.png', 'image/png');
	const blank = (index: number): INodeExecutionData => ({ json: { index }, binary: { data } });
	const execution = engine.begin({
		type: TYPE[way],
		credentials: credentialsFor(emulator, theCase.history ? {} : { historyUrl: '' }),
		items: Array.from({ length: items }, (_, index) => blank(index)),
		parameters: {
			...parametersOf(way, {
				timeout,
				pollInterval: 0.1,
				...(way === 'sync' ? { processingMode: 'sync' } : {}),
				...options,
			}),
			...theCase.parameters,
		},
		settings: settings as never,
		onStart: (running) => theCase.onStart?.(running, emulator),
	});
	const outcome = await execution.promise;
	theCase.onEnd?.();
	await sleep(ON_THE_WIRE);
	const before = emulator.requests.length;
	await sleep(AFTERMATH);
	return {
		outcome,
		emulator,
		text: textOf(outcome),
		late: emulator.requests.length - before,
		leaks: findLeaks(emulator, outcome),
	};
}

/** Fills the emulator's own addresses into a redirect. */
function withUrls(rule: FaultRule, emulator: Emulator): FaultRule {
	if (rule.fault.kind !== 'redirect') return rule;
	const location = rule.fault.location
		.replace('{{files}}', emulator.filesUrl)
		.replace('{{api}}', emulator.url);
	return { ...rule, fault: { ...rule.fault, location } };
}

/** Fetches a job's image with *Get Result* once the faults are gone; whether it is the right one. */
export async function isRecoverable(
	way: Way,
	emulator: Emulator,
	requestId: string,
): Promise<boolean> {
	emulator.clearFaults();
	const outcome = await engine.run({
		type: TYPE[way],
		credentials: credentialsFor(emulator, { historyUrl: '' }),
		parameters: {
			operation: 'getResult',
			requestId,
			options: { timeout: 30, pollInterval: 0.1 },
		},
	});
	const binary = outcome.outputs[0]?.[0]?.binary?.data;
	if (!binary) return false;
	return (await engine.read(binary)).equals(await emulator.image(requestId));
}

/** Runs works side by side, at most `limit` at once. */
export async function inBatches<T>(works: Array<() => Promise<T>>, limit = 12): Promise<T[]> {
	const results: T[] = [];
	for (let start = 0; start < works.length; start += limit) {
		results.push(
			...(await Promise.all(works.slice(start, start + limit).map(async (work) => await work()))),
		);
	}
	return results;
}
