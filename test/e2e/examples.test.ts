/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './installation';
import { useN8n, n8n, workflows } from './support';
import { readExample } from './workflows';

useN8n();

const EXAMPLES = readdirSync(join(root, 'examples'))
	.filter((name) => name.endsWith('.json'))
	.map((name) => name.replace(/\.json$/, ''));

/** Credentials under the names that n8n proposes for them. */
const CREDENTIALS: Record<string, string> = {
	openAiApi: 'OpenAi account',
	s3: 'S3 account',
	segmindApi: 'Segmind account',
	smtp: 'SMTP account',
};

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

describe.each(EXAMPLES)('%s', (name) => {
	const text = readFileSync(join(root, 'examples', `${name}.json`), 'utf8');
	const { nodes, connections } = readExample(name);
	const notes = nodes.filter(({ type }) => type.endsWith('.stickyNote'));

	it('is executed by a test', () => {
		const tests = CHAINS.filter((test) => test.includes(`readExample('${name}')`));
		expect(tests.length).toBeGreaterThanOrEqual(1);
	});

	it('is in the recipes', () => {
		const recipes = readFileSync(join(root, 'docs', 'recipes.md'), 'utf8');
		expect(recipes).toContain(`(../examples/${name}.json)`);
	});

	it('says what to fill in, and what costs money', () => {
		const contents = notes.map(({ parameters }) => String(parameters.content)).join('\n');
		expect(contents).toContain('**Before you start**');
		expect(contents).toMatch(/### Costs (money|nothing)/);
		// What a note calls by name in bold is there.
		const names = [...contents.matchAll(/\*\*([^*]+)\*\*/g)].map(([, found]) =>
			String(found).replace(/ > .*/, ''),
		);
		const known = [...nodes.map((node) => node.name), ...settings(), ...NOT_NODES];
		expect(names.filter((found) => !known.includes(found))).toEqual([]);
	});

	it('carries nothing of the machine it was made on', () => {
		for (const { credentials = {} } of nodes) {
			for (const [type, credential] of Object.entries(credentials)) {
				expect(credential).toEqual({ id: null, name: CREDENTIALS[type] });
			}
		}
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

	it('imports, and finds the credentials by their names', async () => {
		await addCredentials();
		const id = await workflows.add(readExample(name));
		const saved = await n8n.rest.call<{ nodes: typeof nodes }>('GET', `/workflows/${id}`);
		for (const { name: node, credentials = {} } of saved.nodes) {
			for (const credential of Object.values(credentials)) {
				expect({ node, id: credential.id }).toEqual({ node, id: expect.any(String) });
			}
		}
	});

	/** The fields of the node "Settings". */
	function settings(): string[] {
		const { assignments } = (nodes.find((node) => node.name === 'Settings')?.parameters
			.assignments ?? { assignments: [] }) as { assignments: Array<{ name: string }> };
		return assignments.map((field) => field.name);
	}
});

/** Buttons of the editor, and headings. */
const NOT_NODES = ['Before you start', 'Execute workflow', 'Open chat', 'Publish'];

let added = false;

async function addCredentials(): Promise<void> {
	if (added) return;
	added = true;
	for (const [type, name] of Object.entries(CREDENTIALS)) {
		if (type !== 'segmindApi') await n8n.addCredential(type, name, {});
	}
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
