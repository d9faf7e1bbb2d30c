import type { IBinaryData } from 'n8n-workflow';

/**
 * Who competes: `node` this package; `core` a workflow of n8n's own nodes; `sequential` one item after the
 * other with a fixed interval, as peer nodes do it; `floor` a bare HTTP client that is told when a job is done;
 * `asking` the same client, but it makes status checks; `bare` the sequential manner's code, several items at once:
 * what n8n's own request and storage helpers cost with next to nothing around them; `loop` a bare client that asks
 * every seven seconds, as Segmind's sample does, one job at a time, and `loops` several at a time.
 */
export type Contender =
	'floor' | 'asking' | 'bare' | 'node' | 'sequential' | 'core' | 'loop' | 'loops';

/** The emulator's services that are measured. */
export type Service = 'faceswap-comic' | 'workflow';

/** An input image: as a plain file for the floor, in n8n's binary store for the others. */
export interface Input {
	path: string;
	binary: IBinaryData;
}

/** What one process is to do. */
export interface Assignment {
	contender: Contender;
	service: Service;
	/** Items; 0 is the idle run: the same process and the same modules, but nothing to do. */
	jobs: number;
	/** Jobs in flight at once, for those that can. */
	concurrency: number;
	/** Seconds between status checks; undefined: what the contender does when nobody sets it. */
	interval?: number;
	api: string;
	files: string;
	apiKey: string;
	/** One image for each item, sent as a file; undefined: all images go in by URL. */
	inputs?: Input[];
	/** Where the floor puts its images. */
	folder: string;
}

/** What a process found out about itself. */
export interface Report {
	/** Milliseconds from the first item in to the last image out. */
	wall: number;
	/** Milliseconds of CPU, user and system, in the same span. */
	cpu: number;
	/** Most resident memory that the process had in the same span, bytes. */
	peak: number;
	/** What is held after a collection that was not held before the run, bytes; NaN where nobody can collect. */
	held: number;
	/** Images brought home, and their bytes. */
	images: number;
	imageBytes: number;
}

export type ToChild =
	| { kind: 'assignment'; assignment: Assignment }
	| { kind: 'go' }
	| { kind: 'finished'; requestId: string };

export type FromChild =
	| { kind: 'ready' }
	| { kind: 'watch'; requestId: string }
	| { kind: 'report'; report: Report }
	| { kind: 'error'; message: string };

/** What a contender brings home. */
export interface Harvest {
	images: number;
	bytes: number;
}

/** Loads a contender; what it returns does the work. */
export type Prepare = (assignment: Assignment) => Promise<() => Promise<Harvest>>;
