/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	OTHER_REFUSAL,
	PROBLEMS,
	REFUSALS,
	type ProblemCode,
} from '../../../nodes/shared/problems/problemTable';
import { errorsPage, exampleOf } from '../../../scripts/draw/errors';
import { root } from '../../support';

const written = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');

it('docs/errors.md says what the table says: npx tsx scripts/draw/errors.ts', () => {
	expect(written).toBe(errorsPage());
});

it('docs/errors.md has every message of the table, and says so at its top', () => {
	const [first = ''] = written.split('\n');
	expect(first).toContain('Written by scripts/draw/errors.ts');
	const rows = (Object.keys(PROBLEMS) as ProblemCode[]).map(exampleOf);
	// What was refused is said by the row of its status.
	const messages = rows.map(({ summary }) => summary.replace(OTHER_REFUSAL.summary, '…'));
	for (const message of [...messages, ...Object.values(REFUSALS).map(({ summary }) => summary)]) {
		expect(written).toContain(message);
	}
	expect(written).not.toMatch(/[{]\w+[}]|undefined|<!-- (before|once)/);
});
