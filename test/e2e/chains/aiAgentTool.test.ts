import { picture } from '../../support';
import { startChatModel, type ChatModel, type ChatRequest } from '../parts/chatModel';
import { emulator, n8n, useN8n, workflows } from '../support';
import { itemsOf, readExample, type Execution } from '../workflows';

useN8n();

let model: ChatModel;
let workflowId: string;
let swap: object;

beforeAll(async () => {
	model = await startChatModel();
	await n8n.addCredential('openAiApi', 'OpenAi account', model.credential);
	workflowId = await workflows.add(readExample('ai-agent-tool'));
	swap = {
		Source_Image_URL: emulator.hostFile('face.jpg', picture('face.jpg'), 'image/jpeg'),
		Target_Image_URL: emulator.hostFile('comic.png', picture('comic.png'), 'image/png'),
		Prompt: 'happy',
	};
});

beforeEach(() => {
	model.requests.length = 0;
});

afterAll(async () => await model?.close());

/** What the tools have answered so far. */
const toolAnswers = ({ messages }: ChatRequest): string[] =>
	messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));

/** Says something in the chat. */
async function chat(chatInput: string): Promise<Execution> {
	const given = { chatInput, sessionId: 'test', action: 'sendMessage' };
	return await workflows.run(workflowId, 'Chat', { given });
}

/** A model that calls the tool so many times, then gives the image's address from the last answer. */
const callsTool =
	(times: number) =>
	(request: ChatRequest): string | Array<{ name: string; arguments: string }> => {
		const answers = toolAnswers(request);
		if (answers.length < times) {
			const name = String(request.tools?.[0]?.function.name);
			return [{ name, arguments: JSON.stringify(swap) }];
		}
		const [imageUrl = 'nothing'] =
			/http[^"\\]+/.exec(answers.at(-1)?.split('imageUrl')[1] ?? '') ?? [];
		return `Here is your comic: ${imageUrl}`;
	};

it('gives the model what it needs to call the tool', async () => {
	await chat('Hello');
	const [tool] = model.requests[0]?.tools ?? [];
	expect(tool?.function.name).toBe('FaceSwap_Comic');
	expect(tool?.function.description).toMatch(/face into a comic/);
	expect(Object.keys(tool?.function.parameters.properties ?? {})).toEqual(
		expect.arrayContaining(Object.keys(swap)),
	);
	expect(emulator.ledger.jobs).toEqual([]);
});

it("answers with the address of the tool's picture", async () => {
	model.script = callsTool(1);
	const execution = await chat('Put this face into that comic.');
	expect(execution.status).toBe('success');
	expect(emulator.ledger.jobs).toHaveLength(1);
	const job = emulator.ledger.jobs[0];
	expect(job?.body).toMatchObject({ prompt: 'happy' });
	const imageUrl = emulator.imageUrl(String(job?.requestId));
	const [answer] = itemsOf(execution, 'Comic Agent');
	expect(answer?.json.output).toBe(`Here is your comic: ${imageUrl}`);
	const downloaded = Buffer.from(await (await fetch(imageUrl)).arrayBuffer());
	expect(downloaded.equals(await emulator.image(String(job?.requestId)))).toBe(true);
});

it('pays once for a model that asks the same twice', async () => {
	model.script = callsTool(2);
	const execution = await chat('Put this face into that comic.');
	expect(execution.status).toBe('success');
	expect(model.requests).toHaveLength(3);
	expect(emulator.ledger.jobs).toHaveLength(1);
});

it('tells the model what went wrong', async () => {
	emulator.fault({ on: 'submit', fault: { kind: 'fail', error: 'No face found' } });
	model.script = (request) => {
		const [answer] = toolAnswers(request);
		return answer === undefined ? callsTool(1)(request) : answer;
	};
	const execution = await chat('Put this face into that comic.');
	expect(toolAnswers(model.requests[1] as ChatRequest)).toEqual([
		expect.stringContaining('No face found'),
	]);
	expect(execution.status).toBe('success');
});
