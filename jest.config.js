module.exports = {
	preset: 'ts-jest',
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	globalSetup: '<rootDir>/test/temporaryFolder.ts',
	globalTeardown: '<rootDir>/test/temporaryFolder.end.ts',
	setupFiles: ['<rootDir>/test/setup.ts'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
	coverageReporters: ['text', 'lcovonly'],
	// Most of the time is spent waiting for faults to pass.
	maxWorkers: 2,
	testTimeout: 30_000,
};
