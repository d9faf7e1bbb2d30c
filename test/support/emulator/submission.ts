import { Refusal } from './answers';
import { describeImageField } from './images';
import type { Call } from './layer';
import type { Entry } from './ledger';
import type { EmulatedModel } from './models';
import type { Job } from './types';
import { modelBody } from './validation';
import type { World } from './world';

/** Validates, then accepts and bills; a Refusal has done neither. */
export function accept(
	world: World,
	{ body, failure }: Call,
	model: EmulatedModel,
	mode: Job['mode'],
): Entry {
	const fields = modelBody(model, body);
	const refusal = world.book.refusal(model);
	if (refusal) throw new Refusal(406, refusal);
	const images = new Set(model.images.map(({ field }) => field));
	const described = Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			images.has(name) ? describeImageField(String(value)) : value,
		]),
	);
	const paint = world.gallery.paint(model, fields);
	return world.book.accept({ model, mode, body: described, failure, paint });
}
