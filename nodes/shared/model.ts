import type { IDataObject } from 'n8n-workflow';
import type { ItemParameters } from './parameters/read';

/** An image that a service takes. */
export interface ImageParameter {
	/** Prefix of the node's three parameters for it, e.g. `sourceImage`. */
	name: string;
	/** The API's name for it, e.g. `source_image`. */
	field: string;
	/** What it is called in messages, e.g. `Source Image`. */
	label: string;
	/** It may be left out. */
	optional?: boolean;
}

/**
 * All that the shared code needs to know of a Segmind service: what differs from the others and nothing
 * else. A further service is a further one of these, with a node description beside it.
 */
export interface SegmindModel {
	/** As its node is called. */
	title: string;
	images: ImageParameter[];
	/** The image that is changed: the output file takes its name. */
	mainImage: string;
	/** How the API takes an image inside the request: bare Base64 text, or a data URI [field]. */
	inlineAs: 'base64' | 'dataUri';
	/** What a job takes by Segmind's own page; seconds. */
	typicalSeconds: number;
	/** What a job costs by Segmind's own page; USD. */
	typicalCost: number;
	/** Path of the POST that queues a job. */
	submitPath: string;
	/** Path of the POST that holds the connection and answers with the image, where there is one. */
	syncPath?: string;
	/** Where the state of a job is found. */
	statusPath(requestId: string): string;
	/** Where the result of a finished job is found, when the state does not carry it. */
	resultPath?(requestId: string): string;
	/** The request body's fields besides the images, checked. Throws an `ItemProblem` for a value that cannot work. */
	fields(parameters: ItemParameters): IDataObject;
	/** Whether the image is also wanted as Base64 text in the JSON output. */
	wantsBase64?(parameters: ItemParameters): boolean;
}
