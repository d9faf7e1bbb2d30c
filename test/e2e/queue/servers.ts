/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/require-node-api-error */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, LoggedProcess } from '../childProcess';

const LOOPBACK = '127.0.0.1';

/** The user that owns PostgreSQL on Debian; its server refuses to run as root. */
const POSTGRES_USER = 'postgres';

/** Where Debian and others keep server programs that aren't in everybody's PATH, newest first. */
function usualPlaces(): string[] {
	const versions = '/usr/lib/postgresql';
	const postgres = existsSync(versions)
		? readdirSync(versions).map((version) => join(versions, version, 'bin'))
		: [];
	const others = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
	return [...postgres.sort().reverse(), ...others];
}

function find(program: string): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(delimiter), ...usualPlaces()];
	return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** The programs that n8n's queue mode needs and that this machine lacks; nothing when it can be tested. */
export function missingPrograms(): string[] {
	const missing = ['redis-server', 'initdb', 'postgres'].filter((program) => !find(program));
	const needsUser = process.getuid?.() === 0 && spawnSync('id', [POSTGRES_USER]).status !== 0;
	return needsUser ? [...missing, `a user "${POSTGRES_USER}"`] : missing;
}

/** A server on loopback with a folder of its own. */
export interface Server {
	port: number;
	/** Ends it and removes its folder. */
	stop(): Promise<void>;
}

/** Starts a Redis that keeps everything in memory. */
export async function startRedis(): Promise<Server> {
	const folder = mkdtempSync(join(tmpdir(), 'redis-e2e-'));
	const port = await freePort();
	const args = ['--port', port, '--bind', LOOPBACK, '--save', '', '--appendonly', 'no'];
	return await serve(find('redis-server') ?? '', args.map(String), folder, port);
}

/** Starts a PostgreSQL with an empty database `n8n` for the user `n8n`, who needs no password. */
export async function startPostgres(): Promise<Server> {
	const folder = mkdtempSync(join(tmpdir(), 'postgres-e2e-'));
	const data = join(folder, 'data');
	const initdb = [find('initdb') ?? '', '-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8'];
	const port = await freePort();
	const quick = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];
	const settings = [`listen_addresses=${LOOPBACK}`, 'unix_socket_directories=', ...quick];
	const server = [find('postgres') ?? '', '-D', data, '-p', String(port)];
	const [program = '', ...args] = asPostgres(folder, [
		...server,
		...settings.flatMap((setting) => ['-c', setting]),
	]);
	const [init = '', ...initArgs] = asPostgres(folder, [...initdb, '--locale=C', '--no-sync']);
	execFileSync(init, initArgs, { cwd: folder, stdio: 'pipe' });
	return await serve(program, args, folder, port);
}

/** The same command, run by another user when this one is root; the process keeps its ID. */
function asPostgres(folder: string, command: string[]): string[] {
	if (process.getuid?.() !== 0) return command;
	const id = (flag: string) =>
		Number(execFileSync('id', [flag, POSTGRES_USER], { encoding: 'utf8' }));
	chownSync(folder, id('-u'), id('-g'));
	return [
		'setpriv',
		`--reuid=${POSTGRES_USER}`,
		`--regid=${POSTGRES_USER}`,
		'--clear-groups',
		...command,
	];
}

async function serve(
	program: string,
	args: string[],
	folder: string,
	port: number,
): Promise<Server> {
	const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
	// The log stays the test's own: a server of another user couldn't open it.
	const log = join(mkdtempSync(join(tmpdir(), 'log-e2e-')), 'server.log');
	const server = new LoggedProcess(program, args, log, { env, cwd: folder });
	const stop = async () => {
		await server.stop();
		rmSync(folder, { recursive: true, force: true });
		rmSync(join(log, '..'), { recursive: true, force: true });
	};
	try {
		await server.until('it took connections', async () => await accepts(port));
	} catch (error) {
		await stop();
		throw error;
	}
	return { port, stop };
}

/** Whether somebody listens there. */
async function accepts(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = createConnection({ host: LOOPBACK, port });
		socket.once('connect', () => resolve(true));
		socket.once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}
