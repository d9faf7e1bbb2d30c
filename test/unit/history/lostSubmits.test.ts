import type { IDataObject } from 'n8n-workflow';
import {
	BEGINNING,
	rowOf,
	runWithHistory,
	type HistoryReply,
	type Question,
} from '../../support/simulation/virtualHistory';

const images = {
	sourceImageUrl: 'https://x.test/face.jpg',
	targetImageUrl: 'https://x.test/1.jpg',
};

interface Losses {
	/** Parameters of the items, all of whose submits are lost after they were accepted. */
	items: IDataObject[];
	/** What the row of a job says otherwise. */
	row?(body: IDataObject): object;
	/** Whether the list has a job; it does by default. */
	isListed?(index: number, question: Question): boolean;
	/** Rows of other jobs, made after them or before. */
	later?: object[];
	earlier?: object[];
	/** How the list is told, where that is not the newest first. */
	order?(rows: object[]): object[];
	/** Rows of a page, at most. */
	size?: number;
	/** How far the machine's clock is behind Segmind's; milliseconds. */
	behind?: number;
	/** Answers in place of the list. */
	answer?(question: Question): HistoryReply | undefined;
	parameters?: IDataObject;
}

/** Loses the answers of all submits, while the history has a row for each job. */
async function lose(losses: Losses) {
	const { items, row = () => ({}), isListed = () => true, answer, parameters = {} } = losses;
	const { later = [], earlier = [], size = 100, behind, order = (all) => all } = losses;
	const rows: object[] = [];
	return await runWithHistory({
		items,
		behind,
		parameters: { operation: 'swap', ...images, ...parameters },
		submit: (index, request_body) => {
			const model_created = new Date(BEGINNING + 100 * index).toISOString();
			rows.push(rowOf(`job-${index}`, { request_body, model_created, ...row(request_body) }));
			return 'lost';
		},
		answer: (question) => {
			const own = rows.filter((_, index) => isListed(index, question)).reverse();
			const all = order([...later, ...own, ...earlier]);
			const data = all.slice((question.page - 1) * size, question.page * size);
			const headers = { date: new Date(question.now).toUTCString() };
			return { body: { data, total: all.length }, headers, ...answer?.(question) };
		},
	});
}

const idsOf = ({ items }: { items: Array<{ json: IDataObject }> }) =>
	items.map(({ json }) => json.requestId ?? json.error);

const UNCONFIRMED = expect.stringContaining('may have been paid for');

describe('a submit whose answer is lost is found', () => {
	const longUrl = `https://x.test/1.jpg?signature=${'A'.repeat(2_500)}`;
	const longPrompt = `${'a happy face, '.repeat(300)}smiling`;

	it.each<[string, IDataObject]>([
		['a long URL', { targetImageUrl: longUrl }],
		['a long URL as optional mask', { maskImageInput: 'url', maskImageUrl: longUrl }],
		['a long prompt', { prompt: longPrompt }],
		['a long prompt of one word', { prompt: 'a'.repeat(3_000) }],
		['a prompt with blanks at its ends', { prompt: ' happy ' }],
		['all additional fields', { additionalFields: { cfg: 2, seed: 7, base64: false } }],
	])('with %s', async (_, item) => {
		expect(idsOf(await lose({ items: [item] }))).toEqual(['job-0']);
	});

	it.each<[string, IDataObject, IDataObject]>([
		[
			'the end of a long URL',
			{ targetImageUrl: longUrl },
			{ target_image: `${longUrl.slice(0, -1)}B` },
		],
		['the end of a long prompt', { prompt: longPrompt }, { prompt: `${longPrompt}!` }],
	])('but not where %s is another', async (_, item, other) => {
		const parameters = { options: { timeout: 30 } };
		const row = (body: IDataObject) => ({ request_body: { ...body, ...other } });
		expect(idsOf(await lose({ items: [item], row, parameters }))).toEqual([UNCONFIRMED]);
	});
});

