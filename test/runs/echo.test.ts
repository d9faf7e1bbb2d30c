/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import type { AnswerContext } from '../support/emulator';
import {
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	onlyItem,
	picture,
	quick,
	startQuickEmulator,
	useEmulator,
} from '../support';
import { spyOnLog } from '../support/faults/log';

useEmulator();

/** A ticket that repeats the key, as a request ID or among the metrics. */
const echo = (change: object) => {
	emulator.fault({
		on: 'submit',
		times: Infinity,
		fault: {
			kind: 'answer',
			make: ({ real }: AnswerContext) => ({ body: { ...(real.body as object), ...change } }),
		},
	});
};

describe('a key that the API repeats', () => {
	it('is masked in the item of a job that only was submitted', async () => {
		echo({ metrics: { account: 'of {{key}}' } });
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), waitForCompletion: false, options: quick },
		});
		expect(onlyItem(outcome).json.metrics).toMatchObject({ account: 'of ********' });
	});

	it.each(['\u200b', '\n', '\u00a0', ' '])(
		'is masked although %j was pasted along, which no header carries',
		async (pasted) => {
			emulator.fault({
				on: 'submit',
				fault: { kind: 'status', status: 403, body: { error: 'key {{key}} is not allowed' } },
			});
			const outcome = await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(emulator, { apiKey: `${pasted}${emulator.apiKey}${pasted}` }),
				parameters: { ...faceUrls(emulator), options: quick },
			});
			expect(outcome.error?.message).toContain('key ******** is not allowed');
		},
	);

	/** Stops a run whose job has the key for a request ID; what its error and the log say. */
	async function stop(): Promise<{ message: string; all: string; warnings: string }> {
		const log = spyOnLog();
		echo({ request_id: '{{key}}' });
		emulator.fault({ on: 'status', times: Infinity, fault: { kind: 'hang', when: 'before' } });
		const running = engine.begin({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: { ...quick, timeout: 60 } },
		});
		const timer = setInterval(() => {
			if (!emulator.requests.some(({ kind }) => kind === 'status')) return;
			clearInterval(timer);
			running.cancel();
		}, 20);
		const { error } = await running.promise;
		return { message: error?.message ?? '', ...log.end() };
	}

	it('is masked in the error after Stop, and in the warning', async () => {
		const { message, warnings } = await stop();
		expect(message).toMatch(/canceled.*within an hour of the submit.*: \*{8}$/);
		expect(warnings).toMatch(/within an hour of the submit.*: \*{8}/);
	});

	it.each([
		['as it is', (key: string) => `job-${key}`],
		['encoded for a URL', (key: string) => key.replace('_', '%5F')],
		['in Base64 with a colon', (key: string) => Buffer.from(`${key}:`).toString('base64')],
	])('is masked in file names and in what n8n saves: %s', async (_, spell) => {
		const key = emulator.apiKey;
		echo({ request_id: spell(key) });
		const work = async (settings = {}) =>
			await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(emulator),
				parameters: {
					...faceUrls(emulator),
					targetImageUrl: bareUrl,
					options: { ...quick, timeout: 3 },
				},
				settings,
			});
		const bareUrl = emulator.hostFile(
			'd41d8cd98f00b204e9800998ecf8427e',
			picture('comic.png'),
			'image/png',
		);
		for (const status of [200, 403]) {
			if (status === 403) emulator.fault({ on: 'status', fault: { kind: 'status', status } });
			const outcome = await work();
			const saved = JSON.stringify([outcome.run, outcome.outputs, outcome.consoleMessages]);
			expect(saved).not.toContain(key);
			expect(saved).not.toContain(spell(key));
		}
	});

	it.each([
		(key: string) => key.replace('_', '%5F'),
		(key: string) => Buffer.from(`${key}:`).toString('base64url'),
		(key: string) => key.toLowerCase(),
	])("does not go to a stranger's address in any spelling", async (spell) => {
		const url = `${emulator.filesUrl}/results/x.png?auth=${spell(emulator.apiKey)}`;
		emulator.fault({
			on: 'result',
			times: Infinity,
			fault: { kind: 'answer', make: () => ({ body: { status: 'COMPLETED', images: [{ url }] } }) },
		});
		const outcome = await engine.run({
			type: 'faceSwapComic',
			credentials: credentialsFor(emulator),
			parameters: { ...faceUrls(emulator), options: { ...quick, timeout: 1 } },
		});
		expect(outcome.error?.message).toMatch(/contains your API key/);
		expect(outcome.error?.message).not.toContain(spell(emulator.apiKey));
		expect(emulator.requests.filter(({ path }) => path.includes('auth='))).toEqual([]);
	});

	it.each(['none', 'images', 'results', 'hosted'])(
		'is none when it is the placeholder %j: addresses with the word are called',
		async (apiKey) => {
			const segmind = await startQuickEmulator({ apiKey });
			const outcome = await engine.run({
				type: 'faceSwapComic',
				credentials: credentialsFor(segmind),
				parameters: { ...faceUrls(segmind), options: quick },
			});
			expect(onlyItem(outcome).json.imageUrl).toContain('/results/');
			expect(onlyItem(outcome).binary?.data).toBeDefined();
			await segmind.close();
		},
	);

	it('is masked in everything that is logged', async () => {
		expect((await stop()).all).not.toContain(emulator.apiKey);
	});
});
