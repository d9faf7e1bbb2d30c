/* eslint-disable @n8n/community-nodes/no-restricted-globals */
/** Whether tables, searches and simulations go all the way, as in `npm run prove`; `npm test` takes a part of them. */
export const isThorough = (globalThis as { THOROUGH?: boolean }).THOROUGH === true;

/** How many runs of a simulation: all of them, or a tenth. */
export const runsOf = (all: number): number => (isThorough ? all : Math.ceil(all / 10));

/** The entries of a table that are tried: all of them, or every so manyth from the first one on. */
export const partOf = <T>(table: readonly T[], each: number, first = 0): T[] =>
	table.filter((_, index) => isThorough || index % each === first);
