import type { IExecuteFunctions } from 'n8n-workflow';
import type { Clock } from '../kit/clock';
import { onAbort } from '../kit/signals';
import { STOP } from '../limits';

/** How a run ends before its items are done. */
export interface Stop {
	/** Aborts when the execution is stopped, or when an item failed: nothing new begins, nobody waits on. */
	newWork: AbortSignal;
	/** Aborts a little after the execution was stopped, not when an item failed: for submits under way. */
	submits: AbortSignal;
	/** Aborts a little later still: whatever goes on then is left to itself. */
	everything: AbortSignal;
	/** Ends new work because an item failed. */
	halt(): void;
	/** The run is over: lets go of the execution's signal, and of what is left to itself. */
	release(): void;
}

/** Watches the execution's own signal. */
export function openStop(context: IExecuteFunctions, clock: Clock): Stop {
	const cancel = context.getExecutionCancelSignal();
	const newWork = new AbortController();
	const submits = new AbortController();
	const everything = new AbortController();
	const over = new AbortController();
	const onCancel = () => {
		newWork.abort();
		void clock.wait(STOP.submitsMs, over.signal).then(() => submits.abort());
		void clock.wait(STOP.everythingMs, over.signal).then(() => everything.abort());
	};
	const forget = cancel ? onAbort(cancel, onCancel) : undefined;
	return {
		newWork: newWork.signal,
		submits: submits.signal,
		everything: everything.signal,
		halt: () => newWork.abort(),
		release: () => {
			forget?.();
			over.abort();
		},
	};
}
