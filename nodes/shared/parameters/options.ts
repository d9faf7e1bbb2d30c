import type { Parameter, SegmindModel } from '../model';
import { choice, number, text } from './kinds';
import { inCollection, readGiven, readOrDefault, refuse, type ItemParameters } from './read';

const inSwap = { show: { '/operation': ['swap'] } };

/** The collection `options`. */
export const OPTIONS = {
	fileName: text(
		{ name: 'fileName', label: 'File Name', placeholder: 'e.g. page-01' },
		'Name of the output file. Its extension always follows the real image type. If empty, the file is named after the changed image if the node knows its name, otherwise after the request ID.',
	),
	imageDelivery: choice(
		{ name: 'imageDelivery', label: 'Image Delivery', displayOptions: inSwap },
		{
			upload: ['Upload', "To Segmind's storage, under a lasting public URL"],
			inline: [
				'Inline',
				'Inside the request: no upload stores the files, but the request grows by their size',
			],
		},
		'How binary files and data URIs travel to Segmind',
	),
	maxCost: number(
		{ name: 'maxCost', label: 'Maximum Cost', unit: 'USD', min: 0, digits: 4, default: 1 },
		"The most that a run may cost. Each job counts at the cost that Segmind reports, otherwise at the listed price; jobs under way count, too. An item that doesn't fit is not submitted and costs nothing, even if others turn out cheaper later. The first item's value counts for all.",
	),
	maxConcurrency: number(
		{
			name: 'maxConcurrency',
			label: 'Max Concurrency',
			min: 1,
			max: 50,
			integer: true,
			default: 5,
		},
		"How many jobs run at once when there are several items. The node stays within your plan's rate limit by itself. Each image takes at least two requests: the free plan (5 a minute) makes two images a minute however many run at once, the pro plan (50 a minute) has enough for five or more.",
	),
	outputBinaryField: text(
		{
			name: 'outputBinaryField',
			label: 'Put Output File in Field',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the output field to put the image in',
		},
		'Name of the binary field for the image',
	),
	pollInterval: number(
		{
			name: 'pollInterval',
			label: 'Poll Interval',
			unit: 'Seconds',
			min: 0.1,
			digits: 1,
			placeholder: 'e.g. 15',
		},
		"Time between two status checks. If empty, the node paces itself by how long such jobs usually take and by your plan's rate limit. A fixed interval can exceed that limit: 5 seconds make 12 requests a minute, and the free plan has 5.",
	),
	/** How the request travels, where a service has two ways. */
	processingMode: choice(
		{ name: 'processingMode', label: 'Processing Mode', displayOptions: inSwap },
		{
			queue: ['Queue', 'Submit, then check the status: survives a cut connection'],
			sync: [
				'Sync',
				'Hold one connection open until the image comes: if it is cut, a paid image may be lost',
			],
		},
		'How the node talks to Segmind. If there is no queue, it switches to Sync by itself. Sync always waits for the image.',
	),
	timeout: number(
		{ name: 'timeout', label: 'Timeout', unit: 'Seconds', min: 1, digits: 0, default: 600 },
		'How long to wait for one job. A job that takes longer continues at Segmind, and "Get Result" fetches its image.',
	),
	workflowId: text(
		{ name: 'workflowId', label: 'Workflow ID', displayOptions: inSwap },
		'The PixelFlow workflow to use instead of the default one, e.g. after Segmind has published a new version: the last part of its URL',
	),
};

/** The options that a service has. */
export function optionsOf({ syncPath, workflowId: usual }: SegmindModel): Parameter[] {
	const { processingMode, workflowId, ...common } = OPTIONS;
	const asked = { ...workflowId, property: { ...workflowId.property, default: usual } };
	return [
		...Object.values(common),
		...(syncPath === undefined ? [] : [processingMode]),
		...(usual === undefined ? [] : [asked]),
	];
}

/** In the place of a Maximum Cost that was not added. */
const NO_LIMIT = Symbol('no limit');

/** What the `options` collection says. */
export type Options = ReturnType<typeof readOptions>;

/** The `options` collection, checked. One whose expression gives nothing keeps its default. */
export function readOptions(parameters: ItemParameters, model: Partial<SegmindModel> = {}) {
	const given = inCollection(parameters, 'options');
	const outputBinaryField = readOrDefault(OPTIONS.outputBinaryField, given);
	// n8n copies items, and would lose a field of this name.
	if (outputBinaryField === '__proto__') {
		refuse(
			'Put Output File in Field cannot be "__proto__"',
			'Give the output field another name, e.g. data.',
		);
	}
	const workflowId =
		model.workflowId && OPTIONS.workflowId.read(given.get('workflowId', model.workflowId));
	if (workflowId !== undefined && !/^[\w-]+$/.test(workflowId)) {
		refuse(
			`Workflow ID is not an ID: "${workflowId.slice(0, 80)}"`,
			`It has letters, digits, "-" and "_" only, e.g. ${model.workflowId}: the end of the workflow's address, not the address.`,
		);
	}
	// One whose expression gives nothing must not lift the limit.
	const maxCost = given.get('maxCost', NO_LIMIT);
	const toMs = (seconds: number | undefined) => seconds && seconds * 1000;
	return {
		outputBinaryField,
		fileName: readGiven(OPTIONS.fileName, given),
		// It decides whether a file is stored under a public URL: an expression that gives nothing is refused.
		imageDelivery: OPTIONS.imageDelivery.read(given.get('imageDelivery', 'upload')),
		timeoutMs: readOrDefault(OPTIONS.timeout, given) * 1000,
		/** Undefined: the node paces itself. */
		pollIntervalMs: toMs(readGiven(OPTIONS.pollInterval, given)),
		processingMode: readOrDefault(OPTIONS.processingMode, given),
		/** What the run may cost, USD; the first item's counts. */
		maxCostUsd: maxCost === NO_LIMIT ? Infinity : OPTIONS.maxCost.read(maxCost),
		workflowId,
		/** Jobs of the run in flight at once; the first item's counts. */
		maxConcurrency: readOrDefault(OPTIONS.maxConcurrency, given),
	};
}
