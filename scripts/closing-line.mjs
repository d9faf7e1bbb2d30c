/** Prints how many tests of the last `npm test` passed and failed, as one plain line. */
import { readFileSync } from 'node:fs';

const results = JSON.parse(
	readFileSync(new URL('../coverage/results.json', import.meta.url), 'utf8'),
);
const broken = results.testResults.filter(
	({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length;
console.log(`${results.numPassedTests} passed, ${results.numFailedTests + broken} failed`);
