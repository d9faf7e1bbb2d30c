import { Refusal, notFound, type Answer } from './answers';
import type { Call, Route } from './layer';
import type { Entry } from './ledger';
import type { World } from './world';

const DAY = 86_400_000;
const LONGEST_SPAN_DAYS = 31;
const DEFAULT_SPAN_DAYS = 7;
const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 20;

/** How the history differs from what it is by default. */
export interface HistoryOptions {
	/** Seconds until an accepted job is in the list. */
	lagSeconds?: number;
	/** Request IDs have no dashes, as in the SDK's example, and are known without them only. */
	bareIds?: boolean;
	/** Changes a row before it is told; undefined leaves it out. */
	row?: (row: Record<string, unknown>) => Record<string, unknown> | undefined;
	/** Rows of other models, told when their name is asked for or none is. */
	others?: Array<Record<string, unknown>>;
	/** Seconds by which the history's clock is ahead, in rows and in `Date` headers. */
	aheadSeconds?: number;
	/** Rows of a page, whatever is asked for. */
	rowsAtMost?: number;
	/** Hours by which the days of its windows begin before those of UTC. */
	zoneHours?: number;
}

export const historyRoutes: Route[] = [
	{
		method: 'GET',
		path: '/inference-request/request-history',
		kind: 'history',
		access: 'key',
		handle: list,
	},
	{
		method: 'GET',
		path: '/inference-request/request-history/:id',
		kind: 'history',
		access: 'key',
		handle: one,
	},
];

const plain = (requestId: string) => requestId.replaceAll('-', '').toLowerCase();

const states = {
	QUEUED: 'PENDING',
	PROCESSING: 'PENDING',
	COMPLETED: 'COMPLETED',
	FAILED: 'FAILED',
};

async function rowOf(world: World, entry: Entry): Promise<Record<string, unknown> | undefined> {
	const { bareIds = false, aheadSeconds = 0, row: change } = world.options.history ?? {};
	const { job, model } = entry;
	const state = states[await world.book.stage(entry)];
	const isDone = state === 'COMPLETED';
	const row = {
		request_id: bareIds ? plain(job.requestId) : job.requestId,
		model_name: model.historyName,
		model_status: state,
		credits_deduction: state === 'FAILED' ? 0 : job.cost,
		request_body: job.body,
		generation_url: isDone ? world.filesUrl + world.gallery.path(entry) : null,
		latency_ms: state === 'PENDING' ? null : Math.round(job.seconds * 1000),
		model_created: new Date(job.acceptedAt + aheadSeconds * 1000).toISOString(),
		error: state === 'FAILED' ? (entry.failure?.error ?? 'Generation failed') : null,
	};
	return change ? change(row) : row;
}

/** The jobs that the history has by now, newest first. */
function known(world: World): Entry[] {
	const { lagSeconds = 0 } = world.options.history ?? {};
	const now = world.clock.now();
	return world.book
		.all()
		.filter(
			({ job, model }) =>
				model.historyName !== undefined && now - job.acceptedAt >= lagSeconds * 1000,
		)
		.reverse();
}

function readDay(value: unknown, fallback: number): number {
	if (value === undefined) return Math.floor(fallback / DAY);
	const time = /^\d{4}-\d\d-\d\d$/.test(String(value)) ? Date.parse(`${String(value)}Z`) : NaN;
	if (Number.isNaN(time)) throw new Refusal(400, `Not a date: ${String(value)}`);
	return time / DAY;
}

function readCount(name: string, value: unknown, fallback: number, most: number): number {
	const count = value === undefined ? fallback : Number(value);
	if (Number.isInteger(count) && count >= 1 && count <= most) return count;
	throw new Refusal(400, `${name} must be from 1 to ${most}`);
}

const dateHeader = (world: World): Record<string, string> => {
	const { aheadSeconds } = world.options.history ?? {};
	if (aheadSeconds === undefined) return {};
	return { date: new Date(world.clock.now() + aheadSeconds * 1000).toUTCString() };
};

async function list(world: World, { request }: Call): Promise<Answer> {
	const query = request.query as Record<string, string | undefined>;
	const zone = (world.options.history?.zoneHours ?? 0) * 3_600_000;
	const now = world.clock.now() + zone;
	const to = readDay(query.to_date, now);
	const from = readDay(query.from_date, (to - DEFAULT_SPAN_DAYS) * DAY);
	if (from > to || to - from >= LONGEST_SPAN_DAYS) {
		throw new Refusal(400, `The window may span at most ${LONGEST_SPAN_DAYS} days`);
	}
	const { rowsAtMost = LONGEST_PAGE } = world.options.history ?? {};
	const asked = readCount('per_page', query.per_page, DEFAULT_PAGE, LONGEST_PAGE);
	const perPage = Math.min(asked, rowsAtMost);
	const page = readCount('page', query.page, 1, Infinity);
	const name = query.model_name ?? '';
	const entries = known(world).filter(({ job, model }) => {
		const day = Math.floor((job.acceptedAt + zone) / DAY);
		return day >= from && day <= to && model.historyName?.includes(name);
	});
	const own = await Promise.all(entries.map((entry) => rowOf(world, entry)));
	const others = (world.options.history?.others ?? []).filter((row) =>
		String(row.model_name).includes(name),
	);
	const rows = [...own, ...others].filter(
		(row) => row && (query.status === undefined || row.model_status === query.status),
	);
	const data = rows.slice((page - 1) * perPage, page * perPage);
	const body = { data, page, per_page: perPage, total: rows.length };
	return { status: 200, body, headers: dateHeader(world) };
}

async function one(world: World, { id }: Call): Promise<Answer> {
	const { bareIds = false } = world.options.history ?? {};
	const asked = bareIds ? id : plain(id);
	const entry = known(world).find(({ job }) => plain(job.requestId) === asked);
	const row = entry && (await rowOf(world, entry));
	if (!row) throw notFound('Request');
	return { status: 200, body: row, headers: dateHeader(world) };
}
