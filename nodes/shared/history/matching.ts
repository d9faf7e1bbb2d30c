import type { IDataObject } from 'n8n-workflow';
import { digestOf, elide } from '../kit/longText';
import { HISTORY } from '../limits';
import type { SegmindModel } from '../model';
import type { HistoryRow } from './rows';

/** What a submit asked for, as it is compared with rows of the history. */
export interface SentJob {
	/** The fields of its body; images that travelled inside it as their digests. */
	fields: IDataObject;
	/** When it was sent, by the machine's clock; milliseconds since 1970. */
	sentAtMs: number;
}

/** How long after a submit a row was made, by one clock; NaN where it doesn't say when. */
export function sinceSubmitMs({ createdAtMs = NaN, aheadMs }: HistoryRow, sent: SentJob): number {
	const skewMs = Math.abs(aheadMs) < HISTORY.clockRoomMs ? 0 : aheadMs;
	return createdAtMs - skewMs - sent.sentAtMs;
}

function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null) return true;
	return typeof value === 'object' ? Object.keys(value).length === 0 : String(value).trim() === '';
}

/** Whether a row has the value of a field: numbers and booleans may come as texts, a file as its digest. */
function hasValue(value: unknown, listed: unknown): boolean {
	if (value === undefined || isEmpty(listed) || typeof listed === 'object') return false;
	if (typeof value === 'number') return typeof listed !== 'boolean' && Number(listed) === value;
	const text = String(value).trim();
	const other = String(listed).trim();
	return other === elide(text) || digestOf(other) === text;
}

/** What the API takes for a field that a submit leaves out. */
function defaultOf({ images, ...model }: SegmindModel, name: string): unknown {
	const fields = { ...model.fields, ...model.additionalFields };
	if (Object.hasOwn(fields, name)) return fields[name]?.property.default;
	return images.find((image) => image.field === name)?.defaultUrl;
}

/**
 * Whether a row is that of a submit: made when it was sent, and every field says the same. What was sent is equal, in
 * full length; what was not sent is absent, empty or at the API's default. An image inside the request counts where
 * the row repeats it, and nowhere else.
 */
export function matches(row: HistoryRow, sent: SentJob, model: SegmindModel): boolean {
	const { input } = row;
	const since = sinceSubmitMs(row, sent);
	if (!input || !(since >= -HISTORY.clockRoomMs && since <= HISTORY.latestRowMs)) return false;
	const isSent = (name: string) => Object.hasOwn(sent.fields, name);
	return (
		Object.entries(sent.fields).every(([name, value]) => hasValue(value, input[name])) &&
		Object.entries(input).every(
			([name, listed]) =>
				isSent(name) || isEmpty(listed) || hasValue(defaultOf(model, name), listed),
		)
	);
}
