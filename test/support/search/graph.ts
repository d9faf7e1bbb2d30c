import { searchAll, type Found } from './search';

/** What an observation means for whoever reads the graph. */
const WORDS: Record<string, string> = {
	POST: 'the submit leaves',
	begin: 'a retry',
	notQueued: 'certainly not queued',
	running: 'a ticket, or a state',
	finished: 'finished',
	failed: 'failed',
	error: 'an error',
	nothing: 'no usable answer',
	fetched: 'images fetched',
	refused: 'refused',
};

/** How a job's status changes, as a Mermaid diagram: drawn from the pure function, by visiting all that it can reach. */
export function statusGraph({ changes }: Found = searchAll()): string {
	const lines = [...changes].map(([key, because]) => {
		const [from, to] = key.split(' ');
		const words = [...because].map((says) => WORDS[says] ?? says).sort();
		return `    ${from} --> ${to}: ${words.join(', ')}`;
	});
	return ['stateDiagram-v2', '    [*] --> new', ...lines.sort(), '    delivered --> [*]'].join(
		'\n',
	);
}

const START = '```mermaid\n';
const END = '\n```';

/** A document with its status diagram renewed. */
export function withGraph(markdown: string, graph: string): string {
	const from = markdown.indexOf(`${START}stateDiagram`);
	const to = markdown.indexOf(END, from);
	return markdown.slice(0, from + START.length) + graph + markdown.slice(to);
}
