import {
	NodeApiError,
	NodeOperationError,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import { createAccount } from '../../nodes/shared/http/account';
import { toErrorItem, toNodeError } from '../../nodes/shared/nodeErrors';
import { badInput, type Problem } from '../../nodes/shared/problems/problems';
import { sampleKey as KEY } from '../support/samples';

const account = createAccount(KEY, {
	baseUrl: 'https://api.segmind.com',
	storageUrl: 'https://workflows-api.segmind.com',
});

const nothing = { unconfirmed: 0, finished: 0, imageUrls: [] };

const node: INode = {
	id: '1',
	name: 'FaceSwap Comic',
	type: 'n8n-nodes-segmind.faceSwapComic',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

const service: Problem = {
	code: 'unreachable',
	why: 'no face',
	words: 'No face',
	httpStatus: 422,
	requestId: 'r-1',
};

const input = badInput('X is empty', 'Fill X.');

const leaky: Problem = {
	code: 'unexpected',
	summary: `Refused ${KEY}`,
	words: `key ${KEY}`,
	hint: `Check ${KEY}`,
	requestId: 'r-1',
	imageUrl: `https://cdn.test/${KEY}.png`,
};

/** The same of the service. */
const leakyService: Problem = { ...leaky, code: 'notFetched', why: `no ${KEY}` };

const surroundings = { node, account, isInHistory: false };

const MESSAGE =
	'Segmind could not be reached (no face): "No face". Nothing was spent. Request ID: r-1. [item 2]';

const HINT =
	"Check the URLs in the Segmind API credential, and your n8n's internet connection and proxy. https://status.segmind.com shows whether Segmind has an incident.";

describe('the error of a node', () => {
	it('is an API error for what the service did', () => {
		const error = toNodeError(service, 2, surroundings);
		expect(error).toBeInstanceOf(NodeApiError);
		expect(error).toMatchObject({ httpCode: '422', message: MESSAGE });
		expect(error.description).toBe(HINT);
		expect(error.context).toMatchObject({ itemIndex: 2, requestId: 'r-1' });
		expect(error.node.name).toBe('FaceSwap Comic');
	});

	it('is an operation error for bad input', () => {
		const error = toNodeError(input, 0, surroundings);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error.message).toBe('X is empty. Nothing was spent. [item 0]');
		expect(error.description).toBe('Fill X.');
		expect(error.context).toMatchObject({ itemIndex: 0 });
		expect(error.context).not.toHaveProperty('requestId');
	});

	it('has no HTTP code when nothing was answered', () => {
		const error = toNodeError({ ...service, httpStatus: undefined }, 2, surroundings);
		expect((error as NodeApiError).httpCode).toBeNull();
	});

	it.each(['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', '500', 'getaddrinfo'])(
		'keeps its own message when that speaks of %s',
		(word) => {
			const error = toNodeError({ ...service, words: word }, 2, surroundings);
			expect(error.message).toContain(`"${word}"`);
			expect(error.message).toContain('[item 2]');
		},
	);

	it('says that nobody knows whether the job was accepted, and where the image is', () => {
		const problem: Problem = { code: 'noAnswer', why: 'x', imageUrl: 'https://cdn.test/a.png' };
		expect(toNodeError(problem, 2, surroundings).context).toMatchObject({
			unconfirmed: true,
			imageUrl: 'https://cdn.test/a.png',
		});
	});

	it.each([leaky, leakyService])('shows the key nowhere: $code', (problem) => {
		const error = toNodeError(problem, 2, {
			node,
			account,
			isInHistory: false,
			others: {
				accepted: ['a'],
				withoutId: nothing,
				retries: false,
			},
		});
		expect(error.message).toContain('********');
		const { message, description, context, messages, stack } = error;
		const shown = JSON.stringify([error, message, description, context, messages]);
		expect(shown).not.toContain(KEY);
		expect(stack).not.toContain(KEY);
	});

	it('shows the key not even where a request ID repeats it', () => {
		const others = { accepted: [KEY], withoutId: nothing, retries: false };
		const error = toNodeError({ ...service, requestId: KEY }, 2, { ...surroundings, others });
		expect(JSON.stringify(error.context)).not.toContain(KEY);
	});
});

describe('the jobs of other items', () => {
	const errorWith = (accepted: string[], retries: boolean) =>
		toNodeError(service, 2, { ...surroundings, others: { accepted, withoutId: nothing, retries } });

	it('are listed in the message, the description and the context', () => {
		const error = errorWith(['a', 'b'], false);
		expect(error.message).toBe(
			`${MESSAGE} Jobs of other items that Segmind has already accepted: a, b`,
		);
		expect(error.description).toContain('Accepted jobs: a, b.');
		expect(error.description).toContain('"Get Result"');
		expect(error.context.requestIds).toEqual(['a', 'b']);
	});

	it("can be fetched for longer where the account's history has them", () => {
		const others = { accepted: ['a'], withoutId: nothing, retries: false };
		const { description } = toNodeError(service, 2, { ...surroundings, isInHistory: true, others });
		expect(description).toContain("later from the account's history.");
		expect(errorWith(['a'], false).description).toMatch(/within an hour of the submit\.$/);
	});

	it('are picked up by Retry On Fail where it is on', () => {
		expect(errorWith(['a'], true).description).toContain('Retry On Fail picks them up');
	});

	it('do not make the message endless, and are still all there', () => {
		const accepted = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
		const error = errorWith(accepted, false);
		expect(error.message.endsWith('a1, a2, a3, a4, a5, …')).toBe(true);
		expect(error.description).toContain(accepted.join(', '));
	});

	it('are all in the message where they are five', () => {
		const error = errorWith(['a1', 'a2', 'a3', 'a4', 'a5'], false);
		expect(error.message.endsWith('a1, a2, a3, a4, a5')).toBe(true);
	});

	it.each([
		[[], `${MESSAGE} 2 submit(s) of other items`],
		[
			['a'],
			`${MESSAGE} Jobs of other items that Segmind has already accepted: a. 2 submit(s) of other items`,
		],
	])('are counted where they brought nothing, beside %j', (accepted, beginning) => {
		const others = { accepted, withoutId: { ...nothing, unconfirmed: 2 }, retries: false };
		expect(toNodeError(service, 2, { ...surroundings, others }).message).toBe(
			`${beginning} brought neither an image nor a request ID and may have been paid for.`,
		);
	});

	it.each([
		[
			false,
			['https://cdn.test/a', 'https://cdn.test/b'],
			'They are lost with this run. Image URLs: https://cdn.test/a , https://cdn.test/b',
		],
		[false, [], 'They are lost with this run.'],
		[
			true,
			['https://cdn.test/a'],
			'Another try of Retry On Fail outputs them; otherwise they are lost with this run. Image URLs: https://cdn.test/a',
		],
	])('are counted where their image came without a request ID (retries: %j)', (...given) => {
		const [retries, imageUrls, end] = given;
		const others = { accepted: [], withoutId: { unconfirmed: 0, finished: 2, imageUrls }, retries };
		const error = toNodeError(service, 2, { ...surroundings, others });
		expect(error.message).toBe(
			`${MESSAGE} 2 finished image(s) of other items without a request ID were paid for. ${end}`,
		);
		expect(error.context.imageUrls).toEqual(imageUrls.length > 0 ? imageUrls : undefined);
	});

	it('do not make the message endless by their URLs either', () => {
		const imageUrls = ['1', '2', '3', '4', '5', KEY].map((name) => `https://cdn.test/${name}`);
		const others = {
			accepted: [],
			withoutId: { unconfirmed: 0, finished: 6, imageUrls },
			retries: false,
		};
		const { message, context } = toNodeError(service, 2, { ...surroundings, others });
		expect(message.endsWith('/4 , https://cdn.test/5 , …')).toBe(true);
		expect(context.imageUrls).toEqual([...imageUrls.slice(0, 5), 'https://cdn.test/********']);
	});

	it('are not mentioned when there are none', () => {
		const error = errorWith([], false);
		expect(error.message).toBe(MESSAGE);
		expect(error.context).not.toHaveProperty('requestIds');
	});
});

describe('the item of a failed item', () => {
	it('has the error, the request ID and the HTTP code', () => {
		expect(toErrorItem(service, 2, { ...surroundings, toErrorOutput: false })).toEqual({
			json: { error: `${MESSAGE} ${HINT}`, requestId: 'r-1', httpCode: '422' },
			pairedItem: { item: 2 },
		});
	});

	it('has only the error when there is nothing else', () => {
		expect(toErrorItem(input, 0, { ...surroundings, toErrorOutput: false }).json).toEqual({
			error: 'X is empty. Nothing was spent. [item 0] Fill X.',
		});
	});

	it('says where a paid image is', () => {
		const problem: Problem = { ...service, imageUrl: 'https://cdn.test/a.png' };
		const { json } = toErrorItem(problem, 2, { ...surroundings, toErrorOutput: false });
		expect(json.error).toContain('https://cdn.test/a.png');
	});

	it.each([false, true])('shows the key nowhere (to an error output: %j)', (toErrorOutput) => {
		const item = toErrorItem(leaky, 2, { ...surroundings, toErrorOutput });
		expect(item.json.error).toContain('********');
		expect(JSON.stringify([item, item.error, item.error?.context])).not.toContain(KEY);
	});

	it('shows the key not even where a request ID repeats it', () => {
		const item = toErrorItem({ ...service, requestId: KEY }, 2, {
			node,
			account,
			isInHistory: false,
			toErrorOutput: false,
		});
		expect(JSON.stringify(item)).not.toContain(KEY);
	});
});

describe('the item on its way to the error output', () => {
	const json = { error: `${MESSAGE} ${HINT}`, requestId: 'r-1', httpCode: '422' };

	/** What n8n does at the end to every item that has an error. */
	const normalize = (item: INodeExecutionData): void => {
		if (item.error !== undefined) item.json = { error: item.error.message };
	};

	it('is found by n8n, which looks for an error', () => {
		expect(toErrorItem(service, 2, { ...surroundings, toErrorOutput: true }).error).toBeInstanceOf(
			NodeApiError,
		);
	});

	it("keeps its JSON through n8n's copy, beside the input's own", () => {
		const item = toErrorItem(service, 2, { ...surroundings, toErrorOutput: true });
		const copy: INodeExecutionData = { ...item, json: { page: 7, ...item.json } };
		normalize(copy);
		expect(copy).toEqual({ json: { page: 7, ...json }, pairedItem: { item: 2 } });
	});

	it('keeps its JSON where n8n makes no copy', () => {
		const item = toErrorItem(service, 2, { ...surroundings, toErrorOutput: true });
		normalize(item);
		expect(item.json).toEqual(json);
		expect(JSON.parse(JSON.stringify(item))).toEqual({ json, pairedItem: { item: 2 } });
	});

	it('lets n8n 1 clear the error once it has seen it', () => {
		const item = toErrorItem(service, 2, { ...surroundings, toErrorOutput: true });
		item.error = undefined;
		normalize(item);
		expect(item.error).toBeUndefined();
		expect(item.json).toEqual(json);
	});

	it('is an ordinary item where there is no error output', () => {
		const item = toErrorItem(service, 2, { ...surroundings, toErrorOutput: false });
		expect(item.error).toBeUndefined();
		expect(item.json).toEqual(json);
	});
});
