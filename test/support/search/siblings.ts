import { advance, depart } from '../../../nodes/shared/job/advance';
import type { JobRecord, Seen } from '../../../nodes/shared/job/record';
import { chooseRow, type Candidate } from '../../../nodes/shared/job/siblings';
import { freshAttempt } from './search';

// A search through everything that equal submits of one process can do to each other: whose answers are late or lost,
// which rows the history shows when, and whose row a lost one takes.

/** The pure functions, which a deliberate break replaces. */
export interface SiblingCore {
	advance: typeof advance;
	depart: typeof depart;
	chooseRow: typeof chooseRow;
}

export const siblingCore: SiblingCore = { advance, depart, chooseRow };

/** When the items are sent, and what the history's clock makes of a time. Milliseconds. */
const SENT_AT_MS = [10_400, 10_900, 11_300];
const CLOCKS: Array<[name: string, created: (sentAtMs: number) => number]> = [
	['milliseconds', (sentAtMs) => sentAtMs],
	['whole seconds', (sentAtMs) => Math.floor(sentAtMs / 1000) * 1000],
];

interface Item {
	record: JobRecord;
	/** Whether Segmind has queued the job of this item. */
	isQueued: boolean;
	/** It has its image, or an error; a retry goes on from its record. */
	isEnded: boolean;
}

/** What is known of all items, by their index. */
type State = readonly Item[];

const configuration = {
	until: 'image',
	hasHistory: true,
	isSync: false,
	isGetResult: false,
} as const;
const attempt = freshAttempt(configuration);
const idOf = (index: number) => `r-${index}`;

const first = (count: number): State =>
	Array.from({ length: count }, (_, index) => ({
		record: {
			key: `k-${index}`,
			fingerprint: 'f',
			executionId: `e-${index}`,
			runIndex: 0,
			status: 'new' as const,
		},
		isQueued: false,
		isEnded: false,
	}));

const keyOf = (state: State): string =>
	JSON.stringify(
		state.map(({ record, isQueued, isEnded }) => [
			record.status,
			record.ticket?.requestId,
			isQueued,
			isEnded,
		]),
	);

/** An item after an answer. */
function after(core: SiblingCore, { record, isQueued }: Item, seen: Seen, queued = isQueued): Item {
	const step = core.advance(record, attempt, seen, 1);
	const isEnded = step.next.do === 'deliver' || step.next.do === 'fail';
	return { record: step.record, isQueued: queued, isEnded };
}

const UNQUEUED: Seen[] = [
	{ says: 'notQueued', httpStatus: 500, isJson: true },
	{ says: 'nothing', why: 'cut' },
];

const image = {
	binary: { data: '', mimeType: 'image/png' },
	fileName: 'image.png',
	mimeType: 'image/png',
	fileSize: 1,
	endMissing: false,
};

/** What may become of a submit that was queued. */
const queuedAnswers = (index: number): Seen[] => [
	{ says: 'running', state: 'QUEUED', ticket: { requestId: idOf(index) } },
	{ says: 'nothing', why: 'cut' },
	{ says: 'finished', image },
	{ says: 'finished', image, namedId: idOf(index) },
];

/** The rows that the history shows a lost item, out of those whose jobs it knows by now. */
function candidatesFor(
	state: State,
	lost: JobRecord,
	{ shown, created }: { shown: number[]; created: (sentAtMs: number) => number },
): Candidate[] {
	return shown
		.filter((index) => state[index]?.isQueued)
		.map((index) => ({
			requestId: idOf(index),
			sinceSubmitMs: created(SENT_AT_MS[index] ?? 0) - (lost.sentAtMs ?? 0),
		}));
}

/** One look-up of a lost item. */
function lookUp(
	core: SiblingCore,
	state: State,
	index: number,
	history: { shown: number[]; created: (sentAtMs: number) => number },
): { item: Item; chosen?: string } {
	const item = state[index] as Item;
	const others = state.filter((_, other) => other !== index).map(({ record }) => record);
	const rows = candidatesFor(state, item.record, history);
	const chosen = core.chooseRow(item.record, rows, others)?.requestId;
	const seen: Seen =
		chosen === undefined
			? { says: 'nothing' }
			: { says: 'running', state: 'PROCESSING', ticket: { requestId: chosen } };
	return { item: after(core, item, seen), chosen };
}

const replaced = (state: State, index: number, item: Item): State =>
	state.map((old, other) => (other === index ? item : old));

