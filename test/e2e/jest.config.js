const { join } = require('node:path');

module.exports = {
	preset: 'ts-jest',
	rootDir: join(__dirname, '..', '..'),
	roots: ['<rootDir>/test/e2e'],
	modulePathIgnorePatterns: ['<rootDir>/test/e2e/n8n/', '<rootDir>/test/machines/'],
	testEnvironment: '<rootDir>/test/e2e/environment.ts',
	globalSetup: '<rootDir>/test/e2e/setup.ts',
	globalTeardown: '<rootDir>/test/e2e/setup.end.ts',
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
	// Each test file starts an n8n of its own, which needs a processor core for itself.
	maxWorkers: 1,
	// Longer than anything inside waits, so that what gave up first is what the log shows.
	testTimeout: 300_000,
	slowTestThreshold: 60,
};
