import { flag, oneOf, range } from '../emulator/checks';
import type { EmulatedModel } from '../emulator/models';

/** What `models.ts` of the emulator would say of it, if somebody offered it. */
export const emulatedRestyle: EmulatedModel = {
	kind: 'queue',
	service: 'restyle',
	title: 'Restyle',
	submitPath: '/v2/restyle',
	costUsd: 0.01,
	typicalSeconds: 9,
	images: [{ field: 'image' }],
	fields: { strength: range(0, 1), style: oneOf('ink', 'oil'), base64: flag },
	required: ['image'],
	format: 'png',
};
