import { createHash } from 'crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Asked } from '../history/matching';
import type { ImageIn } from '../images/imagesIn';
import type { SegmindModel } from '../model';
import type { Outputs } from '../answers/outputs';
import { plainId, type Ticket } from '../answers/answers';

/** A submit that was sent: without a ticket as long as (or because) Segmind did not answer. */
interface Entry {
	/** The execution that bought it: n8n hands the memory on when a person retries a failed execution. */
	execution: string;
	/** The pass of a loop that bought it; -1 for an agent's calls. */
	run: number;
	/** Identifies what was asked for. */
	asks: string;
	/** When it was sent; milliseconds since 1970. */
	sentAt: number;
	ticket?: Ticket;
	paid?: Paid;
	/** What went wrong with it first, as a person reads it. */
	trouble?: string;
	/** What it asked for, where no usable answer came: the account's history may know of it. */
	lost?: Lost;
	/** It will never have an image. */
	over?: boolean;
	/** What Segmind says that it cost, or 0 where it isn't billed; USD. */
	cost?: number;
}

/** What jobs cost. */
export interface Costs {
	/** Sum of what Segmind reported; USD. */
	reported: number;
	/** Jobs that it reported nothing for. */
	unreported: number;
}

/** A job, for the ledger. */
export interface Question {
	/** Identifies the job within its execution. */
	key: string;
	/** Identifies what is asked for, across executions. */
	asks: string;
}

/** What a synchronous answer without a ticket left: its job is over, and can't be asked for again. */
export interface Paid {
	/** Out of the answer's headers. */
	requestId?: string;
	/** The images where they are URLs. */
	outputs?: Outputs;
}

/** What a submit without a usable answer asked for: no image data, and no key. */
export type Lost = Omit<Asked, 'sentAt'>;

/** What an earlier try of the same item left behind. */
export type Memory =
	| { kind: 'none' }
	| { kind: 'unconfirmed'; requestId?: string; trouble?: string; asked?: Asked }
	| { kind: 'paid'; outputs: Outputs; requestId?: string }
	/** `sentAt`: milliseconds since 1970. */
	| { kind: 'accepted'; ticket: Ticket; sentAt: number }
	| { kind: 'finished'; items: INodeExecutionData[] };

type Entries = Record<string, Entry>;

/** Where the entries lie in the node's context, which n8n keeps across the tries of *Retry On Fail*. */
const SLOT = 'segmindJobs';

/** Segmind forgets a job an hour after its submit [docs]; so does an agent's memory. */
const MEMORY_MILLISECONDS = 3_600_000;

/**
 * Finished items of the tries of one execution, kept out of the context so that no image gets into what n8n
 * saves. They go with the execution's context object.
 */
const finished = new WeakMap<object, Map<string, { run: number; items: INodeExecutionData[] }>>();

/**
 * Jobs that this process has lately seen accepted, in whatever execution: by server and request ID, when they were
 * sent. The account's history shows them to all.
 */
const accepted = new Map<string, number>();

/** Whose ledger it is. */
export interface Keeper {
	/** The execution's ID. */
	execution: string;
	/** The pass of a loop; -1 for an agent's calls. */
	run: number;
	/** Where its jobs are submitted. */
	server: string;
}

const requestIdOf = ({ ticket, paid }: Entry): string | undefined =>
	ticket?.requestId ?? paid?.requestId;

/** What this pass bought that no request ID leads back to. */
export interface Unnamed {
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
 * The jobs that this execution bought with this node: a retry picks them up instead of buying again.
 * It holds request IDs, URLs, what went wrong, and what lost submits asked for: no image data and no key.
 */
export class Ledger {
	private readonly entries: Entries;

	private readonly results: Map<string, { run: number; items: INodeExecutionData[] }>;

	/** Jobs under way. */
	private readonly busy = new Map<string, Promise<void>>();

