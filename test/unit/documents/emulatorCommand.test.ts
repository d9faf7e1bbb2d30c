/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'undici';
import { root } from '../../support';

it('npm run emulator prints a credential that works, and ends with Ctrl+C', async () => {
	const child = spawn('npm', ['run', '--silent', 'emulator'], {
		cwd: root,
		env: { ...process.env, PORT: '0', JOB_SECONDS: '0.1' },
		stdio: ['ignore', 'pipe', 'inherit'],
		// A group of its own, as in a terminal.
		detached: true,
	});
	const ended = once(child, 'exit');
	let printed = '';
	const valueOf = (label: string) => new RegExp(`${label}\\s+(\\S+)`).exec(printed)?.[1] ?? '';
	const askForCredits = async () =>
		await request(`${valueOf('API Base URL')}/v1/get-user-credits`, {
			headers: { 'x-api-key': valueOf('API Key') },
			reset: true,
		});
	try {
		child.stdout.on('data', (chunk) => (printed += String(chunk)));
		while (!printed.includes('Ctrl+C')) await once(child.stdout, 'data');
		const answer = await askForCredits();
		expect(answer.statusCode).toBe(200);
		expect(await answer.body.json()).toEqual({ credits: expect.any(Number) });
	} finally {
		process.kill(-Number(child.pid), 'SIGINT');
	}
	await ended;
	await expect(askForCredits()).rejects.toThrow('ECONNREFUSED');
});
