import { randomUUID } from 'node:crypto';
import { notFound, Refusal, type Answer } from './answers';
import type { Call, Route } from './layer';
import { uploadBody } from './validation';
import type { World } from './world';

const RESULT_NAME = /^(.+?)(?:-(\d{1,3}))?\.\w+$/;

/** The storage host and the account, on the API's own server. */
export const storageRoutes: Route[] = [
	{ method: 'POST', path: '/upload-asset', kind: 'upload', access: 'key', handle: upload },
	{
		method: 'GET',
		path: '/v1/get-user-credits',
		kind: 'credits',
		access: 'key',
		handle: balance,
	},
];

/** The files server: public, another origin. */
export const filesRoutes: Route[] = [
	{ method: 'GET', path: '/results/:id', kind: 'download', access: 'none', handle: download },
	{ method: 'GET', path: '/uploads/*', kind: 'input', access: 'none', handle: file },
	{ method: 'GET', path: '/hosted/*', kind: 'input', access: 'none', handle: file },
];

function balance(world: World): Answer {
	const { hasNone, freeCredits } = world.options.money ?? {};
	if (hasNone) throw new Refusal(404, 'No credits found for the user');
	const { credits } = world.book.ledger;
	const free = freeCredits === undefined ? {} : { 'free-credits': freeCredits };
	return { status: 200, body: { credits, ...free } };
}

function upload(world: World, { body }: Call): Answer {
	const urls = uploadBody(body).map(({ bytes, mimeType, realType }) => {
		const path = `/uploads/${randomUUID()}.${realType.replace('image/', '')}`;
		world.files.set(path, { bytes, contentType: realType, uploaded: true });
		const url = world.filesUrl + path;
		world.uploads.push({ url, bytes: bytes.length, mimeType });
		return url;
	});
	return { status: 200, body: { file_urls: urls, message: 'File uploaded successfully' } };
}

/** Persistent, unlike the job's status; but there is nothing before the job is done. */
async function download(world: World, { id }: Call): Promise<Answer> {
	const [, requestId = '', index = '0'] = RESULT_NAME.exec(id) ?? [];
	const entry = world.book.entry(requestId);
	if (!entry?.settled || entry.failure) throw notFound('File');
	const { bytes, contentType } = await world.gallery.image(entry, Number(index));
	return { status: 200, body: bytes, headers: { 'content-type': contentType }, entry };
}

function file(world: World, { request }: Call): Answer {
	const hosted = world.files.get(request.url.split('?')[0] ?? '');
	if (!hosted) throw notFound('File');
	return { status: 200, body: hosted.bytes, headers: { 'content-type': hosted.contentType } };
}
