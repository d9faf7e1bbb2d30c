import type { IDataObject } from 'n8n-workflow';
import { plainId } from '../answers/answers';
import type { HistoryRow } from '../answers/history';
import { isShortened, markOf } from '../kit/longText';
import { HISTORY } from '../limits';

/** What a submit asked for, as far as it can be compared. */
export interface Asked {
	/** The fields of its body, without images that travelled inside it. */
	fields: IDataObject;
	/** What tells those images from others: the history may not repeat them. */
	files: Record<string, string>;
	/** When it was sent, and when it was given up; milliseconds since 1970. */
	sentAt: number;
	endedAt: number;
}

/** Whether two values of a field are the same: numbers may come as texts. */
function isSame(sent: unknown, told: unknown): boolean {
	if (typeof sent === 'number') return told !== null && told !== '' && Number(told) === sent;
	if (told === undefined || told === null || typeof told === 'object') return false;
	return String(told).trim() === String(sent).trim();
}

/** How a row agrees with a submit: in everything, or in all that can be compared. */
type Agreement = 'whole' | 'part';

function agreementOf(asked: Asked, { input, createdAt }: HistoryRow): Agreement | undefined {
	const { fields, files, sentAt, endedAt } = asked;
	if (createdAt === undefined || input === undefined) return undefined;
	if (createdAt < sentAt - HISTORY.clockRoom || createdAt > sentAt + HISTORY.latest)
		return undefined;
	if (!Object.entries(fields).every(([name, value]) => isSame(value, input[name])))
		return undefined;
	const images = Object.entries(files).map(([name, mark]) => ({ mark, told: input[name] }));
	if (images.every(({ mark, told }) => told === mark || markOf(String(told)) === mark))
		return 'whole';
	if (images.some(({ mark, told }) => isShortened(told) && told !== mark)) return undefined;
	// Whose image it is can't be told: it was made while this submit was under way, at least.
	return createdAt <= endedAt + HISTORY.clockRoom ? 'part' : undefined;
}

/** What else may be in the history. Of equal submits, images inside them left out. */
export interface Others {
	/** How far Segmind's clock is ahead of the machine's; milliseconds. */
	skew: number;
	/** Whether a request ID is that of another item, try or execution. */
	isTaken(requestId: string): boolean;
	/** Equal submits that have no answer yet, or one without a request ID: so many candidates more must be there. */
	equals: number;
	/** Equal submits besides that were lost too. */
	lost: number;
}

/**
 * The row of a submit whose answer was lost: one that asks for the same, from when it was sent. Never one that is known
 * to be another's, and none in doubt: where images can't be compared, only one that nobody else can have made.
 */
export function findRow(
	asked: Asked,
	rows: HistoryRow[],
	{ skew, isTaken, equals, lost }: Others,
): HistoryRow | undefined {
	const found = { whole: new Map<string, HistoryRow>(), part: new Map<string, HistoryRow>() };
	for (const row of rows) {
		const createdAt = row.createdAt === undefined ? undefined : row.createdAt - skew;
		const id = plainId(row.requestId);
		const agreement = isTaken(id) ? undefined : agreementOf(asked, { ...row, createdAt });
		if (agreement && !found[agreement].has(id)) found[agreement].set(id, row);
	}
	const { whole, part } = found;
	if (whole.size === 0) {
		return part.size === 1 && equals + lost === 0 ? [...part.values()][0] : undefined;
	}
	if (whole.size <= equals) return undefined;
	// The others may be those of another execution.
	const distance = ({ createdAt = 0 }: HistoryRow) => Math.abs(createdAt - skew - asked.sentAt);
	return [...whole.values()].sort((a, b) => distance(a) - distance(b))[0];
}
