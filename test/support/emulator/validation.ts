import { Refusal } from './answers';
import { fromBase64, fromDataUri, imageType, isHttpUrl } from './images';

type Check = (value: unknown) => string | undefined;
type Fields = Record<string, unknown>;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be a boolean');

function range(from: number, to: number): Check {
	return (value) =>
		typeof value === 'number' && value >= from && value <= to
			? undefined
			: `must be a number from ${from} to ${to}`;
}

function whole(from: number, to: number): Check {
	return (value) =>
		Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to
			? undefined
			: `must be an integer from ${from} to ${to}`;
}

const seed: Check = (value) => (Number.isSafeInteger(value) ? undefined : 'must be an integer');

function oneOf(...values: string[]): Check {
	return (value) =>
		typeof value === 'string' && values.includes(value)
			? undefined
			: `must be one of ${values.join(', ')}`;
}

/** Everything but the images (seed). */
const FACE_SWAP_CHECKS: Record<string, Check> = {
	prompt: text,
	face_strength: range(0, 1),
	style_strength: range(0, 2),
	cfg: range(0.1, 10),
	steps: whole(1, 50),
	seed,
	grow_mask: whole(0, 100),
	output_format: oneOf('jpeg', 'png', 'webp'),
	output_quality: whole(1, 100),
	base64: flag,
};
const FACE_SWAP_IMAGES = ['source_image', 'target_image', 'mask_image'];
const FACE_SWAP_REQUIRED = ['source_image', 'target_image'];
export const WORKFLOW_IMAGES = ['reference_character_image', 'character_image'];

/** The body of a face swap, or a Refusal with status 400 that names the field. */
export function faceSwapBody(body: unknown): Fields {
	const fields = object(body, [...FACE_SWAP_IMAGES, ...Object.keys(FACE_SWAP_CHECKS)]);
	for (const name of FACE_SWAP_REQUIRED) {
		if (fields[name] === undefined) throw new Refusal(400, `Missing required field: ${name}`);
	}
	for (const [name, check] of Object.entries(FACE_SWAP_CHECKS)) {
		const complaint = fields[name] === undefined ? undefined : check(fields[name]);
		if (complaint) throw new Refusal(400, `Invalid value for ${name}: ${complaint}`);
	}
	for (const name of FACE_SWAP_IMAGES) {
		if (fields[name] !== undefined) bareImage(name, fields[name]);
	}
	return fields;
}

/** The body of the character swap workflow, or a Refusal with status 400. */
export function workflowBody(body: unknown): Fields {
	const fields = object(body, WORKFLOW_IMAGES);
	for (const name of WORKFLOW_IMAGES) {
		const value = fields[name];
		if (value === undefined) continue;
		if (typeof value === 'string' && (isHttpUrl(value) || isImage(fromDataUri(value)?.bytes))) {
			continue;
		}
		throw new Refusal(400, `Invalid value for ${name}: must be a URL or a data URI of an image`);
	}
	return fields;
}

export interface UploadedFile {
	bytes: Buffer;
	/** As declared. */
	mimeType: string;
	/** As the bytes show. */
	realType: string;
}

/** The files of an upload, or a Refusal with status 400. */
export function uploadBody(body: unknown): UploadedFile[] {
	const urls = object(body, ['data_urls']).data_urls;
	if (!Array.isArray(urls) || urls.length === 0) {
		throw new Refusal(400, 'Invalid value for data_urls: must be a list of data URLs');
	}
	return urls.map((url: unknown, index) => {
		const file = typeof url === 'string' ? fromDataUri(url) : undefined;
		const realType = file && imageType(file.bytes);
		if (!file || !realType || !file.mimeType.startsWith('image/')) {
			throw new Refusal(400, `Invalid value for data_urls[${index}]: not a data URL of an image`);
		}
		return { ...file, realType };
	});
}

function object(body: unknown, known: string[]): Fields {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw new Refusal(400, 'The request body must be a JSON object');
	}
	for (const name of Object.keys(body)) {
		if (!known.includes(name)) throw new Refusal(400, `Unknown field: ${name}`);
	}
	return body as Fields;
}

/** A data URI is refused here, as the sibling endpoints do (field). */
function bareImage(name: string, value: unknown): void {
	if (typeof value !== 'string')
		throw new Refusal(400, `Invalid value for ${name}: must be a string`);
	if (value.startsWith('data:')) throw new Refusal(400, 'Invalid Image');
	if (isHttpUrl(value) || isImage(fromBase64(value))) return;
	throw new Refusal(400, `Invalid value for ${name}: must be a URL or Base64 of an image`);
}

function isImage(bytes: Buffer | undefined): boolean {
	return bytes !== undefined && imageType(bytes) !== undefined;
}
