import { apiWords } from '../../../nodes/shared/answers/apiWords';
import { observe } from '../../../nodes/shared/answers/observe';
import { readOutputs } from '../../../nodes/shared/answers/outputs';
import { salvageFields } from '../../../nodes/shared/answers/tickets';
import { parseBody } from '../../../nodes/shared/kit/json';

type Asked = Parameters<typeof observe>[0];

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

const SUBMIT: Asked = { submit: true, isSync: false };

/** What an answer says to a submit, or to a question for a job. */
const read = (status: number, text: string, asked: Asked = SUBMIT, isWhole = true) =>
	observe(asked, { status, headers: {}, url: 'https://x.test' }, { text, isWhole, why: '' });

const READERS: Array<[name: string, reader: (text: string) => unknown]> = [
	['parseBody', parseBody],
	['apiWords', apiWords],
	['observe', (text) => read(200, text)],
	['observe, under an error status', (text) => read(502, text)],
	['observe, cut off', (text) => read(502, text, SUBMIT, false)],
	['salvageFields', salvageFields],
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

describe.each(READERS)('%s', (_, reader) => {
	it.each(WORST)('takes time in proportion to %s', (_name, head, part) => {
		const [short, long] = [MEGABYTE / 64, MEGABYTE].map((length) => head + repeated(part, length));
		const least = quickest(() => reader(short as string), 5);
		const most = quickest(() => reader(long as string), 2);
		// 64 times the text: 4,096 times the time where it is quadratic. Half a second covers what is not measured well.
		expect(most).toBeLessThan(least * 64 * 8 + 500);
	});
});

describe('an answer that nests too deep', () => {
	const nested = (depth: number, innermost: string) =>
		`${'{"output":'.repeat(depth)}${innermost}${'}'.repeat(depth)}`;

	const CHECK: Asked = { requestId: 'r-1' };

	it.each([101, 60_000])('cannot be read: %i levels', (depth) => {
		const object = nested(depth, '"x"');
		expect(read(200, object)).toMatchObject({ says: 'nothing' });
		expect(read(200, '['.repeat(depth) + ']'.repeat(depth)).says).toBe('nothing');
		expect(read(500, object)).toMatchObject({ says: 'nothing', isJson: false });
		expect(read(401, object, CHECK)).toMatchObject({ says: 'refused', isJson: false });
	});

	it('cannot be read inside a text either', () => {
		const output = nested(60_000, '1');
		const seen = read(200, JSON.stringify({ status: 'COMPLETED', output }), CHECK);
		expect(seen).toMatchObject({ says: 'finished', outputs: { images: [] } });
	});

	it('is read where a person could have made it', () => {
		expect(read(200, nested(50, '"https://x.test/1.png"'), CHECK)).toMatchObject({
			says: 'finished',
		});
	});
});
