import type { INodeExecutionData } from 'n8n-workflow';
import type { Outcome } from '../../../support/engine/engine';
import type { Assignment, Harvest } from '../types';

/** The items that go into a workflow: with a file each where the assignment has inputs. */
export function itemsFor({ jobs, inputs }: Assignment): INodeExecutionData[] {
	return Array.from({ length: jobs }, (_, index) => {
		const binary = inputs?.[index]?.binary;
		return { json: { index }, ...(binary ? { binary: { data: binary } } : {}) };
	});
}

/** Bytes of a stored file. */
const bytesOf = (item: INodeExecutionData): number => Number(item.binary?.data?.bytes ?? 0);

/** Counts the images in a workflow's last items. */
export function harvestOf(items: INodeExecutionData[], outcome: Outcome): Harvest {
	if (outcome.error) throw new Error(`${outcome.error.message} ${outcome.error.description ?? ''}`);
	return {
		images: items.filter(({ binary }) => binary?.data !== undefined).length,
		bytes: items.reduce((sum, item) => sum + bytesOf(item), 0),
	};
}
