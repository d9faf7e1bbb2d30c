/** Everybody who waits for a signal, behind its one listener. */
const waitingFor = new WeakMap<AbortSignal, Set<() => void>>();

function callAll(this: AbortSignal): void {
	waitingFor.get(this)?.forEach((call) => call());
}

/**
 * Calls back when the signal aborts, at once when it already has. However many wait for the same signal, it
 * has one listener: Node.js 20 warns of a leak when it counts more than ten.
 *
 * @returns takes the callback back
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
	if (signal.aborted) {
		call();
		return () => undefined;
	}
	const calls = waitingFor.get(signal) ?? new Set();
	if (calls.size === 0) signal.addEventListener('abort', callAll, { once: true });
	waitingFor.set(signal, calls.add(call));
	return () => {
		calls.delete(call);
		if (calls.size === 0) signal.removeEventListener('abort', callAll);
	};
}

/** Resolves when the signal aborts or `work` settles, whichever is first. */
export async function raceWithAbort<T>(work: Promise<T>, signal: AbortSignal) {
	return await new Promise<T | undefined>((resolve, reject) => {
		const forget = onAbort(signal, () => resolve(undefined));
		void work.finally(forget).then(resolve, reject);
	});
}

/**
 * One signal that aborts as soon as one of `sources` does. Unlike `AbortSignal.any`, it leaves nothing behind on a
 * long-lived source once it is released.
 */
export function linkSignals(...sources: Array<AbortSignal | undefined>) {
	const controller = new AbortController();
	const abort = () => controller.abort();
	const ties = sources.map((source) => source && onAbort(source, abort));
	return { signal: controller.signal, release: (): void => ties.forEach((untie) => untie?.()) };
}
