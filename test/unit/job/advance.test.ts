import { advance } from '../../../nodes/shared/job/advance';
import type { Step } from '../../../nodes/shared/job/advance';
import { SUBMIT } from '../../../nodes/shared/limits';
import { CONFIGURATIONS, freshAttempt, freshRecord } from '../../support/search/search';
import type { Configuration } from '../../support/search/search';

const [swap] = CONFIGURATIONS as [Configuration];

it('a submit whose connection was never made leaves again after ever longer pauses, and then no more', () => {
	const nowMs = 100;
	const pauses: number[] = [];
	let step: Step = {
		record: freshRecord(swap),
		attempt: freshAttempt(swap),
		next: { do: 'submit', atMs: 0 },
	};
	while (step.next.do === 'submit' && pauses.length < 10) {
		const seen = { says: 'notQueued', again: 'afterPause', why: 'refused' } as const;
		step = advance(step.record, step.attempt, seen, nowMs);
		if (step.next.do === 'submit') pauses.push(step.next.atMs - nowMs);
	}
	expect(pauses).toEqual(SUBMIT.connectPausesMs);
	expect(step.next).toMatchObject({ do: 'fail', problem: { code: 'unreachable' } });
	expect(step.record.status).toBe('new');
});
