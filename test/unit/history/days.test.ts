import { windowsOf } from '../../../nodes/shared/history/days';

const at = (text: string) => Date.parse(`${text}Z`);

it('a week is one window, with a day more at the beginning', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-11-19T10:00'), now, now)).toEqual([
		{ from: '2026-11-18', to: '2026-11-26' },
	]);
});

it('what ended days ago has a day more at the end, too', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-11-19T10:00'), at('2026-11-20T23:00'), now)).toEqual([
		{ from: '2026-11-18', to: '2026-11-21' },
	]);
});

it('a longer time is cut into windows of thirty days, newest first, without a gap', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-09-01T00:00'), now, now)).toEqual([
		{ from: '2026-10-28', to: '2026-11-26' },
		{ from: '2026-09-28', to: '2026-10-27' },
		{ from: '2026-08-31', to: '2026-09-27' },
	]);
});

it('what lies ahead is one window, of the days that there are', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-12-24T00:00'), at('2026-12-25T00:00'), now)).toEqual([
		{ from: '2026-12-23', to: '2026-12-23' },
	]);
});
