import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Mutation testing of the shared logic: every change that Stryker can think of in it should make a test fail.
 * The unit tests judge it.
 */
export default {
	// What decides. The effects and the loops that lead items through them run in n8n's engine alone, and the panels'
	// names, defaults and conditions have tests of their own.
	mutate: [
		'nodes/shared/**/*.ts',
		'!nodes/shared/items.ts',
		'!nodes/shared/model.ts',
		'!nodes/shared/job/fetchImages.ts',
		'!nodes/shared/job/item.ts',
		'!nodes/shared/job/listJobs.ts',
		'!nodes/shared/job/lookUp.ts',
		'!nodes/shared/job/outputItems.ts',
		'!nodes/shared/job/poll.ts',
		'!nodes/shared/job/progress.ts',
		'!nodes/shared/job/pursue.ts',
		'!nodes/shared/job/pursueJob.ts',
		'!nodes/shared/job/run.ts',
		'!nodes/shared/job/runJob.ts',
		'!nodes/shared/job/stop.ts',
		'!nodes/shared/kit/parallel.ts',
		'!nodes/shared/parameters/panel.ts',
	],
	testRunner: 'jest',
	jest: { configFile: 'test/machines/mutation/jest.config.js' },
	// Stryker runs jest without workers.
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
		'docs/images',
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
