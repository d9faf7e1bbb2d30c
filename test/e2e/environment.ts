import { TestEnvironment } from 'jest-environment-node';

/** Lets the hooks of a test file know that something in it has failed. */
export default class E2eEnvironment extends TestEnvironment {
	handleTestEvent({ name }: { name: string }): void {
		if (name === 'test_fn_failure' || name === 'hook_failure') this.global.aTestHasFailed = true;
	}
}
