/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SegmindModel } from '../../nodes/shared/model';
import { nodeOf, registeredNodes, root } from '../support';
import { MODELS } from '../support/emulator/models';
import { codexOf, hasIcons, listsOf, packageName } from '../support/surface';

/** What holds for every node, by what package.json registers. */
describe.each(registeredNodes)('the node $className', (registered) => {
	const { name, className, file } = registered;
	const node = nodeOf(registered);
	const { description } = node;

	/** The service that the node's folder describes. */
	function model(): SegmindModel {
		// eslint-disable-next-line @typescript-eslint/no-require-imports
		const exported = require(join(root, dirname(file), 'model')) as Record<string, SegmindModel>;
		return exported[name] as SegmindModel;
	}

	it('is called like its file and its service', () => {
		const { title } = model();
		expect(description).toMatchObject({ name, displayName: title, defaults: { name: title } });
	});

	it('passes items through, with the credential', () => {
		expect(description).toMatchObject({
			credentials: [{ name: 'segmindApi', required: true }],
			inputs: ['main'],
			outputs: ['main'],
		});
	});

	it('can be the tool of an AI agent', () => {
		expect(description.usableAsTool).toBe(true);
	});

	it('says below its name what each operation does', () => {
		const operation = description.properties.find((property) => property.name === 'operation');
		for (const option of operation?.options ?? []) {
			expect(description.subtitle).toContain(`"${String('value' in option && option.value)}": "`);
		}
	});

	it('searches the jobs of the account, where its service has them in the history', () => {
		const isListed = model().historyName !== undefined;
		expect(Object.keys(node.methods?.listSearch ?? {})).toEqual(isListed ? ['searchJobs'] : []);
	});

	it('has two icons that exist', () => {
		expect(hasIcons(node, className)).toBe(true);
	});

	it('has a codex file of its own', () => {
		expect(codexOf(className).node).toBe(`${packageName}.${name}`);
	});

	it('leads to its own section of the README', () => {
		const { resources } = codexOf(className) as {
			resources: { primaryDocumentation: Array<{ url: string }> };
		};
		const anchor = description.displayName.toLowerCase().replaceAll(' ', '-');
		expect(resources.primaryDocumentation[0]?.url).toMatch(new RegExp(`#${anchor}$`));
		const readme = readFileSync(join(root, 'README.md'), 'utf8');
		expect(readme).toContain(`\n## ${description.displayName}\n`);
	});

	it("stands in categories that n8n's codex reference lists, without subcategories", () => {
		const { categories, subcategories } = codexOf(className);
		expect(categories).toEqual(['Marketing & Content', 'Miscellaneous']);
		expect(subcategories).toBeUndefined();
	});

	it('lists what it offers in the order of the alphabet', () => {
		for (const labels of listsOf(description.properties)) {
			expect(labels.length).toBeGreaterThan(1);
			expect(labels).toEqual([...labels].sort((a, b) => a.localeCompare(b)));
		}
	});

	it('has an entry in the emulator: the same images and fields, time and price', () => {
		const { submitPath, images, fields, additionalFields, historyName, ...service } = model();
		const entry = MODELS.find((candidate) =>
			candidate.kind === 'queue'
				? candidate.submitPath === submitPath
				: candidate.workflowIds.includes(service.workflowId ?? ''),
		);
		expect(entry).toMatchObject({
			title: service.title,
			typicalSeconds: service.typicalSeconds,
			costUsd: service.typicalCost,
		});
		expect(entry?.historyName).toBe(historyName);
		expect(entry?.images.map(({ field }) => field)).toEqual(images.map(({ field }) => field));
		const names = Object.keys({ ...fields, ...additionalFields }).sort();
		expect(Object.keys(entry?.fields ?? {}).sort()).toEqual(names);
	});
});