	constructor(
		store: Record<string, unknown>,
		private readonly keeper: Keeper,
		now: number,
	) {
		this.entries = (store[SLOT] ??= {}) as Entries;
		this.results = finished.get(store) ?? new Map<string, never>();
		finished.set(store, this.results);
		this.prune(now);
		Object.keys(this.entries).forEach((key) => this.note(key, {}));
	}

	/** Call it before the submit goes out: should everything end here, the next try knows of it. */
	sending({ key, asks }: Question, now: number): void {
		const { execution, run } = this.keeper;
		this.entries[key] = { execution, run, asks, sentAt: now };
	}

	/** Segmind certainly queued nothing. */
	notSent(key: string): void {
		delete this.entries[key];
	}

	accepted(key: string, ticket: Ticket): void {
		this.note(key, { ticket });
	}

	/** A synchronous answer came; no image data, please: n8n saves this. */
	paid(key: string, paid: Paid): void {
		this.note(key, { paid });
	}

	/** A submit got no usable answer; this is what it asked for. */
	lost(key: string, lost: Lost): void {
		this.note(key, { lost });
	}

	/** When a job was sent; milliseconds since 1970. */
	sentAt(key: string): number | undefined {
		return this.entries[key]?.sentAt;
	}

	/**
	 * A try of the job came to a bad end.
	 *
	 * @param trouble what happened, without the key
	 * @param over it will never have an image
	 */
	troubled(key: string, trouble: string, over: boolean): void {
		this.note(key, { trouble: this.entries[key]?.trouble ?? trouble, over });
	}

	/** What a job cost; USD. */
	cost(key: string, usd: number): void {
		this.note(key, { cost: usd });
	}

	/** What the jobs of some keys cost, whichever try bought them; unconfirmed ones are left out. */
	costs(keys: Iterable<string>): Costs {
		const costs: Costs = { reported: 0, unreported: 0 };
		for (const key of keys) {
			const entry = this.entries[key];
			if (!(entry?.ticket ?? entry?.paid)) continue;
			if (entry?.cost === undefined) costs.unreported++;
			else costs.reported += entry.cost;
		}
		return costs;
	}

	/** Items of an agent's call may ask the same at the same time: the later one gets what the first brings. */
	async oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
		for (let before = this.busy.get(key); before; before = this.busy.get(key)) await before;
		const done = work();
		const leave = () => void this.busy.delete(key);
		this.busy.set(key, done.then(leave, leave));
		return await done;
	}

	finished(key: string, items: INodeExecutionData[]): void {
		this.results.set(key, { run: this.keeper.run, items });
	}

	recall(question: Question): Memory {
		const { key } = question;
		const result = this.results.get(key);
		if (result) return { kind: 'finished', items: result.items };
		const entry = this.entries[key] ?? this.inherit(question);
		if (!entry) return { kind: 'none' };
		entry.execution = this.keeper.execution;
		const { ticket, paid, trouble, sentAt, lost } = entry;
		if (ticket) return { kind: 'accepted', ticket, sentAt };
		const { requestId, outputs } = paid ?? {};
		return outputs
			? { kind: 'paid', outputs, requestId }
			: { kind: 'unconfirmed', requestId, trouble, asked: lost && { ...lost, sentAt } };
	}

	/** Whether a request ID is that of a job that is known, of this execution or of another one. */
	knows(requestId: string): boolean {
		return accepted.has(this.nameOf(requestId));
	}

	/** Request IDs of the jobs that this pass bought, in all of its tries. */
	requestIds(): string[] {
		return this.own().flatMap(([, entry]) => requestIdOf(entry) ?? []);
	}

