import { windowsOf } from '../../../nodes/shared/history/days';

const at = (text: string) => Date.parse(`${text}Z`);

it('a week is one window, with a day more at the beginning, and as long as Segmind has this day', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-11-19T10:00'), now, now)).toEqual([{ from: '2026-11-18' }]);
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
		{ from: '2026-10-28' },
		{ from: '2026-09-28', to: '2026-10-27' },
		{ from: '2026-08-31', to: '2026-09-27' },
	]);
});

it('yesterday has the day after it, too, which may not be over where Segmind is', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-11-25T00:00'), at('2026-11-25T23:00'), now)).toEqual([
		{ from: '2026-11-24' },
	]);
});

it('what has not come yet has no window, but for what may have where Segmind is', () => {
	const now = at('2026-11-26T10:00');
	expect(windowsOf(at('2026-12-24T00:00'), at('2026-12-25T00:00'), now)).toEqual([]);
	expect(windowsOf(at('2026-11-27T00:00'), at('2026-11-28T00:00'), now)).toEqual([
		{ from: '2026-11-26' },
	]);
});
