import { createHash } from 'crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { maskDeep, type Account } from '../http/account';
import type { ImageIn } from '../images/imagesIn';
import { KEPT_MS } from '../limits';
import type { SegmindModel } from '../model';
import { inherit } from './advance';
import { requestIdOf, withoutOutputs, type JobRecord } from './record';
import { chooseRow, type Candidate } from './siblings';

/** What identifies a job: within its execution, and by what is asked for, across executions. */
export type JobKey = Pick<JobRecord, 'key' | 'fingerprint'>;

/** Where the records lie in the node's context, which n8n keeps across the tries of *Retry On Fail*. */
const SLOT = 'segmindJobs';

/** What goes with an execution's context object and never gets into what n8n saves. */
interface Unsaved {
	/** Tells its records from those of other executions in this process. */
	id: number;
	/** Output items of delivered jobs. */
	items: Map<string, INodeExecutionData[]>;
	/** Jobs that are being pursued. */
	busy: Map<string, Promise<void>>;
}

const unsavedOf = new WeakMap<object, Unsaved>();
let lastId = 0;

/** The records of this process, in whatever execution: the account's history shows their jobs to all. */
const recordsOfProcess = new Map<string, JobRecord>();

/** What jobs cost. */
export interface Costs {
	/** Sum of what Segmind reported; USD. */
	reportedUsd: number;
	/** Jobs that it reported nothing for. */
	unreported: number;
}

/** What this pass bought that no request ID leads back to. */
export interface PurchasesWithoutId {
	/** Submits that brought neither an image nor a request ID: they may have been paid for. */
	unconfirmed: number;
	/** Jobs whose image came with the answer: they were paid for. */
	finished: number;
	/** Where their images are, as far as it is known. */
	imageUrls: string[];
}

