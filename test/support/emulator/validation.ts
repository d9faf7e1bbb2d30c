import { Refusal } from './answers';
import { fromBase64, fromDataUri, imageType, isHttpUrl } from './images';
import type { EmulatedModel, Fields } from './models';

/** The body of a run of a model, or a Refusal with status 400 that names the field. */
export function modelBody(model: EmulatedModel, body: unknown): Fields {
	const images = model.images.map(({ field }) => field);
	const fields = object(body, [...images, ...Object.keys(model.fields)]);
	for (const name of model.required) {
		if (fields[name] === undefined) throw new Refusal(400, `Missing required field: ${name}`);
	}
	for (const [name, check] of Object.entries(model.fields)) {
		const complaint = fields[name] === undefined ? undefined : check(fields[name]);
		if (complaint) throw new Refusal(400, `Invalid value for ${name}: ${complaint}`);
	}
	const checkImage = model.kind === 'queue' ? bareImage : uriImage;
	for (const name of images) if (fields[name] !== undefined) checkImage(name, fields[name]);
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

function uriImage(name: string, value: unknown): void {
	if (typeof value === 'string' && (isHttpUrl(value) || isImage(fromDataUri(value)?.bytes))) return;
	throw new Refusal(400, `Invalid value for ${name}: must be a URL or a data URI of an image`);
}

function isImage(bytes: Buffer | undefined): boolean {
	return bytes !== undefined && imageType(bytes) !== undefined;
}
