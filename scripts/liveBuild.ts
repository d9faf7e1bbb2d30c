/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import * as typescript from 'typescript';

/** What is shipped besides compiled code, as the gulpfile copies it. */
const isCopied = (path: string) => path.endsWith('.svg') || path.endsWith('.node.json');

export interface Reporter {
	/** Gets a line for each mistake in the code, and for each build after the first. */
	say(line: string): void;
	/** package.json registers other nodes or credentials than before, and all of them are built: the first time, too. */
	registered(): void;
}

/**
 * Builds the package of the folder `source` into `target`, as it would be installed, and again after each
 * change until the returned function is called.
 */
export function buildLive(source: string, target: string, reporter: Reporter): () => void {
	const dist = join(target, 'dist');
	mkdirSync(dist, { recursive: true });
	const copy = () => {
		for (const folder of ['icons', 'nodes']) {
			cpSync(join(source, folder), join(dist, folder), {
				recursive: true,
				filter: (path) => isCopied(path) || statSync(path).isDirectory(),
			});
		}
	};
	copy();
	let known: string | undefined;
	const register = () => {
		const found = registrations(source, target);
		if (found === undefined || found === known) return;
		cpSync(join(source, 'package.json'), join(target, 'package.json'));
		known = found;
		reporter.registered();
	};
	const watchers = [
		...['icons', 'nodes'].map((folder) =>
			watch(join(source, folder), { recursive: true }, (_event, file) => {
				if (file && isCopied(file)) copy();
			}),
		),
		watch(source, (_event, file) => {
			if (file === 'package.json') register();
		}),
	];
	const compiling = compile(source, dist, reporter, register);
	return () => {
		compiling.close();
		for (const watcher of watchers) watcher.close();
	};
}

/** The nodes and credentials that package.json registers; undefined as long as one isn't built. */
function registrations(source: string, target: string): string | undefined {
	try {
		const { n8n } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
			n8n: { nodes: string[]; credentials: string[] };
		};
		const files = [...n8n.nodes, ...n8n.credentials];
		return files.every((file) => existsSync(join(target, file))) ? files.join('\n') : undefined;
	} catch {
		// An editor is just writing it.
		return undefined;
	}
}

function compile(
	source: string,
	dist: string,
	reporter: Reporter,
	onBuild: () => void,
): { close(): void } {
	const { sys, createWatchCompilerHost, createWatchProgram } = typescript;
	const host = createWatchCompilerHost(
		join(source, 'tsconfig.build.json'),
		{ outDir: dist },
		sys,
		typescript.createEmitAndSemanticDiagnosticsBuilderProgram,
		(mistake) => reporter.say(typescript.formatDiagnostic(mistake, formatHost(source)).trimEnd()),
		() => {},
	);
	let builds = 0;
	const written = host.afterProgramCreate;
	host.afterProgramCreate = (program) => {
		written?.(program);
		if (builds++ > 0) reporter.say('Built again; the editor takes it over.');
		onBuild();
	};
	return createWatchProgram(host);
}

const formatHost = (source: string): typescript.FormatDiagnosticsHost => ({
	getCanonicalFileName: (name) => name,
	getCurrentDirectory: () => source,
	getNewLine: () => '\n',
});