/** A short text for parts of any shape: the same parts always give the same one. */
export function identityOf(...parts: unknown[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/**
 * The records of the jobs that this execution bought with this node: a retry goes on with them instead of buying again.
 * Beside what n8n saves, the records of all executions of this process are known, so that no two take the same job.
 */
export class Ledger {
	private readonly records: Record<string, JobRecord>;
	private readonly unsaved: Unsaved;

	/** @param dateMs milliseconds since 1970 */
	constructor(
		store: Record<string, unknown>,
		private readonly scope: Pick<JobRecord, 'executionId' | 'runIndex'>,
		private readonly account: Pick<Account, 'mask'>,
		private readonly dateMs: number,
	) {
		this.records = (store[SLOT] ??= {}) as Record<string, JobRecord>;
		this.unsaved = unsavedOf.get(store) ?? { id: ++lastId, items: new Map(), busy: new Map() };
		unsavedOf.set(store, this.unsaved);
		this.prune();
		for (const record of Object.values(this.records)) {
			const holder = this.holderOf(record);
			if (!recordsOfProcess.has(holder)) recordsOfProcess.set(holder, record);
		}
	}

	/** The record of a job: that of an earlier try or, by hand, of an earlier execution, else a new one. */
	load({ key, fingerprint }: JobKey): JobRecord {
		const { executionId } = this.scope;
		const earlier = Object.values(this.records).find(
			(record) => record.executionId !== executionId && record.fingerprint === fingerprint,
		);
		const found = this.records[key] ?? earlier;
		if (!found) return { key, fingerprint, ...this.scope, status: 'new' };
		if (found.executionId === executionId) return found;
		const taken = { ...inherit(found, executionId, this.dateMs), key, fingerprint };
		delete this.records[found.key];
		recordsOfProcess.delete(this.holderOf(found));
		// At once: whatever goes wrong next, it is known.
		this.save(taken);
		return taken;
	}

	/** Keeps a record; one of a job that is certainly not queued is forgotten. */
	save(record: JobRecord): void {
		if (record.status === 'new') {
			delete this.records[record.key];
			recordsOfProcess.delete(this.holderOf(record));
			return;
		}
		this.records[record.key] = savedForm(record, this.account);
		recordsOfProcess.set(this.holderOf(record), withoutOutputs(record));
	}

	/** Chooses the row of a lost submit among those that ask for the same, and keeps all others from it. */
	claim(lost: JobRecord, candidates: Candidate[]): Candidate | undefined {
		const holder = this.holderOf(lost);
		const others = [...recordsOfProcess].filter(([other]) => other !== holder);
		const row = chooseRow(
			lost,
			candidates,
			others.map(([, record]) => record),
		);
		if (row) recordsOfProcess.set(holder, { ...lost, ticket: { requestId: row.requestId } });
		return row;
	}

	/** Output items of a job that was delivered in this execution. */
	itemsOf(key: string): INodeExecutionData[] | undefined {
		return this.unsaved.items.get(key);
	}

	keepItems(key: string, items: INodeExecutionData[]): void {
		this.unsaved.items.set(key, items);
	}

	/** An agent's calls may ask the same at the same time: the later one goes on from what the first leaves. */
	async oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
		const { busy } = this.unsaved;
		for (let before = busy.get(key); before; before = busy.get(key)) await before;
		const done = work();
		const leave = () => void busy.delete(key);
		busy.set(key, done.then(leave, leave));
		return await done;
	}

	/** What the jobs of this pass cost, whichever try bought them; unconfirmed ones are left out. */
	costs(): Costs {
		const bought = this.ownRecords().filter(({ status }) => !['sending', 'lost'].includes(status));
		const reported = bought.flatMap(({ costUsd }) => costUsd ?? []);
		return {
			reportedUsd: reported.reduce((sum, costUsd) => sum + costUsd, 0),
			unreported: bought.length - reported.length,
		};
	}

	/** All that this pass may have bought, those under way too; `priceUsd` for each that Segmind reports no cost of. */
	purchases(priceUsd: number): { jobs: number; committedUsd: number } {
		// As long as a job is under way, a cost of 0 says nothing.
		const costs = this.ownRecords().map(
			({ costUsd, status }) => (status === 'accepted' ? costUsd || undefined : costUsd) ?? priceUsd,
		);
		return { jobs: costs.length, committedUsd: costs.reduce((sum, cost) => sum + cost, 0) };
	}

	/** Request IDs of the jobs that this pass bought, in all of its tries. */
	requestIds(): string[] {
		return this.ownRecords().flatMap((record) => requestIdOf(record) ?? []);
	}

	/** @param except key of a job that is told of anyway */
	withoutId(except?: string): PurchasesWithoutId {
		const records = this.ownRecords().filter(
			(record) => record.key !== except && requestIdOf(record) === undefined,
		);
		const finished = records.filter(({ key, outputs }) => outputs ?? this.itemsOf(key));
		const images = records.flatMap(({ outputs }) => outputs?.images ?? []);
		return {
			unconfirmed: records.length - finished.length,
			finished: finished.length,
			imageUrls: images.flatMap((image) => (image.kind === 'url' ? image.url : [])),
		};
	}

	private ownRecords(): JobRecord[] {
		return Object.values(this.records).filter(({ runIndex }) => runIndex === this.scope.runIndex);
	}

	private holderOf({ key }: Pick<JobRecord, 'key'>): string {
		return `${this.unsaved.id} ${key}`;
	}

	/** Earlier passes of a loop are over; an agent's memory fades with Segmind's own. */
	private prune(): void {
		const { executionId, runIndex } = this.scope;
		const { dateMs, records } = this;
		for (const [key, record] of Object.entries(records)) {
			const isInherited = inherit(record, executionId, dateMs).status !== 'new';
			const isKept = record.executionId === executionId || isInherited;
			const isFaded = runIndex < 0 && isOld(record, dateMs);
			if (record.runIndex !== runIndex || !isKept || isFaded) delete records[key];
		}
		for (const key of this.unsaved.items.keys()) {
			if (!(key in records)) this.unsaved.items.delete(key);
		}
		for (const [holder, record] of recordsOfProcess) {
			if (isOld(record, dateMs)) recordsOfProcess.delete(holder);
		}
	}
}

const isOld = ({ sentAtMs = 0 }: JobRecord, dateMs: number): boolean => dateMs - sentAtMs > KEPT_MS;

/**
 * A record as n8n may save it: no image data, no key, and what was sent only while nobody knows what became of it.
 * Where the images are is kept of a job only that can't be asked for again.
 */
function savedForm(record: JobRecord, account: Pick<Account, 'mask'>): JobRecord {
	const { status, ticket, outputs, sentBody, problem } = record;
	/** Masked, a URL leads nowhere, and a text is compared in vain. */
	const plain = <T>(value: T): T | undefined => {
		const text = JSON.stringify(value ?? null);
		return account.mask(text) === text ? value : undefined;
	};
	const isUnknown = status === 'sending' || status === 'lost';
	const hasOnlyUrls = outputs?.images.every(({ kind }) => kind === 'url');
	const kept: JobRecord = {
		...record,
		sentBody: isUnknown ? plain(sentBody) : undefined,
		ticket: ticket && {
			...ticket,
			statusUrl: plain(ticket.statusUrl),
			resultUrl: plain(ticket.resultUrl),
		},
		outputs: hasOnlyUrls && !ticket ? plain(outputs) : undefined,
		problem: problem && { ...problem, imageUrl: undefined },
	};
	return maskDeep(kept, account);
}

/** The run index that an agent's calls share: each call raises n8n's own. */
const AGENT_RUN = -1;

/** Whether the node works as an AI agent's tool. n8n gives such a node a type of its own. */
export function isAgentTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** How what the item of an index asks for is identified in this node. */
export function openIdentify(context: IExecuteFunctions, { submitPath }: SegmindModel) {
	const isAgents = isAgentTool(context);
	// Expressions stand in it unevaluated.
	const node = identityOf(submitPath, context.getNode().parameters);
	return (index: number, images: ImageIn[], fields: IDataObject): JobKey => {
		const identities = images.map((image) => [
			image.field,
			image.kind === 'url' ? image.url : image.identity,
		]);
		// An agent that asks the same again gets the same job; its items have no order.
		const fingerprint = identityOf(submitPath, isAgents ? 'tool' : index, identities, fields);
		// A try of the same item asks for the same job, even if an expression, a random seed, gives something new.
		return { key: isAgents ? fingerprint : identityOf(node, index), fingerprint };
	};
}

/**
 * Opens the ledger of this execution and node.
 *
 * @param dateMs milliseconds since 1970
 */
export function openLedger(
	context: IExecuteFunctions,
	account: Pick<Account, 'mask'>,
	dateMs: number,
): Ledger {
	const runIndex = isAgentTool(context)
		? AGENT_RUN
		: Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);
	const store = context.getContext('node') as Record<string, unknown>;
	return new Ledger(store, { executionId: context.getExecutionId(), runIndex }, account, dateMs);
}
