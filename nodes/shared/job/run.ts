import type { IExecuteFunctions } from 'n8n-workflow';
import { readAccount, type Account } from '../http/account';
import { Api } from '../http/api';
import { linkSignals, onAbort, type Clock } from '../kit/clock';
import { Gate } from '../http/gate';
import { identityOf, isAgentTool, openLedger, type Ledger } from './ledger';
import { Looks } from './looks';
import type { SegmindModel } from '../model';
import type { ItemParameters, Options } from '../parameters/read';
import { Stopped } from '../problems/problems';
import { Progress } from './progress';
import { Uploads } from '../images/uploads';
import { joinUrl } from '../kit/urls';

/** After Stop, a submit that is under way may still get its answer: the request ID is worth it; milliseconds. */
const SUBMIT_GRACE = 700;

/** What such a submit brought is still read; then nobody waits for anything any more. Milliseconds. */
const LEAVING_GRACE = 100;

/** One execution of the node: what all of its items share. */
export interface Run {
	context: IExecuteFunctions;
	model: SegmindModel;
	account: Account;
	/** Identifies the node's parameters, as they stand in it: expressions unevaluated. */
	identity: string;
	/** The node is an AI agent's tool. */
	isAgents: boolean;
	api: Api;
	gate: Gate;
	clock: Clock;
	ledger: Ledger;
	uploads: Uploads;
	progress: Progress;
	/** Aborts when the execution is stopped, or when an item failed and the others are not to go on. */
	ending: AbortSignal;
	/** Aborts a little after the execution was stopped: for submits under way. */
	stopped: AbortSignal;
	/** Aborts a little later still: whatever goes on then is left to itself. */
	leaving: AbortSignal;
	/** Ends the run because an item failed. */
	halt(): void;
	/** Lets go of the execution's signal. */
	close(): void;
	/** Request IDs of the jobs that Segmind accepted, by item; without the key, should they repeat it. */
	accepted: Map<number, string>;
	/** Keys in the ledger of the jobs that were asked for, by item. */
	keys: Map<number, string>;
	/** When the jobs under way are looked at. */
	looks: Looks;
	/** Jobs under way, by their key in the ledger. */
	busy: Map<string, Promise<void>>;
	/** The queue's endpoint turned out to be missing here. */
	queueMissing: boolean;
}

/** One input item and what the user asks for it. */
export interface Item {
	index: number;
	parameters: ItemParameters;
	options: Options;
	operation: 'swap' | 'getResult';
	waitForCompletion: boolean;
}

/** Opens a run. Throws n8n's own error when the node has no credential. */
export async function openRun(
	context: IExecuteFunctions,
	model: SegmindModel,
	clock: Clock,
): Promise<Run> {
	const account = await readAccount(context);
	const cancel = context.getExecutionCancelSignal();
	const halting = new AbortController();
	const ending = linkSignals(cancel, halting.signal);
	const stopping = new AbortController();
	const leaving = new AbortController();
	const onCancel = () => {
		void clock.wait(SUBMIT_GRACE).then(() => stopping.abort());
		void clock.wait(SUBMIT_GRACE + LEAVING_GRACE).then(() => leaving.abort());
	};
	const forgetCancel = cancel ? onAbort(cancel, onCancel) : undefined;
	const gate = new Gate(clock);
	const api = new Api(context, account, gate);
	return {
		context,
		model,
		account,
		identity: identityOf(model.submitPath, context.getNode().parameters),
		isAgents: isAgentTool(context),
		api,
		gate,
		clock,
		ledger: openLedger(context, clock.date()),
		uploads: new Uploads(
			api,
			gate,
			clock,
			joinUrl(account.storageUrl, '/upload-asset'),
			ending.signal,
		),
		progress: new Progress(context, model, context.getInputData().length, clock, account),
		ending: ending.signal,
		stopped: stopping.signal,
		leaving: leaving.signal,
		halt: () => halting.abort(),
		close: () => {
			ending.release();
			forgetCancel?.();
		},
		accepted: new Map(),
		keys: new Map(),
		looks: new Looks(clock, gate.allowance, model.typicalSeconds, model.resultPath !== undefined),
		busy: new Map(),
		queueMissing: false,
	};
}

/** Throws `Stopped` once the run is ending. */
export function goOn(run: Run): void {
	if (run.ending.aborted) throw new Stopped();
}

/** Waits, and throws `Stopped` when the run ends meanwhile. Milliseconds. */
export async function pause(run: Run, milliseconds: number): Promise<void> {
	await run.clock.wait(milliseconds, run.ending);
	goOn(run);
}
