import { engine } from '../support';
import {
	FAULTS,
	rulesFor,
	STATES,
	WAYS,
	type End,
	type NamedFault,
	type State,
	type Way,
} from '../support/faults/cases';
import { inBatches, isRecoverable, runCase, useCases } from '../support/faults/runCase';
import { partOf } from '../support/thorough';

useCases();

interface Row {
	way: Way;
	state: State;
	fault: NamedFault;
	stays: boolean;
	continues: boolean;
}

/** What the documentation of the API and the interface promise for a row. */
function expectedEnd({ way, state, fault, stays }: Row): End {
	const code = fault.fault.kind === 'status' ? fault.fault.status : 0;
	if (state === 'before submit') {
		const passes =
			[429, 500, 502, 503, 504, 0].includes(code) && fault.name !== 'redirect to a stranger';
		return passes && !stays ? 'image' : 'refused';
	}
	if (state === 'submit') {
		if (way === 'queue' && [404, 405].includes(code)) return 'image';
		if (code === 429) return stays ? 'refused' : 'image';
		// Sources disagree on how the key is named there: once refused, it is named in another way.
		if (code === 401 && way === 'workflow') return stays ? 'refused' : 'image';
		// What is cut off in the middle of the image had been paid for.
		if (
			way === 'sync' &&
			['reset after', 'cut off', 'slow drip', 'wrong type'].includes(fault.name)
		) {
			return fault.name === 'reset after' ? 'unconfirmed' : 'lost';
		}
		return fault.submit;
	}
	if (state === 'downloading') return stays ? 'recoverable' : 'image';
	// The state has told that there is a result: a refusal of it is not believed at once.
	if (state === 'finished' && !stays && fault.once === 'recoverable') return 'image';
	if (code === 401 && way === 'workflow' && !stays) return 'image';
	return stays ? fault.always : fault.once;
}

/** Faults of a submit that leave a job behind at Segmind. */
const ACCEPTS = [
	'gateway timeout after',
	'reset after',
	'hang after',
	'slow drip',
	'HTML garbage',
	'empty body',
	'wrong type',
	'cut off',
];

const WORDS: Record<Exclude<End, 'image'>, RegExp> = {
	refused: /Nothing was spent\./,
	recoverable: /Request ID: [\w-]+/,
	unconfirmed: /may have been paid for.*\n?.*not sent again automatically/s,
	failed: /could not make this image.*Nothing was spent/s,
	lost: /was paid for/,
};

/** What is wrong with how a row ended; empty when all is well. */
async function judge(row: Row): Promise<string[]> {
	const { way, state, fault, stays, continues } = row;
	const end = expectedEnd(row);
	const report = await runCase({
		way,
		rules: rulesFor(way, state, fault.fault, stays ? Infinity : 1),
		// Time enough to outlive what passes; where it stays, the end of the time is what is waited for.
		timeout: end === 'image' || end === 'refused' ? 20 : 2,
		settings: continues ? { onError: 'continueRegularOutput' } : {},
		...(stays && (end === 'refused' || end === 'recoverable') ? { timeout: 2 } : {}),
	});
	const { outcome, emulator, text, late, leaks } = report;
	const wrong: string[] = [];
	const check = (ok: boolean, what: string) => {
		if (!ok) wrong.push(`${way}, ${state}, ${fault.name}, ${stays ? 'stays' : 'passes'}: ${what}`);
	};
	const { jobs } = emulator.ledger;
	const item = outcome.outputs[0]?.[0];
	check(jobs.length <= 1, `${jobs.length} jobs bought`);
	check(late === 0, `${late} requests after the end`);
	check(leaks.length === 0, `the key is in ${leaks.join(' and ')}`);
	if (end === 'image') {
		check(item?.binary?.data !== undefined, `no image, but: ${text}`);
		check(jobs.length === 1, `${jobs.length} jobs for an image`);
		if (item?.binary?.data) {
			const right = await emulator.image(String(item.json.requestId));
			check((await engine.read(item.binary.data)).equals(right), 'another image');
		}
	} else {
		check(WORDS[end].test(text), `not "${end}", but: ${text}${item?.binary ? ' an image' : ''}`);
		check(text.includes('[item 0]'), `does not name the item: ${text}`);
		check(continues === (outcome.error === undefined), `error ${String(outcome.error?.message)}`);
		if (continues) check(item?.pairedItem !== undefined, 'the error item is not paired');
		if (end === 'refused') check(jobs.length === 0, 'a job behind a refusal');
		if (end === 'unconfirmed')
			check(jobs.length === (ACCEPTS.includes(fault.name) ? 1 : 0), `${jobs.length} jobs`);
		if (end === 'recoverable') {
			const requestId = jobs[0]?.requestId ?? '';
			check(text.includes(requestId) && requestId !== '', `lost the request ID: ${text}`);
			if (state !== 'downloading') check(!/Image URL: /.test(text), 'an image URL out of nowhere');
			else check(/Image URL: http/.test(text), `no image URL: ${text}`);
			check(await isRecoverable(way, emulator, requestId), 'Get Result does not bring the image');
		}
	}
	await emulator.close();
	return wrong;
}

const places = WAYS.flatMap((way) => STATES[way].map((state) => [way, state] as const));

const all = places.flatMap(([way, state]) =>
	[false, true].map((stays) => [way, state, stays ? 'stays' : 'passes', stays] as const),
);

it.concurrent.each(all)(
	'%s, %s keeps money and image when a fault %s',
	async (way, state, _, stays) => {
		const rows = FAULTS.map((fault, index): Row => ({
			way,
			state,
			fault,
			stays,
			continues: index % 4 > 1,
		}));
		const wrong = await inBatches(
			partOf(rows, 2, Number(stays)).map((row) => async () => await judge(row)),
			12,
		);
		expect(wrong.flat()).toEqual([]);
	},
	240_000,
);