	/**
	 * What this pass bought without a request ID.
	 *
	 * @param except key of a job that is told of anyway
	 */
	unnamed(except?: string): Unnamed {
		const entries = this.own().filter(
			([key, entry]) => key !== except && requestIdOf(entry) === undefined,
		);
		const finished = entries.filter(
			([key, { paid }]) => this.results.has(key) || paid?.outputs !== undefined,
		).length;
		const images = entries.flatMap(([, { paid }]) => paid?.outputs?.images ?? []);
		return {
			unconfirmed: entries.length - finished,
			finished,
			imageUrls: images.flatMap((image) => (image.kind === 'url' ? image.url : [])),
		};
	}

	/** What an earlier execution bought where the same was asked for, even if the node has changed: its Timeout, say. */
	private inherit({ key, asks }: Question): Entry | undefined {
		const [earlier, entry] =
			Object.entries(this.entries).find(
				([, other]) => other.execution !== this.keeper.execution && other.asks === asks,
			) ?? [];
		if (earlier === undefined || !entry) return undefined;
		delete this.entries[earlier];
		return (this.entries[key] = entry);
	}

	private own(): Array<[string, Entry]> {
		return Object.entries(this.entries).filter(([, { run }]) => run === this.keeper.run);
	}

	private note(key: string, what: Partial<Entry>): void {
		const entry = this.entries[key];
		if (!entry) return;
		Object.assign(entry, what);
		const requestId = requestIdOf(entry);
		if (requestId !== undefined) accepted.set(this.nameOf(requestId), entry.sentAt);
	}

	private nameOf(requestId: string): string {
		return `${this.keeper.server} ${plainId(requestId)}`;
	}

	/**
	 * Earlier passes of a loop are over. What an agent's call or an earlier execution bought fades with Segmind's
	 * own memory; and who retries an execution by hand has decided about what failed or stayed unconfirmed.
	 */
	private prune(now: number): void {
		for (const [key, entry] of Object.entries(this.entries)) {
			const { run, sentAt, ticket, paid, over } = entry;
			const isEarlier = entry.execution !== this.keeper.execution;
			const isOld = (run < 0 || isEarlier) && now - sentAt > MEMORY_MILLISECONDS;
			const isSettled = isEarlier && (over || !(ticket ?? paid?.outputs));
			if (run !== this.keeper.run || isOld || isSettled) delete this.entries[key];
		}
		for (const [key, { run }] of this.results) {
			if (run < 0 ? !(key in this.entries) : run !== this.keeper.run) this.results.delete(key);
		}
		for (const [name, sentAt] of accepted) {
			if (now - sentAt > MEMORY_MILLISECONDS) accepted.delete(name);
		}
	}
}

/** The run index that an agent's calls share: each call raises n8n's own. */
const AGENT_RUN = -1;

/** Whether the node works as an AI agent's tool. n8n gives such a node a type of its own. */
export function isAgentTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Identifies what the item of an index asks for. */
export type Questions = (index: number, images: ImageIn[], fields: IDataObject) => Question;

/** How the items of this node are identified. */
export function questionsOf(context: IExecuteFunctions, { submitPath }: SegmindModel): Questions {
	const isAgents = isAgentTool(context);
	// Expressions stand in it unevaluated.
	const node = identityOf(submitPath, context.getNode().parameters);
	return (index, images, fields) => {
		const identities = images.map((image) => [
			image.field,
			image.kind === 'url' ? image.url : image.identity,
		]);
		// An agent that asks the same again gets the same job; its items have no order.
		const asks = identityOf(submitPath, isAgents ? 'tool' : index, identities, fields);
		// A try of the same item asks for the same job, even if an expression, a random seed, gives something new.
		return { key: isAgents ? asks : identityOf(node, index), asks };
	};
}

/**
 * Opens the ledger of this execution and node.
 *
 * @param server where its jobs are submitted
 * @param now milliseconds since 1970
 */
export function openLedger(context: IExecuteFunctions, server: string, now: number): Ledger {
	const run = isAgentTool(context)
		? AGENT_RUN
		: Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);
	const store = context.getContext('node') as Record<string, unknown>;
	return new Ledger(store, { execution: context.getExecutionId(), run, server }, now);
}
