import { ExecuteContext } from 'n8n-core';

type Line = (message: string) => void;

/** Listens to what a node writes into n8n's log, at any level; `end` gives it. */
export function spyOnLog(): { end(): string } {
	const lines: string[] = [];
	const write: Line = (message) => lines.push(message);
	const logger = { debug: write, info: write, warn: write, error: write };
	const spy = jest
		.spyOn(ExecuteContext.prototype, 'logger', 'get')
		.mockReturnValue(logger as unknown as ExecuteContext['logger']);
	return {
		end: () => {
			spy.mockRestore();
			return lines.join('\n');
		},
	};
}
