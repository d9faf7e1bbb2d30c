/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readFileSync, writeFileSync } from 'node:fs';

/** Lets Linux forget the highest resident memory so far: loading modules takes more than running them. */
export function forgetPeak(): void {
	try {
		writeFileSync('/proc/self/clear_refs', '5');
	} catch {
		// Elsewhere the peak of the whole life of the process has to do.
	}
}

/**
 * The highest resident memory of this process, bytes. On Linux not from `resourceUsage()`: a child starts there
 * with what its parent had when it was forked.
 */
export function peakMemory(): number {
	try {
		const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
		if (kilobytes) return Number(kilobytes) * 1024;
	} catch {
		// Not Linux.
	}
	return process.resourceUsage().maxRSS * 1024;
}

/** What the heap and its buffers hold after a collection, bytes; NaN in a process that may not collect. */
export function heldMemory(): number {
	if (!globalThis.gc) return NaN;
	globalThis.gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
