import type { Fault, FaultRule, RequestKind } from './types';

/** A `fail` fault speaks about a job, so it waits for a request that does. */
const ABOUT_A_JOB: ReadonlySet<RequestKind> = new Set(['submit', 'sync', 'status', 'result']);

interface QueuedRule {
	on: FaultRule['on'];
	left: number;
	skip: number;
	fault: Fault;
}

/** The faults still to come, in the order in which they were queued. */
export class Faults {
	private rules: QueuedRule[] = [];

	add({ on, times = 1, skip = 0, fault }: FaultRule): void {
		this.rules.push({ on, left: times, skip, fault });
	}

	clear(): void {
		this.rules = [];
	}

	/** The fault that meets this request, if any; counts it. */
	take(kind: RequestKind): Fault | undefined {
		for (const rule of this.rules) {
			if (!matches(rule, kind) || rule.left <= 0) continue;
			if (rule.skip > 0) {
				rule.skip -= 1;
				continue;
			}
			rule.left -= 1;
			return rule.fault;
		}
		return undefined;
	}
}

function matches({ on, fault }: QueuedRule, kind: RequestKind): boolean {
	if (fault.kind === 'fail' && !ABOUT_A_JOB.has(kind)) return false;
	return on === 'any' || on === kind;
}
