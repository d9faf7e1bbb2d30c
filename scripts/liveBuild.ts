/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { cpSync, mkdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import * as typescript from 'typescript';

/** What is shipped besides compiled code, as the gulpfile copies it. */
const isCopied = (path: string) => path.endsWith('.svg') || path.endsWith('.node.json');

/**
 * Builds the package of the folder `source` into `target`, as it would be installed, and again after each
 * change until the returned function is called. `report` gets a line for each mistake in the code, and for
 * each build after the first.
 */
export function buildLive(
	source: string,
	target: string,
	report: (line: string) => void,
): () => void {
	const dist = join(target, 'dist');
	mkdirSync(dist, { recursive: true });
	const copy = () => {
		cpSync(join(source, 'package.json'), join(target, 'package.json'));
		for (const folder of ['icons', 'nodes']) {
			cpSync(join(source, folder), join(dist, folder), {
				recursive: true,
				filter: (path) => isCopied(path) || statSync(path).isDirectory(),
			});
		}
	};
	copy();
	const copying = ['icons', 'nodes'].map((folder) =>
		watch(join(source, folder), { recursive: true }, (_event, file) => {
			if (file && isCopied(file)) copy();
		}),
	);
	const compiling = compile(source, dist, report);
	return () => {
		compiling.close();
		for (const watcher of copying) watcher.close();
	};
}

function compile(source: string, dist: string, report: (line: string) => void): { close(): void } {
	const { sys, createWatchCompilerHost, createWatchProgram } = typescript;
	const host = createWatchCompilerHost(
		join(source, 'tsconfig.build.json'),
		{ outDir: dist },
		sys,
		typescript.createEmitAndSemanticDiagnosticsBuilderProgram,
		(mistake) => report(typescript.formatDiagnostic(mistake, formatHost(source)).trimEnd()),
		() => {},
	);
	let builds = 0;
	const written = host.afterProgramCreate;
	host.afterProgramCreate = (program) => {
		written?.(program);
		if (builds++ > 0) report('Built again; the editor takes it over.');
	};
	return createWatchProgram(host);
}

const formatHost = (source: string): typescript.FormatDiagnosticsHost => ({
	getCanonicalFileName: (name) => name,
	getCurrentDirectory: () => source,
	getNewLine: () => '\n',
});
