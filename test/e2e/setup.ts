import { installN8n } from './installation';

/** Before all tests: the whole n8n is there. */
export default function setUp(): void {
	installN8n();
}
