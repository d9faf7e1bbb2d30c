/* eslint-disable @n8n/community-nodes/no-restricted-imports */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registeredNodes } from '../support';
import { emulator, n8n, SEGMIND_CREDENTIAL, useN8n } from './support';

useN8n({ fresh: true });

it('is installed from npm by n8n itself, with its nodes', async () => {
	const packages = await n8n.rest.call<unknown[]>('GET', '/community-packages');
	expect(packages).toEqual([
		expect.objectContaining({
			packageName: 'n8n-nodes-segmind',
			failedLoading: false,
			installedNodes: expect.arrayContaining(
				registeredNodes.map(({ name }) =>
					expect.objectContaining({ type: `n8n-nodes-segmind.${name}` }),
				),
			),
		}),
	]);
	expect(n8n.outside?.asked).toContainEqual(expect.stringMatching(/\.tgz$/));
});

it('brings no dependency along', () => {
	const file = join(n8n.folder, '.n8n/nodes/node_modules/n8n-nodes-segmind/package.json');
	const installed = JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: object };
	expect(installed.dependencies ?? {}).toEqual({});
});

it('tests a credential as the editor does', async () => {
	const [credential] = await n8n.rest.call<Array<{ id: string }>>('GET', '/credentials');
	const test = async (change: object) =>
		await n8n.rest.call<{ status: string; message: string }>('POST', '/credentials/test', {
			credentials: {
				id: credential?.id,
				name: SEGMIND_CREDENTIAL,
				type: 'segmindApi',
				data: {
					apiKey: emulator.apiKey,
					baseUrl: emulator.url,
					storageUrl: emulator.url,
					historyUrl: emulator.url,
					...change,
				},
			},
		});
	expect(await test({})).toMatchObject({ status: 'OK' });
	const messageOf = async (change: object) => (await test(change)).message;
	expect(await messageOf({ apiKey: 'SG_wrong' })).toMatch(/^Segmind did not accept the API key/);
	const page = emulator.hostFile('page', Buffer.from('<!doctype html>'), 'text/html');
	expect(await messageOf({ baseUrl: `${page}?` })).toMatch(/^A web page answers at this API Base/);
	expect(await messageOf({ baseUrl: `${emulator.url}/nowhere` })).toMatch(
		/^There is no Segmind API/,
	);
	// What no credential can put into words.
	expect(await messageOf({ baseUrl: 'http://127.0.0.1:1' })).toBe('ECONNREFUSED');
	expect(await messageOf({ baseUrl: 'nonsense' })).toBe('ERR_INVALID_URL');
});
