const { join } = require('node:path');
const base = require('../../../jest.config.js');

/** The tests that run whole executions in n8n's engine, on the n8n packages of another line. */
module.exports = {
	...base,
	rootDir: join(__dirname, '..', '..', '..'),
	roots: ['<rootDir>/test/runs'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/runs/simulation/'],
	modulePathIgnorePatterns: [],
	resolver: join(__dirname, 'resolver.js'),
};
