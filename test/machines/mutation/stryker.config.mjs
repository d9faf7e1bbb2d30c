import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Mutation testing of the shared logic: every change that Stryker can think of in it should make a test fail.
 * The unit tests judge it.
 */
export default {
	// What decides. The rooms that only lead an item through them (items, job, follow, fetchImages, run,
	// progress, outputItem and others) run in n8n's engine alone, and the panels' names, defaults and conditions have tests of their own.
	mutate: [
		'nodes/shared/**/*.ts',
		'!nodes/shared/{items,model}.ts',
		'!nodes/shared/kit/{json,parallel}.ts',
		'!nodes/shared/job/{job,runJob,item,follow,fetchImages,listJobs,lookUp,run,stop,progress,outputItem}.ts',
		'!nodes/shared/parameters/panel.ts',
	],
	testRunner: 'jest',
	jest: { configFile: 'test/machines/mutation/jest.config.js' },
	testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
	coverageAnalysis: 'perTest',
	// What runs once, when a module is loaded, would need all tests for each mutant.
	ignoreStatic: true,
	concurrency: 2,
	timeoutMS: 8_000,
	// Outside of the project: what a run that was ended leaves behind is not to be linted.
	tempDirName: join(tmpdir(), 'segmind-mutation'),
	ignorePatterns: [
		'dist',
		'coverage',
		'docs',
		'examples',
		'icons',
		'test/e2e',
		'test/machines/benchmark',
		'test/machines/compatibility',
	],
	incremental: true,
	incrementalFile: 'node_modules/.cache/stryker-incremental.json',
	reporters: ['clear-text', 'json', 'progress-append-only'],
	clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
	jsonReporter: { fileName: 'coverage/mutation.json' },
	thresholds: { high: 95, low: 85, break: 85 },
};
