import { ExecuteContext } from 'n8n-core';

type Line = (message: string) => void;

/** Listens to what a node writes into n8n's log; `end` gives it, with what was written as a warning. */
export function spyOnLog(): { end(): { all: string; warnings: string } } {
	const lines: string[] = [];
	const warnings: string[] = [];
	const write: Line = (message) => lines.push(message);
	const warn: Line = (message) => {
		lines.push(message);
		warnings.push(message);
	};
	const logger = { debug: write, info: write, warn, error: write };
	const spy = jest
		.spyOn(ExecuteContext.prototype, 'logger', 'get')
		.mockReturnValue(logger as unknown as ExecuteContext['logger']);
	return {
		end: () => {
			spy.mockRestore();
			return { all: lines.join('\n'), warnings: warnings.join('\n') };
		},
	};
}
