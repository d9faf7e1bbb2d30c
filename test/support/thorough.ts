/** Whether searches and simulations go all the way, as in `npm run prove`; `npm test` takes a part of them. */
export const isThorough = (globalThis as { THOROUGH?: boolean }).THOROUGH === true;

/** How many runs of a simulation: all of them, or a fifth. */
export const runsOf = (all: number): number => (isThorough ? all : Math.ceil(all / 5));
