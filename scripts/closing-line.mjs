/** Prints how many tests of the last runs (`npm test`, `prove`, `e2e`, `compatibility`) passed and failed, as one plain line. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../coverage/', import.meta.url);
const FILES = /^(results|prove|e2e|compatibility-.*)\.json$/;

let [passed, failed] = [0, 0];
for (const name of readdirSync(folder).filter((file) => FILES.test(file))) {
	const results = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
	const broken = results.testResults.filter(
		({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
	).length;
	passed += results.numPassedTests;
	failed += results.numFailedTests + broken;
}
console.log(`${passed} passed, ${failed} failed`);
