import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { runItems } from '../../../nodes/shared/items';
import type { SegmindModel } from '../../../nodes/shared/model';
import { seeded } from './pacing';
import { VirtualClock } from './virtualClock';
import { VirtualSegmind, virtualContext, type VirtualOptions } from './virtualSegmind';

/** The addresses of the images that a service must have. */
const urlsFor = ({ images }: SegmindModel): object =>
	Object.fromEntries(
		images
			.filter(({ optional }) => !optional)
			.map(({ name }) => [`${name}Url`, `https://x.test/${name}.jpg`]),
	);

/** A run, and what it came to. */
export interface Race {
	/** From the start until the last image was there. */
	seconds: number;
	segmind: VirtualSegmind;
	/** Items with an image. */
	images: number;
}

export interface Course extends VirtualOptions {
	jobs: number;
	/** Jobs in flight; default 5. */
	inFlight?: number;
	options?: object;
	model?: SegmindModel;
}

/** Durations up to `spread` around the mean, the same for the same seed; seconds. */
export function around(mean: number, spread: number, seed: number): (index: number) => number {
	const random = seeded(seed);
	for (let skipped = 0; skipped < 10; skipped++) random();
	const list: number[] = [];
	return (index) => {
		while (list.length <= index) list.push(mean * (1 - spread + 2 * spread * random()));
		return list[index] ?? mean;
	};
}

/** The node, on a clock of its own unless there is one already. */
export async function node(
	course: Course,
	clock = new VirtualClock(),
	shared?: VirtualSegmind,
): Promise<Race> {
	const segmind = shared ?? new VirtualSegmind(clock, course);
	const { jobs, inFlight = 5, options, model = faceSwapComic } = course;
	const parameters = {
		...urlsFor(model),
		options: { maxConcurrency: inFlight, timeout: 100_000, ...options },
	};
	const context = virtualContext(segmind, jobs, parameters);
	const work = runItems(context, model, clock);
	const [output = []] = shared ? await work : await clock.until(work);
	if (output.length !== jobs) throw new Error(`${output.length} items came out`);
	const images = output.filter(({ binary }) => binary !== undefined).length;
	return { seconds: clock.now() / 1000, segmind, images };
}

/** A loop that asks every seven seconds, as Segmind's sample does, and waits as long after a refusal. */
export async function loop(course: Course): Promise<Race> {
	const clock = new VirtualClock();
	const segmind = new VirtualSegmind(clock, course);
	const request = async (
		method: 'GET' | 'POST',
		path: string,
	): Promise<Record<string, unknown>> => {
		for (;;) {
			const { statusCode, body } = segmind.request({ method, url: `https://api.test${path}` });
			const text = Buffer.concat(await body.toArray()).toString();
			// A job that was forgotten meanwhile is lost, and the loop goes on with the next.
			if (statusCode === 404) return { status: 'COMPLETED' };
			if (statusCode === 200) return JSON.parse(text) as Record<string, unknown>;
			await clock.wait(7000);
		}
	};
	const one = async () => {
		const { request_id: id } = await request('POST', '/v2/faceswap-comic');
		do await clock.wait(7000);
		while ((await request('GET', `/v2/requests/${String(id)}/status`)).status !== 'COMPLETED');
		await request('GET', `/v2/requests/${String(id)}`);
	};
	let next = 0;
	const worker = async () => {
		while (next++ < course.jobs) await one();
	};
	await clock.until(Promise.all(Array.from({ length: course.inFlight ?? 5 }, worker)));
	return { seconds: clock.now() / 1000, segmind, images: course.jobs };
}

/** Seconds that the same takes for somebody who is told at once, and whom nothing limits. */
export function floor({ jobs, jobSeconds, inFlight = 5 }: Course): number {
	const free = Array.from({ length: inFlight }, () => 0);
	for (let index = 0; index < jobs; index++) {
		free.sort((a, b) => a - b);
		free[0] = (free[0] ?? 0) + jobSeconds(index);
	}
	return Math.max(...free);
}
