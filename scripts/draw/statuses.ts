/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals */
// Draws how a job's status changes into docs/money.md, from the function that decides it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusGraph, withGraph } from '../../test/support/search/graph';

const file = join(__dirname, '..', '..', 'docs', 'money.md');
writeFileSync(file, withGraph(readFileSync(file, 'utf8'), statusGraph()));
