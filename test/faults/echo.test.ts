/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import type { AnswerContext } from '../emulator';
import {
	credentialsFor,
	emulator,
	engine,
	faceUrls,
	onlyItem,
	quick,
	useEmulator,
} from '../support';
import { spyOnLog } from './log';

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
		expect(message).toMatch(/canceled.*within an hour: \*{8}$/);
		expect(warnings).toMatch(/within an hour: \*{8}/);
	});

	it('is masked in everything that is logged', async () => {
		expect((await stop()).all).not.toContain(emulator.apiKey);
	});
});
