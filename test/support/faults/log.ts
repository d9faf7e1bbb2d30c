import { ExecuteContext } from 'n8n-core';

type Line = (message: string) => void;

/** Listens to what a node writes into n8n's log; `end` gives it, and what is seen at n8n's usual level. */
export function spyOnLog(): { end(): { all: string; usual: string; warnings: string } } {
	const lines: string[] = [];
	const usual: string[] = [];
	const warnings: string[] = [];
	const write: Line = (message) => lines.push(message);
	const tell: Line = (message) => {
		write(message);
		usual.push(message);
	};
	const warn: Line = (message) => {
		tell(message);
		warnings.push(message);
	};
	const logger = { debug: write, info: tell, warn, error: tell };
	const spy = jest
		.spyOn(ExecuteContext.prototype, 'logger', 'get')
		.mockReturnValue(logger as unknown as ExecuteContext['logger']);
	return {
		end: () => {
			spy.mockRestore();
			return { all: lines.join('\n'), usual: usual.join('\n'), warnings: warnings.join('\n') };
		},
	};
}
