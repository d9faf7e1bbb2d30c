/* eslint-disable @n8n/community-nodes/no-restricted-globals */
import { faceSwapComic } from '../../nodes/FaceSwapComic/model';
import { runItems } from '../../nodes/shared/items';
import { VirtualClock } from './virtualClock';
import { VirtualSegmind, virtualContext } from './virtualSegmind';

const URLS = { sourceImageUrl: 'https://x.test/a.jpg', targetImageUrl: 'https://x.test/b.jpg' };

async function run(items: number, perMinute: number, options: object = {}) {
	const clock = new VirtualClock();
	const segmind = new VirtualSegmind(clock, perMinute, 21);
	const context = virtualContext(segmind, items, { ...URLS, options });
	const [output = []] = await clock.until(runItems(context, faceSwapComic, clock));
	return { segmind, output, minutes: clock.now() / 60_000 };
}

describe('a run against a rate limit', () => {
	it.each([
		['the free plan, 5 a minute', 500, 5],
		['the pro plan, 50 a minute', 500, 50],
	])(
		'%s: ends without an error and without a second purchase',
		async (_name, items, perMinute) => {
			const { segmind, output, minutes } = await run(items, perMinute);
			expect(output).toHaveLength(items);
			expect(segmind.accepted).toHaveLength(items);
			// The fewest requests that a job takes: submit, one look, result.
			const fewest = (3 * items) / perMinute;
			process.stdout.write(
				`${items} items at ${perMinute} a minute: ${minutes.toFixed(0)} minutes (at least ${fewest}), ` +
					`${segmind.admitted} requests, ${segmind.refused} times 429\n`,
			);
			expect(minutes).toBeLessThan(2 * Math.max(fewest, (items / 5) * 0.4));
			expect(segmind.refused).toBeLessThan(segmind.admitted);
		},
		120_000,
	);

	it('does not slow down where there is no limit', async () => {
		const { segmind, minutes } = await run(100, Infinity, { maxConcurrency: 10 });
		expect(segmind.refused).toBe(0);
		// 100 jobs of 21 s, ten at a time, each noticed within three seconds.
		expect(minutes * 60).toBeLessThan(10 * 24);
	});
});
