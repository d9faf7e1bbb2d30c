// n8n's engine imports an ES module, which jest's sandbox can only do when Node.js has this flag. The workers of jest
// inherit it, so that `npx jest` needs none; without workers (--runInBand), Node.js itself has to be given it.
const flags = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, flags].filter(Boolean).join(' ');

module.exports = {
	preset: 'ts-jest',
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	// The whole n8n has a command of its own: `npm run e2e`.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
	modulePathIgnorePatterns: [
		'<rootDir>/test/e2e/n8n/',
		'<rootDir>/test/machines/compatibility/n8n-',
	],
	globalSetup: '<rootDir>/test/support/temporaryFolder.ts',
	globalTeardown: '<rootDir>/test/support/temporaryFolder.end.ts',
	setupFiles: ['<rootDir>/test/support/setup.ts'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
	coverageReporters: ['text', 'lcovonly'],
	// Most of the time is spent waiting for faults to pass: more at a time than there are cores.
	maxWorkers: 6,
	// A worker that has grown makes way for a new one: at the end none takes long to let its memory go. With this
	// setting, even a single test file has a worker, and so the flag above.
	workerIdleMemoryLimit: '1GB',
	maxConcurrency: 8,
	testSequencer: '<rootDir>/test/support/sequencer.js',
	testTimeout: 30_000,
};
