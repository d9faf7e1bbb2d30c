/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS, REFUSALS, type Row } from '../../../nodes/shared/problems/problemTable';
import { errorsPage } from '../../../scripts/draw/errors';
import { root } from '../../support';

const written = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');

it('docs/errors.md says what the table says: npx tsx scripts/draw/errors.ts', () => {
	expect(written).toBe(errorsPage());
});

it('docs/errors.md has every message of the table, and says so at its top', () => {
	const [first = ''] = written.split('\n');
	expect(first).toContain('Written by scripts/draw/errors.ts');
	const rows: Row[] = Object.values(PROBLEMS);
	const messages = [...rows, ...Object.values(REFUSALS)].map(({ summary }) => summary);
	for (const part of messages.flatMap((summary) => summary.split(/\{\w+\}/))) {
		expect(written).toContain(part.trim());
	}
	expect(written).not.toMatch(/[{]\w+[}]|undefined|<!-- (before|once)/);
});
