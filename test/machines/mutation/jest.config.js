const base = require('../../../jest.config.js');

/** The tests that judge mutants: the quick ones of the shared rooms, without n8n's engine, emulator or simulation. */
module.exports = {
	...base,
	rootDir: '../../..',
	roots: ['<rootDir>/test/unit'],
	testPathIgnorePatterns: [
		'<rootDir>/test/unit/([A-Z]\\w+|credentials|documents|emulator)/',
		'<rootDir>/test/unit/nodes.test.ts',
		// It measures, which takes long.
		'<rootDir>/test/unit/answers/worstTexts.test.ts',
	],
	collectCoverageFrom: undefined,
};
