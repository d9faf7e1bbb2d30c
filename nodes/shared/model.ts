import type { INodeProperties } from 'n8n-workflow';

/** An image that a service takes: three parameters of its node, and a field of the request. */
export interface ImageField {
	/** Prefix of the node's parameters for it, e.g. `sourceImage`. */
	name: string;
	/** The API's name for it, e.g. `source_image`. */
	field: string;
	/** What the editor and messages call it, e.g. `Source Image`. */
	label: string;
	/** What the image is for, as a sentence. */
	description: string;
	/** It may be left out, and is at first. */
	optional?: boolean;
	/** URL that its field in the editor starts with: Segmind's own sample. */
	defaultUrl?: string;
}

/** A parameter of the node: how the editor shows it, and how its value is read. */
export interface Parameter<Value = string | number | boolean> {
	/** What messages call it. */
	label: string;
	property: INodeProperties;
	/** @throws ItemProblem for a wrong value */
	read(value: unknown): Value;
}

/**
 * All that the shared code needs to know of a Segmind service: what differs from the others and nothing else. It
 * gives the panel, the check and the request. A further service is a further one of these, with a node beside it.
 */
export interface SegmindModel {
	/** As its node is called. */
	title: string;
	/** What its operations are called and do, as n8n lists them. */
	words: {
		swap: { name: string; action: string; description: string };
		getResult: string;
		getMany?: string;
	};
	images: ImageField[];
	/** The image that is changed: the output file takes its name. */
	mainImage: string;
	/** The fields of the request that are no images, by the API's names: always in sight, and not sent when empty. */
	fields: Record<string, Parameter>;
	/** Those that are sent when the user has added them. */
	additionalFields?: Record<string, Parameter>;
	/** The boolean field of the request that also asks for the image as Base64 text in the JSON output. */
	base64Field?: string;
	/** How the API takes an image inside the request: bare Base64 text, or a data URI [field]. */
	inlineAs: 'base64' | 'dataUri';
	/** What a job takes by Segmind's own page; seconds. */
	typicalSeconds: number;
	/** What a job costs by Segmind's own page; USD. */
	typicalCost: number;
	/** Path of the POST that queues a job. */
	submitPath: string;
	/** The PixelFlow workflow in that path: another version of it may be asked instead [field]. */
	workflowId?: string;
	/** Path of the POST that holds the connection and answers with the image, where there is one. */
	syncPath?: string;
	/** The model's slug in the account's request history, where its jobs are known to appear there [docs]. */
	historyName?: string;
	/** Where the state of a job is found. */
	statusPath(requestId: string): string;
	/** Where the result of a finished job is found, when the state does not carry it. */
	resultPath?(requestId: string): string;
}

/** The request's field of the image that is changed. */
export const mainFieldOf = ({ images, mainImage }: SegmindModel): string =>
	images.find(({ name }) => name === mainImage)?.field ?? '';
