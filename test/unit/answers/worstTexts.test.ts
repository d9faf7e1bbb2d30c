import { apiWords } from '../../../nodes/shared/answers/apiWords';
import { parseBody, readAnswer, salvageRequestId } from '../../../nodes/shared/answers/answers';
import { readOutputs } from '../../../nodes/shared/answers/outputs';

// A foreign text may be the worst one for a pattern. What takes quadratic time here holds all of n8n: with a hundred
// times the text it takes ten thousand times as long, which no slow machine explains.

const MEGABYTE = 1024 * 1024;

const repeated = (part: string, length: number) =>
	part.repeat(Math.ceil(length / part.length)).slice(0, length);

const WORST: Array<[name: string, head: string, part: string]> = [
	['escaped JSON that breaks off', '{"a": "', '\\"'],
	['escaped JSON with a NaN that breaks off', '{"n": NaN, "a": "', '\\"'],
	['unclosed scripts', '', '<script>'],
	['unclosed heads', '<html>', '<head>'],
	['open tags', '', '<'],
	['tags that never close', '', '<a '],
	['entities', '', '&amp;'],
	['white space', 'a', ' \n'],
	['request IDs that break off', '{', '"request_id": "\\"'],
	['blanks behind a name', '{', '"request_id"   '],
	['states that break off', '{', '"status": "x'],
	['data URIs without a comma', '', 'data:'],
	['dashes of numbers', '{', '-'],
	['open lists', '', '['],
];

const READERS: Array<[name: string, read: (text: string) => unknown]> = [
	['parseBody', parseBody],
	['apiWords', apiWords],
	['readAnswer', (text) => readAnswer(200, text)],
	['an error', (text) => readAnswer(502, text)],
	['salvageRequestId', (text) => salvageRequestId(200, text)],
	['readOutputs', (text) => readOutputs({ output: text })],
];

/** The quickest of some runs: what else the machine does only ever adds. Milliseconds. */
function quickest(work: () => unknown, runs: number): number {
	const times = Array.from({ length: runs }, () => {
		const startedAt = performance.now();
		work();
		return performance.now() - startedAt;
	});
	return Math.min(...times);
}

describe.each(READERS)('%s', (_, read) => {
	it.each(WORST)('takes time in proportion to %s', (_name, head, part) => {
		const [short, long] = [MEGABYTE / 64, MEGABYTE].map((length) => head + repeated(part, length));
		const least = quickest(() => read(short as string), 5);
		const most = quickest(() => read(long as string), 2);
		// 64 times the text: 4,096 times the time where it is quadratic. Half a second covers what is not measured well.
		expect(most).toBeLessThan(least * 64 * 8 + 500);
	});
});

describe('an answer that nests too deep', () => {
	const nested = (depth: number, innermost: string) =>
		`${'{"output":'.repeat(depth)}${innermost}${'}'.repeat(depth)}`;

	it.each([101, 60_000])('is unreadable: %i levels', (depth) => {
		expect(readAnswer(200, nested(depth, '"x"'))).toMatchObject({ kind: 'unreadable' });
		expect(readAnswer(200, '['.repeat(depth) + ']'.repeat(depth)).kind).toBe('unreadable');
		expect(readAnswer(500, nested(depth, '"x"'))).toMatchObject({ kind: 'refused', isJson: false });
	});

	it('is unreadable inside a text, too', () => {
		const output = nested(60_000, '1');
		const answer = readAnswer(200, JSON.stringify({ status: 'COMPLETED', output }));
		expect(answer).toMatchObject({ kind: 'finished', outputs: { images: [] } });
	});

	it('is read where a person could have made it', () => {
		const answer = readAnswer(200, nested(50, '"https://x.test/1.png"'));
		expect(answer).toMatchObject({ kind: 'finished' });
	});
});
