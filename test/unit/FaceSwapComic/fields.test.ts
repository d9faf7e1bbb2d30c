import { faceSwapComic } from '../../../nodes/FaceSwapComic/model';
import { readFields, type ItemParameters } from '../../../nodes/shared/parameters/read';
import { ItemProblem } from '../../../nodes/shared/problems/problems';

const given = (
	values: Record<string, unknown> = {},
	additionalFields: Record<string, unknown> = {},
): ItemParameters => ({
	get: (name, absent) => ({ [name]: absent, additionalFields, ...values })[name],
});

const read = (parameters: ItemParameters) => readFields(faceSwapComic, parameters);

const DEFAULTS = { face_strength: 0.8, style_strength: 0.8 };

describe('the fields of a request', () => {
	it('are the two strengths as long as nothing was added', () => {
		expect(read(given())).toEqual(DEFAULTS);
		expect(read(given({ prompt: '', faceStrength: 0.8, styleStrength: 0.8 }))).toEqual(DEFAULTS);
	});

	it('have the names of the API', () => {
		const fields = read(
			given(
				{ prompt: ' happy ', faceStrength: 0.5, styleStrength: 1.5 },
				{
					cfg: 2.5,
					steps: 20,
					seed: -1,
					growMask: 8,
					outputFormat: 'webp',
					outputQuality: 80,
					base64: true,
				},
			),
		);
		expect(fields).toEqual({
			face_strength: 0.5,
			style_strength: 1.5,
			prompt: 'happy',
			cfg: 2.5,
			steps: 20,
			seed: -1,
			grow_mask: 8,
			output_format: 'webp',
			output_quality: 80,
			base64: true,
		});
	});

	it.each<[string, unknown, Record<string, unknown>]>([
		['cfg', 1.6, { cfg: 1.6 }],
		['steps', 10, { steps: 10 }],
		['seed', 0, { seed: 0 }],
		['growMask', 0, { grow_mask: 0 }],
		['outputFormat', 'jpeg', { output_format: 'jpeg' }],
		['outputQuality', 95, { output_quality: 95 }],
		['base64', false, { base64: false }],
		['base64', 'true', { base64: true }],
	])('take an added %s of %j, and nothing else', (name, value, field) => {
		expect(read(given({}, { [name]: value }))).toEqual({ ...DEFAULTS, ...field });
	});

	it.each(['', '   ', null, undefined])('have no prompt when it is %j', (prompt) => {
		expect(read(given({ prompt }))).not.toHaveProperty('prompt');
	});
});

describe('the range', () => {
	const edges: Array<[string, string, number, number, number]> = [
		['faceStrength', 'face_strength', 0, 1, 0.01],
		['styleStrength', 'style_strength', 0, 2, 0.01],
		['cfg', 'cfg', 0.1, 10, 0.01],
		['steps', 'steps', 1, 50, 1],
		['growMask', 'grow_mask', 0, 100, 1],
		['outputQuality', 'output_quality', 1, 100, 1],
	];

	const readWith = (name: string, value: unknown) =>
		read(name.endsWith('Strength') ? given({ [name]: value }) : given({}, { [name]: value }));

	it.each(edges)('of %s takes both edges', (name, field, least, most) => {
		expect(readWith(name, least)).toHaveProperty(field, least);
		expect(readWith(name, most)).toHaveProperty(field, most);
		expect(readWith(name, String(most))).toHaveProperty(field, most);
	});

	it.each(edges)('of %s refuses what is beyond', (name, field, least, most, step) => {
		expect(() => readWith(name, least - step)).toThrow(`from ${least} to ${most}, but it is`);
		expect(() => readWith(name, most + step)).toThrow(ItemProblem);
		expect(() => readWith(name, NaN)).toThrow(ItemProblem);
		expect(() => readWith(name, 'much')).toThrow('"much"');
		expect(readWith(name, '')).not.toHaveProperty(field);
	});

	it.each(['steps', 'seed', 'growMask', 'outputQuality'])(
		'of %s has whole numbers only',
		(name) => {
			expect(() => readWith(name, 1.5)).toThrow('must be a whole number');
		},
	);

	it.each([-63255, 0, 2 ** 40])('of the seed is open: %d', (seed) => {
		expect(readWith('seed', seed)).toHaveProperty('seed', seed);
	});
});

describe('other values', () => {
	it.each(['gif', 'JPEG', 1])('refuse the output format %j', (outputFormat) => {
		expect(() => read(given({}, { outputFormat }))).toThrow(
			'Output Format must be one of jpeg, png, webp',
		);
	});

	it.each(['yes', 1])('refuse %j as a choice for Base64', (base64) => {
		expect(() => read(given({}, { base64 }))).toThrow('Base64 in JSON must be true or false');
	});
});

it('the field that also asks for Base64 in the JSON output is the one of the request', () => {
	const { base64Field = '', additionalFields } = faceSwapComic;
	expect(additionalFields?.[base64Field]?.property).toMatchObject({ type: 'boolean' });
});