it.each([100, 20])(
	'is found behind the first page of %d, when many jobs came after it',
	async (size) => {
		const later = Array.from({ length: 250 }, (_, index) =>
			rowOf(`later-${index}`, { model_created: new Date(BEGINNING + 5_000).toISOString() }),
		);
		const listed = await lose({
			items: [{}],
			later,
			size,
		});
		expect(idsOf(listed)).toEqual(['job-0']);
	},
);

it("is found in Segmind's time, however far that is from the machine's", async () => {
	const { items } = await lose({ items: [{}], behind: 6 * 3_600_000 });
	expect(idsOf({ items })).toEqual(['job-0']);
});

it.each([0, 6, -6])(
	'looks no further than when it was sent (a clock %d hours behind)',
	async (hours) => {
		const earlier = Array.from({ length: 900 }, (_, index) =>
			rowOf(`earlier-${index}`, {
				model_created: new Date(BEGINNING - 3_000 - index).toISOString(),
			}),
		);
		const { pages, items } = await lose({
			items: [{}],
			behind: hours * 3_600_000,
			earlier,
			isListed: () => false,
			parameters: { options: { timeout: 2 } },
		});
		expect(idsOf({ items })).toEqual([UNCONFIRMED]);
		expect(new Set(pages)).toEqual(hours === 0 ? new Set([1]) : expect.anything());
	},
);

it.each([
	['the oldest first', (rows: object[]) => rows.reverse()],
	[
		'in no order',
		(rows: object[]) => rows.sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length),
	],
])('is found in a list that is told %s', async (_, order) => {
	const earlier = Array.from({ length: 60 }, (_row, index) =>
		rowOf(`earlier-${index}`, {
			model_created: new Date(BEGINNING - 9_000 * index - 9_000).toISOString(),
		}),
	);
	expect(idsOf(await lose({ items: [{}], earlier, order }))).toEqual(['job-0']);
});

describe('of two items with the same images', () => {
	it.each<[string, IDataObject]>([
		['a prompt', { prompt: 'happy' }],
		['a mask', { maskImageInput: 'url', maskImageUrl: 'https://x.test/mask.png' }],
		['a seed', { additionalFields: { seed: 7 } }],
		['another format', { additionalFields: { outputFormat: 'png' } }],
	])('the one without %s waits for its own job and leaves that of the other', async (_, item) => {
		const listed = await lose({
			items: [{}, item],
			// The row of the one without comes late.
			isListed: (index, { count }) => index === 1 || count > 4,
		});
		expect(idsOf(listed)).toEqual(['job-0', 'job-1']);
	});

	it('the one without stays unconfirmed where its own row never comes', async () => {
		const { items, submits } = await lose({
			items: [{}, { prompt: 'happy' }],
			isListed: (index) => index === 1,
			parameters: { options: { timeout: 30 } },
		});
		expect(idsOf({ items })).toEqual([UNCONFIRMED, 'job-1']);
		expect(submits).toHaveLength(2);
	});
});

describe("looking goes on for the item's time", () => {
	const parameters = { options: { timeout: 300 } };

	it.each<[string, HistoryReply]>([
		['429', { status: 429 }],
		['503', { status: 503 }],
		['a page of somebody else', { body: '<html>busy</html>' }],
	])('after eight times %s', async (_, reply) => {
		const answer = ({ count }: Question) => (count <= 8 ? reply : undefined);
		expect(idsOf(await lose({ items: [{}], answer, parameters }))).toEqual(['job-0']);
	});

	it.each([17, 40])('where an answer takes %d seconds', async (seconds) => {
		const answer = () => ({ takes: seconds * 1_000 });
		expect(idsOf(await lose({ items: [{}], answer, parameters }))).toEqual(['job-0']);
	});

	it('and not where the history refuses', async () => {
		const listed = await lose({ items: [{}], answer: () => ({ status: 403 }), parameters });
		expect(idsOf(listed)).toEqual([expect.stringContaining('could not be asked (HTTP 403)')]);
		expect(listed.questions).toBe(1);
	});
});
