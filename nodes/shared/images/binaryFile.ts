import { createHash } from 'crypto';
import { BINARY_ENCODING, type IBinaryData, type IExecuteFunctions } from 'n8n-workflow';
import { peek, discard } from '../kit/streams';
import { plainBase64, type Bytes } from '../kit/base64Body';
import { HEAD_BYTES } from '../kit/imageTypes';
import { refuse } from '../parameters/read';

/** Largest file that is sent; bytes. As Base64 inside JSON it grows by a third. */
export const LARGEST_FILE = 50 * 1024 * 1024;

/** A file: its first bytes, its size where it is known without reading the file, and a way to read it. */
export interface BinaryFile {
	head: Buffer;
	/** Bytes. */
	size: number | undefined;
	/** The same for the same content, wherever it comes from; not the name. */
	identity: string;
	/** Writes the file as Base64 text. */
	read(into: Bytes): Promise<void>;
}

/** Identifies a file by its content, given as Base64 text or that text's bytes. */
export const contentIdentity = (base64: string | Buffer): string =>
	createHash('sha256').update(base64).digest('base64url');

/** Bytes of a Base64 text. */
const sizeOfBase64 = (base64: string) => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

/** A file that lies inside the item, as Base64 text. */
export function fileInItem(base64: string): BinaryFile {
	return {
		head: Buffer.from(base64.slice(0, 2 * HEAD_BYTES), BINARY_ENCODING),
		size: sizeOfBase64(base64),
		identity: contentIdentity(base64),
		read: async (into) => into.ascii(base64),
	};
}

const refuseStored = (label: string, why: string): never =>
	refuse(
		`${label}: the file could not be read from n8n's binary store (${why})`,
		'Run the earlier nodes again, so that n8n stores the file anew; where their output is pinned, unpin it first. If that does not help, the administrator of your n8n has to check where it keeps binary data.',
	);

/** Asks n8n's binary store, whose errors name neither the image nor a way out. */
async function ask<T>(label: string, question: () => Promise<T>): Promise<T> {
	try {
		return await question();
	} catch (error) {
		const { message } = (error ?? {}) as { message?: unknown };
		return refuseStored(
			label,
			typeof message === 'string' && message ? message : 'no reason given',
		);
	}
}

const BROKE_OFF = 'it broke off';

/** A file in n8n's binary store. */
async function fileInStore(
	{ helpers }: IExecuteFunctions,
	id: string,
	label: string,
): Promise<BinaryFile> {
	const { fileSize } = await ask(label, async () => await helpers.getBinaryMetadata(id));
	const stream = await ask(label, async () => await helpers.getBinaryStream(id, HEAD_BYTES));
	const head = await peek(stream, HEAD_BYTES);
	discard(stream);
	if (head.end === 'broken') refuseStored(label, BROKE_OFF);
	return {
		head: head.bytes,
		size: typeof fileSize === 'number' ? fileSize : undefined,
		identity: id,
		read: async (into) => {
			const whole = await ask(label, async () => await helpers.getBinaryStream(id));
			if (!(await into.base64(whole, LARGEST_FILE))) refuseStored(label, BROKE_OFF);
		},
	};
}

/** The file that an item's binary data stands for; undefined when there is none. What the data says is not trusted. */
export async function fileOf(
	context: IExecuteFunctions,
	{ id, data }: Partial<IBinaryData>,
	label: string,
): Promise<BinaryFile | undefined> {
	if (typeof id === 'string' && id !== '') return await fileInStore(context, id, label);
	const base64 = typeof data === 'string' ? plainBase64(data) : undefined;
	return base64 === undefined ? undefined : fileInItem(base64);
}
