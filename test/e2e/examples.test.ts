/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { root } from './installation';
import { useN8n, n8n, workflows } from './support';
import { credentialTypeOf, readExample, settingsOf } from './workflows';

useN8n();

const EXAMPLES = readdirSync(join(root, 'examples'))
	.filter((name) => name.endsWith('.json'))
	.map((name) => name.replace(/\.json$/, ''));

/** The tests that run examples, as text. */
const CHAINS = readdirSync(join(__dirname, 'chains')).map((name) =>
	readFileSync(join(__dirname, 'chains', name), 'utf8'),
);

it("are all imported by n8n's command line too", async () => {
	const folder = join(root, 'examples');
	const answer = await n8n.run(['import:workflow', '--separate', `--input=${folder}`]);
	expect(answer).toContain(`Successfully imported ${EXAMPLES.length} workflows`);
	expect(EXAMPLES.length).toBeGreaterThanOrEqual(5);
});

const RECIPES = readFileSync(join(root, 'docs', 'recipes.md'), 'utf8');
const README = readFileSync(join(root, 'README.md'), 'utf8');

/** What starts a workflow by itself, once it is published. */
const isTrigger = ({ type }: INode) =>
	/trigger$|webhook$/i.test(type) && !/manualTrigger$/.test(type);

it('can all be published in one n8n, beside each other', async () => {
	await addCredentials();
	const published = EXAMPLES.map(readExample).filter(({ nodes }) => nodes.some(isTrigger));
	expect(published.length).toBeGreaterThanOrEqual(6);
	for (const example of published) await workflows.activate(await workflows.add(example));
});

it('are listed under one name each, in the table of the recipes and as headings', () => {
	const listed = [...RECIPES.matchAll(/^\| \[([^\]]+)\]\(#/gm)].map(([, title]) => title);
	const headings = [...RECIPES.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
	expect(listed).toEqual(headings);
});

describe.each(EXAMPLES)('%s', (name) => {
	const text = readFileSync(join(root, 'examples', `${name}.json`), 'utf8');
	const { nodes, connections } = readExample(name);
	const settings = settingsOf(readExample(name)).map((setting) => setting.name);
	const notes = nodes.filter(({ type }) => type.endsWith('.stickyNote'));

	it('is executed by a test', () => {
		const tests = CHAINS.filter((test) => test.includes(`readExample('${name}')`));
		expect(tests.length).toBeGreaterThanOrEqual(1);
	});

	it('has one name, in n8n, in the recipes and in the README', () => {
		const title = readExample(name).name.replace(/, \d: \w+$/, '');
		const recipe = RECIPES.split(/^## /m).find((section) => section.startsWith(`${title}\n`));
		expect(recipe).toContain(`(../examples/${name}.json)`);
		expect(README).toContain(`- [${title}](docs/recipes.md#`);
	});

	it('says what to fill in, and what costs money', () => {
		const contents = notes.map(({ parameters }) => String(parameters.content)).join('\n');
		expect(contents).toContain('**Before you start**');
		expect(contents).toMatch(/### Costs (money|nothing)/);
		// What a note calls by name in bold is there.
		const names = [...contents.matchAll(/\*\*([^*]+)\*\*/g)].map(([, found]) =>
			String(found).replace(/ > .*/, ''),
		);
		const known = [...nodes.map((node) => node.name), ...settings, ...NOT_NODES];
		expect(names.filter((found) => !known.includes(found))).toEqual([]);
	});

	it('carries nothing of the machine it was made on', () => {
		// Without them, the editor picks the only one of the kind; a name alone looks chosen, and doesn't work.
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
		const file = JSON.parse(text) as { id: string };
		expect(Object.keys(file)).toEqual(['id', 'name', 'nodes', 'connections', 'settings']);
		// n8n's command line takes no file without an ID.
		expect(file.id).toBe(`segmind-${name}`);
		expect(text).not.toMatch(/instanceId|\/root\/|\/tmp\/|\/Users\/|localhost|127\.0\.0\.1/);
	});

	it('consists of nodes and parameters that n8n knows', async () => {
		const types = await nodeTypes();
		for (const { name: node, type, typeVersion, parameters } of nodes) {
			const found = types.find((candidate) => candidate.is(type, typeVersion));
			expect({ node, type, typeVersion, found: Boolean(found) }).toMatchObject({ found: true });
			expect({ node, parameters: Object.keys(parameters).sort() }).toEqual({
				node,
				parameters: Object.keys(parameters)
					.filter((parameter) => found?.parameters.has(parameter))
					.sort(),
			});
		}
		const known = new Set(nodes.map((node) => node.name));
		for (const [from, outputs] of Object.entries(connections)) {
			const ends = Object.values(outputs).flatMap((output) => output.flat());
			expect(
				[from, ...ends.map((end) => end?.node)].filter((end) => !known.has(String(end))),
			).toEqual([]);
		}
	});

	it('gives a request ID as the field in the editor takes it', () => {
		for (const { parameters } of nodes.filter(({ type }) => type.includes('segmind.'))) {
			if (parameters.operation !== 'getResult') continue;
			const value: unknown = expect.stringMatching(/^={{ .* }}$/);
			expect(parameters.requestId).toEqual({ __rl: true, mode: 'id', value });
		}
	});
});

/** Buttons of the editor, and headings. */
const NOT_NODES = ['Before you start', 'Execute workflow', 'Open chat', 'Publish'];

/** Those that the examples need, and that are not there yet; they don't lead anywhere. */
async function addCredentials(): Promise<void> {
	const nodes = EXAMPLES.flatMap((name) => readExample(name).nodes);
	const types = new Set(nodes.flatMap((node) => credentialTypeOf(node) ?? []));
	types.delete('segmindApi');
	expect([...types].sort()).toEqual(['openAiApi', 's3', 'smtp']);
	for (const type of types) await n8n.addCredential(type, `My ${type}`, {});
}

interface NodeType {
	is(name: string, version: number): boolean;
	parameters: Set<string>;
}

let loaded: NodeType[] | undefined;

/** What the editor knows of all nodes. */
async function nodeTypes(): Promise<NodeType[]> {
	if (loaded) return loaded;
	const types =
		await n8n.rest.json<
			Array<{ name: string; version: number | number[]; properties: Array<{ name: string }> }>
		>('/types/nodes.json');
	loaded = types.map(({ name, version, properties }) => ({
		is: (type, typeVersion) => type === name && [version].flat().includes(typeVersion),
		parameters: new Set(properties.map((property) => property.name)),
	}));
	return loaded;
}
