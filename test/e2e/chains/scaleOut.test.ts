import { picture } from '../../support';
import { emulator, n8n, useN8n, workflows } from '../support';
import { fillIn, itemsOf, readExample, runsOf, type Execution } from '../workflows';

/** Seconds that the jobs take, in order. */
const JOBS = [0.5, 2.5, 5];

useN8n({ emulator: { jobSeconds: ({ index }) => JOBS[index % JOBS.length] ?? 1 } });

/** The example, filled in for so many comics. */
async function workflow(sleepSeconds: number, comics = JOBS.length): Promise<string> {
	const faceUrl = emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg');
	const comicUrls = Array.from({ length: comics }, (_, index) =>
		emulator.hostFile(`comic-${index}.png`, picture('comic.png'), 'image/png'),
	);
	return await workflows.add(
		fillIn(readExample('scale-out'), {
			faceUrl,
			comicUrls: JSON.stringify(comicUrls),
			sleepSeconds,
		}),
	);
}

/** The request IDs of the comics that came out, once it is clear that each is the job's image. */
async function finishedComics(execution: Execution): Promise<string[]> {
	const found: string[] = [];
	for (let run = 0; run < runsOf(execution, 'Finished Comics'); run++) {
		for (const { json, binary } of itemsOf(execution, 'Finished Comics', { run })) {
			const image = await emulator.image(String(json.requestId));
			expect((await workflows.file(binary?.data)).equals(image)).toBe(true);
			found.push(String(json.requestId));
		}
	}
	return found.sort();
}

const bought = () => emulator.ledger.jobs.map(({ requestId }) => requestId).sort();
const submits = () => emulator.requests.filter(({ kind }) => kind === 'submit');

it('submits all, then looks again until each comic has come out once', async () => {
	const execution = await workflows.run(await workflow(1), 'Start');
	expect(execution.status).toBe('success');
	expect(submits()).toHaveLength(JOBS.length);
	expect(await finishedComics(execution)).toEqual(bought());
	expect(runsOf(execution, 'Get the Results')).toBeGreaterThan(2);
});

it('goes on with the others when a job fails', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face found' } });
	const execution = await workflows.run(await workflow(1), 'Start');
	expect(execution.status).toBe('success');
	const failed = itemsOf(execution, 'Failed Jobs').map(({ json }) => json);
	expect(failed).toEqual([
		expect.objectContaining({ error: expect.stringContaining('No face found') }),
	]);
	const finished = await finishedComics(execution);
	expect(finished).toHaveLength(JOBS.length - 1);
	expect([...finished, String(failed[0]?.requestId)].sort()).toEqual(bought());
	expect(submits()).toHaveLength(JOBS.length);
});

it('sleeps outside of any worker, and survives a kill without paying twice', async () => {
	// n8n keeps an execution in memory when it is to wait for less than 65 seconds.
	const id = await workflows.start(await workflow(66, 2), 'Start');
	await workflows.rested(id, { asleep: true });
	const before = bought();
	expect(before).toHaveLength(2);
	await n8n.crashAndRestart();
	const execution = await workflows.rested(id, { seconds: 180 });
	expect(execution.status).toBe('success');
	expect(await finishedComics(execution)).toEqual(before);
	expect(bought()).toEqual(before);
	expect(submits()).toHaveLength(2);
});
