/** Everybody who waits for a signal, behind its one listener. */
interface Waiting {
	listener: () => void;
	calls: Set<() => void>;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when the signal aborts, at once when it already has. However many wait for the same signal, it
 * has one listener: Node.js warns of a leak when it counts more than ten.
 *
 * @returns takes the callback back
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
	if (signal.aborted) {
		call();
		return () => undefined;
	}
	const waiting = waitingFor.get(signal) ?? startWaiting(signal);
	waiting.calls.add(call);
	return () => {
		waiting.calls.delete(call);
		if (waiting.calls.size > 0) return;
		signal.removeEventListener('abort', waiting.listener);
		waitingFor.delete(signal);
	};
}

function startWaiting(signal: AbortSignal): Waiting {
	const calls = new Set<() => void>();
	const listener = () => [...calls].forEach((call) => call());
	signal.addEventListener('abort', listener, { once: true });
	const waiting = { listener, calls };
	waitingFor.set(signal, waiting);
	return waiting;
}

/** Resolves when the signal aborts or `work` settles, whichever is first. */
export async function raceWithAbort<T>(
	work: Promise<T>,
	signal?: AbortSignal,
): Promise<T | undefined> {
	if (!signal) return await work;
	let forget: () => void = () => undefined;
	const aborted = new Promise<undefined>((resolve) => {
		forget = onAbort(signal, () => resolve(undefined));
	});
	try {
		return await Promise.race([aborted, work]);
	} finally {
		forget();
	}
}

/** One signal out of several, which lets go of them when it is no longer needed. */
export interface LinkedSignal {
	signal: AbortSignal;
	/** No longer aborts when `source` does, but when `instead` does, if that is given. */
	replace(source: AbortSignal, instead?: AbortSignal): void;
	/** No longer aborts at all. */
	release(): void;
}

/**
 * Aborts as soon as one of `sources` does. Unlike `AbortSignal.any`, it leaves nothing behind on a
 * long-lived source once released.
 */
export function linkSignals(...sources: Array<AbortSignal | undefined>): LinkedSignal {
	const controller = new AbortController();
	const ties = new Map<AbortSignal, () => void>();
	const tie = (source: AbortSignal) =>
		ties.set(
			source,
			onAbort(source, () => controller.abort()),
		);
	for (const source of sources) if (source) tie(source);
	return {
		signal: controller.signal,
		replace: (source, instead) => {
			ties.get(source)?.();
			if (instead) tie(instead);
		},
		release: () => ties.forEach((untie) => untie()),
	};
}
