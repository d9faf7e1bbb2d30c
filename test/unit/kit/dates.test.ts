import { parseDate } from '../../../nodes/shared/kit/dates';

const iso = (text: string, zone = 'UTC') => {
	const time = parseDate(text, zone);
	return Number.isNaN(time) ? 'none' : new Date(time).toISOString();
};

it.each([
	['2026-11-26T10:00:00', 'UTC', '2026-11-26T10:00:00.000Z'],
	['2026-11-26T10:00:00', 'America/New_York', '2026-11-26T15:00:00.000Z'],
	['2026-07-26T10:00:00', 'America/New_York', '2026-07-26T14:00:00.000Z'],
	['2026-11-26 10:00', 'Asia/Kolkata', '2026-11-26T04:30:00.000Z'],
	['2026-11-26', 'Europe/Berlin', '2026-11-25T23:00:00.000Z'],
	[' 2026-11-26 ', 'UTC', '2026-11-26T00:00:00.000Z'],
	[' 2026-11-26 10:00 ', 'UTC', '2026-11-26T10:00:00.000Z'],
	['2026-11-26T10:00:00.5', 'UTC', '2026-11-26T10:00:00.500Z'],
	// Clocks are put back in the night to the first of November, and forward on the eighth of March.
	['2026-11-01T12:00:00', 'America/New_York', '2026-11-01T17:00:00.000Z'],
	['2026-03-08T12:00:00', 'America/New_York', '2026-03-08T16:00:00.000Z'],
])('%j in %s is %s', (text, zone, expected) => {
	expect(iso(text, zone)).toBe(expected);
});

it.each([
	['2026-11-26T10:00:00Z', '2026-11-26T10:00:00.000Z'],
	['2026-11-26T10:00:00+02:00', '2026-11-26T08:00:00.000Z'],
	['Thu, 26 Nov 2026 10:00:00 GMT', '2026-11-26T10:00:00.000Z'],
])('%j has a zone of its own', (text, expected) => {
	expect(iso(text, 'America/New_York')).toBe(expected);
});

it.each([
	'soon',
	'2026-13-45',
	'',
	'12',
	'12:00',
	'7',
	'12.11.2026',
	'Nov 26, 2026',
	'2026-11-26 3 PM',
])('%j is no date', (text) => {
	expect(iso(text)).toBe('none');
});

it.each([
	['2026-11-26T10:00:00', '2026-11-26T10:00:00.000Z'],
	['2026-11-26 10:00:00.123456', '2026-11-26T10:00:00.123Z'],
	['2026-11-26T10:00:00.123456Z', '2026-11-26T10:00:00.123Z'],
	['2026-11-26 10:00:00 UTC', '2026-11-26T10:00:00.000Z'],
	['2026-11-26 10:00:00GMT', '2026-11-26T10:00:00.000Z'],
	['2026-11-26T10:00:00UTC', '2026-11-26T10:00:00.000Z'],
	['2026-11-26T10:00:00+02', '2026-11-26T08:00:00.000Z'],
	['2026-11-26T10:00:00+05:30', '2026-11-26T04:30:00.000Z'],
	['2026-11-26T10:00:00-0500', '2026-11-26T15:00:00.000Z'],
	['Thu, 26 Nov 2026 10:00:00 GMT', '2026-11-26T10:00:00.000Z'],
	['2026-11-26', '2026-11-26T00:00:00.000Z'],
])('%j, as a server writes it, is %s', (text, expected) => {
	expect(new Date(parseDate(text)).toISOString()).toBe(expected);
});

it.each(['', 'soon'])('%j is no time of a server', (text) => {
	expect(parseDate(text)).toBeNaN();
});