/** Every set of the jobs' numbers: the history may show any of them. */
const subsets = (count: number): number[][] =>
	Array.from({ length: 2 ** count }, (_, bits) =>
		Array.from({ length: count }, (__, index) => index).filter((index) => bits & (1 << index)),
	);

/** What a search found. */
export interface FoundSiblings {
	states: number;
	edges: number;
	violations: string[];
}

/** Visits everything that so many equal items can come to. */
export function searchSiblings(count: number, core: SiblingCore = siblingCore): FoundSiblings {
	const found: FoundSiblings = { states: 0, edges: 0, violations: [] };
	for (const [name, created] of CLOCKS) {
		const wrong = new Set<string>();
		const start = first(count);
		const known = new Set([keyOf(start)]);
		const open = [start];
		for (let state = open.pop(); state; state = open.pop()) {
			found.states++;
			for (const rule of wrongAtTheEnd(core, state, created)) wrong.add(rule);
			for (const { next, rule } of following(core, state, created)) {
				found.edges++;
				if (rule) wrong.add(rule);
				for (const broken of wrongIn(next)) wrong.add(broken);
				const key = keyOf(next);
				if (known.has(key)) continue;
				known.add(key);
				open.push(next);
			}
		}
		found.violations.push(...[...wrong].map((rule) => `${rule} (${count} items, ${name})`));
	}
	return found;
}

function* following(
	core: SiblingCore,
	state: State,
	created: (sentAtMs: number) => number,
): Generator<{ next: State; rule?: string }> {
	for (const [index, item] of state.entries()) {
		const { record, isEnded } = item;
		const put = (changed: Item) => replaced(state, index, changed);
		if (isEnded || record.status === 'sending') {
			// A retry, also after a kill.
			const step = core.advance(record, attempt, { says: 'begin' }, 1);
			const isOver = step.next.do === 'deliver' || step.next.do === 'fail';
			yield { next: put({ ...item, record: step.record, isEnded: isOver }) };
		}
		if (record.status === 'new' && !isEnded) {
			const sent = core.depart(record, { prompt: 'p' }, SENT_AT_MS[index] ?? 0);
			yield { next: put({ ...item, record: sent }) };
			yield { next: put({ ...item, record: sent, isQueued: true }) };
		}
		if (record.status === 'sending') {
			for (const seen of item.isQueued ? queuedAnswers(index) : UNQUEUED) {
				yield { next: put(after(core, item, seen)) };
			}
		}
		if (record.status === 'lost' && !isEnded) {
			for (const shown of subsets(state.length)) {
				const looked = lookUp(core, state, index, { shown, created });
				const owner = state.findIndex((_, other) => idOf(other) === looked.chosen);
				const isWaiting = owner !== index && state[owner]?.record.status === 'sending';
				yield {
					next: put(looked.item),
					rule: isWaiting ? 'never the job of one that waits for its answer' : undefined,
				};
			}
			const over = { ...attempt, lookUpEndsAtMs: 0 };
			const step = core.advance(record, over, { says: 'nothing' }, 1);
			yield { next: put({ ...item, record: step.record, isEnded: true }) };
		}
	}
}

const hasImage = ({ record: { status } }: Item): boolean =>
	['accepted', 'finished', 'delivered'].includes(status);

function* wrongIn(state: State): Generator<string> {
	const ids = state.flatMap(({ record }) => record.ticket?.requestId ?? record.namedId ?? []);
	if (new Set(ids).size < ids.length) yield 'one job to one item';
	const jobs = state.filter(({ isQueued }) => isQueued).length;
	if (state.filter(hasImage).length > jobs) yield 'no more items than jobs';
}

/** Once the history shows everything and nobody waits for an answer, every paid job goes to an item. */
function* wrongAtTheEnd(
	core: SiblingCore,
	state: State,
	created: (sentAtMs: number) => number,
): Generator<string> {
	if (state.some(({ record }) => record.status === 'sending' || record.status === 'new')) return;
	const shown = state.map((_, index) => index);
	let settled = state;
	for (let round = 0; round < state.length; round++) {
		for (const [index, { record }] of settled.entries()) {
			if (record.status !== 'lost') continue;
			settled = replaced(settled, index, lookUp(core, settled, index, { shown, created }).item);
		}
	}
	const jobs = settled.filter(({ isQueued }) => isQueued).length;
	if (settled.filter(hasImage).length < jobs)
		yield 'equal lost submits find as many jobs as there are';
}
