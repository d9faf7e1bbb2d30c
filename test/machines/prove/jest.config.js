const base = require('../../../jest.config.js');

/** The searches and simulations of `npm test`, all the way. */
module.exports = {
	...base,
	rootDir: '../../..',
	globals: { THOROUGH: true },
	testMatch: [
		'<rootDir>/test/unit/job/proof.test.ts',
		'<rootDir>/test/unit/job/pursue.test.ts',
		'<rootDir>/test/runs/{simulation/*,retry,random,table,history.table,money.table}.test.ts',
	],
};
