import type { Answer, StoredImage } from '../../../nodes/shared/answers/answers';
import { readCheck, tellsState, type Check } from '../../../nodes/shared/job/readCheck';

const ID = '2c7f59ea-41f0-4f7b-9d0a-6f1f5f0c7a11';

const image: StoredImage = {
	kind: 'image',
	binary: { data: '', mimeType: 'image/png' },
	fileName: 'a.png',
	mimeType: 'image/png',
	fileSize: 8,
	endMissing: false,
};

const outputs = { images: [], texts: {}, untyped: {} };
const running: Answer = { kind: 'running', state: 'QUEUED', metrics: {} };
const finished: Answer = { kind: 'finished', outputs, words: '', metrics: {} };
const failed: Answer = { kind: 'failed', state: 'FAILED', words: 'no', known: true, metrics: {} };
const refused = (status: number, words = ''): Answer => ({
	kind: 'refused',
	status,
	words,
	isJson: true,
});
const unreadable = (isWhole?: boolean): Answer => ({
	kind: 'unreadable',
	why: 'it is HTML',
	words: '',
	isWhole,
});

describe('what an answer tells of a job', () => {
	it.each<[string, Answer, Check]>([
		['an image', image, { kind: 'finished' }],
		['an end', finished, { kind: 'finished' }],
		['a state', running, { kind: 'running', unknown: undefined }],
		['an odd state', { ...running, unknown: 'odd' }, { kind: 'running', unknown: 'odd' }],
		['nothing readable', unreadable(), { kind: 'transient', why: 'it is HTML' }],
		['a server error', refused(503), { kind: 'transient', why: 'HTTP 503' }],
		['a server error with words', refused(500, 'sorry'), { kind: 'transient', why: 'sorry' }],
	])('%s', (_, answer, check) => {
		expect(readCheck(answer, ID)).toEqual(check);
	});

	it.each([400, 401, 403, 404, 405, 409, 410])('HTTP %i is a refusal to tell', (status) => {
		expect(readCheck(refused(status, 'words'), ID)).toMatchObject({
			kind: 'refused',
			problem: { httpCode: status, words: 'words', money: 'maybeSpent', requestId: ID },
		});
	});

	it('HTTP 422 is a failed job, which is not billed [docs]', () => {
		expect(readCheck(refused(422, 'no face'), ID)).toMatchObject({
			kind: 'failed',
			problem: { httpCode: 422, words: 'no face', money: 'notSpent', isFinal: true },
		});
	});

	it('a failure with a state is one, without a state it is an error that may pass', () => {
		expect(readCheck(failed, ID)).toMatchObject({ kind: 'failed', problem: { words: 'no' } });
		expect(readCheck({ ...failed, state: '' }, ID)).toMatchObject({
			kind: 'error',
			problem: { words: 'no', money: 'maybeSpent', requestId: ID },
		});
	});

	it.each<Answer>([running, finished, failed, refused(422)])(
		'nothing, when it is about another job: $kind',
		(answer) => {
			expect(readCheck({ ...answer, about: 'other' } as Answer, ID)).toEqual({
				kind: 'transient',
				why: 'it answers about another job, other',
			});
			const same = ID.toUpperCase().replaceAll('-', '');
			expect(readCheck({ ...answer, about: same } as Answer, ID).kind).not.toBe('transient');
		},
	);
});

it.each<[string, Answer, boolean]>([
	['an image', image, true],
	['a state', running, true],
	['an end', finished, true],
	['a failure with a state', failed, true],
	['an error without one', { ...failed, state: '' }, false],
	['a server error', refused(500), true],
	['a rate limit', refused(429), true],
	['no such result', refused(404), false],
	['a page, all of it', unreadable(true), false],
	['an answer that broke off', unreadable(), true],
])('where a result is asked for, %s tells how far the job is: %s', (_, answer, tells) => {
	expect(tellsState(answer)).toBe(tells);
});
