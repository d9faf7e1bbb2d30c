/** Suites that mostly wait come first: they take longest, and leave the processor to the others. */
const SLOWEST = [
	'retry',
	'random',
	'history',
	'history.table',
	'rateLimit',
	'fetchImages',
	'follow',
	'table',
	'submit',
	'limits',
	'stop',
];

const place = ({ path }) => {
	const name = /[/\\]runs[/\\](?:.*[/\\])?([^/\\]+)\.test\.ts$/.exec(path)?.[1];
	return SLOWEST.includes(name) ? SLOWEST.indexOf(name) : SLOWEST.length;
};

/** The order in which jest starts the test files, the same on a fresh clone as later. */
module.exports = class {
	sort(tests) {
		return [...tests].sort((a, b) => place(a) - place(b));
	}

	allFailedTests(tests) {
		return tests;
	}

	cacheResults() {}
};
